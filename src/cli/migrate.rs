//! `h5lift migrate`: old files in, proved new ones out.

use super::audit;
use super::collect::{Collected, collect};
use super::exit::{Exit, Failure};
use super::job::{Job, Pace};
use super::name_source_options::NameSourceOptions;
use super::names_options::NamesOptions;
use super::options::{FileOptions, OutputOptions, WorkOptions};
use super::output::exit_of_outcomes;
use super::rule_options::RuleOptions;
use super::undo::recovered;
use crate::archive::own_names::BACKUP_SUFFIX;
use crate::archive::{
    Backup, Candidate, Destination, Ledger, RunLock, plan_outputs, remove_leftovers,
};
use crate::batch::event::{Event, Observer};
use crate::batch::lane::Lane;
use crate::batch::migrate::{Target, migrate, rehearse};
use crate::batch::settings::Settings;
use crate::model::policy::{Chunks, Policy, Preference, Shuffle, Verification};
use crate::model::report::{Problem, Report};
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    files: FileOptions,
    #[command(flatten)]
    destination: DestinationOptions,
    /// Say what would be done, and do nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Write down each commit before and after, for `undo`, `purge` and `report`
    #[arg(long, value_name = "FILE.jsonl")]
    ledger: Option<PathBuf>,
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

/// Where new files go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
struct DestinationOptions {
    /// Write new files below this folder, in the tree that they came in
    #[arg(long, value_name = "DIR", conflicts_with_all = ["in_place", "out"])]
    out_dir: Option<PathBuf>,
    /// Replace each file by its new one; originals are kept unless told not to
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
    /// Write the new file of one old file here
    #[arg(short, long = "output", value_name = "OUT", id = "out")]
    out: Option<PathBuf>,
    /// With --in-place: keep originals in a tree of their own
    #[arg(
        long,
        value_name = "DIR",
        requires = "in_place",
        conflicts_with_all = ["backup_suffix", "out_dir", "out"]
    )]
    backup_dir: Option<PathBuf>,
    /// With --in-place: keep originals beside, with this added to the name
    #[arg(
        long,
        value_name = "SUFFIX",
        requires = "in_place",
        conflicts_with_all = ["out_dir", "out"],
        default_value = BACKUP_SUFFIX
    )]
    backup_suffix: OsString,
    /// With --in-place: keep no originals
    #[arg(
        long,
        requires = "in_place",
        conflicts_with_all = ["backup_dir", "backup_suffix", "out_dir", "out"]
    )]
    no_backup: bool,
    /// Replace outputs that exist
    #[arg(long)]
    overwrite: bool,
}

/// How new files look.
#[derive(Debug, Args)]
#[command(next_help_heading = "New files")]
struct LayoutOptions {
    /// Deflate level of /expr
    #[arg(long, value_name = "0..9", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip_level: u8,
    /// Shuffle bytes before deflate; auto compresses a few chunks both ways
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    shuffle: ShuffleName,
    /// Chunk shape of /expr: auto, keep, or genes x samples such as 512x64
    #[arg(long, value_name = "SHAPE", default_value = "auto")]
    chunks: Chunks,
    /// Rewrite current files whose /expr is not gzip
    #[arg(long)]
    recompress: bool,
    /// Write chunks of /expr that nobody can decode as NaN, and say so in the new file
    #[arg(long, conflicts_with = "in_place")]
    salvage: bool,
    #[command(flatten)]
    names: NamesOptions,
    /// How much is proved before a new file counts
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    verify: VerifyLevel,
}

/// What is done with files that are refused otherwise.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rescue")]
struct RescueOptions {
    /// Which names win where attribute and dataset differ
    #[arg(long, value_name = "WHICH")]
    prefer: Option<Prefer>,
    /// Make genes the rows of matrices whose names say that they are the columns
    #[arg(long)]
    transpose: bool,
    /// Take matrices of which chunks were never written; they stay unwritten
    #[arg(long)]
    allow_missing_chunks: bool,
    /// Add n_genes and n_samples where they are missing
    #[arg(long)]
    set_counts: bool,
}

/// `--shuffle`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ShuffleName {
    /// Whatever is smaller
    Auto,
    /// Always
    On,
    /// Never
    Off,
}

/// `--prefer`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Prefer {
    /// The attributes of /expr
    Attributes,
    /// The datasets in the root
    Datasets,
}

/// `--verify`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum VerifyLevel {
    /// Every value is read back through the HDF5 library's own filters
    Full,
    /// Every value is decoded from the raw chunks
    Fast,
    /// Nothing is read back
    None,
}

impl From<ShuffleName> for Shuffle {
    fn from(name: ShuffleName) -> Self {
        match name {
            ShuffleName::Auto => Shuffle::Auto,
            ShuffleName::On => Shuffle::On,
            ShuffleName::Off => Shuffle::Off,
        }
    }
}

impl From<VerifyLevel> for Verification {
    fn from(level: VerifyLevel) -> Self {
        match level {
            VerifyLevel::Full => Verification::Full,
            VerifyLevel::Fast => Verification::Fast,
            VerifyLevel::None => Verification::None,
        }
    }
}

impl DestinationOptions {
    fn destination(&self) -> Result<Destination, Failure> {
        match (&self.out_dir, &self.out, self.in_place) {
            (Some(folder), _, _) => Ok(Destination::Tree(folder.clone())),
            (_, Some(file), _) => Ok(Destination::File(file.clone())),
            (_, _, true) => Ok(Destination::InPlace(self.backup())),
            _ => Err(Failure::usage(
                "nothing says where the new files go",
                "choose --out-dir DIR (a new tree), --in-place (originals are kept beside), or -o OUT (one file)",
            )),
        }
    }

    fn backup(&self) -> Backup {
        match &self.backup_dir {
            _ if self.no_backup => Backup::None,
            Some(folder) => Backup::Folder(folder.clone()),
            None => Backup::Suffix(self.backup_suffix.clone()),
        }
    }
}

impl LayoutOptions {
    fn policy(&self, rescue: &RescueOptions, found: Policy) -> Policy {
        Policy {
            transpose: rescue.transpose,
            allow_missing_chunks: rescue.allow_missing_chunks,
            set_counts: rescue.set_counts,
            prefer: rescue.prefer.map(|prefer| match prefer {
                Prefer::Attributes => Preference::Attributes,
                Prefer::Datasets => Preference::Datasets,
            }),
            gzip_level: self.gzip_level,
            shuffle: self.shuffle.into(),
            chunks: self.chunks,
            recompress: self.recompress,
            salvage: self.salvage,
            string_type: self.names.string_type(),
            scales: self.names.scales(),
            ..found
        }
    }
}

impl Migrate {
    /// Migrates every file that needs it.
    pub fn run(self) -> Result<Exit, Failure> {
        let mut settings = self.work.settings()?;
        settings.policy.rules = self.rules.rules()?;
        settings.policy = self.layout.policy(&self.rescue, settings.policy);
        settings.verification = self.layout.verify.into();
        self.names.read(&mut settings)?;
        settings.overwrite = self.destination.overwrite;
        let destination = self.destination.destination()?;
        let collected = collect(&self.files)?;
        let outputs = plan_outputs(&collected.candidates, &destination, settings.overwrite)?;
        if self.dry_run {
            let run_lock = RunLock::default();
            let rehearsed = |lane: &Lane<'_>, candidate: &Candidate, index: usize, looked| {
                let target = target(&destination, &outputs[index]);
                rehearse(lane, candidate, target, looked)
            };
            let report = audit::job("migrate", &settings, &self.output, &run_lock)
                .run(collected, &audit::task(&settings, &rehearsed))?;
            return Ok(if report.problems.is_empty() {
                Exit::Done
            } else {
                Exit::Failed
            });
        }
        let report = execute(
            &settings,
            &destination,
            collected,
            &outputs,
            self.ledger.as_deref(),
            &self.output,
        )?;
        Ok(match settings.worker.interrupt.is_set() {
            true => Exit::Interrupted,
            false => exit_of_outcomes(&report),
        })
    }
}

fn execute(
    settings: &Settings,
    destination: &Destination,
    collected: Collected,
    outputs: &[PathBuf],
    ledger: Option<&Path>,
    options: &OutputOptions,
) -> Result<Report, Failure> {
    let run_lock = hold_roots(destination, &collected.roots)?;
    let opened = ledger.map(recovered).transpose()?;
    let job = Job {
        command: "migrate",
        settings,
        options,
        ledger: opened.as_ref().map(|(ledger, _)| ledger),
        run_lock: &run_lock,
        pace: Pace::Write,
    };
    let clear = |observer: &dyn Observer| {
        for warning in opened.iter().flat_map(|(_, warnings)| warnings) {
            observer.observe(Event::Warning(warning));
        }
        clear_leftovers(outputs, observer);
    };
    let report = job.run_after(collected, &clear, &|lane, candidate, turn| {
        let target = target(destination, &outputs[turn.index]);
        migrate(lane, candidate, target, turn.alone)
    });
    // A report that cannot be written keeps nothing from the ledger.
    if let Some((ledger, _)) = opened {
        let problems = report.as_ref().map(|it| &it.problems[..]);
        close(ledger, problems.unwrap_or_default())?;
    }
    report
}

fn target<'a>(destination: &'a Destination, output: &'a Path) -> Target<'a> {
    match destination {
        Destination::InPlace(backup) => Target::InPlace(backup),
        Destination::Tree(_) | Destination::File(_) => Target::Elsewhere(output),
    }
}

/// In place, a tree belongs to one run. Elsewhere nothing is replaced by accident, and any number
/// of jobs may write into one folder.
fn hold_roots(destination: &Destination, roots: &[PathBuf]) -> Result<RunLock, Failure> {
    if !matches!(destination, Destination::InPlace(_)) {
        return Ok(RunLock::default());
    }
    let folders = roots.iter().map(PathBuf::as_path).filter(|it| it.is_dir());
    RunLock::take(folders).map_err(|error| Failure::failed(error.to_string(), error.hint()))
}

/// Adds what belongs to no file, and makes sure that all of it is on the disk.
fn close(ledger: Ledger, problems: &[Problem]) -> Result<(), Failure> {
    problems
        .iter()
        .try_for_each(|problem| ledger.problem(problem))
        .and_then(|()| ledger.finish())
        .map_err(|error| Failure::failed(error.to_string(), error.hint()))
}

/// Temporary files that an interrupted run left where this one will write.
pub fn clear_leftovers(outputs: &[PathBuf], display: &dyn Observer) {
    let folders: BTreeSet<&Path> = outputs
        .iter()
        .filter_map(|output| output.parent())
        .collect();
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        if !folder.is_dir() {
            continue;
        }
        match remove_leftovers(folder) {
            Ok(removed) => {
                for path in removed {
                    display.observe(Event::Warning(&format!(
                        "removed {}, which an interrupted run had left",
                        path.display()
                    )));
                }
            }
            Err(error) => display.observe(Event::Warning(&error.to_string())),
        }
    }
}
