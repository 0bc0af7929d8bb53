//! Text matrices as streams: genes in rows, samples in columns, as the programs of the field
//! write them.
//!
//! A matrix is never held whole. [`Reader::open`] decompresses and decodes the first lines and decides how
//! the text is written, [`Reader::next_block`] returns rows of names and numbers, and [`Reader::finish`]
//! reports what the user should know about them.
//!
//! ```
//! use std::io::{Seek, Write};
//! use text_matrix::{ReadOptions, Reader, Values};
//!
//! let mut file = tempfile::tempfile()?;
//! file.write_all(b"gene\tS1\tS2\nTP53\t1\t2.5\nBRCA1\tNA\t0\n")?;
//! file.rewind()?;
//!
//! let mut reader = Reader::open(file, "counts", &ReadOptions::default())?;
//! assert_eq!(reader.samples(), ["S1", "S2"]);
//! let block = reader.next_block()?.expect("two rows");
//! assert_eq!(block.genes.iter().collect::<Vec<_>>(), ["TP53", "BRCA1"]);
//! assert!(matches!(&block.values, Values::F32(values) if values[1] == 2.5 && values[2].is_nan()));
//! assert_eq!(reader.finish()?.tally.missing, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`stream`], [`source`], [`gzip`], [`bgzf`], [`zstandard`] | a file or a pipe as uncompressed bytes |
//! | [`encoding`] | bytes as UTF-8 |
//! | [`feed`] | text in buffers of whole lines, read ahead |
//! | [`first_lines`], [`preamble`], [`separator`] | where the table begins, and what separates its fields |
//! | [`detect`], [`columns`], [`header`], [`known_tables`] | what the first line and the columns are |
//! | [`plan`], [`dialect`] | the decisions, put together |
//! | [`split`], [`field`], [`rows`] | lines to names and numbers |
//! | [`row_counter`] | rows before they are parsed |
//! | [`row_samples`] | names of rows that are samples |
//! | [`number`], [`short`], [`shorts`], [`eight_shorts`], [`eight_bytes`] | digits to float64, exactly |
//! | [`value`], [`tally`] | what becomes of it, and what is lost |
//! | [`problem`], [`diagnostic`], [`finding`] | what is wrong, or odd, in words |
//! | [`parallel`], [`block`], [`reader`] | all of it in the right order |
//!
//! It does not use HDF5, keeps no values, and guesses nothing that could silently be wrong. Names are text,
//! byte for byte; a line is a row, or an error that names it.
#![expect(
    rustdoc::private_intra_doc_links,
    reason = "the tour is for who reads the code"
)]

mod bgzf;
mod block;
mod columns;
mod detect;
mod diagnostic;
mod dialect;
mod eight_bytes;
mod eight_shorts;
mod encoding;
mod feed;
mod field;
mod finding;
mod first_lines;
mod gzip;
mod header;
mod known_tables;
mod list;
mod names;
mod number;
pub mod options;
mod parallel;
mod plan;
mod preamble;
mod problem;
mod reader;
mod row_counter;
mod row_samples;
mod rows;
mod separator;
mod short;
mod shorts;
mod source;
mod split;
mod stream;
mod summary_rows;
mod tally;
mod validate;
mod value;
mod wrong_format;
mod zstandard;

pub use crate::block::{RowBlock, Summary, Values};
pub use crate::dialect::{Dialect, HeaderShape, Layout, Trailing};
pub use crate::encoding::Encoding;
pub use crate::finding::Finding;
pub use crate::list::{NameList, read_list};
pub use crate::names::Names;
pub use crate::options::{
    CommentOption, Duplicates, EncodingOption, HeaderOption, LayoutOption, QuoteOption,
    ReadOptions, SummaryRows, ValueType,
};
pub use crate::problem::{MatrixError, TextProblem};
pub use crate::reader::Reader;
pub use crate::row_counter::RowCounter;
pub use crate::row_samples::distinct_rows;
pub use crate::source::Compression;
pub use crate::tally::ValueCounts;
