//! The first lines: as many as it takes to decide how all are read.

use crate::feed::{Feed, Lines};
use crate::head::Head;
use crate::opening::Opening;
use crate::options::ReadOptions;
use crate::problem::MatrixError;
use crate::sniff::sniff;

/// Reads as many lines as it takes to decide.
pub(crate) fn begin(
    feed: &mut Feed,
    options: &ReadOptions,
    empty: Head<'_>,
) -> Result<(Lines, Opening), MatrixError> {
    let mut lines = Lines::default();
    loop {
        let next = feed.next(None)?;
        let whole = next.is_none();
        match next {
            Some(next) if lines.length == 0 => lines = next,
            Some(next) => {
                lines.bytes.truncate(lines.length);
                lines.bytes.extend_from_slice(next.text());
                lines.length = lines.bytes.len();
            }
            None => {}
        }
        let head = Head {
            text: lines.text(),
            whole,
            ..empty
        };
        if let Some(opening) = sniff(head, options)? {
            return Ok((lines, opening));
        }
        if whole || lines.length > options.longest_line {
            return Err(MatrixError::refused(
                "no table was found in this text",
                "if quotes are plain characters here: --quote none; if comments begin with \
                 something else than #: --comment",
            ));
        }
    }
}
