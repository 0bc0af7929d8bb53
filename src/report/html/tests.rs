use super::*;
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::Problem;
use crate::report::html::page::{D3_HIERARCHY, REGULAR_TABLE};
use crate::report::{json, sample, tsv};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdf5_format::storage::Storage;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

fn page_of(report: &Report) -> String {
    page_with(report, &Run::default(), HtmlReport::default())
}

fn page_with(report: &Report, run: &Run, mut page: HtmlReport) -> String {
    for record in &report.files {
        page.push(record, None).unwrap();
    }
    let mut out = Vec::new();
    page.finish(report, run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The texts between the tags of an element that the browser would run or apply.
fn contents<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    page.split(open)
        .skip(1)
        .map(|rest| rest.split(close).next().unwrap())
        .collect()
}

#[test]
fn the_policy_names_exactly_what_the_page_holds() {
    let page = page_of(&sample::migration());
    let policy = contents(&page, "Security-Policy\" content=\"", "\"")[0];
    let mut pieces = contents(&page, "<style>", "</style>");
    assert_eq!(pieces.len(), 1);
    pieces.extend(contents(&page, "<script>", "</script>"));
    pieces.extend(contents(&page, "<script type=\"module\">", "</script>"));
    assert_eq!(pieces.len(), 4);
    for piece in pieces {
        let hash = STANDARD.encode(Sha256::digest(piece));
        assert_eq!(policy.matches(&format!("'sha256-{hash}'")).count(), 1);
    }
    assert_eq!(policy.matches("sha256-").count(), 4);
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"));
    assert!(!policy.contains("unsafe"));
}

#[test]
fn libraries_are_those_of_the_list() {
    let list = include_str!("assets/vendor/README.md");
    for library in [D3_HIERARCHY, REGULAR_TABLE] {
        let sum = crate::model::digest::hex(&Sha256::digest(library));
        assert!(list.contains(&sum), "{sum}");
        assert!(!library.contains("</script"));
        assert!(!library.contains("<!--"));
    }
}

#[test]
fn hostile_text_is_inert_wherever_it_stands() {
    const HOSTILE: &str =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" ' \u{202e}\x1b[2J\n";
    let mut rows = sample::every_row();
    for record in &mut rows {
        record.path = format!("{HOSTILE}/{HOSTILE}.h5");
        record.reason = HOSTILE.into();
        record.output = Some(HOSTILE.into());
        record.findings.push(Finding::new(HOSTILE, HOSTILE));
        record.plan.steps.push(HOSTILE.into());
        if let Some(error) = &mut record.error {
            (error.kind, error.message) = (HOSTILE.into(), HOSTILE.into());
        }
        if let Some(hint) = &mut record.plan.hint {
            *hint = HOSTILE.into();
        }
        if let Some(expr) = &mut record.expr {
            expr.dtype = HOSTILE.into();
        }
    }
    let mut report = sample::report("migrate", rows);
    report.roots = vec![HOSTILE.into()];
    report.problems.push(Problem {
        path: HOSTILE.into(),
        message: HOSTILE.into(),
        hint: Some(HOSTILE.into()),
    });
    let run = Run {
        command_line: HOSTILE.into(),
        started: Some(HOSTILE.into()),
        other_reports: vec![HOSTILE.into()],
    };
    let page = page_with(&report, &run, HtmlReport::default());
    let start = page.find("<body>").unwrap();
    let end = page.find("<script>").unwrap();
    let page = &page[start..end];
    assert!(!page.contains("<img"));
    let seen = &page[..page.find("<script type=\"application/json\"").unwrap()];
    assert!(!seen.contains('\u{202e}'));
    assert!(!page.contains('\x1b'));
    // The facts, and two blocks.
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script").count(), 3);
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&quot; &#39; \\u{202e}\\x1b[2J\\n"));
}

#[test]
fn the_page_says_what_a_reader_has_to_know() {
    let run = Run {
        command_line: "h5lift audit archive --report a.html".into(),
        started: Some("2026-02-13T10:00:00Z".into()),
        other_reports: vec!["a.jsonl".into()],
    };
    let page = page_with(&sample::audit(), &run, HtmlReport::default());
    for text in [
        "3 of 1,211 files can be migrated. 2 files need a decision first. One path could not be read.",
        "h5lift audit archive --report a.html",
        "archive/study-05/expression.h5",
        "h5lift migrate archive/study-05/expression.h5 <span class=\"option\">--out-dir</span> NEW \
         <span class=\"option\">--names-from</span> FILE",
        "restore it from a backup; h5lift has not changed it",
        "duplicate-gene-names",
        "archive/locked",
        "<dd>2.2.0</dd>",
        "<dd>1.3.1.zlib-ng</dd>",
        "<dt>Features</dt><dd>static</dd>",
        "2026-02-13T10:00:00Z",
        "a.jsonl",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let lines: Vec<u8> = sample::audit().files.iter().flat_map(json::line).collect();
    let sum = crate::model::digest::hex(&Sha256::digest(&lines));
    assert!(page.contains(&sum));
    assert!(!page.contains("id=\"held\""));
}

#[test]
fn rows_that_need_a_decision_are_held_first_and_the_page_says_so() {
    let mut files: Vec<Record> = (0..90)
        .map(|n| sample::legacy(&format!("a/{n}.h5")))
        .collect();
    files.extend((0..10).map(|n| sample::refused(&format!("b/{n}.h5"))));
    let report = sample::report("audit", files);
    let page = page_with(&report, &Run::default(), HtmlReport::with_at_most(50));
    assert!(
        page.contains(
            "those of all 100 files. The table below holds 50 of them: all 10 files that need a decision, \
             and the first 40 of the others; write all of them with --report FILE.jsonl or FILE.tsv."
        ),
        "{}",
        contents(&page, "id=\"held\">", "</p>")[0]
    );
    assert!(page.contains("\"rows\":50,"));
    let run = Run {
        other_reports: vec!["all.tsv".into()],
        ..Run::default()
    };
    let page = page_with(&report, &run, HtmlReport::with_at_most(6));
    assert!(page.contains(
        "holds 6 of them: 1 of the 10 files that need a decision, and the first of the others; all of them are in all.tsv."
    ));
}

#[test]
fn commands_of_a_report_do_not_take_its_ledgers_for_folders() {
    let rows = (0..3).map(|n| sample::refused(&format!("a/{n}.h5")));
    let mut report = sample::report("report", rows.collect());
    report.roots = vec!["lift.jsonl".into()];
    let page = page_of(&report);
    let command = contents(&page, "<pre><code>", "</code>")[0];
    assert!(command.contains("--files-from"), "{command}");
    assert!(!command.contains("lift.jsonl"), "{command}");
}

#[test]
fn a_million_rows_of_any_kind_are_held() {
    let mut rows = HtmlReport::default().rows;
    assert!((0..1_000_000).all(|_| rows.takes(false)));
    assert!(!rows.takes(false) && rows.takes(true));
}

#[test]
fn an_empty_report_is_a_page() {
    let page = page_of(&sample::report("audit", vec![]));
    assert!(page.contains("No file was found."));
    assert_eq!(page.matches("application/gzip").count(), 0);
}

/// Rows as an archive of a group has them: some studies, some kinds of files, names of sequencing archives.
fn archive(rows: u64) -> impl Iterator<Item = (Record, Timing)> {
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut now = Duration::ZERO;
    (0..rows).map(move |row| {
        let study = row / 40;
        let (lab, samples) = (study.isqrt(), 8 + random(900));
        let path = format!(
            "archive/lab-{lab:02}/GSE{}/expression_GSM{}.h5",
            100_000 + study * 37 % 90_000,
            1_000_000 + random(4_000_000)
        );
        let mut record = match random(100) {
            0..45 => sample::hybrid(&path),
            45..88 => sample::migrated(&path),
            88..94 => sample::current(&path),
            94..97 => sample::skipped(&path, State::NotExpression, "no /expr in it"),
            97 => sample::refused(&path),
            98 => sample::failed(&path),
            _ => sample::refusal(
                &path,
                State::Conflict,
                "3 of 20000 gene names differ between attribute and dataset",
            ),
        };
        if record.state == State::Conflict {
            let hint = "look at both with `h5lift show`, then decide with --prefer attributes or --prefer datasets";
            record.plan.hint = Some(hint.into());
        }
        let genes = [20_000, 23_459, 19_817, 54_675][usize::try_from(random(4)).unwrap()];
        let bytes = 40_000 + genes * samples / 2 + random(5_000_000);
        record.bytes = bytes;
        let seconds = 1_500_000_000 + i64::try_from(random(250_000_000)).unwrap();
        record.modified = Some(jiff::Timestamp::from_second(seconds).unwrap().to_string());
        if let Some(expr) = &mut record.expr {
            expr.shape = vec![genes, samples];
            expr.stored_bytes = bytes - 30_000;
            if random(3) == 0 {
                expr.storage = Storage::Contiguous;
                (expr.chunks, expr.filters) = (None, Vec::new());
            }
            record.plan.steps = vec![
                format!(
                    "rewrite /expr {genes} x {samples} <f4 as gzip 4 in chunks of 1250 x {}",
                    samples.min(32)
                ),
                format!("write /gene_names ({genes} names) from the attribute of /expr"),
                format!("write /sample_names ({samples} names) from the attribute of /expr"),
                "leave out the attributes gene_names and sample_names of /expr".into(),
            ];
        }
        for (axis, count) in [(&mut record.genes, genes), (&mut record.samples, samples)] {
            if let Some(names) = axis {
                names.count = count;
            }
        }
        if let Some(names) = &mut record.samples {
            let first = 1_000_000 + random(4_000_000);
            names.first = (0..5).map(|n| format!("GSM{}", first + n)).collect();
            names.last = Some(format!("GSM{}", first + samples - 1));
        }
        if record.outcome == Some(Outcome::Migrated) {
            record.bytes_after = Some(bytes * (40 + random(50)) / 100);
            record.output = Some(path.replacen("archive", "new", 1));
        } else if record.outcome.is_none() {
            record.outcome = Some(match record.plan.action {
                crate::model::record::outcome::Action::Refuse => Outcome::Refused,
                _ => Outcome::Skipped,
            });
        }
        if random(20) == 0 {
            let names = random(40) + 2;
            record.findings.push(Finding::new(
                "duplicate-gene-names",
                format!("{names} names occur twice or more: 1-Mar, 2-Mar"),
            ));
        }
        let took = Duration::from_millis(5 + bytes / 100_000 + random(30));
        let timing = Timing { started: now, took };
        now += took / 8;
        (record, timing)
    })
}

/// Writes a page and, to compare with, the lines of the other reports.
fn write(folder: &Path, name: &str, rows: impl Iterator<Item = (Record, Timing)>) -> (u64, u64) {
    let file = |ending: &str| {
        let path = folder.join(format!("{name}.{ending}"));
        BufWriter::new(File::create(path).unwrap())
    };
    let (mut lines, mut table) = (file("jsonl"), file("tsv"));
    table.write_all(&tsv::header()).unwrap();
    let mut page = HtmlReport::default();
    let mut report = sample::report("migrate", Vec::new());
    let mut count = 0;
    for (record, timing) in rows {
        report.summary.add(&record);
        page.push(&record, Some(timing)).unwrap();
        lines.write_all(&json::line(&record)).unwrap();
        table.write_all(&tsv::row(&record)).unwrap();
        report.elapsed_seconds = (timing.started + timing.took).as_secs_f64();
        count += 1;
    }
    let run = Run {
        command_line: format!("h5lift migrate archive --out-dir new --report {name}.html"),
        started: Some("2026-02-13T10:00:00Z".into()),
        other_reports: vec![format!("{name}.jsonl")],
    };
    let mut out = file("html");
    page.finish(&report, &run, &mut out).unwrap();
    out.flush().unwrap();
    let length = out.get_ref().metadata().unwrap().len();
    (count, length)
}

/// The pages of `tests/browser`, and what has to hold of their size and of the memory that they take.
#[test]
#[ignore = "writes large files for tests/browser, into H5LIFT_BROWSER_REPORTS"]
fn pages_for_the_browser_tests() {
    let folder = std::env::var_os("H5LIFT_BROWSER_REPORTS").expect("H5LIFT_BROWSER_REPORTS is set");
    let folder = Path::new(&folder);
    let timing = Timing {
        started: Duration::ZERO,
        took: Duration::from_millis(1),
    };
    let timed = |record: Record| (record, timing);
    write(
        folder,
        "odd",
        sample::every_row()
            .into_iter()
            .chain(hostile_rows())
            .map(timed),
    );
    let (_, fixed) = write(folder, "small", archive(400));
    let rows = std::env::var("H5LIFT_BROWSER_ROWS").map_or(100_000, |it| it.parse().unwrap());
    let (rows, length) = write(folder, "large", archive(rows));
    let per_row = length.saturating_sub(fixed) / rows;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "{fixed} bytes of 400 rows, {length} of {rows}, {per_row} a row; peak of memory {peak:?}"
    );
    assert!(per_row <= 120, "{per_row} bytes a row");
    let kilobytes = peak.and_then(|it| it.split_whitespace().next()?.parse::<u64>().ok());
    assert!(kilobytes.is_none_or(|it| it < 500_000), "{peak:?}");
}

fn hostile_rows() -> impl Iterator<Item = Record> {
    [
        "<script>window.hit=1</script>.h5",
        "\"><img src=x onerror=window.hit=1>.h5",
        "a/javascript:alert(1)'`${1}.h5",
        "line\nend/tab\t.h5",
        "back\\slash.h5",
        "-rf.h5",
        "spa ce's.h5",
    ]
    .into_iter()
    .map(|name| {
        let mut record = sample::migrated(&format!("hostile/{name}"));
        record.reason = name.into();
        record.output = Some(format!("new/{name}"));
        record.findings.push(Finding::new(name, name));
        record
    })
}
