//! Text matrices as streams: genes in rows, samples in columns, as the programs of the field
//! write them.
//!
//! A matrix is never held whole. [`Reader::open`] decompresses and decodes the first lines and
//! decides how the text is written, [`Reader::next_block`] hands out rows of names and numbers,
//! and [`Reader::finish`] says what somebody should know about them.
//!
//! | module | what it holds |
//! |---|---|
//! | [`stream`], [`source`], [`gzip`], [`bgzf`], [`zstandard`] | a file or a pipe as uncompressed bytes |
//! | [`encoding`] | bytes as UTF-8 |
//! | [`feed`] | text in buffers of whole lines, read ahead |
//! | [`preface`], [`separator`], [`columns`], [`selection`], [`head`], [`sniff`], [`opening`] | what the first lines say |
//! | [`header`] | names of samples |
//! | [`split`], [`field`], [`rows`] | lines to names and numbers |
//! | [`row_counter`] | rows before they are parsed |
//! | [`number`], [`short`], [`shorts`], [`eight_shorts`], [`eisel_lemire`], [`eight_bytes`] | digits to float64, exactly |
//! | [`value`], [`tally`] | what becomes of it, and what is lost |
//! | [`problem`], [`complaint`], [`finding`] | what is wrong, or odd, in words |
//! | [`parallel`], [`block`], [`start`], [`reader`] | all of it in the right order |
//!
//! What it is not: it knows no HDF5, keeps no values, and guesses nothing that could silently
//! be wrong. Names are text, byte for byte; a line is a row, or an error that names it.
#![expect(
    rustdoc::private_intra_doc_links,
    reason = "the tour is for who reads the code"
)]

mod bgzf;
mod block;
mod columns;
mod complaint;
mod contradiction;
mod dialect;
mod eight_bytes;
mod eight_shorts;
mod eisel_lemire;
mod encoding;
mod feed;
mod field;
mod finding;
mod gzip;
mod head;
mod header;
mod imposter;
mod list;
mod names;
mod number;
mod opening;
mod parallel;
mod preface;
mod problem;
mod quant;
mod reader;
mod row_counter;
mod rows;
mod selection;
mod separator;
mod short;
mod shorts;
mod sniff;
mod source;
mod special;
mod split;
mod start;
mod stream;
mod tally;
mod value;
mod zstandard;

pub use crate::model::wishes::{
    CommentWish, Duplicates, EncodingWish, HeaderWish, LayoutWish, QuoteWish, SpecialRows,
    ValueType, Wishes,
};
pub use block::{Block, Summary, Values};
pub use dialect::{Dialect, HeaderShape, Layout, Trailing};
pub use encoding::Encoding;
pub use finding::Finding;
pub use list::read_list;
pub use names::Names;
pub use problem::{MatrixError, Problem};
pub use reader::Reader;
pub use row_counter::RowCounter;
pub use source::Compression;
pub use tally::Tally;
