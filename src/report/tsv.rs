//! The report as tab-separated values: a header, then one row a file.
//!
//! The columns and their order are part of the interface; new ones are added at the end. An
//! absent value is an empty field. Fields are not quoted: inside of one, a tab is `\t`, a newline
//! `\n`, a carriage return `\r`, a backslash `\\`; other characters that act on a display are
//! `\x1b` or `\u{202e}`, and bytes of a path that are no UTF-8 are `\xe9`.

use crate::model::record::{ErrorRecord, ExprRecord, Record};
use crate::report::{escape, notes, words};

const COLUMNS: [&str; 22] = [
    "path",
    "state",
    "reason",
    "bytes",
    "modified",
    "rows",
    "columns",
    "dtype",
    "storage",
    "chunks",
    "filters",
    "genes",
    "samples",
    "action",
    "outcome",
    "output",
    "bytes_after",
    "verified",
    "digest",
    "error",
    "hint",
    "findings",
];

/// The line with the columns' names.
pub(crate) fn header() -> Vec<u8> {
    let mut line = COLUMNS.join("\t");
    line.push('\n');
    line.into_bytes()
}

/// The line of one file.
///
/// `rows` and `columns` are the shape of a matrix and empty for anything of other dimensions;
/// `chunks` is `1250x32`, `filters` `shuffle,gzip`, `genes` and `samples` count names, `error` is
/// `kind: message`, `findings` the codes between commas.
pub(crate) fn row(record: &Record) -> Vec<u8> {
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let text = |text: Option<&str>| escape::field(text.unwrap_or_default());
    let expr = record.expr.as_ref();
    let [rows, columns] = expr.map_or([None; 2], matrix_shape);
    let fields: [String; COLUMNS.len()] = [
        escape::path_field(record),
        record.state.word().to_string(),
        escape::field(&record.reason),
        record.bytes.to_string(),
        text(record.modified.as_deref()),
        number(rows),
        number(columns),
        text(expr.map(|expr| expr.dtype.as_str())),
        expr.map_or("", |expr| words::storage(expr.storage))
            .to_string(),
        expr.and_then(|expr| expr.chunks.as_deref())
            .map_or_else(String::new, chunk_text),
        expr.map_or_else(String::new, |expr| escape::field(&expr.filters.join(","))),
        number(record.genes.as_ref().map(|names| names.count)),
        number(record.samples.as_ref().map(|names| names.count)),
        record.plan.action.word().to_string(),
        record.outcome.map_or("", |o| o.word()).to_string(),
        text(record.output.as_deref()),
        number(record.bytes_after),
        record.verified.map_or("", words::verification).to_string(),
        record.digest.map(String::from).unwrap_or_default(),
        record
            .error
            .as_ref()
            .map_or_else(String::new, |error| escape::field(&error_text(error))),
        text(notes::help(record)),
        finding_codes(record),
    ];
    let mut line = fields.join("\t");
    line.push('\n');
    line.into_bytes()
}

fn matrix_shape(expr: &ExprRecord) -> [Option<u64>; 2] {
    match expr.shape[..] {
        [rows, columns] => [Some(rows), Some(columns)],
        _ => [None; 2],
    }
}

fn chunk_text(chunks: &[u64]) -> String {
    let lengths: Vec<String> = chunks.iter().map(u64::to_string).collect();
    lengths.join("x")
}

fn error_text(error: &ErrorRecord) -> String {
    format!("{}: {}", error.kind, error.message)
}

fn finding_codes(record: &Record) -> String {
    let codes: Vec<&str> = record.findings.iter().map(|f| f.code.as_str()).collect();
    escape::field(&codes.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shell::acts_on_display;
    use crate::report::sample;

    fn fields(record: &Record) -> Vec<(&'static str, String)> {
        let line = String::from_utf8(row(record)).unwrap();
        let line = line.strip_suffix('\n').unwrap();
        let values: Vec<String> = line.split('\t').map(str::to_string).collect();
        assert_eq!(values.len(), COLUMNS.len(), "{line:?}");
        COLUMNS.into_iter().zip(values).collect()
    }

    fn field(record: &Record, name: &str) -> String {
        fields(record).into_iter().find(|f| f.0 == name).unwrap().1
    }

    #[test]
    fn every_row_has_every_column_and_nothing_that_acts() {
        for record in sample::every_row() {
            for (name, value) in fields(&record) {
                assert!(!value.contains(acts_on_display), "{name} {value:?}");
            }
        }
    }

    #[test]
    fn a_migrated_row() {
        let record = sample::migrated("archive/a.h5");
        assert_eq!(
            String::from_utf8(row(&record)).unwrap().replace('\t', "|"),
            format!(
                "archive/a.h5|legacy|gene_names and sample_names are attributes of /expr|40000000|\
                 2026-02-13T10:00:00Z|20000|500|<f4|chunked|1250x32|shuffle,gzip|20000|500|migrate|\
                 migrated|new/a.h5|21000000|full|{}||||\n",
                record.digest.unwrap()
            )
            .replace("||||\n", "|||\n")
        );
    }

    #[test]
    fn a_refused_row_tells_error_and_hint() {
        let record = sample::refused("a.h5");
        assert_eq!(field(&record, "outcome"), "refused");
        assert_eq!(
            field(&record, "error"),
            "nameless: /expr is there, but gene_names is nowhere"
        );
        assert!(field(&record, "hint").starts_with("the names are not in this file"));
    }

    #[test]
    fn odd_names_and_odd_shapes() {
        let mut record = sample::migrated("tab\tline\nback\\slash \u{202e}.h5");
        record.expr.as_mut().unwrap().shape = vec![3, 4, 5];
        assert_eq!(
            field(&record, "path"),
            "tab\\tline\\nback\\\\slash \\u{202e}.h5"
        );
        assert_eq!(field(&record, "rows"), "");
        assert_eq!(field(&record, "columns"), "");
    }

    #[test]
    fn a_document_is_its_header_and_rows() {
        let report = sample::migration();
        let text = {
            let mut lines = header();
            lines.extend(report.files.iter().flat_map(row));
            String::from_utf8(lines).unwrap()
        };
        assert_eq!(text.lines().count(), report.files.len() + 1);
        assert!(text.starts_with("path\tstate\treason\tbytes\tmodified\t"));
    }
}
