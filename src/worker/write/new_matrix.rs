//! `/expr` on its way into a new file, from rows that come one after the other.
//!
//! HDF5 wants to know at the beginning how many rows there are. Where that is not known, the encoded chunks wait in a
//! spool, and are written when the last one has come.

use crate::model::facts::text_matrix::{Compression, Conversion};
use crate::model::layout;
use crate::model::protocol::failure::FailureKind;
use crate::model::record::WrittenAs;
use crate::worker::chunks::encode::spool::Spool;
use crate::worker::chunks::encode::stream_encoder::{Encoded, Sink};
use crate::worker::chunks::encode::written::{ByteRange, Written};
use crate::worker::chunks::geometry::Geometry;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::serve::progress::ProgressSink;
use chunk_codec::encoder::Encoding;
use h5::dataset::Dataset;
use h5::dataspace::Hyperslab;
use h5::file::File;
use h5::link::Link;
use h5::storage;
use h5::storage::{Filters, Properties};
use std::thread;
use std::thread::JoinHandle;
use text_matrix::RowCounter;

/// Who knows the number of rows before they have come.
#[derive(Debug)]
pub(crate) enum Known {
    /// The text says it.
    Declared(u64),
    /// A thread that counts them, while the first ones are parsed.
    Counting(JoinHandle<Option<u64>>),
    Not,
}

impl Known {
    pub(crate) fn counted_by(counter: Option<RowCounter>) -> Result<Self> {
        let Some(counter) = counter else {
            return Ok(Known::Not);
        };
        thread::Builder::new()
            .name("matrix-rows".to_string())
            .spawn(move || counter.count())
            .map(Known::Counting)
            .map_err(|error| WorkerError::new(FailureKind::Resources, error.to_string()))
    }

    fn rows(&mut self) -> Option<u64> {
        match std::mem::replace(self, Known::Not) {
            Known::Declared(rows) => Some(rows),
            Known::Counting(thread) => match thread.join() {
                Ok(rows) => rows,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Known::Not => None,
        }
    }
}

/// `/expr`, and what waits to be in it.
#[derive(Debug)]
pub(crate) struct NewMatrix<'a> {
    pub new: &'a File,
    /// What is to be made.
    pub conversion: &'a Conversion,
    /// Its number of rows.
    pub known: Known,
    /// Where chunks wait.
    pub spool: Spool,
    pub expr: Expr,
    pub written: Written,
}

/// How far the dataset is.
#[derive(Debug)]
pub(crate) enum Expr {
    /// Its grid and how chunks are encoded, and perhaps soon its number of rows.
    Planned(Geometry, Option<Encoding>),
    OpenMatrix(OpenMatrix),
    /// It is made at the end, unless more is known before.
    Waiting,
}

/// A dataset of the new file that is being filled.
#[derive(Debug)]
pub(crate) struct OpenMatrix {
    expr: Dataset,
    written_as: WrittenAs,
    geometry: Geometry,
    is_encoded: bool,
}

impl NewMatrix<'_> {
    /// The last chunk was taken. How they are stored, and the byte_ranges of the file that are known.
    pub(crate) fn finish(
        mut self,
        encoded: &Encoded,
        report: &mut dyn ProgressSink,
    ) -> Result<(WrittenAs, Vec<ByteRange>)> {
        let begun = match std::mem::replace(&mut self.expr, Expr::Waiting) {
            Expr::OpenMatrix(begun) => begun,
            Expr::Planned(..) | Expr::Waiting => {
                let begun = self.create(encoded.geometry, encoded.encoding)?;
                self.spool.each(|start, bytes| {
                    report.live();
                    begun.write(start, bytes)
                })?;
                begun
            }
        };
        // Declared ones the reader has counted as well.
        if begun.geometry.rows != encoded.geometry.rows {
            let message =
                "the text has changed while it was read: it had another number of lines before";
            return Err(WorkerError::new(FailureKind::Source, message));
        }
        let byte_ranges = self.written.byte_ranges(&begun.expr)?;
        begun.expr.close().of_output()?;
        Ok((begun.written_as, byte_ranges))
    }

    fn create(&self, geometry: Geometry, encoding: Option<Encoding>) -> Result<OpenMatrix> {
        let root = self.new.root().of_output()?;
        let chunks = [geometry.chunk_rows, geometry.chunk_columns];
        let (properties, written_as) =
            storage_of(encoding, self.conversion, &chunks).of_output()?;
        let shape = [geometry.rows, geometry.columns];
        let name = Link::hard(layout::EXPR);
        let expr = Dataset::create_matrix(&root, &name, geometry.item, shape, &properties);
        Ok(OpenMatrix {
            expr: expr.of_output()?,
            written_as,
            geometry,
            is_encoded: encoding.is_some(),
        })
    }
}

impl Sink for NewMatrix<'_> {
    fn begin(&mut self, geometry: &Geometry, encoding: Option<Encoding>) -> Result<()> {
        self.expr = Expr::Planned(*geometry, encoding);
        Ok(())
    }

    fn take(&mut self, start: [u64; 2], bytes: &[u8], crc32: Option<u32>) -> Result<()> {
        if let Some(crc32) = crc32 {
            self.written.push(crc32);
        }
        // The first chunk is there: until now, the number of rows was not needed.
        if let Expr::Planned(geometry, encoding) = self.expr {
            self.expr = match self.known.rows() {
                Some(rows) => {
                    Expr::OpenMatrix(self.create(Geometry { rows, ..geometry }, encoding)?)
                }
                None => Expr::Waiting,
            };
        }
        match &self.expr {
            Expr::OpenMatrix(begun) => begun.write(start, bytes),
            _ => self.spool.push(start[0], start[1], bytes),
        }
    }
}

impl OpenMatrix {
    fn write(&self, start: [u64; 2], bytes: &[u8]) -> Result<()> {
        let rows = match self.is_encoded {
            true => 1,
            false => bytes.len() as u64 / self.geometry.row_bytes().max(1),
        };
        // More rows than were expected: who has counted them all will say so.
        if start[0] + rows > self.geometry.rows {
            return Ok(());
        }
        if self.is_encoded {
            return self.expr.write_chunk(&start, 0, bytes).of_output();
        }
        let block = Hyperslab {
            start: start.to_vec(),
            length: vec![rows, self.geometry.columns],
        };
        (self.expr)
            .write_floats(&block, self.geometry.item, bytes)
            .of_output()
    }
}

fn storage_of(
    encoding: Option<Encoding>,
    conversion: &Conversion,
    chunks: &[u64],
) -> h5::error::Result<(Properties, WrittenAs)> {
    let written_as = |encoder: &str, chunks: &[u64]| WrittenAs {
        encoder: encoder.to_string(),
        level: None,
        shuffle: false,
        chunks: chunks.to_vec(),
    };
    match (conversion.compression, encoding) {
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
