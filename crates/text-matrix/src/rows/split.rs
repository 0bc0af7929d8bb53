//! A text of whole lines in pieces that can be parsed at the same time.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};
use rayon::prelude::*;

use crate::rows::field::{Marks, closing_quote};

/// Some records in a row. A record is a line, or several when quotes enclose line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bytes: Range<usize>,
    /// Records in it, comments not counted.
    pub(crate) records: usize,
    /// Lines before it in the text.
    pub(crate) lines_before: u64,
    pub(crate) lines: u64,
}

/// Cuts where no quotes and no comments are: every line is a record. Lines are counted on the
/// current rayon pool. `None` where there is a quote after all.
pub(crate) fn at_lines(text: &[u8], quote: Option<u8>, piece_bytes: usize) -> Option<Vec<Piece>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let target = text.len().min(start + piece_bytes.max(1));
        let end = memchr(b'\n', &text[target - 1..]).map_or(text.len(), |at| target + at);
        ranges.push(start..end);
        start = end;
    }
    let pieces: Option<Vec<Piece>> = ranges
        .into_par_iter()
        .map(|bytes| {
            let text = &text[bytes.clone()];
            if quote.is_some_and(|quote| memchr(quote, text).is_some()) {
                return None;
            }
            let records = memchr_iter(b'\n', text).count();
            Some(Piece {
                bytes,
                records,
                lines_before: 0,
                lines: records as u64,
            })
        })
        .collect();
    let mut pieces = pieces?;
    let mut lines_before = 0;
    for piece in &mut pieces {
        piece.lines_before = lines_before;
        lines_before += piece.lines;
    }
    Some(pieces)
}

/// Cuts where there may be quotes or comments, by the same rules as [`Marks::field`]. What is
/// behind the last piece is a record that does not end in this text.
pub(crate) fn at_records(
    text: &[u8],
    marks: Marks,
    comment: Option<&[u8]>,
    piece_bytes: usize,
) -> Vec<Piece> {
    // A separator cannot be a quote, so it stands for one that is never found.
    let quote = marks.quote.unwrap_or(b'\n');
    let mut pieces: Vec<Piece> = Vec::new();
    let mut start = 0;
    let mut records = 0;
    let mut lines = 0;
    let mut lines_before = 0;
    let mut record = 0;
    let mut lines_to_record = 0;
    let mut at = 0;
    while record < text.len() {
        let is_comment =
            at == record && comment.is_some_and(|prefix| text[record..].starts_with(prefix));
        if is_comment {
            at = memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found);
        } else {
            let Some(found) = memchr2(quote, b'\n', &text[at..]) else {
                break;
            };
            at += found;
        }
        if text.get(at).is_some_and(|byte| *byte != b'\n') {
            let opens = at == record || text[at - 1] == marks.separator;
            at += 1;
            if opens {
                let Some(close) = closing_quote(text, at, quote) else {
                    break;
                };
                lines += memchr_iter(b'\n', &text[at..close]).count() as u64;
                at = close + 1;
            }
            continue;
        }
        at = (at + 1).min(text.len());
        lines += 1;
        records += usize::from(!is_comment);
        record = at;
        lines_to_record = lines;
        if at - start >= piece_bytes || at == text.len() {
            pieces.push(Piece {
                bytes: start..at,
                records,
                lines_before,
                lines: lines - lines_before,
            });
            (start, records, lines_before) = (at, 0, lines);
        }
    }
    if record > start {
        pieces.push(Piece {
            bytes: start..record,
            records,
            lines_before,
            lines: lines_to_record - lines_before,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARKS: Marks = Marks {
        separator: b',',
        quote: Some(b'"'),
        runs: false,
    };

    fn parts<'a>(text: &'a str, pieces: &[Piece]) -> Vec<(&'a str, usize, u64)> {
        pieces
            .iter()
            .map(|p| (&text[p.bytes.clone()], p.records, p.lines_before))
            .collect()
    }

    #[test]
    fn pieces_are_whole_lines() {
        let text = "a\nbb\nccc\n";
        let cut = |size| at_lines(text.as_bytes(), MARKS.quote, size).unwrap();
        assert_eq!(
            parts(text, &cut(1)),
            [("a\n", 1, 0), ("bb\n", 1, 1), ("ccc\n", 1, 2)]
        );
        assert_eq!(
            parts(text, &cut(2)),
            [("a\n", 1, 0), ("bb\n", 1, 1), ("ccc\n", 1, 2)]
        );
        assert_eq!(parts(text, &cut(3)), [("a\nbb\n", 2, 0), ("ccc\n", 1, 2)]);
        assert_eq!(parts(text, &cut(100)), [(text, 3, 0)]);
        assert_eq!(at_lines(b"", None, 5), Some(Vec::new()));
        let quoted = b"a\nb\n\"c\nd\"\n";
        assert_eq!(at_lines(quoted, MARKS.quote, 2), None);
        assert_eq!(at_lines(quoted, None, 99).unwrap()[0].records, 4);
    }

    #[test]
    fn a_record_may_be_several_lines() {
        let text = "\"a\nb\",1\n\"c\"\"\n\",2\n\"open\n3\n";
        let cut = |size| at_records(text.as_bytes(), MARKS, None, size);
        assert_eq!(
            parts(text, &cut(1)),
            [("\"a\nb\",1\n", 1, 0), ("\"c\"\"\n\",2\n", 1, 2)]
        );
        assert_eq!(
            parts(text, &cut(99)),
            [("\"a\nb\",1\n\"c\"\"\n\",2\n", 2, 0)]
        );
    }

    #[test]
    fn quotes_in_comments_open_nothing() {
        let text = "#,\"x\na,1\n#\nb,2\n";
        let pieces = at_records(text.as_bytes(), MARKS, Some(b"#"), 99);
        assert_eq!(parts(text, &pieces), [(text, 2, 0)]);
    }

    proptest! {
        #[test]
        fn records_are_lines_without_quotes(text in "([a,\r]{0,3}\n){0,20}", size in 1usize..20) {
            let whole = at_records(text.as_bytes(), MARKS, None, size);
            let lines: usize = whole.iter().map(|p| p.records).sum();
            prop_assert_eq!(lines, text.matches('\n').count());
            prop_assert_eq!(whole.last().map_or(0, |p| p.bytes.end), text.len());
            let pieces = at_lines(text.as_bytes(), MARKS.quote, size).unwrap();
            let lines: usize = pieces.iter().map(|p| p.records).sum();
            prop_assert_eq!(lines, text.matches('\n').count());
        }

        #[test]
        fn records_end_where_their_fields_say(text in "[a\",\n]{0,40}\n") {
            let text = text.as_bytes();
            let mut at = 0;
            for piece in at_records(text, MARKS, None, 1) {
                prop_assert_eq!(piece.bytes.start, at);
                match MARKS.line(text, at) {
                    Ok((_, next)) => prop_assert_eq!(next, piece.bytes.end),
                    Err(_) => return Ok(()),
                }
                at = piece.bytes.end;
            }
        }
    }
}
