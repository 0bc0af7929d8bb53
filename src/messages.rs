//! Every error that knows its next step, as `tests/cmd/messages.txt` has it. `SNAPSHOTS=overwrite cargo test --lib messages` writes
//! the file again; the difference is what a reviewer has to read.

mod command_line;

use crate::files::commit::destination_error::DestinationError;
use crate::files::commit::error::CommitError;
use crate::files::commit::space::NoSpace;
use crate::files::discover::options::UsageProblem;
use crate::files::ledger::error::LedgerError;
use crate::files::locks::run::RunLockError;
use crate::files::path_error::{PathError, next_step};
use crate::files::platform::Flag;
use crate::files::stat_snapshot::{StatSnapshot, Timestamp};
use crate::files::undo::roots::RootsError;
use crate::jobs::error::JobError;
use crate::jobs::pool::crash::{CrashCause, WorkerCrash};
use crate::model::hint::Hint;
use crate::model::plan;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::phase::Phase;
use crate::model::shard::scheduler::AutoShardError;
use crate::model::shard::{Shard, Split};
use crate::model::state::State;
use rustix::io::Errno;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

#[test]
fn messages_and_next_steps_are_those_of_the_snapshot() {
    let sections = [
        usage(),
        destinations(),
        commits(),
        ledgers(),
        locks_and_roots(),
        shards(),
        system_errors(),
        changes(),
        states(),
        worker_failures(),
        worker_crashes(),
        command_line::roles(),
        command_line::failures(),
        command_line::warnings(),
        command_line::interrupts(),
    ];
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/messages.txt");
    let expected = snapbox::Data::read_from(file.as_ref(), None);
    snapbox::assert_data_eq!(sections.join("\n"), expected.raw());
}

/// One error of each variant: `source` is that of their definitions, in which each variant with a text of its own has an attribute.
fn section<E: Hint>(title: &str, source: &str, errors: &[E]) -> String {
    let variants =
        source.matches("#[error(").count() - source.matches("#[error(transparent)]").count();
    assert_eq!(errors.len(), variants, "{title}: a variant is missing");
    let lines: String = errors
        .iter()
        .map(|error| format!("error: {error}\n  help: {}\n", error.hint()))
        .collect();
    format!("# {title}\n\n{lines}")
}

fn usage() -> String {
    let errors = [
        UsageProblem::Glob {
            glob: "[a".into(),
            cause: "unclosed character class; missing ']'".into(),
        },
        UsageProblem::FolderIncluded {
            glob: "old/".into(),
        },
        UsageProblem::EmptyPath,
    ];
    section(
        "Paths and globs",
        include_str!("files/discover/options.rs"),
        &errors,
    )
}

fn destinations() -> String {
    let (output, input) = (|| "new.h5".into(), || "old.h5".into());
    let errors = [
        DestinationError::Collision {
            first: "a/x.h5".into(),
            second: "b/x.h5".into(),
            output: "kept/x.h5".into(),
        },
        DestinationError::InsideRoot {
            folder: "archive/new".into(),
            root: "archive".into(),
        },
        DestinationError::OverInput {
            output: output(),
            input: input(),
        },
        DestinationError::NotOne {
            output: output(),
            count: 3,
        },
        DestinationError::Folder {
            output: "new".into(),
        },
        DestinationError::Link { output: output() },
        DestinationError::Suffix {
            suffix: "/".into(),
            reason: "holds a slash",
        },
    ];
    section(
        "Destinations",
        include_str!("files/commit/destination_error.rs"),
        &errors,
    )
}

fn commits() -> String {
    let path = || PathBuf::from("archive/a.h5");
    let refused = || io::Error::from(Errno::PERM);
    let errors = [
        CommitError::SourceChanged {
            path: path(),
            change: "its size changed".into(),
        },
        CommitError::SymbolicLink {
            path: path(),
            target: "../b.h5".into(),
        },
        CommitError::HardLinks {
            path: path(),
            links: 2,
        },
        CommitError::Owner {
            path: path(),
            owner: "owner 1000".into(),
        },
        CommitError::Flagged {
            path: path(),
            flag: Flag::Immutable,
        },
        CommitError::BackupExists {
            original: path(),
            backup: "archive/a.h5.orig".into(),
        },
        CommitError::Exists { path: path() },
        CommitError::NotAFile {
            path: path(),
            kind: "a folder",
        },
        CommitError::NoSafeRename {
            path: path(),
            source: refused(),
        },
        CommitError::NoLink {
            path: path(),
            source: refused(),
        },
        CommitError::TemporaryLost { path: path() },
        CommitError::BackupLeft {
            cause: Box::new(CommitError::Exists { path: path() }),
            left: path_error(refused()),
        },
        CommitError::NotDurable {
            output: path(),
            backup: None,
            source: path_error(Errno::IO.into()),
        },
    ];
    let space = [NoSpace::TooLittle {
        folder: "new".into(),
        needed: 3_000_000,
        free: 1_000_000,
    }];
    let commits = section("Commits", include_str!("files/commit/error.rs"), &errors);
    let space = section("Free space", include_str!("files/commit/space.rs"), &space);
    format!("{commits}\n{space}")
}

fn ledgers() -> String {
    let path = || PathBuf::from("lift.jsonl");
    let errors = [
        LedgerError::InUse { path: path() },
        LedgerError::LockFile {
            path: path(),
            lock: "lift.jsonl.lock".into(),
            by: "process 12 on node1".into(),
        },
        LedgerError::NotALedger { path: path() },
        LedgerError::Untrusted {
            path: path(),
            cause: "its group can write to it".into(),
        },
        LedgerError::Version {
            path: path(),
            found: "h5lift.ledger/9".into(),
        },
        LedgerError::Damaged {
            path: path(),
            line: 7,
            cause: "its sum does not fit".into(),
        },
        LedgerError::Unreadable {
            path: path(),
            cause: "commit 3 has ended twice".into(),
        },
        LedgerError::OtherRun {
            path: path(),
            why: "it is of shard 1/4".into(),
        },
        LedgerError::NotSameRun {
            path: path(),
            why: "one is of shard 1/3, the other one of 2/4".into(),
        },
        LedgerError::Broken { path: path() },
        LedgerError::Incomplete { path: path() },
    ];
    section("Ledgers", include_str!("files/ledger/error.rs"), &errors)
}

fn locks_and_roots() -> String {
    let folder = || PathBuf::from("archive");
    let locks = [
        RunLockError::Held { folder: folder() },
        RunLockError::LockFile {
            folder: folder(),
            lock: "archive/.h5lift.lock".into(),
            by: "process 12 on node1".into(),
        },
    ];
    let ledger = || PathBuf::from("lift.jsonl");
    let roots = [
        RootsError::NotRecorded { ledger: ledger() },
        RootsError::Copied { ledger: ledger() },
        RootsError::Other { root: folder() },
    ];
    let locks = section("Locks", include_str!("files/locks/run.rs"), &locks);
    let roots = section(
        "Folders of undo and purge",
        include_str!("files/undo/roots.rs"),
        &roots,
    );
    format!("{locks}\n{roots}")
}

fn shards() -> String {
    let variable = "SLURM_ARRAY_TASK_ID";
    let cause = Shard::new(Split::default(), 5, 4).unwrap_err();
    let errors = [
        AutoShardError::NotFound,
        AutoShardError::NoCount {
            scheduler: "LSF",
            variable: "LSB_JOBINDEX",
        },
        AutoShardError::NotRegular {
            first: 1,
            last: 9,
            step: 2,
            told: 3,
            counted: 5,
        },
        AutoShardError::OtherCount {
            given: 8,
            variable: "SLURM_ARRAY_TASK_COUNT",
            told: 4,
        },
        AutoShardError::Value {
            variable,
            value: Some("x".into()),
        },
        AutoShardError::Number { variable, cause },
        AutoShardError::StepInArray { tasks: 4 },
    ];
    section("Shards", include_str!("model/shard/scheduler.rs"), &errors)
}

fn system_errors() -> String {
    let errors = [
        Errno::NOENT,
        Errno::ACCESS,
        Errno::NOSPC,
        Errno::DQUOT,
        Errno::ROFS,
        Errno::STALE,
        Errno::NAMETOOLONG,
        Errno::BUSY,
        Errno::NOTDIR,
        Errno::FBIG,
        Errno::NOMEM,
        Errno::MFILE,
        Errno::IO,
    ];
    let lines = errors.map(|errno| {
        let error = path_error(errno.into());
        format!("error: {error}\n  help: {}\n", next_step(&error.source))
    });
    format!("# Errors of the system\n\n{}", lines.concat())
}

/// What changes in a file between two looks at it.
fn changes() -> String {
    let time = |seconds| Timestamp {
        seconds,
        nanoseconds: 0,
    };
    let before = StatSnapshot {
        device: 1,
        inode: 2,
        bytes: 300,
        modified: time(4),
        changed: time(5),
    };
    let later = [
        StatSnapshot { inode: 3, ..before },
        StatSnapshot {
            bytes: 400,
            ..before
        },
        StatSnapshot {
            modified: time(5),
            ..before
        },
        StatSnapshot {
            changed: time(6),
            ..before
        },
    ];
    let lines = later.map(|later| format!("{}\n", before.difference(&later).unwrap()));
    format!("# Changes of a file at work\n\n{}", lines.concat())
}

fn states() -> String {
    let settled = plan::hint(State::Current);
    let lines: String = State::ALL
        .into_iter()
        .filter(|state| plan::hint(*state) != settled)
        .map(|state| format!("{}\n  help: {}\n", state.word(), plan::hint(state)))
        .collect();
    format!("# States\n\n{lines}")
}

fn worker_failures() -> String {
    let kinds = [
        FailureKind::Source,
        FailureKind::Open,
        FailureKind::Output,
        FailureKind::Unsupported,
        FailureKind::Memory,
        FailureKind::Resources,
        FailureKind::Mismatch,
        FailureKind::Text,
        FailureKind::Unsalvageable,
        FailureKind::Internal,
    ];
    let lines = kinds.map(|kind| {
        let failure = Failure {
            kind,
            phase: Phase::ReadingValues,
            message: "MESSAGE".into(),
            help: None,
            places: Vec::new(),
        };
        match JobError::from(failure) {
            JobError::Failed { outcome, error, .. } => format!(
                "{} ({}): {}\n  help: {}\n",
                error.kind,
                outcome.word(),
                error.message,
                error.hint.unwrap_or_default()
            ),
            JobError::Crashed(_) => panic!("no worker crashed"),
        }
    });
    format!("# Failures of a worker\n\n{}", lines.concat())
}

fn worker_crashes() -> String {
    let causes = [
        CrashCause::Silent {
            after: Duration::from_secs(60),
            looping: true,
        },
        CrashCause::Signal(11),
        CrashCause::Exit(Some(3)),
        CrashCause::NotStarted("Resource temporarily unavailable".into()),
        CrashCause::Unreachable("Broken pipe".into()),
        CrashCause::Interrupted,
    ];
    let lines = causes.map(|cause| {
        let crash = WorkerCrash {
            phase: Phase::ReadingNames,
            cause,
        };
        format!("{}\n", crash.describe(2 << 30))
    });
    let phases = [
        Phase::Starting,
        Phase::Opening,
        Phase::Listing,
        Phase::CarryingOver,
        Phase::Closing,
        Phase::ReadingText,
    ];
    let by_phase = phases.map(|phase| {
        let cause = CrashCause::Signal(9);
        format!("{}\n", WorkerCrash { phase, cause }.describe(2 << 30))
    });
    let lines = [lines.concat(), by_phase.concat()];
    format!("# Crashes of a worker\n\n{}", lines.concat())
}

fn path_error(source: io::Error) -> PathError {
    PathError {
        path: "archive/a.h5".into(),
        action: "open it",
        source,
    }
}
