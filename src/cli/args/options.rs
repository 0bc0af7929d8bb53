//! The options that commands share, spelled the same everywhere.

use crate::cli::args::lists::{ListOption, ListParser};
use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::rules::RuleOptions;
use crate::cli::args::shard::ShardOptions;
use crate::cli::exit::{Failure, note};
use crate::cli::progress::ProgressMode;
use crate::files::discover::files_from::{Separator, read_paths};
use crate::files::{FileLocking, Sought, WalkOptions, own_program};
use crate::jobs::interrupt::Interrupt;
use crate::jobs::settings::{IfCurrent, Settings, WorkerSettings};
use crate::model::plan::policy::{Charset, Policy, Verification};
use crate::model::shard::scheduler::allocated_threads;
use crate::report::Format;
use crate::report::terminal::TableStyle;
use clap::{Args, ValueEnum};
use rustix::process::{Resource, getrlimit};
use std::fs::File;
use std::io;
use std::io::{BufReader, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct FileOptions {
    /// Files, or folders that are searched for .h5, .hdf5, .hdf and .he5
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Read more paths from a file, one per line (- for stdin)
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Paths of --files-from and --list end with NUL instead of a newline
    #[arg(short = '0', long)]
    pub null: bool,
    /// Also take files that match, whatever their name ends in
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Exclude files and folders that match
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Follow symbolic links to files and folders
    #[arg(long)]
    pub follow_symlinks: bool,
    #[command(flatten)]
    pub shard: ShardOptions,
}

impl FileOptions {
    pub(crate) fn walk_options(&self) -> WalkOptions {
        WalkOptions {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            follow_symlinks: self.follow_symlinks,
            sought: Sought::Hdf5,
        }
    }

    /// All paths that were given, on the command line and in a list.
    pub(crate) fn roots(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut roots = self.paths.clone();
        if let Some(list) = &self.files_from {
            let separator = if self.null {
                Separator::Nul
            } else {
                Separator::Newline
            };
            let read = if list == Path::new("-") {
                read_paths(io::stdin().lock(), separator)
            } else {
                File::open(list).and_then(|file| read_paths(BufReader::new(file), separator))
            };
            roots.extend(read.map_err(|error| {
                Failure::usage(
                    format!(
                        "{}: the list of files cannot be read: {error}",
                        list.display()
                    ),
                    "check --files-from",
                )
            })?);
        }
        if roots.is_empty() && self.files_from.is_none() {
            return Err(Failure::usage(
                "no path was given",
                "name files or folders, or use --files-from",
            ));
        }
        Ok(roots)
    }
}

/// How the work is done.
#[derive(Debug, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct WorkOptions {
    /// Threads that compute at the same time, over all files [default: those of the allocation, or number of cores]
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Give up on a file after this time without progress, up to 31536000 (a year)
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
    /// Memory limit of each worker, with K, M or G
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = memory)]
    pub memory: u64,
    /// Treat files that changed during the last SECONDS as busy
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = age)]
    pub min_age: Duration,
    /// Encoding of names that are not UTF-8
    #[arg(long, value_name = "NAME", default_value = "utf8")]
    pub encoding: Encoding,
}

/// `--encoding`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Encoding {
    /// UTF-8; anything else is refused
    Utf8,
    /// ISO 8859-1, for lists of names that are not UTF-8
    Latin1,
}

/// What the other options of a command say about a run. The defaults are those of a command without them.
#[derive(Debug, Clone)]
pub(crate) struct RunChoices<'a> {
    /// What is done with each file; its charset comes from `--encoding`.
    pub policy: Policy,
    /// Whether values are read and findings about names and values are reported.
    pub lint: bool,
    /// Files that were given for the names in them.
    pub names: Option<&'a NameSourceOptions>,
    /// Where matrix and names are.
    pub rules: Option<&'a RuleOptions>,
    /// How much is verified before a new file counts.
    pub verification: Verification,
    /// Whether outputs that exist are replaced.
    pub overwrite: bool,
    /// What becomes of the output of a file that needs nothing.
    pub if_current: IfCurrent,
    /// Where new files are written before they come to their destination.
    pub tmp_dir: Option<PathBuf>,
}

impl Default for RunChoices<'_> {
    fn default() -> Self {
        RunChoices {
            policy: Policy::default(),
            lint: false,
            names: None,
            rules: None,
            verification: Verification::Full,
            overwrite: false,
            if_current: IfCurrent::Skip,
            tmp_dir: None,
        }
    }
}

impl WorkOptions {
    /// `--memory`, or what the system allows if that is less: batch systems set such limits (`h_vmem` of Grid Engine).
    fn allowed_memory(&self) -> u64 {
        match getrlimit(Resource::As).maximum {
            Some(limit) if limit < self.memory => {
                note(&less_memory(limit, self.memory));
                limit
            }
            _ => self.memory,
        }
    }

    /// The settings of a run.
    pub(crate) fn settings(&self, choices: RunChoices<'_>) -> Result<Settings, Failure> {
        let program = own_program().map_err(|error| without_program(&error))?;
        let jobs = self.jobs.map_or_else(default_jobs, NonZeroUsize::get);
        let worker = WorkerSettings {
            program,
            memory: self.allowed_memory(),
            timeout: self.timeout,
            interrupt: Interrupt::default(),
        };
        let policy = Policy {
            charset: match self.encoding {
                Encoding::Utf8 => Charset::Utf8,
                Encoding::Latin1 => Charset::Latin1,
            },
            ..choices.policy
        };
        let mut settings = Settings {
            jobs,
            worker,
            locking: FileLocking::from_environment(
                std::env::var_os("HDF5_USE_FILE_LOCKING").as_deref(),
            ),
            min_age: self.min_age,
            lint: choices.lint,
            sources: Arc::default(),
            rules: Arc::default(),
            policy,
            verification: choices.verification,
            overwrite: choices.overwrite,
            if_current: choices.if_current,
            tmp_dir: choices.tmp_dir,
        };
        if let Some(rules) = choices.rules {
            let names_from = choices.names.map(|names| &names.names_from[..]);
            rules.apply(names_from.unwrap_or_default(), &mut settings)?;
        }
        Ok(settings)
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// Format of the report on stdout
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: FormatName,
    /// Also write the report to a file: FILE.html, FILE.json, FILE.jsonl, FILE.tsv, or FILE_mqc.json for MultiQC (repeatable)
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Write the paths of the files with this outcome, plan or state to a file, for --files-from: refused=FILE, failed=FILE,
    /// migrate=FILE, nameless=FILE and so on (repeatable; -0 separates them by NUL)
    #[arg(long, value_name = "WORD=FILE", value_parser = ListParser, hide_possible_values = true)]
    pub list: Vec<ListOption>,
    /// Whether paths in lists end with NUL.
    #[arg(skip)]
    pub null: bool,
    /// Show progress on stderr; json writes one object a second, for programs
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub progress: ProgressWhen,
    /// Colour the table
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Show no progress and no table
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show each file with its reason, including skipped files
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// `--format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    /// A table for people
    Table,
    /// One document
    Json,
    /// One record per line
    Jsonl,
    /// Tab-separated, one row per file
    Tsv,
}

/// `--progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressWhen {
    /// Live in a terminal, else a line every ten seconds
    Auto,
    /// Live
    Always,
    /// Never
    Never,
    /// One object a second
    Json,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// If the output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl OutputOptions {
    /// Takes `-0`, which is for lists only.
    pub(crate) fn take_null(&mut self, files: &FileOptions) -> Result<(), Failure> {
        self.null = files.null;
        if files.null && files.files_from.is_none() && self.list.is_empty() {
            return Err(Failure::usage(
                "-0 is for lists of paths, and there is none",
                "use it with --files-from or --list",
            ));
        }
        Ok(())
    }

    pub(crate) fn stdout_format(&self) -> Format {
        match self.format {
            FormatName::Table => Format::Table,
            FormatName::Json => Format::Json,
            FormatName::Jsonl => Format::Jsonl,
            FormatName::Tsv => Format::Tsv,
        }
    }

    pub(crate) fn progress_mode(&self) -> ProgressMode {
        match self.progress {
            ProgressWhen::Json => ProgressMode::Json,
            _ if self.quiet => ProgressMode::Silent,
            ProgressWhen::Never => ProgressMode::Silent,
            ProgressWhen::Always => ProgressMode::Bars,
            ProgressWhen::Auto if io::stderr().is_terminal() => ProgressMode::Bars,
            ProgressWhen::Auto => ProgressMode::Lines,
        }
    }

    pub(crate) fn style(&self) -> TableStyle {
        let is_terminal = io::stdout().is_terminal();
        TableStyle {
            width: is_terminal.then(terminal_width).flatten(),
            colour: match self.color {
                When::Always => true,
                When::Never => false,
                When::Auto => wants_colour(is_terminal),
            },
            verbose: self.verbose,
        }
    }
}

pub(crate) fn less_memory(limit: u64, wanted: u64) -> String {
    format!(
        "a worker gets {} MiB of memory instead of the {} MiB of --memory, because the limit on address space (ulimit -v) allows \
         no more",
        limit >> 20,
        wanted >> 20
    )
}

/// Workers are the same binary, which `/proc` leads to on Linux, and its path elsewhere.
pub(crate) fn without_program(error: &io::Error) -> Failure {
    Failure::usage(
        format!("h5lift cannot find its own binary to start workers: {error}"),
        "mount /proc if it is missing, or run h5lift by its full path",
    )
}

/// What a scheduler has allocated, and no more than what affinity and cgroup let this process use.
fn default_jobs() -> usize {
    let usable = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let allocated = allocated_threads(&|variable| std::env::var(variable).ok());
    allocated.map_or(usable, |threads| threads.min(usable))
}

/// What the environment asks for: `NO_COLOR` beats `CLICOLOR_FORCE`, and both beat what stdout is.
fn wants_colour(is_terminal: bool) -> bool {
    if anstyle_query::no_color() {
        false
    } else if anstyle_query::clicolor_force() {
        true
    } else {
        is_terminal
            && anstyle_query::clicolor() != Some(false)
            && anstyle_query::term_supports_color()
    }
}

fn terminal_width() -> Option<usize> {
    let (_, columns) = console::Term::stdout().size_checked()?;
    Some(usize::from(columns))
}

/// More than any machine has; far more threads would overflow what is computed from them.
pub(crate) const MOST_THREADS: usize = 1 << 16;

/// A year: a moment that lies much later cannot be represented.
pub(crate) const LONGEST_TIME: Duration = Duration::from_secs(365 * 86400);

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|jobs: &NonZeroUsize| jobs.get() <= MOST_THREADS)
        .ok_or_else(|| format!("expected a number of threads, from 1 to {MOST_THREADS}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| *time <= LONGEST_TIME)
        .ok_or_else(|| {
            let longest = LONGEST_TIME.as_secs();
            format!("expected a number of seconds above 0, up to {longest} (a year)")
        })
}

fn age(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds".to_string())
}

/// A number of bytes, with K, M, G or T for powers of 1024.
fn memory(text: &str) -> Result<u64, String> {
    const LEAST: u64 = 256 << 20;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err("expected bytes, such as 2G or 512M".to_string()),
    };
    let bytes = digits
        .trim()
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << shift))
        .ok_or_else(|| "expected bytes, such as 2G or 512M".to_string())?;
    if bytes < LEAST {
        return Err(format!("a worker needs {} MiB at the least", LEAST >> 20));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_and_without_a_unit() {
        assert_eq!(memory("2G"), Ok(2 << 30));
        assert_eq!(memory("512 MiB"), Ok(512 << 20));
        assert_eq!(memory("1073741824"), Ok(1 << 30));
        for text in ["", "G", "2X", "-1", "1M", "99999999999T"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_deadline_is_a_positive_number() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("31536000"), Ok(LONGEST_TIME));
        for text in ["0", "-1", "nan", "inf", "soon", "31536001", "1e19"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn threads_are_limited() {
        assert_eq!(jobs("65536").map(NonZeroUsize::get), Ok(MOST_THREADS));
        for text in ["0", "65537", "18446744073709551615"] {
            assert!(jobs(text).is_err(), "{text}");
        }
    }
}
