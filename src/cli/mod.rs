//! What was typed -> settings, and what is shown while it runs.
//!
//! [`options`] are the words of the command line, spelled the same for every command;
//! each command is one short file that puts a batch together; [`output`] writes rows to
//! stdout, [`progress`] shows the batch on stderr. Nothing below this room knows clap or indicatif.

pub mod audit;
pub mod choices;
pub mod collect;
pub mod convert;
pub mod exit;
pub mod job;
pub mod leftovers;
pub mod manual;
pub mod migrate;
mod migrate_options;
pub mod name_source_options;
pub mod names_options;
pub mod options;
pub mod output;
pub mod progress;
pub mod purge;
pub mod report;
pub mod rule_options;
pub mod show;
pub mod signals;
pub mod text_batch;
pub mod text_options;
pub mod toy;
pub mod undo;
pub mod verify;
pub mod worker;

use clap::{Parser, Subcommand};
use exit::{Exit, Failure};

/// Lifts gene and sample names out of HDF5 attributes into datasets, for whole archives at once.
///
/// Originals are opened read-only. Nothing is replaced before a second process has read the new
/// file back and found every value, every name and everything else equal.
#[derive(Debug, Parser)]
#[command(name = "h5lift", version, propagate_version = true, after_help = exit::TABLE)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what is there, what is wrong with it and what would be done; changes nothing
    Audit(audit::Audit),
    /// Rewrite old files in the new layout, prove the result, and put it in place
    Migrate(migrate::Migrate),
    /// Make HDF5 files of text matrices: TSV, CSV, GCT, featureCounts and others
    Convert(convert::Convert),
    /// Prove that NEW holds all of OLD, or that a file still matches its digest
    Verify(verify::Verify),
    /// Put originals back, as a ledger tells them
    Undo(undo::Undo),
    /// Delete kept originals, each after a proof
    Purge(purge::Purge),
    /// Merge ledgers and show their rows
    Report(report::Report),
    /// Show one file: layout, shape, storage, first names
    Show(show::Show),
    /// Make toy data with a known co-expression design
    Toy(toy::Toy),
    /// Print completions for a shell
    Completions(manual::Completions),
    /// Print the manual page
    Man,
    #[command(name = crate::batch::process::SUBCOMMAND, hide = true)]
    Worker(worker::Worker),
}

/// Parses the command line and runs it.
pub fn run() -> Exit {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Audit(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Convert(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Undo(command) => command.run(),
        Command::Purge(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Toy(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man => manual::man(),
        Command::Worker(command) => command.run(),
    };
    outcome.unwrap_or_else(Failure::tell)
}
