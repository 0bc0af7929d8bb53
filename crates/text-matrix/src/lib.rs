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
//! assert_eq!(reader.finish()?.counts.missing, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`input`] | a file or a pipe as lines of UTF-8: decompressed, decoded, read ahead |
//! | [`detect`] | where the table begins, what separates its fields, what the first line and the columns are |
//! | [`dialect`], [`options`] | the decisions, and what the caller decides |
//! | [`rows`] | lines to names and fields; rows before they are parsed |
//! | [`number`] | digits to float64, exactly; what becomes of each value, and what is lost |
//! | [`problem`] | what is wrong, or odd, in words |
//! | [`parallel`], [`block`], [`reader`] | all of it in the right order |
//! | [`list`], [`names`] | lists of names, alone or beside values |
//!
//! It does not use HDF5, keeps no values, and guesses nothing that could silently be wrong. Names are text,
//! byte for byte; a line is a row, or an error that names it.
#![expect(
    rustdoc::private_intra_doc_links,
    reason = "the table is for readers of the source"
)]

mod block;
mod detect;
mod dialect;
mod input;
mod list;
mod names;
mod number;
pub mod options;
mod parallel;
mod problem;
mod reader;
mod rows;
mod summary_rows;

pub use crate::block::{RowBlock, Summary, Values};
pub use crate::detect::row_samples::distinct_rows;
pub use crate::dialect::{Dialect, HeaderShape, Layout, Trailing};
pub use crate::input::encoding::Encoding;
pub use crate::input::source::Compression;
pub use crate::list::{NameList, read_list};
pub use crate::names::Names;
pub use crate::number::value_counts::ValueCounts;
pub use crate::options::{
    CommentOption, Duplicates, EncodingOption, HeaderOption, LayoutOption, QuoteOption,
    ReadOptions, SummaryRows, ValueType,
};
pub use crate::problem::finding::Finding;
pub use crate::problem::{MatrixError, TextProblem};
pub use crate::reader::Reader;
pub use crate::rows::row_counter::RowCounter;
