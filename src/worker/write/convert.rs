//! A text matrix to the new layout: read, parsed, encoded and hashed as it comes, never whole in memory.
//!
//! Four things happen at the same time: text is read ahead, blocks of it are parsed
//! ([`parsed`](crate::worker::write::parsed)), rows are encoded
//! ([`incoming`](crate::worker::chunks::encode::stream_encoder)), and chunks are written
//! ([`new_matrix`](crate::worker::write::new_matrix)).

use crate::model::digest::{ContentDigest, values_root};
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout};
use crate::model::layout;
use crate::model::layout::{Axis, c_name, canonical_paths};
use crate::model::names::form::StringType;
use crate::model::plan::policy::Chunks;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{ConvertRequest, Converted, ReadTextRequest, TextRead};
use crate::worker::chunks::encode::spool::Spool;
use crate::worker::chunks::encode::stream_encoder::{Incoming, Stored};
use crate::worker::chunks::encode::written::Written;
use crate::worker::chunks::rows::RowSums;
use crate::worker::chunks::thread_pool::Team;
use crate::worker::digest::names_sum;
use crate::worker::error::{OfOutput, Result};
use crate::worker::inspect::inventory::{Change, Inventory};
use crate::worker::inspect::marks::leave_marks;
use crate::worker::serve::progress::Report;
use crate::worker::verify::checksum;
use crate::worker::write::dimension_scales;
use crate::worker::write::dimension_scales::check_width;
use crate::worker::write::little_endian::LittleEndian;
use crate::worker::write::new_matrix::{Expr, Known, NewMatrix};
use crate::worker::write::parsed::Parsed;
use crate::worker::write::text::{Text, chunks_of};
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::file::File;
use h5::link::Link;
use h5::tree::Tree;
use std::fs;
use std::sync::Arc;
use text_matrix::Names;

/// The number of rows that a matrix is assumed to have while it is unknown: chunks of more rows would serve
/// no reader.
const USUAL_ROWS: u64 = 20_000;

/// Reads a text matrix completely; the result is its digest only.
pub(crate) fn read_text(
    input: fs::File,
    request: &ReadTextRequest,
    report: &mut dyn Report,
) -> Result<TextRead> {
    let team = Arc::new(Team::pooled(request.budget.threads)?);
    let (mut text, reader) = Text::open(input, &request.conversion, &team, report)?;
    let mut sums = RowSums::new(text.geometry(USUAL_ROWS, Chunks::Auto));
    let blocks = Parsed::of(reader, &team)?;
    while let Some(block) = blocks.next()? {
        text.take_names(&block, report);
        let values = LittleEndian::of(block.values);
        sums.add(values.as_ref(), &team);
        blocks.recycle(values.into_memory());
    }
    let (genes, samples) = (names_sum(text.genes.iter()), names_sum(text.samples.iter()));
    let facts = text.finish(blocks.finish())?;
    let digest = ContentDigest {
        values: values_root(&sums.finish(facts.shape[0])),
        genes,
        samples,
        rest: names_sum([""; 0]),
    };
    Ok(TextRead {
        facts: Box::new(facts),
        digest,
    })
}

/// Converts a text matrix to HDF5.
pub(crate) fn convert(
    input: fs::File,
    output: fs::File,
    spool: fs::File,
    request: &ConvertRequest,
    report: &mut dyn Report,
) -> Result<Converted> {
    let conversion = &request.conversion;
    let limit = request.budget.bytes;
    let team = Arc::new(Team::pooled(request.budget.threads)?);
    let (mut text, mut reader) = Text::open(input, conversion, &team, report)?;
    let stored = match conversion.compression {
        Compression::Gzip => Stored::Gzip {
            level: conversion.level,
            shuffle: conversion.shuffle,
        },
        Compression::Lzf | Compression::None => Stored::Plain,
    };
    let declared = reader.declared_rows();
    let incoming = Incoming {
        team: &team,
        stored,
        geometry: text.geometry(declared.unwrap_or(USUAL_ROWS), conversion.chunks),
        limit,
    };
    let known = match declared {
        Some(rows) => Known::Declared(rows),
        None => Known::counted_by(reader.row_counter())?,
    };
    let (columns, item) = (text.columns, text.item);
    let chunks = |rows| chunks_of([rows, columns], item, conversion.chunks);
    let blocks = Parsed::of(reader, &team)?;
    let more = || {
        let Some(block) = blocks.next()? else {
            return Ok(None);
        };
        text.take_names(&block, report);
        let rows = block.genes.len() as u64;
        Ok(Some((rows, LittleEndian::of(block.values))))
    };
    let give_back = |values: LittleEndian| blocks.recycle(values.into_memory());
    let new = File::create(output, None).of_output()?;
    let mut expr = NewMatrix {
        new: &new,
        conversion,
        known,
        spool: Spool::new(spool),
        expr: Expr::Waiting,
        written: Written::default(),
    };
    let encoded = incoming.encode(more, give_back, chunks, &mut expr)?;
    let genes = std::mem::take(&mut text.genes);
    let samples = std::mem::take(&mut text.samples);
    let facts = text.finish(blocks.finish())?;
    if conversion.form.string_type == StringType::Fixed {
        for (axis, names) in Axis::BOTH.into_iter().zip([&genes, &samples]) {
            check_width(names.iter(), limit, axis)?;
        }
    }
    let (written_as, stretches) = expr.finish(&encoded, report)?;
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
        crc32: checksum::of_new_file(&descriptor, stretches, &team)?,
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
