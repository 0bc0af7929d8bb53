//! `h5lift migrate`: old files in, proved new ones out.

use crate::cli::args::migrate::{DestinationOptions, LayoutOptions, RescueOptions};
use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::options::{FileOptions, OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::args::trust::TrustOptions;
use crate::cli::batch::collect::{Collected, collect};
use crate::cli::batch::job::{Batch, Pace};
use crate::cli::batch::leftovers::clear_leftovers;
use crate::cli::batch::roles::{check_candidates, read_by_options, report_roles};
use crate::cli::commands::audit;
use crate::cli::exit::{Exit, Failure, warn};
use crate::cli::ledgers::open_recovered;
use crate::cli::output::exit_of_outcomes;
use crate::files::ledger::{RunIdentity, ledger_of_shard};
use crate::files::{
    Backup, Destination, Ledger, LedgerTrust, Output, RunLock, folder_of, plan_outputs, rivals,
};
use crate::jobs::context::JobContext;
use crate::jobs::event::{Event, Observer};
use crate::jobs::settings::Settings;
use crate::jobs::steps::migrate::{Migration, dry_run, migrate};
use crate::model::names::rules::Rules;
use crate::model::record::report::{Problem, Report};
use crate::model::shard::Shard;
use crate::model::state::State;
use clap::Args;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Options of `migrate`.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    files: FileOptions,
    #[command(flatten)]
    destination: DestinationOptions,
    /// Show what would be done, and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Record each commit before and after, for `undo`, `purge` and `report`; with --shard 3/16 in FILE.3-of-16.jsonl
    #[arg(long, value_name = "FILE.jsonl")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    layout: LayoutOptions,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    names: NameSourceOptions,
    #[command(flatten)]
    rescue: RescueOptions,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Migrate {
    /// Migrates every file that needs it.
    pub(crate) fn run(mut self, chosen: &[String]) -> Result<Exit, Failure> {
        let shard = self.files.shard.shard()?;
        if let (Some(ledger), Some(shard)) = (&mut self.ledger, shard) {
            *ledger = ledger_of_shard(ledger, shard);
        }
        self.files.include.extend(self.rules.includes()?);
        self.output.take_null(&self.files)?;
        let settings = self.work.settings(RunChoices {
            policy: self.layout.policy(&self.rescue, Rules::default()),
            rules: Some(&self.rules),
            names: Some(&self.names),
            verification: self.layout.verification(),
            overwrite: self.destination.overwrite,
            if_current: self.destination.if_current.into(),
            tmp_dir: self.destination.tmp_dir.folder()?,
            ..RunChoices::default()
        })?;
        let destination = self.destination.destination()?;
        let collected = collect(&self.files)?.with(|candidates| {
            let outputs = plan_outputs(&candidates, &destination, settings.overwrite)?;
            let mut rivals = match &destination {
                Destination::InPlace(_) => HashMap::new(),
                _ => rivals(&candidates, &outputs),
            };
            let migrations = candidates.into_iter().zip(outputs).enumerate();
            Ok(migrations
                .map(|(index, (candidate, output))| Migration {
                    candidate,
                    output,
                    rival: rivals.remove(&index),
                })
                .collect())
        })?;
        self.check_roles(&settings, &collected)?;
        // Only now: outputs are compared with the inputs of all shards.
        let collected = collected.of_shard(shard);
        if self.dry_run {
            let run_lock = RunLock::default();
            let conclude = |context: &JobContext<'_>, migration: &Migration, inspection| {
                dry_run(context, migration, inspection)
            };
            let report = audit::job("migrate", &settings, &self.output, &run_lock)
                .run(collected, &audit::inspect_and(&settings, &conclude))?;
            return Ok(audit::exit(&settings, &report, false));
        }
        let report = execute(
            &settings,
            &destination,
            collected,
            shard,
            self.ledger.as_deref().map(|ledger| (ledger, chosen)),
            self.trust.trust(),
            &self.output,
        )?;
        tell_missing_output(&destination, &report);
        Ok(match settings.worker.interrupt.is_set() {
            true => Exit::Interrupted,
            false => exit_of_outcomes(&report),
        })
    }
}

impl Migrate {
    /// Nothing that is written may be something else besides.
    fn check_roles(
        &self,
        settings: &Settings,
        collected: &Collected<Migration>,
    ) -> Result<(), Failure> {
        let mut roles = report_roles(&self.output)?;
        if let Some(ledger) = &self.ledger {
            roles.write("the ledger", ledger)?;
        }
        read_by_options(&mut roles, Some(&self.files), Some(&self.rules), settings)?;
        check_candidates(&roles, collected)?;
        let outputs = collected.candidates.iter().map(|it| &it.output);
        Ok(roles.check_outputs(outputs)?)
    }
}

/// A workflow engine takes the missing output of a file that needs nothing for a failure.
fn tell_missing_output(destination: &Destination, report: &Report) {
    let is_current = report.summary.by_state.contains_key(&State::Current);
    if let Destination::File(output) = destination
        && is_current
        && !output.exists()
    {
        warn(&format!(
            "{}: not written, because the file is current already; --if-current copy or --if-current link makes it",
            output.display()
        ));
    }
}

fn execute(
    settings: &Settings,
    destination: &Destination,
    collected: Collected<Migration>,
    shard: Option<Shard>,
    ledger: Option<(&Path, &[String])>,
    trust: LedgerTrust,
    options: &OutputOptions,
) -> Result<Report, Failure> {
    let run_lock = hold_roots(destination, &collected.roots, shard)?;
    let opened = ledger
        .map(|(path, chosen)| {
            let run = RunIdentity::new(shard, &collected.roots, chosen);
            open_recovered(path, trust, run.map_err(|error| Failure::error(&error))?)
        })
        .transpose()?;
    if let Some((ledger, _)) = &opened {
        let roots = roots_of(destination, &collected);
        ledger
            .set_roots(roots)
            .map_err(|error| Failure::error(&error))?;
    }
    let job = Batch {
        command: "migrate",
        settings,
        options,
        ledger: opened.as_ref().map(|(ledger, _)| ledger),
        run_lock: &run_lock,
        pace: Pace::Write,
        sampler: None,
    };
    let migrations = collected.candidates.iter();
    let outputs: Vec<Output> = migrations.map(|it| it.output.clone()).collect();
    let clear = |observer: &dyn Observer| {
        for warning in opened.iter().flat_map(|(_, warnings)| warnings) {
            observer.observe(Event::Warning(warning));
        }
        clear_leftovers(&outputs, settings.tmp_dir.as_deref(), observer);
    };
    let first = |observer: &dyn Observer| {
        clear(observer);
        Ok(collected)
    };
    let report = job.run_after(first, &|context, migration, task| {
        migrate(context, migration, task.is_retry)
    });
    // Only now, because who owns a folder can replace what is in it.
    let unsettled = run_lock.new_folders.settle();
    let unsettled = unsettled.iter().map(Failure::error).reduce(|first, next| {
        first.tell();
        next
    });
    // A report that cannot be written keeps nothing from the ledger.
    if let Some((ledger, _)) = opened {
        let problems = report.as_ref().map(|it| &it.problems[..]);
        let is_finished = !settings.worker.interrupt.is_set();
        let files = report.as_ref().ok().filter(|_| is_finished);
        close(
            ledger,
            problems.unwrap_or_default(),
            files.map(|report| report.summary.files),
        )?;
    }
    match (report, unsettled) {
        (Ok(_), Some(failure)) => Err(failure),
        (report, Some(failure)) => {
            failure.tell();
            report
        }
        (report, None) => report,
    }
}

/// In place, a tree belongs to one run. Elsewhere nothing is replaced by accident, and any number
/// of jobs may write into one folder.
fn hold_roots(
    destination: &Destination,
    roots: &[PathBuf],
    shard: Option<Shard>,
) -> Result<RunLock, Failure> {
    if !matches!(destination, Destination::InPlace(_)) {
        return Ok(RunLock::default());
    }
    let folders = roots.iter().map(PathBuf::as_path).filter(|it| it.is_dir());
    RunLock::take(folders, shard).map_err(|error| Failure::error(&error))
}

/// The folders below which files are replaced or created.
fn roots_of(destination: &Destination, collected: &Collected<Migration>) -> Vec<PathBuf> {
    let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
    match destination {
        Destination::Tree(folder) => roots.extend([folder.clone()]),
        Destination::File(file) => roots.extend([folder_of(file).to_path_buf()]),
        Destination::InPlace(backup) => {
            if let Backup::Folder(folder) = backup {
                roots.insert(folder.clone());
            }
            for migration in &collected.candidates {
                let candidate = &migration.candidate;
                // A file behind a link below its root can be reached only from its own folder.
                let rooted = candidate.rooted();
                roots.insert(match candidate.follow_links {
                    true => folder_of(&candidate.path).to_path_buf(),
                    false => rooted.split().0.to_path_buf(),
                });
            }
        }
    }
    roots.into_iter().collect()
}

/// Adds what belongs to no file, says that a run has come to its end, and makes sure that all of it is on the disk.
fn close(ledger: Ledger, problems: &[Problem], files: Option<u64>) -> Result<(), Failure> {
    problems
        .iter()
        .try_for_each(|problem| ledger.problem(problem))
        .and_then(|()| files.map_or(Ok(()), |files| ledger.finished(files)))
        .and_then(|()| ledger.finish())
        .map_err(|error| Failure::error(&error))
}
