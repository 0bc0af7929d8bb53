//! What the command line says that no case of `tests/cmd` can provoke on every machine.

use crate::cli;
use crate::files::file_roles::FileRoles;
use crate::files::ledger::{CommitId, RecoveredCommit, Verdict};
use crate::jobs::context;
use crate::messages::path_error;
use rustix::io::Errno;
use std::io;
use std::path::Path;

/// A file of each pair of roles that one file cannot have.
pub(crate) fn roles() -> String {
    let mut roles = FileRoles::default();
    roles.write("a report", Path::new("a.json")).unwrap();
    let written = ["a list", "the ledger", "the matrix", "the table"];
    let read = [
        "the list of --files-from",
        "the file of --rules",
        "a source of names",
        "one of the inputs",
        "one of the ledgers",
    ];
    let mut conflicts = Vec::new();
    for role in written {
        conflicts.extend(roles.write(role, Path::new("a.json")).err());
    }
    for role in read {
        conflicts.extend(roles.read(role, Path::new("a.json")).err());
    }
    assert_eq!(conflicts.len(), written.len() + read.len());
    let texts = conflicts
        .into_iter()
        .map(|conflict| cli::exit::Failure::from(conflict).text());
    format!("# Files with two roles\n\n{}", texts.collect::<String>())
}

/// What no command line can provoke everywhere.
pub(crate) fn failures() -> String {
    let refused = || io::Error::from(Errno::PERM);
    let failures = [
        cli::signals::unwatched(&refused()),
        cli::commands::worker::not_started(&refused()),
        cli::args::options::without_program(&Errno::NOENT.into()),
        cli::batch::job::without_workers("cannot start it: Resource temporarily unavailable"),
        cli::batch::open_files::too_few(64, 464, 256),
        cli::commands::verify::old_and_new(&[]).unwrap_err(),
        cli::exit::written(Err(Errno::NOSPC.into())).unwrap_err(),
        cli::ledgers::interrupted(),
    ];
    let texts = failures.map(|failure| failure.text());
    format!("# The command line\n\n{}", texts.concat())
}

pub(crate) fn warnings() -> String {
    let path = Path::new("archive/a.h5");
    let recovered = [
        Verdict::New,
        Verdict::Old,
        Verdict::Unclear("it is the new file, changed since".into()),
        Verdict::Unseen(path_error(Errno::ACCESS.into())),
    ]
    .map(|verdict| {
        cli::ledgers::recovery(&RecoveredCommit {
            id: CommitId(1),
            destination: path.into(),
            verdict,
        })
    });
    let warnings = [
        cli::batch::leftovers::removal(Path::new("new/.h5lift-1.tmp")),
        cli::ledgers::torn_line(Path::new("lift.jsonl"), 7),
        context::unlocked(path, "No locks available (os error 37)"),
    ];
    let lines: String = warnings
        .iter()
        .chain(&recovered)
        .map(|warning| format!("warning: {warning}\n"))
        .collect();
    let progress = cli::progress::unshown(&Errno::AGAIN.into());
    let faulty = cli::commands::version::faulty("1.14.3");
    let memory = cli::args::options::less_memory(1 << 30, 2 << 30);
    format!("# Warnings of the command line\n\n{lines}{progress}\n{faulty}note: {memory}\n")
}

pub(crate) fn interrupts() -> String {
    let roots = ["archive".into(), "more".into()];
    let undone = [
        cli::batch::job::unprocessed(1),
        cli::batch::job::unprocessed(3),
        cli::batch::job::UNINSPECTED.into(),
    ];
    let long = "x".repeat(501);
    let lines: String = undone
        .iter()
        .zip(["h5lift audit archive", "h5lift audit archive", &long])
        .map(|(undone, command)| {
            let problem = cli::batch::job::interrupted(&roots, undone, command);
            let hint = problem.hint.unwrap_or_default();
            format!(
                "error: {}: {}\n  help: {hint}\n",
                problem.path, problem.message
            )
        })
        .collect();
    format!("# Interrupts\n\n{lines}")
}
