//! The page around rows and pictures.

mod files;
mod sections;

use crate::model::record::report::Report;
use crate::report::causes::Cause;
use crate::report::html::{HtmlReport, Run, blocks, html};
use crate::report::quantity::count;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const STYLE: &str = concat!(
    include_str!("assets/page.css"),
    include_str!("assets/charts.css"),
    include_str!("assets/table.css"),
    include_str!("assets/print.css"),
);
/// Layouts for the icicle, made known as `d3`.
pub(super) const D3_HIERARCHY: &str = include_str!("assets/vendor/d3-hierarchy-3.1.3.min.js");
/// The element `<regular-table>`.
pub(super) const REGULAR_TABLE: &str = include_str!("assets/vendor/regular-table-0.9.2.min.js");
/// The page's own program: one module, in parts.
const PROGRAM: &str = concat!(
    include_str!("assets/text.js"),
    include_str!("assets/rows.js"),
    include_str!("assets/filter.js"),
    include_str!("assets/table.js"),
    include_str!("assets/details.js"),
    include_str!("assets/export.js"),
    include_str!("assets/folders.js"),
    include_str!("assets/page.js"),
);

/// What the program has to know besides the rows.
#[derive(Debug, Serialize)]
struct Facts<'a> {
    command: &'a str,
    /// `outcome`, or `plan` where nothing was done.
    deed: &'a str,
    rows: u64,
    rows_per_block: usize,
    causes: &'a [Cause],
    /// Empty if it cannot be repeated.
    command_line: &'a str,
}

pub(super) fn write(
    page: &HtmlReport,
    report: &Report,
    run: &Run,
    out: &mut dyn Write,
) -> io::Result<()> {
    let program = [d3_hierarchy(), regular_table(), PROGRAM];
    let deed = match report.summary.by_outcome.is_empty() {
        true => "plan",
        false => "outcome",
    };
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"h5lift {}\">\n\
         <title>h5lift {}: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        policy(STYLE, &program),
        html(&report.h5lift),
        html(&report.command),
        html(&report.roots.join(", ")),
    )?;
    out.write_all(sections::write(page, report, run, deed).as_bytes())?;
    out.write_all(files::section(deed).as_bytes())?;
    out.write_all(sections::run(page, report, run).as_bytes())?;
    writeln!(out, "</main>")?;
    let facts = Facts {
        command: &report.command,
        deed,
        rows: page.rows.held,
        rows_per_block: blocks::ROWS,
        causes: page.overview.causes.groups(),
        command_line: run.origin(report).to_repeat().unwrap_or_default(),
    };
    // A name cannot end the element that holds it.
    let facts = serde_json::to_string(&facts)?.replace('<', "\\u003c");
    writeln!(
        out,
        "<script type=\"application/json\" id=\"facts\">{facts}</script>"
    )?;
    for block in &page.blocks {
        for (class, bytes) in [("columns", &block.columns), ("details", &block.details)] {
            write!(out, "<script type=\"application/gzip\" class=\"{class}\">")?;
            write_base64(bytes, out)?;
            writeln!(out, "</script>")?;
        }
    }
    let [d3_hierarchy, regular_table, own] = program;
    write!(
        out,
        "<script>{d3_hierarchy}</script>\n<script type=\"module\">{regular_table}</script>\n\
         <script type=\"module\">{own}</script>\n</body>\n</html>\n"
    )
}

/// Says which rows the page holds, when these are not all.
fn rows_held(page: &HtmlReport, report: &Report, run: &Run) -> Option<String> {
    let all = report.summary.files;
    let held = page.rows.held;
    if held >= all {
        return None;
    }
    let decisions = page.overview.causes.files();
    let which = match page.rows.decisions {
        n if n < decisions => format!(
            "{} of the {} files that need a decision, and the first of the others",
            count(n),
            count(decisions)
        ),
        0 => "the first ones".to_string(),
        n => format!(
            "all {} files that need a decision, and the first {} of the others",
            count(n),
            count(held - n)
        ),
    };
    let place = match &run.other_reports[..] {
        [] => "write all of them with --report FILE.jsonl or FILE.tsv".to_string(),
        reports => format!("all of them are in {}", reports.join(" and ")),
    };
    Some(format!(
        "The sums and pictures are those of all {} files. The table below holds {} of them: {which}; {place}.",
        count(all),
        count(held)
    ))
}

/// Only these pieces of style and program are used, and nothing is loaded.
fn policy(style: &str, programs: &[&str]) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let programs: Vec<String> = programs.iter().map(|text| hash(text)).collect();
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        programs.join(" "),
        hash(style)
    )
}

fn d3_hierarchy() -> &'static str {
    D3_HIERARCHY.trim_end()
}

/// Without the name of its source map, which no page has.
fn regular_table() -> &'static str {
    let end = REGULAR_TABLE.rfind("//# sourceMappingURL");
    REGULAR_TABLE[..end.unwrap_or(REGULAR_TABLE.len())].trim_end()
}

fn write_base64(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    // A multiple of three, so that pieces join.
    for piece in bytes.chunks(3 << 12) {
        out.write_all(STANDARD.encode(piece).as_bytes())?;
    }
    Ok(())
}
