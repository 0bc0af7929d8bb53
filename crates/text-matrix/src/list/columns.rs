//! Which column of a narrow table are the names.

use crate::detect::columns::is_gene_heading;

/// More columns than a table of names has.
const MOST_COLUMNS: usize = 12;

/// What 10x writes into the third column of its features.
const FEATURE_TYPES: [&str; 6] = [
    "Gene Expression",
    "Peaks",
    "Antibody Capture",
    "CRISPR Guide Capture",
    "Multiplexing Capture",
    "Custom",
];

/// Headings of a column of names, in lower case without blanks, points and underscores, in order.
const HEADINGS: [&str; 43] = [
    "",
    "barcode",
    "barcodes",
    "cell",
    "cellid",
    "cells",
    "ensembl",
    "ensemblgeneid",
    "ensemblid",
    "feature",
    "featureid",
    "featurename",
    "features",
    "gene",
    "geneid",
    "geneids",
    "genename",
    "genenames",
    "genes",
    "genesymbol",
    "genesymbols",
    "hgncsymbol",
    "id",
    "identifier",
    "idref",
    "ids",
    "index",
    "name",
    "names",
    "probe",
    "probeid",
    "rownames",
    "sample",
    "sampleid",
    "sampleids",
    "samplename",
    "samplenames",
    "samples",
    "symbol",
    "symbols",
    "targetid",
    "transcriptid",
    "x",
];

/// How names stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    /// Between columns; `None` when each line is a name.
    pub(super) separator: Option<char>,
    pub(super) columns: usize,
    /// That of the names, from 0.
    pub(super) column: usize,
    /// The first line is a heading, whatever it says.
    pub(super) is_headed: bool,
}

/// Whether the first line of a list is no name.
pub(super) fn is_heading(line: &str) -> bool {
    let letters = |letter: &char| !" ._".contains(*letter);
    let word: String = line.trim().chars().filter(letters).collect();
    is_gene_heading(line)
        || HEADINGS
            .binary_search(&word.to_lowercase().as_str())
            .is_ok()
}

/// Whether the first of two lines is what pandas or R write above a column that has no name: `0` or `V1`.
pub(super) fn is_made_up_heading(line: &str, next: &str) -> bool {
    match line.trim() {
        "0" => next.trim().parse::<f64>().is_err(),
        "V1" => !next.trim().starts_with('V'),
        _ => false,
    }
}

/// The fields of a line; quotes around a field are dropped, and quotes within are doubled.
pub(super) fn fields(line: &str, separator: char) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut letters = line.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            _ if letter == separator && !is_quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    fields.push(field);
    fields
}

/// Decides by the first lines; `None` when they are those of a matrix.
pub(super) fn table(head: &str) -> Option<Table> {
    let is_whole = head.ends_with('\n');
    let mut lines: Vec<&str> = head.trim_end_matches('\n').lines().collect();
    // The last of many lines may be cut.
    if !is_whole && lines.len() > 2 {
        lines.pop();
    }
    let first = lines.first().copied().unwrap_or_default();
    let Some(separator) = ['\t', ',', ';'].into_iter().find(|it| first.contains(*it)) else {
        return Some(numbered(&lines).unwrap_or(Table {
            separator: None,
            columns: 1,
            column: 0,
            is_headed: false,
        }));
    };
    let rows: Vec<Vec<String>> = lines.iter().map(|line| fields(line, separator)).collect();
    let (top, body) = match rows.split_first()? {
        (top, []) => (top, &rows[..]),
        (top, body) => (top, body),
    };
    let columns = body.first()?.len();
    let is_short = top.len() + 1 == columns;
    if !(2..=MOST_COLUMNS).contains(&columns)
        || body.iter().any(|row| row.len() != columns)
        || !(top.len() == columns || is_short)
    {
        return None;
    }
    let of_10x = columns >= 3
        && body
            .iter()
            .all(|row| FEATURE_TYPES.contains(&row[2].as_str()));
    let is_numbered = !of_10x && counts(body.iter().map(|row| row[0].as_str()));
    let column = usize::from(is_numbered);
    // One row alone tells no heading from names.
    if lines.len() == 1 && !of_10x {
        return None;
    }
    // Numbers in another column are values: then it is a matrix.
    let has_values = |column: usize| {
        let numbers = body
            .iter()
            .filter(|row| row[column].trim().parse::<f64>().is_ok());
        numbers.count() * 2 > body.len()
    };
    let corner = &top[column.min(top.len() - 1)];
    let is_headed = is_short || is_heading(corner) || is_made_up_heading(corner, &body[0][column]);
    let is_named_by_r = is_numbered && columns == 2 && is_headed;
    if !of_10x && !is_named_by_r && (column..columns).any(has_values) {
        return None;
    }
    // Names may have commas: only a heading or numbers of rows tell a table.
    let is_certain = separator == '\t' || is_headed && (is_numbered || body.len() < lines.len());
    is_certain.then_some(Table {
        separator: Some(separator),
        columns,
        column,
        is_headed: is_headed && body.len() < lines.len(),
    })
}

/// What R's `write.table` makes of a vector: `x`, and lines of a number and a name.
fn numbered(lines: &[&str]) -> Option<Table> {
    let (top, body) = lines.split_first()?;
    let rows: Vec<Vec<String>> = body.iter().map(|line| fields(line, ' ')).collect();
    let is_numbered = !rows.is_empty()
        && rows.iter().all(|row| row.len() == 2)
        && counts(rows.iter().map(|row| row[0].as_str()))
        && fields(top, ' ').len() == 1
        && (is_heading(&fields(top, ' ')[0])
            || is_made_up_heading(&fields(top, ' ')[0], &rows[0][1]));
    is_numbered.then_some(Table {
        separator: Some(' '),
        columns: 2,
        column: 1,
        is_headed: true,
    })
}

/// Whether these are numbers of rows, from 0, 1 or, below a row that is not looked at, 2.
fn counts<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let mut expected = None;
    for word in words {
        let Ok(number) = word.trim().parse::<u64>() else {
            return false;
        };
        if expected.map_or(number > 2, |expected| number != expected) {
            return false;
        }
        expected = Some(number + 1);
    }
    expected.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_in_order() {
        assert!(HEADINGS.is_sorted());
        assert!(is_heading("Gene_ID") && is_heading("gene name") && is_heading("x"));
        assert!(is_heading("Gen") && is_heading("#gene"));
        assert!(!is_heading("GENE1") && !is_heading("Sample 1"));
    }

    #[test]
    fn fields_lose_their_quotes() {
        assert_eq!(fields(r#""a,b","c""d",e"#, ','), ["a,b", "c\"d", "e"]);
        assert_eq!(fields("5'\tb\"c", '\t'), ["5'", "b\"c"]);
    }
}
