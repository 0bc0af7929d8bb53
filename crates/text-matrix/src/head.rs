//! The first lines of a text, and what is known of them while it is decided how all are read.

use crate::encoding::Encoding;
use crate::field::Marks;
use crate::finding::Finding;
use crate::number::Notation;
use crate::options::ReadOptions;
use crate::preamble::Preamble;
use crate::source::Compression;

/// The first lines of a text, `whole` when there are no others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) whole: bool,
    pub(crate) stem: &'a str,
    pub(crate) compression: Compression,
    pub(crate) encoding: Encoding,
}

/// What is known while deciding.
pub(crate) struct Sniffer<'a> {
    pub(crate) head: Head<'a>,
    pub(crate) options: &'a ReadOptions,
    pub(crate) preamble: Preamble,
    pub(crate) notation: Notation,
    pub(crate) marks: Marks,
    pub(crate) findings: Vec<Finding>,
}
