//! `h5lift verify OLD NEW`, `h5lift verify NEW`.

use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::options::{OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::args::shard::ShardOptions;
use crate::cli::batch::collect::{Collected, collect_from};
use crate::cli::batch::job::{Batch, Pace};
use crate::cli::batch::roles::{check_candidates, read_all, read_by_options, report_roles};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::exit_of_outcomes;
use crate::files::{Candidate, RunLock, Walk, WalkItem, WalkOptions};
use crate::jobs::queue::TaskOutcome;
use crate::jobs::steps::verify::{missing_row, unverified_row, verify};
use crate::model::plan::policy::{Policy, Verification};
use clap::{Args, ValueEnum};
use std::borrow::Borrow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Options of `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The old file and the new one, or the new one alone; or folders, whose files are compared by their paths
    #[arg(required = true, num_args = 1..=2, value_name = "[OLD] NEW")]
    files: Vec<PathBuf>,
    /// Read through the HDF5 library's own filters, or decode the raw chunks
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    level: Level,
    /// Rows of a square matrix in OLD are columns in NEW; other matrices show it by their shapes
    #[arg(long, requires = "files")]
    transpose: bool,
    #[command(flatten)]
    shard: ShardOptions,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    names: NameSourceOptions,
    #[command(flatten)]
    work: WorkOptions,
    /// Paths of --list end with NUL instead of a newline
    #[arg(short = '0', long, requires = "list")]
    null: bool,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Every value is read through the HDF5 library's own filters
    Full,
    /// Every value is decoded from the raw chunks
    Fast,
}

/// What decides how old files are compared with new ones.
pub(crate) fn comparison_choices<'a>(
    transpose: bool,
    rules: &'a RuleOptions,
    names: &'a NameSourceOptions,
) -> RunChoices<'a> {
    RunChoices {
        policy: Policy {
            transpose,
            // The names of a file are found whatever it lacks besides.
            allow_missing_chunks: true,
            ..Policy::default()
        },
        rules: Some(rules),
        names: Some(names),
        ..RunChoices::default()
    }
}

impl Verify {
    /// Holds files against their originals or against their digests.
    pub(crate) fn run(mut self) -> Result<Exit, Failure> {
        self.output.null = self.null;
        let settings = self.work.settings(RunChoices {
            verification: match self.level {
                Level::Full => Verification::Full,
                Level::Fast => Verification::Fast,
            },
            ..comparison_choices(self.transpose, &self.rules, &self.names)
        })?;
        let collected = self.collect()?.of_shard(self.shard.shard()?);
        let mut roles = report_roles(&self.output)?;
        read_by_options(&mut roles, None, Some(&self.rules), &settings)?;
        read_all(&mut roles, "one of the inputs", &self.files)?;
        check_candidates(&roles, &collected)?;
        let job = Batch {
            command: "verify",
            settings: &settings,
            options: &self.output,
            ledger: None,
            run_lock: &RunLock::default(),
            pace: Pace::Read,
            sampler: None,
        };
        let report = job.run(collected, &|context, pair: &Comparison, task| {
            let row = match pair {
                Comparison::Pair { old, new } => verify(context, old.as_ref(), new),
                Comparison::Missing { old, new } => missing_row(context, old, new),
            };
            match row {
                Ok(record) => TaskOutcome::Row(Box::new(record)),
                Err(crash) if crash.should_retry(task.is_retry) => TaskOutcome::Retry,
                Err(crash) => {
                    let memory = context.settings.worker.memory;
                    TaskOutcome::Row(Box::new(unverified_row(pair.borrow(), &crash, memory)))
                }
            }
        })?;
        Ok(match settings.worker.interrupt.is_set() {
            true => Exit::Interrupted,
            false => exit_of_outcomes(&report),
        })
    }

    /// The files to verify: those that were given, or each file of the folder NEW with that of the same path in OLD, and those of
    /// OLD that NEW lacks.
    fn collect(&self) -> Result<Collected<Comparison>, Failure> {
        let (old, new) = old_and_new(&self.files)?;
        let counterpart = |new: &Candidate| -> Result<Option<Candidate>, Failure> {
            match old {
                None => Ok(None),
                Some(old) if new.named => one_file(old).map(Some),
                Some(old) => Ok(Some(Candidate {
                    path: old.join(&new.relative),
                    ..new.clone()
                })),
            }
        };
        let collected = match new.is_dir() {
            false => Collected {
                candidates: vec![one_file(new)?],
                roots: self.files.clone(),
                problems: Vec::new(),
            },
            true if old.is_some_and(|old| !old.is_dir()) => {
                return Err(Failure::usage(
                    format!("{}: a folder, and OLD is a file", new.display()),
                    "name two files or two folders",
                ));
            }
            true => Collected {
                roots: self.files.clone(),
                ..collect_from(vec![new.clone()], &WalkOptions::default())?
            },
        };
        let missing = match old {
            Some(old) if new.is_dir() => missing(old, new, &collected.candidates)?,
            _ => Collected {
                candidates: Vec::new(),
                roots: Vec::new(),
                problems: Vec::new(),
            },
        };
        let mut all = collected.with(|candidates| {
            let pairs = candidates.into_iter().map(|new| {
                let old = counterpart(&new)?;
                Ok(Comparison::Pair { old, new })
            });
            pairs.collect()
        })?;
        all.candidates.extend(missing.candidates);
        all.problems.extend(missing.problems);
        Ok(all)
    }
}

/// The files of the folder OLD without one of the same path in the folder NEW, where these were found.
fn missing(old: &Path, new: &Path, found: &[Candidate]) -> Result<Collected<Comparison>, Failure> {
    let found: HashSet<&Path> = found.iter().map(|it| it.relative.as_path()).collect();
    collect_from(vec![old.to_path_buf()], &WalkOptions::default())?.with(|candidates| {
        let lacks =
            |old: &Candidate| !found.contains(old.relative.as_path()) && !old.path.starts_with(new);
        let missing = candidates
            .into_iter()
            .filter(lacks)
            .map(|old| Comparison::Missing {
                new: new.join(&old.relative),
                old,
            });
        Ok(missing.collect())
    })
}

/// What was given; clap has counted it.
pub(crate) fn old_and_new(given: &[PathBuf]) -> Result<(Option<&PathBuf>, &PathBuf), Failure> {
    match given {
        [new] => Ok((None, new)),
        [old, new] => Ok((Some(old), new)),
        _ => Err(Failure::usage(
            "verify takes one path or two",
            "name the new file alone, or the old one and then the new one",
        )),
    }
}

/// What is compared.
#[derive(Debug)]
enum Comparison {
    /// A file to verify, and what it is compared with; without that, its own digest.
    Pair {
        old: Option<Candidate>,
        new: Candidate,
    },
    /// An old file without a new one.
    Missing { old: Candidate, new: PathBuf },
}

impl Borrow<Candidate> for Comparison {
    fn borrow(&self) -> &Candidate {
        match self {
            Comparison::Pair { new, .. } => new,
            Comparison::Missing { old, .. } => old,
        }
    }
}

/// The one file that a path leads to.
pub(crate) fn one_file(path: &Path) -> Result<Candidate, Failure> {
    let is_folder = || {
        Failure::usage(
            format!("{}: a folder, not a file", path.display()),
            "name one file",
        )
    };
    if path.is_dir() {
        return Err(is_folder());
    }
    match Walk::new(vec![path.to_path_buf()], &WalkOptions::default())?.next() {
        Some(WalkItem::Candidate(candidate)) => Ok(candidate),
        Some(WalkItem::Problem(problem)) => Err(Failure::usage(
            format!("{}: {}", problem.path, problem.message),
            problem.hint.unwrap_or_default(),
        )),
        None => Err(is_folder()),
    }
}
