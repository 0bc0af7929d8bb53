//! The parts of a page that need no program.

use crate::model::digest::hex;
use crate::model::record::report::Report;
use crate::model::state::State;
use crate::report::causes::{Cause, Origin};
use crate::report::html::charts::{self, Part};
use crate::report::html::overview::Overview;
use crate::report::html::page::rows_held;
use crate::report::html::verdict::verdict;
use crate::report::html::{HtmlReport, Run, html, tone_of_deed, tone_of_state};
use crate::report::quantity::{bytes, change, count, counted, duration};
use std::time::Duration;

/// Kinds of findings that are drawn.
const FINDINGS: usize = 16;
/// Paths that could not be read; more are counted.
const PROBLEMS: usize = 50;

pub(super) fn write(page: &HtmlReport, report: &Report, run: &Run, deed: &str) -> String {
    let overview = &page.overview;
    let (sentence, tone) = verdict(report, overview);
    let mut text = format!(
        "<header>\n<p class=\"program\">h5lift <b>{}</b> {}</p>\n\
         <button type=\"button\" id=\"theme\" hidden>Theme: system</button>\n</header>\n<main>\n\
         <h1 class=\"verdict {tone}\">{}</h1>\n",
        html(&report.command),
        html(&report.roots.join(" ")),
        html(&sentence),
    );
    if let Some(note) = rows_held(page, report, run) {
        text += &format!("<p class=\"note\" id=\"held\">{}</p>\n", html(&note));
    }
    text += &figures(report, overview);
    if report.summary.files > 0 {
        text += &states(overview, deed);
    }
    text += &decisions(overview, &run.origin(report));
    text += &problems(report);
    text += &pictures(overview);
    text
}

fn figures(report: &Report, overview: &Overview) -> String {
    let mut figures = vec![
        (
            "Files".to_string(),
            count(report.summary.files),
            String::new(),
        ),
        (
            "Bytes".to_string(),
            bytes(report.summary.bytes),
            String::new(),
        ),
    ];
    if overview.rewritten.files > 0 {
        let before = overview.rewritten.bytes;
        let after = overview.bytes_after;
        figures.push((
            "New files".to_string(),
            format!("{} → {}", bytes(before), bytes(after)),
            change(before, after).unwrap_or_default(),
        ));
    }
    if let Some(estimate) = &report.estimate {
        figures.push((
            "Estimate".to_string(),
            format!(
                "{} → about {}",
                bytes(estimate.bytes),
                bytes(estimate.bytes_after)
            ),
            format!(
                "from {} of {}",
                count(estimate.sampled_files),
                counted(estimate.files, "file")
            ),
        ));
    }
    let decisions = overview.causes.files();
    figures.push((
        "Need a decision".to_string(),
        count(decisions),
        match decisions {
            0 => String::new(),
            _ => bytes(overview.causes.groups().iter().map(|it| it.bytes).sum()),
        },
    ));
    let elapsed = Duration::try_from_secs_f64(report.elapsed_seconds).unwrap_or_default();
    figures.push(("Time".to_string(), duration(elapsed), String::new()));
    let mut text = "<dl class=\"figures\">\n".to_string();
    for (label, value, more) in figures {
        let more = match more.is_empty() {
            true => String::new(),
            false => format!(" <small>{}</small>", html(&more)),
        };
        text += &format!(
            "<div><dt>{label}</dt><dd>{}{more}</dd></div>\n",
            html(&value)
        );
    }
    text + "</dl>\n"
}

fn states(overview: &Overview, deed: &str) -> String {
    let present: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| overview.states.contains_key(state))
        .collect();
    let parts = |value: fn(&Overview, State) -> u64, spell: fn(u64) -> String| {
        let parts = present.iter().map(|state| {
            let value = value(overview, *state);
            Part {
                class: state.word(),
                label: state.word().to_string(),
                value,
                text: spell(value),
            }
        });
        parts.collect::<Vec<Part>>()
    };
    let files = parts(|overview, state| overview.state(state).files, count);
    let sizes = parts(|overview, state| overview.state(state).bytes, bytes);
    let deeds: Vec<&str> = overview.deeds().into_keys().collect();
    let mut rows = String::new();
    for state in &present {
        let amount = overview.state(*state);
        rows += &format!(
            "<tr><th scope=\"row\"><i class=\"swatch {0}\"></i><span class=\"state {1}\" data-state=\"{0}\">{0}\
             </span></th><td>{2}</td><td>{3}</td>",
            state.word(),
            tone_of_state(*state),
            count(amount.files),
            bytes(amount.bytes),
        );
        for deed in &deeds {
            let files = overview.states[state].get(deed).map_or(0, |it| it.files);
            rows += &match files {
                0 => "<td class=\"none\">–</td>".to_string(),
                n => format!("<td>{}</td>", count(n)),
            };
        }
        rows += "</tr>\n";
    }
    let headings: String = deeds
        .iter()
        .map(|word| {
            format!(
                "<th scope=\"col\" class=\"deed {}\">{}</th>",
                tone_of_deed(word),
                html(word)
            )
        })
        .collect();
    let sums: String = overview
        .deeds()
        .values()
        .map(|files| format!("<td>{}</td>", count(*files)))
        .collect();
    let whole = parts_sum(&files);
    format!(
        "<section aria-labelledby=\"states-title\">\n<h2 id=\"states-title\">States</h2>\n\
         <div class=\"bars-of-states\"><p>Files</p>{}<p>Bytes</p>{}</div>\n\
         <div class=\"scrolls\" tabindex=\"0\" role=\"region\" aria-label=\"Files by state and {deed}\">\
         <table class=\"numbers\">\n<thead><tr><th scope=\"col\">State</th><th scope=\"col\">Files</th>\
         <th scope=\"col\">Bytes</th>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n\
         <tfoot><tr><th scope=\"row\">all</th><td>{}</td><td>{}</td>{sums}</tr></tfoot>\n</table></div>\n</section>\n",
        charts::stacked("Files by state", &files),
        charts::stacked("Bytes by state", &sizes),
        count(whole),
        bytes(parts_sum(&sizes)),
    )
}

fn parts_sum(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.value).sum()
}

fn decisions(overview: &Overview, origin: &Origin<'_>) -> String {
    let groups = overview.causes.largest_first();
    if groups.is_empty() {
        return String::new();
    }
    let rows: String = groups
        .into_iter()
        .map(|(number, cause)| decision(number, cause, origin))
        .collect();
    format!(
        "<section aria-labelledby=\"decisions-title\">\n<h2 id=\"decisions-title\">What needs a decision</h2>\n\
         <ol class=\"causes\">\n{rows}</ol>\n</section>\n"
    )
}

fn decision(number: usize, cause: &Cause, origin: &Origin<'_>) -> String {
    let state = match cause.state {
        Some(state) => format!(
            "<span class=\"state {}\">{}</span> <span class=\"deed {}\">{}</span>",
            tone_of_state(state),
            state.word(),
            tone_of_deed(cause.deed),
            html(cause.deed)
        ),
        None => "<span class=\"state bad\">others</span>".to_string(),
    };
    let mut text = format!(
        "<li data-cause=\"{number}\">\n<h3>{state} <span class=\"amount\">{}, {}</span></h3>\n<p>{}</p>\n",
        counted(cause.files, "file"),
        bytes(cause.bytes),
        html(cause.why()),
    );
    if let Some(help) = &cause.help {
        text += &format!("<p class=\"help\">{}</p>\n", with_options(help));
    }
    for command in cause.commands(origin) {
        text += &format!("<pre><code>{}</code></pre>\n", with_options(&command));
    }
    text += "<ul class=\"paths\">";
    for example in &cause.examples {
        text += &format!("<li>{}</li>", html(&example.path));
    }
    let shown = u64::try_from(cause.examples.len()).unwrap_or(u64::MAX);
    if cause.files > shown {
        text += &format!(
            "<li class=\"more\">and {} more</li>",
            count(cause.files - shown)
        );
    }
    text + "</ul>\n</li>\n"
}

/// Text in which the names of options are not broken behind their hyphens.
fn with_options(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let length = word
            .find(|c: char| c != '-' && !c.is_ascii_alphanumeric())
            .unwrap_or(word.len());
        match word.split_at(length) {
            (option, rest) if option.starts_with("--") && option.len() < 40 => {
                format!("<span class=\"option\">{option}</span>{}", html(rest))
            }
            _ => html(word),
        }
    });
    words.collect::<Vec<String>>().join(" ")
}

fn problems(report: &Report) -> String {
    if report.problems.is_empty() {
        return String::new();
    }
    let mut items = String::new();
    for problem in report.problems.iter().take(PROBLEMS) {
        let hint = problem.hint.as_deref().unwrap_or_default();
        items += &format!(
            "<li><b>{}</b>: {}. <span class=\"help\">{}</span></li>\n",
            html(&problem.path),
            html(&problem.message),
            html(hint)
        );
    }
    let more = report.problems.len().saturating_sub(PROBLEMS);
    if more > 0 {
        items += &format!("<li>and {more} more, in the JSON report</li>\n");
    }
    format!(
        "<section aria-labelledby=\"problems-title\">\n<h2 id=\"problems-title\">What could not be read</h2>\n\
         <ul class=\"problems\">\n{items}</ul>\n</section>\n"
    )
}

fn pictures(overview: &Overview) -> String {
    let mut text = String::new();
    let mut figure = |id: &str, class: &str, title: &str, note: &str, drawn: &str| {
        text += &format!(
            "<figure id=\"{id}\" class=\"{class}\"><figcaption><h2>{title}</h2><p>{note}</p></figcaption>{drawn}</figure>\n"
        );
    };
    let (top, path) = overview.folders.top();
    if !top.folders.is_empty() {
        figure(
            "folders",
            "wide",
            "Bytes by folder",
            "Heights are bytes. A bar at the left edge marks folders with files that need a decision.",
            &charts::icicle(top, &path),
        );
    }
    if overview.rewritten.files > 0 {
        let part = |class, label: &str, value| Part {
            class,
            label: label.to_string(),
            value,
            text: bytes(value),
        };
        figure(
            "sizes",
            "",
            "Size before and after",
            &format!(
                "{}, each with a new file.",
                counted(overview.rewritten.files, "original")
            ),
            &charts::bars(
                "Size",
                &[
                    part("work", "before", overview.rewritten.bytes),
                    part("good", "after", overview.bytes_after),
                ],
            ),
        );
    }
    if !overview.findings.is_empty() {
        let mut findings: Vec<(&String, &u64)> = overview.findings.iter().collect();
        findings.sort_by_key(|(code, files)| (std::cmp::Reverse(**files), *code));
        let parts: Vec<Part> = findings
            .iter()
            .take(FINDINGS)
            .map(|(code, files)| Part {
                class: "work",
                label: code.to_string(),
                value: **files,
                text: count(**files),
            })
            .collect();
        let note = match findings.len() {
            ..=FINDINGS => "Files with each finding; none of them hinders a migration.".to_string(),
            n => format!("The {FINDINGS} commonest of {n} kinds of findings."),
        };
        figure(
            "findings",
            "",
            "Findings",
            &note,
            &charts::bars("Findings", &parts),
        );
    }
    if !overview.shapes.is_empty() {
        figure(
            "shapes",
            "",
            "Shapes of matrices",
            "Genes upwards, samples to the right; each cell counts matrices from one power of two to the next.",
            &charts::shapes(&overview.shapes),
        );
    }
    if !overview.timeline.slowest.is_empty() {
        figure(
            "timeline",
            "wide",
            "Time line",
            "Files done over the time of the run, and when the slowest were in work.",
            &(charts::curve(&overview.timeline) + &charts::slowest(&overview.timeline)),
        );
    }
    match text.is_empty() {
        true => text,
        false => format!("<div class=\"pictures\">\n{text}</div>\n"),
    }
}

pub(super) fn run(page: &HtmlReport, report: &Report, run: &Run) -> String {
    let mut facts = vec![
        (
            "Command",
            format!("<code>{}</code>", html(&run.command_line)),
        ),
        ("h5lift", html(&report.h5lift)),
        ("HDF5 library", html(&report.hdf5)),
        ("zlib", html(report.zlib.as_deref().unwrap_or_default())),
        ("Features", html(&report.features.join(" "))),
        ("Layout of the report", html(&report.schema)),
    ];
    if let Some(started) = &run.started {
        facts.push(("Started", html(started)));
    }
    facts.push((
        "SHA-256 of the rows",
        format!("<code>{}</code>", hex(&page.overview.digest())),
    ));
    if !run.other_reports.is_empty() {
        facts.push(("Other reports", html(&run.other_reports.join(", "))));
    }
    let facts: String = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty() && value != "<code></code>")
        .map(|(label, value)| format!("<div><dt>{label}</dt><dd>{value}</dd></div>\n"))
        .collect();
    format!(
        "<section id=\"run\" aria-labelledby=\"run-title\">\n<h2 id=\"run-title\">This run</h2>\n\
         <dl class=\"facts\">\n{facts}</dl>\n\
         <p class=\"fine\">The sum is that of the rows as lines of JSON, so <code>sha256sum</code> of \
         <code>--report FILE.jsonl</code> of the same run prints it. Content digests of files are in the JSON reports. \
         This page holds regular-table 0.9.2 (© the Regular Table authors, Apache-2.0) and d3-hierarchy 3.1.3 \
         (© 2010–2021 Mike Bostock, ISC); their licences are part of the source of h5lift.</p>\n</section>\n"
    )
}
