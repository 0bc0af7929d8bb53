//! What stands before the header: comments, the sizes of a GCT file, GEO's description.

use crate::field::line_at;
use crate::options::{CommentOption, HeaderOption, LayoutOption, ReadOptions};
use crate::problem::{MatrixError, Spot};
use crate::rows::is_blank;

/// What kind of file the first lines announce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
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
    pub(crate) kind: Kind,
    /// Where the header begins, or the first row where there is none.
    pub(crate) start: usize,
    pub(crate) line: u64,
    /// The comment directly above, which may be the header.
    pub(crate) comment_above: Option<usize>,
}

pub(crate) const TABLE_BEGIN: &[u8] = b"!series_matrix_table_begin";
pub(crate) const TABLE_END: &[u8] = b"!series_matrix_table_end";

/// Skips the preamble; `None` if `text` ends within it.
pub(crate) fn read(text: &[u8], options: &ReadOptions) -> Result<Option<Preamble>, MatrixError> {
    let guess = options.layout == LayoutOption::Auto;
    let kind = match options.layout {
        LayoutOption::StarCounts => Kind::Star,
        LayoutOption::HtseqCounts => Kind::Htseq,
        LayoutOption::Auto | LayoutOption::Plain => Kind::Table,
    };
    let first = line_at(text, 0);
    if guess && let Some(version) = gct_version(first) {
        return gct(text, version);
    }
    if guess && first.starts_with(b"!") {
        return geo(text);
    }
    let prefix: &[u8] = match &options.comment {
        CommentOption::Auto => b"#",
        CommentOption::None => b"",
        CommentOption::Prefix(prefix) => prefix.as_bytes(),
    };
    let mut comment_above = None;
    for (line, start) in (1..).zip(line_starts(text)) {
        let content = line_at(text, start);
        if !prefix.is_empty() && content.starts_with(prefix) {
            let may_be_header =
                options.comment == CommentOption::Auto && options.header == HeaderOption::Auto;
            comment_above = may_be_header.then_some(start);
            continue;
        }
        if is_blank(content) {
            if text[start..].trim_ascii().is_empty() {
                return Ok(None);
            }
            return Err(blank(line, content));
        }
        let star = guess && content.starts_with(b"N_unmapped\t");
        return Ok(Some(Preamble {
            kind: if star { Kind::Star } else { kind },
            start,
            line,
            comment_above,
        }));
    }
    Ok(None)
}

fn blank(number: u64, line: &[u8]) -> MatrixError {
    Spot {
        line,
        number,
        bytes: 0..0,
        field: 1,
    }
    .problem("a blank line before the header", "remove it")
    .into()
}

pub(crate) fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1))
        .filter(|start| *start < text.len())
}

/// Spreadsheets fill every line with separators.
fn gct_version(line: &[u8]) -> Option<u8> {
    let filler = |byte: &u8| b"\t ,;\"".contains(byte);
    let end = line.iter().rposition(|byte| !filler(byte))? + 1;
    let start = line.iter().position(|byte| !filler(byte))?;
    match &line[start..end] {
        b"#1.2" => Some(2),
        b"#1.3" => Some(3),
        _ => None,
    }
}

fn gct(text: &[u8], version: u8) -> Result<Option<Preamble>, MatrixError> {
    let mut starts = line_starts(text).skip(1);
    let (Some(second), Some(third)) = (starts.next(), starts.next()) else {
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
            number: 2,
            bytes: 0..line.len(),
            field: 1,
        }
        .problem(
            match version {
                2 => "the second line of a GCT 1.2 file is its numbers of rows and samples",
                _ => "the second line of a GCT 1.3 file is four numbers",
            },
            "write the sizes there, or remove the first two lines",
        )
        .into());
    };
    Ok(Some(Preamble {
        kind: Kind::Gct(sizes),
        start: third,
        line: 3,
        comment_above: None,
    }))
}

fn geo(text: &[u8]) -> Result<Option<Preamble>, MatrixError> {
    let mut marked = false;
    for (line, start) in (1..).zip(line_starts(text)) {
        let content = line_at(text, start);
        if content.starts_with(TABLE_END) {
            return Err(MatrixError::refused(
                "a GEO series matrix without a table",
                "the values of RNA-seq studies are in supplementary files",
            ));
        }
        if content.starts_with(TABLE_BEGIN) {
            marked = true;
        } else if !content.starts_with(b"!") && !is_blank(content) {
            return Ok(Some(Preamble {
                kind: Kind::Geo { marked },
                start,
                line,
                comment_above: None,
            }));
        }
    }
    Ok(None)
}
