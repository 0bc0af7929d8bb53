//! A text matrix to the new layout: read, parsed, encoded and hashed as it comes, never whole in
//! memory.
//!
//! How many rows there are is known at the end, and HDF5 wants to know it at the beginning: so the
//! encoded chunks wait in a spool, and the file is written from that.

use super::checksum;
use super::digest::names_sum;
use super::dimension_scales::{self, check_width};
use super::fault::{Fault, OfOutput, Result};
use super::inspect::{c_name, canonical_paths};
use super::inventory::{Change, Inventory};
use super::migrate::leave_marks;
use super::progress::Report;
use super::values::geometry::Geometry;
use super::values::incoming::{Encoded, Incoming, Stored};
use super::values::rows::RowSums;
use super::values::team::Team;
use super::values::window::Window;
use crate::h5::attribute::Attribute;
use crate::h5::dataset::Dataset;
use crate::h5::dataspace::Block;
use crate::h5::file::File;
use crate::h5::object::{Link, Object, Target};
use crate::h5::storage::{self, Filters, Properties};
use crate::h5::tree::Tree;
use crate::matrix::{self, Reader, ValueType, Values};
use crate::model::chunking;
use crate::model::digest::{ContentDigest, values_root};
use crate::model::layout::{self, Axis};
use crate::model::lint::{NameLint, ValueLint};
use crate::model::message::{FailureKind, Phase};
use crate::model::names_form::StringType;
use crate::model::policy::Chunks;
use crate::model::record::{Finding, WrittenAs};
use crate::model::text_matrix::{Compression, Conversion, NamesLayout, NamesSeen, TextFacts};
use std::borrow::Cow;
use std::fs;

/// Rows that a matrix is taken to have while nobody knows: chunks of more would serve no reader.
const USUAL_ROWS: u64 = 20_000;

/// The files of a conversion.
#[derive(Debug)]
pub struct Files {
    /// The text.
    pub input: fs::File,
    /// The new file, overwritten.
    pub output: fs::File,
    /// Room for chunks that wait, overwritten.
    pub spool: fs::File,
}

/// What was written.
#[derive(Debug)]
pub struct Converted {
    /// What was read.
    pub facts: TextFacts,
    /// How `/expr` is stored.
    pub written_as: WrittenAs,
    /// Digest of what was read.
    pub digest: ContentDigest,
    /// CRC-32 of all bytes of the new file.
    pub crc32: u32,
}

/// Reads all of a text matrix and makes nothing of it but its digest.
pub fn read_text(
    input: fs::File,
    conversion: &Conversion,
    threads: usize,
    report: &mut dyn Report,
) -> Result<(TextFacts, ContentDigest)> {
    let team = team(threads)?;
    let mut text = Text::open(input, conversion, &team, report)?;
    let mut sums = RowSums::new(text.geometry(USUAL_ROWS, Chunks::Auto));
    while let Some(block) = text.read()? {
        text.take_names(&block, report);
        let window = Window {
            rows: block.first_row..block.first_row + block.genes.len() as u64,
            columns: 0..text.columns,
        };
        match &block.values {
            Values::F32(values) => sums.add(&window, &little_endian(values), &team),
            Values::F64(values) => sums.add(&window, &little_endian(values), &team),
        }
        text.reader.recycle(block);
    }
    let (genes, samples) = (names_sum(&text.genes), names_sum(&text.samples));
    let facts = text.finish()?;
    let digest = ContentDigest {
        values: values_root(&sums.finish(facts.shape[0])),
        genes,
        samples,
        rest: names_sum(&[]),
    };
    Ok((facts, digest))
}

/// Makes an HDF5 file of a text matrix.
pub fn convert(
    files: Files,
    conversion: &Conversion,
    threads: usize,
    limit: u64,
    report: &mut dyn Report,
) -> Result<Converted> {
    let team = team(threads)?;
    let mut text = Text::open(files.input, conversion, &team, report)?;
    let stored = match conversion.compression {
        Compression::Gzip => Stored::Gzip {
            level: conversion.level,
            shuffle: conversion.shuffle,
        },
        Compression::Lzf | Compression::None => Stored::Plain,
    };
    let rows = text.reader.declared_rows().unwrap_or(USUAL_ROWS);
    let geometry = text.geometry(rows, conversion.chunks);
    let mut incoming = Incoming::new(&team, geometry, stored, limit, files.spool)?;
    let mut next = text.read()?;
    while let Some(block) = next {
        text.take_names(&block, report);
        // The next lines are parsed while these are encoded.
        next = match &block.values {
            Values::F32(values) => incoming.push(&little_endian(values), || text.read()),
            Values::F64(values) => incoming.push(&little_endian(values), || text.read()),
        }??;
        text.reader.recycle(block);
    }
    let genes = std::mem::take(&mut text.genes);
    let samples = std::mem::take(&mut text.samples);
    let facts = text.finish()?;
    if conversion.form.string_type == StringType::Fixed {
        for (axis, names) in Axis::BOTH.into_iter().zip([&genes, &samples]) {
            check_width(names, limit, axis)?;
        }
    }
    let [rows, columns] = facts.shape;
    let encoded = incoming.finish(rows, || {
        chunks_of([rows, columns], geometry.item, conversion.chunks)
    })?;

    let new = File::create(files.output, None).of_output()?;
    let names = [&genes[..], &samples[..]];
    let written_as = write(&new, &encoded, conversion, names, report)?;
    let tree = Tree::of(&new, &canonical_paths()).of_output()?;
    let mut inventory = Inventory::of(&new, &tree, &Change::none(), report)?;
    if let Some(name) = conversion.form.scales {
        // Expected, not read: the proof reads them back.
        inventory.expect(&dimension_scales::attributes(name));
        dimension_scales::attach(&new, name)?;
    }
    let digest = ContentDigest {
        values: values_root(&encoded.nodes),
        genes: names_sum(&genes),
        samples: names_sum(&samples),
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
        facts,
        written_as,
        digest,
        crc32: checksum::of_new_file(&descriptor, &team)?,
    })
}

fn team(threads: usize) -> Result<Team> {
    Team::pooled(threads).map_err(|error| Fault::new(FailureKind::Internal, error.to_string()))
}

/// The chunk shape that is wanted, or that serves readers of such a matrix.
fn chunks_of(shape: [u64; 2], item: usize, wanted: Chunks) -> [u64; 2] {
    let most = shape.map(|length| length.max(1));
    match wanted {
        Chunks::Shape(rows, columns) => [rows.clamp(1, most[0]), columns.clamp(1, most[1])],
        Chunks::Auto | Chunks::Keep => {
            let chunks = chunking::auto(&shape, item as u64);
            [chunks[0].clamp(1, most[0]), chunks[1].clamp(1, most[1])]
        }
    }
}

/// A text that is being read.
struct Text<'a> {
    reader: Reader,
    team: &'a Team,
    item: usize,
    genes: Vec<Vec<u8>>,
    samples: Vec<Vec<u8>>,
    columns: u64,
    seen: [NamesSeen; 2],
    gene_lint: NameLint,
    sample_findings: Vec<Finding>,
    value_lint: ValueLint,
    told: u64,
    is_file: bool,
}

impl<'a> Text<'a> {
    fn open(
        input: fs::File,
        conversion: &Conversion,
        team: &'a Team,
        report: &mut dyn Report,
    ) -> Result<Self> {
        report.enter(Phase::ReadingText);
        let (stem, wishes) = (&conversion.stem, &conversion.wishes);
        let is_file = input.metadata().is_ok_and(|metadata| metadata.is_file());
        let reader = team.install(|| Reader::open(input, stem, wishes))?;
        let samples: Vec<Vec<u8>> = reader
            .samples()
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let seen = NamesSeen::of(reader.samples().iter().map(String::as_str));
        let mut sample_lint = NameLint::new(Axis::Samples);
        for name in reader.samples() {
            sample_lint.see(name);
        }
        Ok(Text {
            team,
            item: match wishes.values {
                ValueType::F32 => 4,
                ValueType::F64 => 8,
            },
            genes: Vec::new(),
            gene_lint: NameLint::new(Axis::Genes),
            sample_findings: sample_lint.findings(),
            value_lint: ValueLint::new(samples.len()),
            columns: samples.len() as u64,
            samples,
            seen: [NamesSeen::default(), seen],
            told: 0,
            is_file,
            reader,
        })
    }

    /// The grid of a matrix of about so many rows.
    fn geometry(&self, rows: u64, wanted: Chunks) -> Geometry {
        let columns = self.columns;
        let [chunk_rows, chunk_columns] = chunks_of([rows, columns], self.item, wanted);
        Geometry {
            rows: 0,
            columns,
            chunk_rows,
            chunk_columns,
            item: self.item,
        }
    }

    fn read(&mut self) -> Result<Option<matrix::Block>> {
        let (reader, team) = (&mut self.reader, self.team);
        Ok(team.install(|| reader.next_block())?)
    }

    /// Notes names and what is odd, and tells how far it is.
    fn take_names(&mut self, block: &matrix::Block, report: &mut dyn Report) {
        for name in block.genes.iter() {
            self.gene_lint.see(name);
            self.genes.push(name.as_bytes().to_vec());
        }
        self.seen[0].extend(block.genes.iter());
        match &block.values {
            Values::F32(values) => self.value_lint.see_rows(values),
            Values::F64(values) => self.value_lint.see_rows(values),
        }
        // A pipe has no length: there, rows tell more.
        let read = match self.is_file {
            true => self.reader.bytes_read(),
            false => self.genes.len() as u64,
        };
        report.advance(read - self.told);
        self.told = read;
    }

    fn finish(self) -> Result<TextFacts> {
        let dialect = self.reader.dialect().describe();
        let summary = self.reader.finish()?;
        let [genes, samples] = self.seen;
        let mut findings = self.gene_lint.findings();
        // The reader says the same, and what became of those rows.
        findings.retain(|finding| finding.code != "counter-gene-names");
        findings.extend(self.sample_findings);
        // The reader knows more of the others: what the text said before it became a number.
        let of_values = self
            .value_lint
            .findings(|column| format!("column {}", column + 1));
        let counts = |finding: &Finding| finding.code == "negative-counts";
        findings.extend(of_values.into_iter().filter(counts));
        findings.extend(summary.findings);
        Ok(TextFacts {
            shape: [summary.rows, self.columns],
            dtype: format!("<f{}", self.item),
            dialect,
            genes,
            samples,
            findings,
        })
    }
}

/// Numbers as the file has them.
#[cfg(target_endian = "little")]
fn little_endian<T: bytemuck::NoUninit>(values: &[T]) -> Cow<'_, [u8]> {
    Cow::Borrowed(bytemuck::cast_slice(values))
}

/// Numbers as the file has them.
#[cfg(target_endian = "big")]
fn little_endian<T: bytemuck::NoUninit>(values: &[T]) -> Cow<'_, [u8]> {
    let bytes: &[u8] = bytemuck::cast_slice(values);
    let items = bytes.chunks_exact(size_of::<T>());
    Cow::Owned(items.flat_map(|item| item.iter().rev().copied()).collect())
}

/// Writes everything but the marks.
fn write(
    new: &File,
    encoded: &Encoded,
    conversion: &Conversion,
    names: [&[Vec<u8>]; 2],
    report: &mut dyn Report,
) -> Result<WrittenAs> {
    let geometry = encoded.geometry;
    let root = new.root().of_output()?;
    let chunks = [geometry.chunk_rows, geometry.chunk_columns];
    let (properties, written_as) = storage_of(encoded, conversion, &chunks).of_output()?;
    let shape = [geometry.rows, geometry.columns];
    let expr = Dataset::create_matrix(
        &root,
        &link(layout::EXPR),
        geometry.item,
        shape,
        &properties,
    )
    .of_output()?;
    encoded.spool.each(|start, bytes| {
        report.live();
        if encoded.encoding.is_some() {
            return expr.write_chunk(&start, 0, bytes).of_output();
        }
        let rows = bytes.len() as u64 / geometry.row_bytes().max(1);
        let block = Block {
            start: start.to_vec(),
            length: vec![rows, geometry.columns],
        };
        expr.write_floats(&block, geometry.item, bytes).of_output()
    })?;
    expr.close().of_output()?;
    let expr = new.object(canonical_paths()[0]).of_output()?;
    for (axis, length) in Axis::BOTH.into_iter().zip(shape) {
        let count = i64::try_from(length).unwrap_or(i64::MAX);
        Attribute::create_integer(&expr, &c_name(axis.count()), count).of_output()?;
    }
    for (axis, names) in Axis::BOTH.into_iter().zip(names) {
        let string_type = conversion.form.string_type;
        write_names(&root, &expr, axis, names, conversion.names, string_type)?;
    }
    Ok(written_as)
}

fn write_names(
    root: &Object,
    expr: &Object,
    axis: Axis,
    names: &[Vec<u8>],
    layout: NamesLayout,
    string_type: StringType,
) -> Result<()> {
    if layout != NamesLayout::Current {
        Attribute::create_names(expr, &c_name(axis.names()), names).of_output()?;
    }
    if layout != NamesLayout::Legacy {
        Dataset::create_names(root, &link(axis.names()), names, string_type).of_output()?;
    }
    Ok(())
}

fn storage_of(
    encoded: &Encoded,
    conversion: &Conversion,
    chunks: &[u64],
) -> crate::h5::error::Result<(Properties, WrittenAs)> {
    let written_as = |encoder: &str, chunks: &[u64]| WrittenAs {
        encoder: encoder.to_string(),
        level: None,
        shuffle: false,
        chunks: chunks.to_vec(),
    };
    match (conversion.compression, encoded.encoding) {
        (Compression::Gzip, Some(encoding)) => {
            let filters = Filters {
                shuffle: encoding.shuffle,
                level: encoding.level.get(),
                fletcher32: false,
            };
            let written_as = WrittenAs {
                level: Some(filters.level),
                shuffle: filters.shuffle,
                ..written_as(encoding.compressor.word(), chunks)
            };
            let properties = Properties::chunked(chunks, storage::Compression::Gzip(filters))?;
            Ok((properties, written_as))
        }
        // Nothing was encoded, because there is nothing.
        (Compression::Gzip, None) => {
            let filters = Filters {
                shuffle: false,
                level: conversion.level,
                fletcher32: false,
            };
            let properties = Properties::chunked(chunks, storage::Compression::Gzip(filters))?;
            Ok((properties, written_as("none", chunks)))
        }
        (Compression::Lzf, _) => {
            let properties = Properties::chunked(chunks, storage::Compression::Lzf)?;
            Ok((properties, written_as("lzf", chunks)))
        }
        (Compression::None, _) => Ok((Properties::contiguous()?, written_as("contiguous", &[]))),
    }
}

fn link(name: &str) -> Link {
    Link {
        name: c_name(name),
        utf8: true,
        target: Target::Hard,
    }
}
