//! From arguments to settings, and the display while a command runs.
//!
//! [`args`] holds the options, spelled the same for all commands; [`commands`] has one short file per command, which builds a
//! [`batch`]; [`output`] writes rows to stdout and to report files, [`progress`] shows the batch on stderr. No module below this
//! one depends on clap or indicatif.

pub(crate) mod args;
pub(crate) mod batch;
pub(crate) mod commands;
pub(crate) mod examples;
pub(crate) mod exit;
pub(crate) mod ledgers;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod signals;

use crate::cli::args::chosen::{chosen_options, typed_options};
use crate::cli::commands::version;
use crate::cli::exit::{Exit, Failure};
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io;
use std::io::Write;

/// Lifts gene and sample names out of HDF5 attributes into datasets, for whole archives at once.
///
/// Originals are opened read-only. Nothing is replaced before a second process has read the new
/// file back and found every value, every name and everything else equal.
#[derive(Debug, Parser)]
#[command(name = "h5lift", version, propagate_version = true, after_help = exit::TABLE)]
pub struct Cli {
    /// With --version: also the libraries and features inside
    #[arg(long, short, requires = "version")]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Report the state of each file and what migrate would do; changes nothing
    #[command(after_help = examples::AUDIT)]
    Audit(commands::audit::Audit),
    /// Rewrite old files in the new layout, verify the result, and put it in place
    #[command(after_help = examples::MIGRATE)]
    Migrate(commands::migrate::Migrate),
    /// Convert text matrices to HDF5: TSV, CSV, GCT, featureCounts and others
    #[command(after_help = examples::CONVERT)]
    Convert(commands::convert::Convert),
    /// Verify that NEW holds everything in OLD, or that a file still matches its digest
    #[command(after_help = examples::VERIFY)]
    Verify(commands::verify::Verify),
    /// Put originals back, as recorded in a ledger
    #[command(after_help = examples::UNDO)]
    Undo(commands::undo::Undo),
    /// Delete kept originals, each after a verification
    #[command(after_help = examples::PURGE)]
    Purge(commands::purge::Purge),
    /// Estimate how many shards are needed, and print the command that submits them
    #[command(after_help = examples::PLAN)]
    Plan(commands::plan::Plan),
    /// Merge ledgers and show their rows
    #[command(after_help = examples::REPORT)]
    Report(commands::report::Report),
    /// Show one file: layout, shape, storage, first names
    #[command(after_help = examples::SHOW)]
    Show(commands::show::Show),
    /// Write toy data with a known co-expression design
    #[command(after_help = examples::TOY)]
    Toy(commands::toy::Toy),
    /// Print the licences of the software inside
    #[command(after_help = examples::LICENSES)]
    Licenses,
    /// Print the JSON Schema of an output, or of a rules file
    #[command(after_help = examples::SCHEMA)]
    Schema(commands::schema::SchemaCommand),
    /// Print completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(commands::manual::Completions),
    /// Print the manual page, or write one for each command
    #[command(after_help = examples::MAN)]
    Man(commands::manual::Man),
    #[command(name = crate::jobs::pool::process::SUBCOMMAND, hide = true)]
    Worker(commands::worker::Worker),
}

impl Command {
    /// Whether workers will open files with HDF5.
    fn calls_hdf5(&self) -> bool {
        match self {
            Command::Undo(_) | Command::Report(_) | Command::Licenses => false,
            Command::Schema(_) | Command::Completions(_) | Command::Man(_) => false,
            // Its parent process has warned already.
            Command::Worker(_) => false,
            _ => true,
        }
    }
}

/// Parses the command line and runs it.
pub fn run() -> Exit {
    let parsed = Cli::command()
        .try_get_matches()
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if version::is_asked(error.kind(), std::env::args_os()) => {
            return version::verbose().unwrap_or_else(Failure::tell);
        }
        Err(error) => error.exit(),
    };
    let Some(command) = cli.command else {
        // As for any usage error, so that a script whose variable is empty ends here. If stderr is closed, the code remains.
        let _ = io::stderr()
            .lock()
            .write_all(examples::FIRST_STEPS.as_bytes());
        return Exit::Usage;
    };
    if command.calls_hdf5() {
        version::warn();
    }
    if let Err(error) = signals::survive_large_files() {
        return signals::unwatched(&error).tell();
    }
    let outcome = match command {
        Command::Audit(command) => command.run(),
        Command::Migrate(command) => command.run(&chosen(&matches)),
        Command::Convert(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Undo(command) => command.run(),
        Command::Purge(command) => command.run(),
        Command::Plan(command) => command.run(&typed_for_migrate(&matches)),
        Command::Report(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Toy(command) => command.run(),
        Command::Licenses => commands::licenses::licenses(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Worker(command) => command.run(),
    };
    outcome.unwrap_or_else(Failure::tell)
}

/// The options of the subcommand that was given.
fn chosen(matches: &ArgMatches) -> Vec<String> {
    of_subcommand(matches, |_, command, matches| {
        chosen_options(command, matches)
    })
}

/// What was typed for `plan` and is also a path or an option of `migrate`.
fn typed_for_migrate(matches: &ArgMatches) -> Vec<String> {
    of_subcommand(matches, |all, command, matches| {
        let migrate = all.find_subcommand("migrate");
        migrate.map_or_else(Vec::new, |migrate| {
            typed_options(command, matches, migrate, &commands::plan::NOT_REPEATED)
        })
    })
}

fn of_subcommand(
    matches: &ArgMatches,
    read: impl Fn(&clap::Command, &clap::Command, &ArgMatches) -> Vec<String>,
) -> Vec<String> {
    let all = Cli::command();
    let found = matches.subcommand();
    let command = found.and_then(|(name, matches)| Some((all.find_subcommand(name)?, matches)));
    command.map_or_else(Vec::new, |(command, matches)| read(&all, command, matches))
}
