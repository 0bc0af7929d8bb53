//! A list of names: one a line, or a column of a narrow table of names, such as the features of 10x or what R makes of
//! a vector. Not a matrix.

mod columns;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::detect::wrong_format;
use crate::input::encoding::DecodedText;
use crate::input::source;
use crate::input::stream::{LEAST_BUFFER, Stream};
use crate::list::columns::{Table, fields, is_heading, is_made_up_heading, table};
use crate::options::EncodingOption;
use crate::problem::{MatrixError, quoted};

/// More text than any list of names has: ten million of them.
const MOST_BYTES: usize = 128 << 20;

/// Bytes by which it is decided what a text is.
const HEAD_BYTES: usize = 4096;

/// The names of a list, and how they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameList {
    /// The names, in the order of the file.
    pub names: Vec<String>,
    /// What the user should know, in sentences: a heading that was left out, the column that was taken.
    pub notes: Vec<String>,
}

/// The names in a file that may be compressed; `None` when it looks like a matrix.
///
/// Lines may end in any line break. A first line that can only be a heading is no name.
///
/// # Errors
/// The file cannot be read, is no text, has a blank line between names, or never ends.
pub fn read_list(file: File) -> Result<Option<NameList>, MatrixError> {
    let source = source::open(file, Arc::new(AtomicU64::new(0)))?;
    let mut text = DecodedText::new(source.stream, EncodingOption::Auto)?;
    let mut bytes = Vec::new();
    let mut decided = None;
    loop {
        if decided.is_none() && bytes.len() >= HEAD_BYTES {
            decided = Some(decide(&bytes)?);
        }
        if decided == Some(None) {
            return Ok(None);
        }
        let before = bytes.len();
        if before > MOST_BYTES {
            return Err(MatrixError::refused(
                format!(
                    "the list of names does not end: it has more than {} MiB",
                    MOST_BYTES >> 20
                ),
                "give a matrix, or a list with one name a line",
            ));
        }
        bytes.resize(before + LEAST_BUFFER, 0);
        let read = text.read(&mut bytes[before..])?;
        bytes.truncate(before + read);
        if read == 0 {
            break;
        }
    }
    let Some(table) = decided.map_or_else(|| decide(&bytes), Ok)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&error))?;
    names(&with_newlines(text), table).map(Some)
}

/// What the first bytes look like; `None` when it is a matrix.
fn decide(first: &[u8]) -> Result<Option<Table>, MatrixError> {
    wrong_format::check(first, true)?;
    let head = with_newlines(String::from_utf8_lossy(first).into_owned());
    let commented = comments(&head);
    let below = head.split_inclusive('\n').skip(commented);
    Ok(table(&below.collect::<String>()).filter(|_| !head.starts_with("#1.")))
}

/// How many lines at the top are comments: `# ` and text.
fn comments(text: &str) -> usize {
    text.lines()
        .take_while(|line| line.starts_with("# "))
        .count()
}

/// The same text with one newline at the end of each line. Excel on a Macintosh ends lines in a carriage return, and
/// text mode on Windows may add a second one.
fn with_newlines(text: String) -> String {
    match text.contains('\r') {
        true => (text.replace("\r\r\n", "\n"))
            .replace("\r\n", "\n")
            .replace('\r', "\n"),
        false => text,
    }
}

fn not_utf8(error: &std::string::FromUtf8Error) -> MatrixError {
    let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    MatrixError::refused(
        format!("line {} of the list is not UTF-8", line + 1),
        "convert it to UTF-8, for example with iconv",
    )
}

fn names(text: &str, table: Table) -> Result<NameList, MatrixError> {
    let lines: Vec<&str> = text.trim_end_matches('\n').lines().collect();
    if text.trim().is_empty() {
        return Err(MatrixError::refused(
            "there is nothing in it",
            "give a matrix, or a list with one name a line",
        ));
    }
    if let Some(blank) = lines.iter().position(|line| line.trim().is_empty()) {
        return Err(MatrixError::refused(
            format!("line {} of the list is blank", blank + 1),
            "give one name a line; a name cannot be left out",
        ));
    }
    let mut notes = Vec::new();
    let commented = comments(text).min(lines.len() - 1);
    let lines = lines[commented..].to_vec();
    if commented > 0 {
        notes.push("the comments above its names were left out".to_string());
    }
    let mut names = match table.separator {
        Some(separator) => of_column(&lines, commented, separator, table, &mut notes)?,
        None => unquoted(&lines),
    };
    let is_headed = |names: &[String]| {
        table.is_headed || is_heading(&names[0]) || is_made_up_heading(&names[0], &names[1])
    };
    if names.len() > 1 && is_headed(&names) {
        let heading = names.remove(0);
        notes.push(format!(
            "its first line, {}, was taken for a heading (if it is a name, put a heading above it)",
            quoted(heading.as_bytes())
        ));
    }
    Ok(NameList { names, notes })
}

/// R quotes each line of a list that it writes.
fn unquoted(lines: &[&str]) -> Vec<String> {
    let bare = |line: &str| {
        let bare = line.strip_prefix('"')?.strip_suffix('"')?;
        Some(bare.replace("\"\"", "\""))
    };
    let unquoted: Option<Vec<String>> = lines.iter().map(|line| bare(line)).collect();
    unquoted.unwrap_or_else(|| lines.iter().map(|line| (*line).to_string()).collect())
}

/// `above` lines are before the first one.
fn of_column(
    lines: &[&str],
    above: usize,
    separator: char,
    table: Table,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, MatrixError> {
    let mut names = Vec::with_capacity(lines.len());
    for (number, line) in (1..).zip(lines) {
        let mut fields = fields(line, separator);
        // R writes no heading above the numbers of rows.
        let column = match number == 1 && fields.len() + 1 == table.columns {
            true => table.column.saturating_sub(1),
            false if fields.len() == table.columns => table.column,
            false => {
                return Err(MatrixError::refused(
                    format!(
                        "line {} of the list has {} fields, and others have {}",
                        above + number,
                        fields.len(),
                        table.columns
                    ),
                    "give a list with one name a line",
                ));
            }
        };
        names.push(fields.swap_remove(column));
    }
    if table.columns > 2 || table.column == 0 {
        notes.push(format!(
            "its names are column {} of {}",
            table.column + 1,
            table.columns
        ));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    fn read(bytes: &[u8]) -> Result<Option<NameList>, MatrixError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        read_list(file)
    }

    fn list(bytes: &[u8]) -> Result<Option<Vec<String>>, MatrixError> {
        Ok(read(bytes)?.map(|list| list.names))
    }

    #[test]
    fn one_name_a_line() {
        let expected = Some(vec!["TP53".to_string(), "HLA-A 1".to_string()]);
        for text in [
            "TP53\nHLA-A 1",
            "TP53\r\nHLA-A 1\r\n",
            "\"TP53\"\n\"HLA-A 1\"\n\n",
        ] {
            assert_eq!(list(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn line_breaks_of_any_system() {
        let expected = Some(vec!["TP53".to_string(), "HLA-A 1".to_string()]);
        for text in [
            "TP53\rHLA-A 1\r",
            "TP53\r\r\nHLA-A 1\r\r\n",
            "TP53\rHLA-A 1",
        ] {
            assert_eq!(list(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn tables_of_names() {
        let expected = vec!["ENSG01".to_string(), "ENSG02".to_string()];
        for (text, notes) in [
            // 10x
            (
                "ENSG01\tTSPAN6\tGene Expression\nENSG02\tTNMD\tGene Expression\n",
                1,
            ),
            ("ENSG01\tTSPAN6\nENSG02\tTNMD\n", 1),
            (
                "ENSG01\tTSPAN6\tPeaks\tchr1\t100\t200\nENSG02\tchr1:5-9\tPeaks\tchr1\t5\t9\n",
                1,
            ),
            ("gene_id\tgene_name\nENSG01\tTSPAN6\nENSG02\tTNMD\n", 2),
            // R
            ("\"\",\"x\"\n\"1\",\"ENSG01\"\n\"2\",\"ENSG02\"\n", 1),
            ("\"x\"\n\"ENSG01\"\n\"ENSG02\"\n", 1),
            ("\"x\"\n\"1\" \"ENSG01\"\n\"2\" \"ENSG02\"\n", 1),
            ("x\n1 ENSG01\n2 ENSG02\n", 1),
            ("\tx\n1\tENSG01\n2\tENSG02\n", 1),
            // pandas
            (",gene\n0,ENSG01\n1,ENSG02\n", 1),
            ("gene_id\nENSG01\nENSG02\n", 1),
            ("Gene ID\r\nENSG01\r\nENSG02\r\n", 1),
            ("0\nENSG01\nENSG02\n", 1),
            (",0\n0,ENSG01\n1,ENSG02\n", 1),
            ("V1\nENSG01\nENSG02\n", 1),
            ("Gen\nENSG01\nENSG02\n", 1),
            ("# from Ensembl, 2024\nENSG01\nENSG02\n", 1),
            ("# from Ensembl\ngene\nENSG01\nENSG02\n", 2),
        ] {
            let list = read(text.as_bytes()).unwrap();
            let list = list.unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(list.names, expected, "{text:?}");
            assert_eq!(list.notes.len(), notes, "{text:?}: {:?}", list.notes);
        }
    }

    #[test]
    fn a_name_that_is_no_heading_stays() {
        for first in ["GENE1", "MARCH1", "TP53", "1", "sample_17"] {
            let text = format!("{first}\nB\n");
            assert_eq!(list(text.as_bytes()).unwrap().unwrap().len(), 2, "{first}");
        }
        for numbered in ["0\n1\n2\n", "V1\nV2\nV3\n", "#1\n#2\n#3\n"] {
            assert_eq!(list(numbered.as_bytes()).unwrap().unwrap().len(), 3);
        }
        // Nothing is left below it.
        assert_eq!(list(b"gene\n").unwrap().unwrap(), ["gene"]);
    }

    #[test]
    fn what_is_no_text_or_has_no_end_is_refused_in_a_sentence() {
        let error = read(&[0; 9000]).unwrap_err().to_string();
        assert!(error.contains("binary data"), "{error}");
        let endless = b"y\n".repeat(MOST_BYTES / 2 + LEAST_BUFFER);
        let error = read(&endless).unwrap_err().to_string();
        assert!(error.contains("does not end"), "{error}");
        let ragged = b"A\tB\nA\tB\n".repeat(10_000);
        let error = read(&[&ragged[..], b"A\n"].concat()).unwrap_err();
        assert!(error.to_string().contains("line 20001"), "{error}");
    }

    #[test]
    fn a_line_of_several_fields_is_a_matrix() {
        for text in [
            "gene\tS1\nA\t1\n",
            "gene,S1\n",
            "gene,S1\nA,0.5\n",
            "#1.2\n3\t2\n",
            "Smith, J\nBrown, K\n",
        ] {
            assert_eq!(list(text.as_bytes()).unwrap(), None, "{text:?}");
        }
    }

    #[test]
    fn what_would_shift_the_names_is_an_error() {
        assert!(list(b"TP53\n\nBRCA1\n").is_err());
        assert!(list(b"").is_err());
        assert!(list(b"TP53\nFr\xe9d\n").is_err());
    }
}
