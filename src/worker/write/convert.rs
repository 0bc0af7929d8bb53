//! A text matrix to the new layout: read, parsed, encoded and hashed as it comes, never whole in memory.
//!
//! Four things happen at the same time: text is read ahead, blocks of it are parsed
//! ([`parsed`](crate::worker::write::parsed)), rows are encoded
//! ([`stream_encoder`](crate::worker::chunks::encode::stream_encoder)), and chunks are written
//! ([`new_matrix`](crate::worker::write::new_matrix)).

use crate::model::digest::{ContentDigest, Sum, values_root};
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout, TextFacts};
use crate::model::layout;
use crate::model::layout::{Axis, c_name, canonical_paths};
use crate::model::names::form::StringType;
use crate::model::plan::policy::Chunks;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{ConvertRequest, Converted, ReadTextRequest, TextRead};
use crate::worker::chunks::encode::spool::Spool;
use crate::worker::chunks::encode::stream_encoder::{Encoded, Stored, StreamEncoder};
use crate::worker::chunks::encode::written::Written;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::rows::RowSums;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::digest::{Nodes, RowHashers, names_sum};
use crate::worker::error::{OfOutput, Result};
use crate::worker::inspect::inventory::{Change, Inventory};
use crate::worker::inspect::marks::leave_marks;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::checksum;
use crate::worker::write::dimension_scales;
use crate::worker::write::dimension_scales::check_width;
use crate::worker::write::little_endian::LittleEndian;
use crate::worker::write::new_matrix::{Expr, Known, NewMatrix};
use crate::worker::write::parsed::Parsed;
use crate::worker::write::text::{TextInput, chunks_of};
use crate::worker::write::turned::{Element, Slabs, Waiting, kept};
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::file::File;
use h5::link::Link;
use h5::tree::Tree;
use std::fs;
use std::sync::Arc;
use text_matrix::{Names, Reader, ValueType};

/// The number of rows that a matrix is assumed to have while it is unknown: chunks of more rows would serve
/// no reader.
const USUAL_ROWS: u64 = 20_000;

/// Reads a text matrix completely; the result is its digest only.
pub(crate) fn read_text(
    input: fs::File,
    request: &ReadTextRequest,
    report: &mut dyn ProgressSink,
) -> Result<TextRead> {
    let (conversion, limit) = (&request.conversion, request.budget.bytes);
    let pool = Arc::new(ThreadPool::pooled(request.budget.threads)?);
    let (mut text, reader) = TextInput::open(input, conversion, &pool, report)?;
    let (reader, nodes) = match (conversion.options.transpose, conversion.options.values) {
        (false, _) => {
            let mut sums = RowSums::new(text.geometry(USUAL_ROWS, Chunks::Auto));
            let blocks = Parsed::of(reader, &pool)?;
            while let Some(block) = blocks.next()? {
                text.take_names(&block, report);
                let values = LittleEndian::of(block.values);
                sums.add(values.as_ref(), &pool);
                blocks.recycle(values.into_memory());
            }
            let rows = text.names[0].len() as u64;
            (blocks.finish(), sums.finish(rows))
        }
        (true, ValueType::F32) => nodes_turned::<f32>(&mut text, reader, &pool, limit, report)?,
        (true, ValueType::F64) => nodes_turned::<f64>(&mut text, reader, &pool, limit, report)?,
    };
    let (facts, [genes, samples]) = text.finish(reader)?;
    let digest = ContentDigest {
        values: values_root(&nodes),
        genes: names_sum(genes.iter()),
        samples: names_sum(samples.iter()),
        rest: names_sum([""; 0]),
    };
    Ok(TextRead {
        facts: Box::new(facts),
        digest,
    })
}

/// Reads rows that are samples, and gives `take` slabs of genes.
fn read_turned<T: Element>(
    text: &mut TextInput,
    reader: Reader,
    pool: &Arc<ThreadPool>,
    limit: u64,
    report: &mut dyn ProgressSink,
    mut take: impl FnMut(usize, &[T]) -> Result<()>,
) -> Result<Reader> {
    let genes = usize::try_from(text.columns).unwrap_or(usize::MAX);
    let mut slabs = Slabs::<T>::new(genes, limit);
    let blocks = Parsed::of(reader, pool)?;
    while let Some(block) = blocks.next()? {
        text.take_names(&block, report);
        slabs.add(&block.values, pool, &mut take)?;
        blocks.recycle(block.values);
    }
    slabs.finish(pool, take)?;
    Ok(blocks.finish())
}

/// Reads rows that are samples and keeps none; the nodes of the values' digest.
fn nodes_turned<T: Element>(
    text: &mut TextInput,
    reader: Reader,
    pool: &Arc<ThreadPool>,
    limit: u64,
    report: &mut dyn ProgressSink,
) -> Result<(Reader, Vec<Sum>)> {
    let genes = usize::try_from(text.columns).unwrap_or(usize::MAX);
    let mut rows = RowHashers::new(genes);
    let reader = read_turned::<T>(text, reader, pool, limit, report, |_, slab| {
        let values = LittleEndian::of(T::wrap(slab.to_vec()));
        rows.update(values.as_ref());
        Ok(())
    })?;
    let mut nodes = Nodes::default();
    rows.finish().iter().for_each(|leaf| nodes.push(leaf));
    Ok((reader, nodes.finish()))
}

/// Values on their way from a text into a new file.
struct ValueStream<'a> {
    pool: &'a Arc<ThreadPool>,
    conversion: &'a Conversion,
    limit: u64,
}

type Read = (Encoded, TextFacts, [Names; 2]);

impl ValueStream<'_> {
    fn stream_encoder(&self, geometry: Geometry) -> StreamEncoder<'_> {
        let stored = match self.conversion.compression {
            Compression::Gzip => Stored::Gzip {
                level: self.conversion.level,
                shuffle: self.conversion.shuffle,
            },
            Compression::Lzf | Compression::None => Stored::Plain,
        };
        StreamEncoder {
            pool: self.pool,
            stored,
            geometry,
            limit: self.limit,
        }
    }

    /// Rows that are genes, as they come.
    fn rows(
        &self,
        mut text: TextInput,
        reader: Reader,
        expr: &mut NewMatrix<'_>,
        report: &mut dyn ProgressSink,
    ) -> Result<Read> {
        let wanted = self.conversion.chunks;
        let rows = reader.declared_rows().unwrap_or(USUAL_ROWS);
        let stream_encoder = self.stream_encoder(text.geometry(rows, wanted));
        let (columns, item) = (text.columns, text.item);
        let chunks = |rows| chunks_of([rows, columns], item, wanted);
        let blocks = Parsed::of(reader, self.pool)?;
        let more = || {
            let Some(block) = blocks.next()? else {
                return Ok(None);
            };
            text.take_names(&block, report);
            let rows = block.genes.len() as u64;
            Ok(Some((rows, LittleEndian::of(block.values))))
        };
        let give_back = |values: LittleEndian| blocks.recycle(values.into_memory());
        let encoded = stream_encoder.encode(more, give_back, chunks, expr)?;
        let (facts, names) = text.finish(blocks.finish())?;
        Ok((encoded, facts, names))
    }

    /// Rows that are samples: all of them are read before the first gene is encoded.
    fn turned<T: Element>(
        &self,
        mut text: TextInput,
        reader: Reader,
        file: fs::File,
        expr: &mut NewMatrix<'_>,
        report: &mut dyn ProgressSink,
    ) -> Result<Read> {
        let (genes, item, wanted) = (text.columns, text.item, self.conversion.chunks);
        let width = usize::try_from(genes).unwrap_or(usize::MAX);
        let mut waiting = Waiting::<T>::new(file, width, self.limit);
        let keep = |samples: usize, slab: &[T]| waiting.push(samples, slab);
        let reader = read_turned(&mut text, reader, self.pool, self.limit, report, keep)?;
        let (facts, names) = text.finish(reader)?;
        let shape = [genes, names[1].len() as u64];
        let [chunk_rows, chunk_columns] = chunks_of(shape, item, wanted);
        let stream_encoder = self.stream_encoder(Geometry {
            rows: 0,
            columns: shape[1],
            chunk_rows,
            chunk_columns,
            item,
        });
        let more = || {
            report.live();
            waiting.next()
        };
        let chunks = |rows| chunks_of([rows, shape[1]], item, wanted);
        let encoded = stream_encoder.encode(more, drop, chunks, expr)?;
        Ok((encoded, facts, names))
    }
}

/// Makes an HDF5 file of a text matrix.
pub(crate) fn convert(
    input: fs::File,
    output: fs::File,
    spool: fs::File,
    request: &ConvertRequest,
    report: &mut dyn ProgressSink,
) -> Result<Converted> {
    let conversion = &request.conversion;
    let limit = request.budget.bytes;
    let pool = Arc::new(ThreadPool::pooled(request.budget.threads)?);
    let (text, mut reader) = TextInput::open(input, conversion, &pool, report)?;
    let known = match (conversion.options.transpose, reader.declared_rows()) {
        (true, _) => Known::Declared(text.columns),
        (false, Some(rows)) => Known::Declared(rows),
        (false, None) => Known::counted_by(reader.row_counter())?,
    };
    let new = File::create(output, None).of_output()?;
    // Of a matrix that is turned round the rows are known, so that no chunk has to wait.
    let chunks_wait = spool.try_clone().map_err(|error| kept(&error))?;
    let mut expr = NewMatrix {
        new: &new,
        conversion,
        known,
        spool: Spool::new(chunks_wait),
        expr: Expr::Waiting,
        written: Written::default(),
    };
    let encoding = ValueStream {
        pool: &pool,
        conversion,
        limit,
    };
    let (encoded, facts, [genes, samples]) =
        match (conversion.options.transpose, conversion.options.values) {
            (false, _) => encoding.rows(text, reader, &mut expr, report)?,
            (true, ValueType::F32) => {
                encoding.turned::<f32>(text, reader, spool, &mut expr, report)?
            }
            (true, ValueType::F64) => {
                encoding.turned::<f64>(text, reader, spool, &mut expr, report)?
            }
        };
    if conversion.form.string_type == StringType::Fixed {
        for (axis, names) in Axis::BOTH.into_iter().zip([&genes, &samples]) {
            check_width(names.iter(), limit, axis)?;
        }
    }
    let (written_as, byte_ranges) = expr.finish(&encoded, report)?;
    write_names(&new, facts.shape, conversion, [&genes, &samples])?;
    let tree = Tree::of(&new, &canonical_paths()).of_output()?;
    let mut inventory = Inventory::of(&new, &tree, &Change::none(), report)?;
    if let Some(name) = conversion.form.scales {
        // Expected, not read: the verification reads them back.
        inventory.expect(&dimension_scales::attributes(name));
        dimension_scales::attach(&new, name)?;
    }
    let digest = ContentDigest {
        values: values_root(&encoded.nodes),
        genes: names_sum(genes.iter()),
        samples: names_sum(samples.iter()),
        rest: inventory.sum(),
    };
    drop(tree);
    if conversion.names == NamesLayout::Current {
        let root = new.root().of_output()?;
        let name = c_name(layout::MARK_CONVERSION);
        Attribute::create_text(&root, &name, &conversion.mark()).of_output()?;
        leave_marks(&new, &digest)?;
    }
    report.enter(Phase::Closing);
    let descriptor = new.close().of_output()?;
    Ok(Converted {
        facts: Box::new(facts),
        written_as,
        digest,
        crc32: checksum::of_new_file(&descriptor, byte_ranges, &pool)?,
    })
}

fn write_names(
    new: &File,
    shape: [u64; 2],
    conversion: &Conversion,
    names: [&Names; 2],
) -> Result<()> {
    let root = new.root().of_output()?;
    let expr = new.object(canonical_paths()[0]).of_output()?;
    for (axis, length) in Axis::BOTH.into_iter().zip(shape) {
        let count = i64::try_from(length).unwrap_or(i64::MAX);
        Attribute::create_integer(&expr, &c_name(axis.count()), count).of_output()?;
    }
    let string_type = conversion.form.string_type;
    for (axis, names) in Axis::BOTH.into_iter().zip(names) {
        if conversion.names != NamesLayout::Current {
            let names: Vec<&str> = names.iter().collect();
            Attribute::create_names(&expr, &c_name(axis.names()), &names).of_output()?;
        }
        if conversion.names != NamesLayout::Legacy {
            let link = Link::hard(axis.names());
            Dataset::create_names(&root, &link, names.iter(), string_type).of_output()?;
        }
    }
    Ok(())
}
