//! Rows and reports for the tests of this module.

use crate::model::digest::ContentDigest;
use crate::model::plan;
use crate::model::plan::policy::Verification;
use crate::model::record::finding::Finding;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::report::{Problem, Report, SCHEMA, Summary};
use crate::model::record::{ErrorRecord, ExprRecord, NamesRecord, Record, WrittenAs};
use crate::model::state::State;
use hdf5_format::storage::Storage;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// An audited file that a migration would rewrite.
pub(crate) fn legacy(path: &str) -> Record {
    named(
        path,
        40_000_000,
        State::Legacy,
        "gene_names and sample_names are attributes of /expr",
        "attribute",
    )
}

pub(crate) fn hybrid(path: &str) -> Record {
    named(
        path,
        20_133_000,
        State::Hybrid,
        "gene_names and sample_names are attributes of /expr and datasets, equal",
        "attribute+dataset",
    )
}

pub(crate) fn current(path: &str) -> Record {
    let mut record = named(
        path,
        20_100_000,
        State::Current,
        "names are datasets",
        "dataset",
    );
    record.plan.action = Action::Skip;
    record.plan.steps.clear();
    record
}

fn named(path: &str, bytes: u64, state: State, reason: &str, source: &str) -> Record {
    let mut record = Record::new(Path::new(path), bytes, state, reason.to_string());
    record.modified = Some("2026-02-13T10:00:00Z".into());
    record.expr = Some(ExprRecord {
        path: "/expr".into(),
        shape: vec![20_000, 500],
        dtype: "<f4".into(),
        storage: Storage::Chunked,
        chunks: Some(vec![1250, 32]),
        filters: vec!["shuffle".into(), "gzip".into()],
        stored_bytes: 19_900_000,
    });
    let names = |count, first: [&str; 3], last: &str| {
        Some(NamesRecord {
            source: source.into(),
            place: None,
            count,
            text_type: "vlen-utf8".into(),
            first: first.map(String::from).into(),
            last: Some(last.into()),
        })
    };
    record.genes = names(
        20_000,
        ["FBgn0000001", "FBgn0000002", "FBgn0000003"],
        "FBgn0020000",
    );
    record.samples = names(500, ["s1", "s2", "s3"], "s500");
    record.plan.action = Action::Migrate;
    record.plan.steps = vec![
        "copy /expr 20000 x 500 <f4: its 256 gzip chunks stay as they are".into(),
        "write /gene_names (20000 names) from the attribute of /expr".into(),
        "leave out the attributes gene_names and sample_names of /expr".into(),
    ];
    record
}

/// A file that a plan refuses.
pub(crate) fn refusal(path: &str, state: State, reason: &str) -> Record {
    let mut record = Record::new(Path::new(path), 1_288_490_188, state, reason.to_string());
    record.plan.action = Action::Refuse;
    record.plan.hint = Some(plan::hint(state).to_string());
    record
}

/// An unrelated file.
pub(crate) fn skipped(path: &str, state: State, reason: &str) -> Record {
    Record::new(Path::new(path), 65_536, state, reason.to_string())
}

pub(crate) fn migrated(path: &str) -> Record {
    let mut record = legacy(path);
    record.outcome = Some(Outcome::Migrated);
    record.output = Some(format!("new/{}", path.rsplit('/').next().unwrap()));
    record.bytes_after = Some(21_000_000);
    record.written_as = Some(WrittenAs {
        encoder: "libdeflate".into(),
        level: Some(4),
        shuffle: true,
        chunks: vec![1250, 32],
    });
    record.verified = Some(Verification::Full);
    record.digest = Some(digest());
    record
}

pub(crate) fn digest() -> ContentDigest {
    ContentDigest {
        values: [1; 32],
        genes: [2; 32],
        samples: [3; 32],
        rest: [4; 32],
    }
}

/// A file that `migrate` refused.
pub(crate) fn refused(path: &str) -> Record {
    let reason = "/expr is there, but gene_names is nowhere";
    let mut record = refusal(path, State::Nameless, reason);
    record.outcome = Some(Outcome::Refused);
    record.error = Some(ErrorRecord {
        kind: "nameless".into(),
        message: reason.into(),
        hint: record.plan.hint.clone(),
        places: Vec::new(),
    });
    record
}

/// A file at which `migrate` failed.
pub(crate) fn failed(path: &str) -> Record {
    let mut record = legacy(path);
    record.outcome = Some(Outcome::Failed);
    record.error = Some(ErrorRecord {
        kind: "output".into(),
        message: "cannot write new/.a.h5.h5lift-tmp: No space left on device".into(),
        hint: Some(
            "free 40 MB in new and run the same command again; what is done stays done".into(),
        ),
        places: Vec::new(),
    });
    record
}

/// A file whose name is no UTF-8.
pub(crate) fn latin1(bytes: &[u8]) -> Record {
    let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
    Record::new(path, 7, State::NotHdf5, "empty file".into())
}

/// A row of every state, and odd names.
pub(crate) fn every_row() -> Vec<Record> {
    let mut rows: Vec<Record> = State::ALL
        .into_iter()
        .map(|state| refusal(&format!("archive/{state}.h5"), state, "a reason"))
        .collect();
    rows.extend([
        legacy("archive/a.h5"),
        migrated("archive/\u{202e}5h.exe\x1b[2J\n.h5"),
        refused("archive/样本/ü.h5"),
        failed("archive/\u{9b}31m\x7f.h5"),
        latin1(b"archive/caf\xe9\t.h5"),
    ]);
    rows
}

pub(crate) fn report(command: &str, files: Vec<Record>) -> Report {
    let mut summary = Summary::default();
    for record in &files {
        summary.add(record);
    }
    Report {
        schema: SCHEMA.into(),
        command: command.into(),
        h5lift: "0.1.0".into(),
        hdf5: "2.2.0".into(),
        zlib: Some("1.3.1.zlib-ng".into()),
        features: vec!["static".into()],
        roots: vec!["archive".into()],
        elapsed_seconds: 1.24,
        summary,
        estimate: None,
        problems: Vec::new(),
        files,
    }
}

/// An audit with everything.
pub(crate) fn audit() -> Report {
    let mut odd = legacy("archive/study-03/expression.h5");
    odd.findings.push(Finding {
        code: "duplicate-gene-names".into(),
        detail: "3 names occur twice or more: A, B, C".into(),
    });
    let mut plain = legacy("archive/study-04/expression.h5");
    if let Some(expr) = &mut plain.expr {
        expr.storage = Storage::Contiguous;
        expr.chunks = None;
        expr.filters.clear();
    }
    let mut nameless = refusal(
        "archive/study-05/expression.h5",
        State::Nameless,
        "/expr is there, but gene_names and sample_names are nowhere",
    );
    nameless.expr = plain.expr.clone();
    let mut files = vec![
        hybrid("archive/study-01/expression.h5"),
        current("archive/study-02/expression.h5"),
        odd,
        plain,
        nameless,
        refusal(
            "archive/study-06/expression.h5",
            State::Damaged,
            "the library never came back while it was reading names (killed after 60 s)",
        ),
        skipped("archive/cells.h5", State::Foreign, "AnnData (h5ad)"),
    ];
    files.extend((0..1204).map(|n| {
        skipped(
            &format!("archive/results/{n:04}.h5"),
            State::NotExpression,
            "no /expr in it",
        )
    }));
    let mut report = report("audit", files);
    report.problems.push(Problem {
        path: "archive/locked".into(),
        message: "Permission denied".into(),
        hint: Some("run as a user who may read it, or leave it out with --exclude".into()),
    });
    report
}

/// A migration with everything.
pub(crate) fn migration() -> Report {
    report(
        "migrate",
        vec![
            migrated("archive/a.h5"),
            migrated("archive/b.h5"),
            {
                let mut record = current("archive/c.h5");
                record.outcome = Some(Outcome::Skipped);
                record
            },
            refused("archive/d.h5"),
            failed("archive/e.h5"),
        ],
    )
}
