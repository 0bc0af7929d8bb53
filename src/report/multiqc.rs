//! Custom content of [MultiQC](https://docs.seqera.io/multiqc/custom_content): files that end in `_mqc.json`.
//!
//! One file is one section: a table of the files of a pipeline, or, where these are too many for a page, bars of what was done in each
//! folder.

use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::report::folders::Folders;
use crate::report::html::matrix_shape;
use crate::report::style::order_of_deed;
use crate::report::{escape, quantity, words};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// MultiQC draws tables of more rows as plots of dots, which say nothing here.
const MOST_ROWS: usize = 500;
/// Bars of folders.
const MOST_FOLDERS: usize = 50;

/// A section that takes rows one at a time.
#[derive(Debug, Default)]
pub(crate) struct MultiqcReport {
    /// Of the table, while it is not too long.
    rows: Vec<(String, Value)>,
    folders: Folders,
}

impl MultiqcReport {
    pub(crate) fn push(&mut self, record: &Record) {
        self.folders.add(record, false);
        if self.folders.files() <= MOST_ROWS as u64 {
            self.rows
                .push((sample_name(&escape::path(record)), cells(record)));
        }
    }

    /// The section, with a newline at its end.
    pub(crate) fn finish(self, report: &Report) -> Vec<u8> {
        let section = match self.folders.files() <= MOST_ROWS as u64 {
            true => table(self.rows, report),
            false => bars(&self.folders, report),
        };
        // Values of JSON are JSON, so this cannot fail.
        let mut text = serde_json::to_string_pretty(&section).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }
}

#[derive(Serialize)]
struct Section {
    id: String,
    section_name: String,
    description: String,
    plot_type: &'static str,
    pconfig: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Value>,
    data: Map<String, Value>,
}

/// MultiQC takes names for paths and keeps what follows the last `/`, so that files of one name would be one row.
fn sample_name(path: &str) -> String {
    path.trim_end_matches('/').replace('/', " › ")
}

fn cells(record: &Record) -> Value {
    let [genes, samples] = matrix_shape(record).map_or([None; 2], |shape| shape.map(Some));
    let findings: Vec<&str> = record.findings.iter().map(|it| it.code.as_str()).collect();
    let mut cells = json!({
        "state": record.state.word(),
        "done": words::deed(record),
        "size": megabytes(record.bytes),
        "findings": findings.join(", "),
    });
    // MultiQC leaves a cell empty that has no value.
    for (key, value) in [
        ("after", record.bytes_after.map(megabytes)),
        ("genes", genes.map(Value::from)),
        ("samples", samples.map(Value::from)),
    ] {
        if let Some(value) = value {
            cells[key] = value;
        }
    }
    cells
}

/// To the kilobyte.
fn megabytes(bytes: u64) -> Value {
    let thousandths = u32::try_from(bytes / 1000).unwrap_or(u32::MAX);
    json!(f64::from(thousandths) / 1000.0)
}

fn table(rows: Vec<(String, Value)>, report: &Report) -> Section {
    let done = match report.summary.by_outcome.is_empty() {
        true => "Plan",
        false => "Outcome",
    };
    Section {
        plot_type: "table",
        pconfig: json!({
            "id": format!("h5lift_{}_table", report.command),
            "title": "h5lift: files",
            "col1_header": "File",
            "no_violin": true,
            "sort_rows": false
        }),
        headers: Some(json!({
            "state": { "placement": 0, "title": "State", "description": "What h5lift says of the file", "scale": false },
            "done": { "placement": 1, "title": done, "description": "What was done, or would be", "scale": false },
            "size": { "placement": 2, "title": "Size", "description": "Length of the file", "suffix": " MB", "min": 0, "format": "{:,.3f}" },
            "after": { "placement": 3, "title": "After", "description": "Length of the new file", "suffix": " MB", "min": 0, "format": "{:,.3f}" },
            "genes": { "placement": 4, "title": "Genes", "description": "Rows of the matrix", "min": 0, "format": "{:,.0f}" },
            "samples": { "placement": 5, "title": "Samples", "description": "Columns of the matrix", "min": 0, "format": "{:,.0f}" },
            "findings": { "placement": 6, "title": "Findings", "description": "What is unusual about it", "scale": false }
        })),
        data: rows.into_iter().collect(),
        ..section(report)
    }
}

fn bars(folders: &Folders, report: &Report) -> Section {
    let parts = folders.parts(MOST_FOLDERS);
    let mut deeds: Vec<&str> = parts
        .iter()
        .flat_map(|it| it.deeds.keys())
        .copied()
        .collect();
    deeds.sort_unstable_by_key(|deed| order_of_deed(deed));
    deeds.dedup();
    let data = parts.iter().map(|part| {
        let files = deeds.iter().map(|deed| {
            let files = part.deeds.get(deed).copied().unwrap_or(0);
            ((*deed).to_string(), json!(files))
        });
        let path = match part.path.as_str() {
            "" => ".".to_string(),
            path => sample_name(&escape::for_terminal(path)),
        };
        (path, Value::Object(files.collect()))
    });
    Section {
        plot_type: "bargraph",
        pconfig: json!({
            "id": format!("h5lift_{}_bars", report.command),
            "title": "h5lift: files by folder",
            "ylab": "Files"
        }),
        data: data.collect(),
        ..section(report)
    }
}

fn section(report: &Report) -> Section {
    let counts: Vec<String> = match report.summary.by_outcome.is_empty() {
        true => {
            let actions = report.summary.by_action.iter();
            actions
                .map(|(action, files)| format!("{} to {}", quantity::count(*files), action.word()))
                .collect()
        }
        false => {
            let outcomes = report.summary.by_outcome.iter();
            outcomes
                .map(|(outcome, files)| format!("{} {}", quantity::count(*files), outcome.word()))
                .collect()
        }
    };
    Section {
        // MultiQC makes one section of all files of one id.
        id: format!("h5lift_{}", report.command),
        section_name: format!("h5lift {}", report.command),
        description: format!(
            "{}, {}: {}.",
            quantity::counted(report.summary.files, "file"),
            quantity::bytes(report.summary.bytes),
            counts.join(", ")
        ),
        plot_type: "table",
        pconfig: Value::Null,
        headers: None,
        data: Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn content(report: &Report) -> Value {
        let mut content = MultiqcReport::default();
        report.files.iter().for_each(|record| content.push(record));
        serde_json::from_slice(&content.finish(report)).unwrap()
    }

    #[test]
    fn few_files_are_a_table() {
        let content = content(&sample::migration());
        assert_eq!(content["plot_type"], "table");
        assert_eq!(content["section_name"], "h5lift migrate");
        assert_eq!(content["id"], "h5lift_migrate");
        assert_eq!(
            content["description"],
            "5 files, 1.3 GiB: 2 migrated, 1 skipped, 1 refused, 1 failed."
        );
        let row = &content["data"]["archive › a.h5"];
        assert_eq!(row["state"], "legacy");
        assert_eq!(row["done"], "migrated");
        assert_eq!((&row["size"], &row["after"]), (&json!(40.0), &json!(21.0)));
        assert_eq!(
            (&row["genes"], &row["samples"]),
            (&json!(20_000), &json!(500))
        );
        assert!(content["data"]["archive › d.h5"].get("genes").is_none());
        for key in row.as_object().unwrap().keys() {
            assert!(content["headers"][key].is_object(), "{key}");
        }
    }

    #[test]
    fn many_files_are_bars_of_folders() {
        let content = content(&sample::audit());
        assert_eq!(content["plot_type"], "bargraph");
        let data = content["data"].as_object().unwrap();
        let sum = |key: &str| -> u64 {
            let values = data.values().map(|folder| folder[key].as_u64().unwrap());
            values.sum()
        };
        assert_eq!((sum("migrate"), sum("skip"), sum("refuse")), (3, 1206, 2));
        assert!(content.get("headers").is_none());
    }
}
