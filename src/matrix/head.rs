//! The first lines of a text, and what is known of them while it is decided how all are read.

use super::encoding::Encoding;
use super::field::Marks;
use super::finding::Finding;
use super::number::Notation;
use super::preface::Preface;
use super::source::Compression;
use crate::model::wishes::Wishes;

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
    pub(crate) wishes: &'a Wishes,
    pub(crate) preface: Preface,
    pub(crate) notation: Notation,
    pub(crate) marks: Marks,
    pub(crate) findings: Vec<Finding>,
}
