//! What is before the header: blank lines, comments, `sep=,`, the sizes of a GCT file, GEO's description.

use crate::options::{CommentOption, HeaderOption, LayoutOption, ReadOptions};
use crate::problem::{MatrixError, Spot};
use crate::rows::field::line_at;

/// What kind of file the first lines announce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PreambleKind {
    /// Nothing special.
    Table,
    Gct(Sizes),
    /// The table of a GEO series matrix; whether its begin was marked, and so its end will be.
    Geo {
        marked: bool,
    },
    Star,
    Htseq,
}

/// The second line of a GCT file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) rows: u64,
    pub(crate) samples: usize,
    pub(crate) gene_columns: usize,
    pub(crate) sample_rows: usize,
    pub(crate) version: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Preamble {
    pub(crate) kind: PreambleKind,
    /// Where the header begins, or the first row where there is none.
    pub(crate) start: usize,
    pub(crate) line: u64,
    /// The last comment above, which may be the header, and its line.
    pub(crate) comment_above: Option<usize>,
    pub(crate) comment_line: u64,
    /// The separator that a spreadsheet wrote into the first line.
    pub(crate) separator: Option<u8>,
}

const TABLE_BEGIN: &[u8] = b"!series_matrix_table_begin";
const TABLE_END: &[u8] = b"!series_matrix_table_end";

/// Whether the table of a GEO series matrix ends with this line.
pub(crate) fn is_table_end(line: &[u8]) -> bool {
    is_mark(line, TABLE_END)
}

/// Spreadsheets put quotes around it, and programs write it in other cases.
fn is_mark(line: &[u8], mark: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    line.len() >= mark.len() && line[..mark.len()].eq_ignore_ascii_case(mark)
}

/// Skips the preamble; `None` if `text` ends within it, which is all there is when it is `whole`.
pub(crate) fn read(
    text: &[u8],
    whole: bool,
    options: &ReadOptions,
) -> Result<Option<Preamble>, MatrixError> {
    let guess = options.layout == LayoutOption::Auto;
    let kind = match options.layout {
        LayoutOption::StarCounts => PreambleKind::Star,
        LayoutOption::HtseqCounts => PreambleKind::Htseq,
        LayoutOption::Auto | LayoutOption::Plain => PreambleKind::Table,
    };
    let skip = usize::try_from(options.skip).unwrap_or(usize::MAX);
    let Some(first) = line_starts(text).nth(skip) else {
        return Ok(None);
    };
    let line = options.skip + 1;
    let first_line = line_at(text, first);
    if guess && let Some(version) = gct_version(first_line) {
        return gct(text, first, line, version);
    }
    if guess && (first_line.starts_with(b"!") || first_line.starts_with(b"\"!")) {
        return geo(text, first, line, whole);
    }
    let separator = separator_line(first_line);
    let begin = usize::from(separator.is_some());
    let prefix: &[u8] = match &options.comment {
        CommentOption::Auto => b"#",
        CommentOption::None => b"",
        CommentOption::Prefix(prefix) => prefix.as_bytes(),
    };
    let mut comment_above = None;
    let mut comment_line = 0;
    for (line, start) in (1..).zip(line_starts(text)).skip(skip + begin) {
        let content = line_at(text, start);
        if !prefix.is_empty() && content.starts_with(prefix) {
            let may_be_header =
                options.comment == CommentOption::Auto && options.header == HeaderOption::Auto;
            comment_above = may_be_header.then_some(start);
            comment_line = line;
            continue;
        }
        if content.iter().all(|byte| *byte != b'"' && is_filler(byte)) {
            continue;
        }
        let star = guess && content.starts_with(b"N_unmapped\t");
        return Ok(Some(Preamble {
            kind: if star { PreambleKind::Star } else { kind },
            start,
            line,
            comment_above,
            comment_line,
            separator,
        }));
    }
    Ok(None)
}

/// `sep=;`, by which a spreadsheet tells itself what separates fields.
fn separator_line(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    let (separator, rest) = rest.split_first()?;
    let fits = word.eq_ignore_ascii_case(b"sep=")
        && separator.is_ascii()
        && !separator.is_ascii_alphanumeric()
        && rest.iter().all(|byte| is_filler(byte) || byte == separator);
    fits.then_some(*separator)
}

/// Spreadsheets fill lines with separators.
fn is_filler(byte: &u8) -> bool {
    b"\t ,;|\"\r".contains(byte)
}

pub(crate) fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> + Clone {
    std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1))
        .filter(|start| *start < text.len())
}

fn gct_version(line: &[u8]) -> Option<u8> {
    let end = line.iter().rposition(|byte| !is_filler(byte))? + 1;
    let start = line.iter().position(|byte| !is_filler(byte))?;
    match &line[start..end] {
        b"#1.2" => Some(2),
        b"#1.3" => Some(3),
        _ => None,
    }
}

fn gct(
    text: &[u8],
    first: usize,
    number: u64,
    version: u8,
) -> Result<Option<Preamble>, MatrixError> {
    let is_filled = |(_, start): &(u64, usize)| !line_at(text, *start).iter().all(is_filler);
    let starts = line_starts(text).filter(|start| *start >= first);
    let mut filled = (number..).zip(starts).filter(is_filled).skip(1);
    let (Some((number, second)), Some((header, third))) = (filled.next(), filled.next()) else {
        return Ok(None);
    };
    let line = line_at(text, second);
    let numbers: Option<Vec<u64>> = line
        .split(|byte| b"\t ,;\"".contains(byte))
        .filter(|word| !word.is_empty())
        .map(|word| std::str::from_utf8(word).ok()?.parse().ok())
        .collect();
    let small = |number: u64| usize::try_from(number).ok();
    let sizes = match numbers.as_deref() {
        Some([rows, samples]) if version == 2 => small(*samples).map(|samples| Sizes {
            rows: *rows,
            samples,
            gene_columns: 1,
            sample_rows: 0,
            version,
        }),
        Some([rows, samples, genes, described]) if version == 3 => {
            match (small(*samples), small(*genes), small(*described)) {
                (Some(samples), Some(gene_columns), Some(sample_rows)) => Some(Sizes {
                    rows: *rows,
                    samples,
                    gene_columns,
                    sample_rows,
                    version,
                }),
                _ => None,
            }
        }
        _ => None,
    };
    let Some(sizes) = sizes else {
        return Err(Spot {
            line,
            number,
            bytes: 0..line.len(),
            field: 1,
        }
        .problem(
            match version {
                2 => "the second line of a GCT 1.2 file is its numbers of rows and samples",
                _ => "the second line of a GCT 1.3 file is four numbers",
            },
            "write the sizes there, or --skip 2 reads the table without them",
        )
        .into());
    };
    Ok(Some(Preamble {
        kind: PreambleKind::Gct(sizes),
        start: third,
        line: header,
        comment_above: None,
        comment_line: 0,
        separator: None,
    }))
}

/// The table begins below its mark, whatever the lines above hold: a `!` field may have line breaks in it. Only
/// a file without a mark begins with the first line that is no description.
fn geo(
    text: &[u8],
    first: usize,
    number: u64,
    whole: bool,
) -> Result<Option<Preamble>, MatrixError> {
    let starts = line_starts(text).filter(|start| *start >= first);
    let lines = || (number..).zip(starts.clone());
    let at = |(line, start), marked| {
        Some(Preamble {
            kind: PreambleKind::Geo { marked },
            start,
            line,
            comment_above: None,
            comment_line: 0,
            separator: None,
        })
    };
    let mut behind = lines().skip_while(|(_, start)| !is_mark(line_at(text, *start), TABLE_BEGIN));
    if behind.next().is_some() {
        let table = behind.find(|(_, start)| !line_at(text, *start).iter().all(is_filler));
        let is_empty = |(_, start): (u64, usize)| is_table_end(line_at(text, start));
        return match table {
            Some(table) if is_empty(table) => Err(without_table()),
            Some(table) => Ok(at(table, true)),
            None => Ok(None),
        };
    }
    if !whole {
        return Ok(None);
    }
    let described = |start: usize| {
        let line = line_at(text, start);
        line.starts_with(b"!") || line.starts_with(b"\"!") || line.iter().all(is_filler)
    };
    if lines().any(|(_, start)| is_table_end(line_at(text, start))) {
        return Err(without_table());
    }
    Ok(lines()
        .find(|(_, start)| !described(*start))
        .and_then(|table| at(table, false)))
}

fn without_table() -> MatrixError {
    MatrixError::refused(
        "a GEO series matrix without a table",
        "the values of RNA-seq studies are in supplementary files",
    )
}
