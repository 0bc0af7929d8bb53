//! `h5lift verify OLD NEW`, `h5lift verify NEW`.

use crate::cli::args::options::{OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::job::ready;
use crate::cli::batch::roles::{read_all, read_by_options, report_roles};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Output, exit_of_outcomes};
use crate::cli::progress::ProgressDisplay;
use crate::files::{Candidate, RunLock, Walk, WalkItem, WalkOptions};
use crate::jobs::context::JobContext;
use crate::jobs::event::{Event, Observer};
use crate::jobs::pool::Pool;
use crate::jobs::steps::verify::verify;
use crate::model::plan::policy::{Policy, Verification};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Options of `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The old file and the new one, or the new one alone
    #[arg(required = true, num_args = 1..=2, value_name = "[OLD] NEW")]
    files: Vec<PathBuf>,
    /// Read through the HDF5 library's own filters, or decode the raw chunks
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    level: Level,
    /// Rows of a square matrix in OLD are columns in NEW; other matrices show it by their shapes
    #[arg(long, requires = "files")]
    transpose: bool,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    work: WorkOptions,
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

impl Verify {
    /// Holds a file against its original or against its digest.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut settings = self.work.settings(RunChoices {
            policy: Policy {
                transpose: self.transpose,
                ..Policy::default()
            },
            rules: Some(&self.rules),
            verification: match self.level {
                Level::Full => Verification::Full,
                Level::Fast => Verification::Fast,
            },
            ..RunChoices::default()
        })?;
        let display = ProgressDisplay::new(self.output.progress_mode(), 1);
        let (old, new) = match &self.files[..] {
            [new] => (None, one_file(new)?),
            [old, new] => (Some(one_file(old)?), one_file(new)?),
            _ => return Err(Failure::usage("one file or two", "h5lift verify [OLD] NEW")),
        };
        if let Some(old) = &old {
            let policy = settings.of_file(old).policy.clone();
            settings.policy = policy;
            settings.policy.rules.transpose = settings.policy.transpose;
        }
        let mut roles = report_roles(&self.output)?;
        read_by_options(&mut roles, None, Some(&self.rules), &settings)?;
        read_all(&mut roles, "one of the inputs", &self.files)?;
        let mut output = Output::new("verify", &self.output, &display)?;
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        ready(&pool)?;
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, settings.jobs, &warned, &run);
        display.observe(Event::Started {
            files: 1,
            bytes: new.bytes,
        });
        display.observe(Event::FileStarted {
            slot: 0,
            path: &new.path,
            bytes: new.bytes,
        });
        let record = verify(&context, old.as_ref().map(|old| old.path.as_path()), &new);
        output.add([(0, record)]);
        let report = output.finish(&self.files, Vec::new())?;
        Ok(exit_of_outcomes(&report))
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
