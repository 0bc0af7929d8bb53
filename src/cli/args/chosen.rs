//! The options of a command line that decide what becomes of a file, as text for the header of a ledger.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use sha2::{Digest, Sha256};

/// Options that change how a run goes or what it shows, and inputs, which a ledger records apart.
const OTHERS: [&str; 18] = [
    "paths",
    "files_from",
    "null",
    "shard",
    "ledger",
    "dry_run",
    "jobs",
    "timeout",
    "memory",
    "format",
    "report",
    "progress",
    "color",
    "quiet",
    "verbose",
    "list",
    "trust_ledger",
    "tmp_dir",
];

/// The options that were given, in the order of their names.
pub(crate) fn chosen_options(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let mut chosen: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().as_str())
        .filter(|id| !OTHERS.contains(id))
        .filter(|id| matches.try_contains_id(id).is_ok())
        .filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine))
        .map(|id| {
            let values = matches.get_raw(id).into_iter().flatten();
            let values: Vec<String> = values
                .map(|value| match id {
                    // A file that has changed is another option.
                    "rules" => std::fs::read(value).map_or_else(
                        |_| value.to_string_lossy().into_owned(),
                        |text| crate::model::digest::hex(&Sha256::digest(text)[..8]),
                    ),
                    _ => value.to_string_lossy().into_owned(),
                })
                .collect();
            match values.is_empty() {
                true => id.to_string(),
                false => format!("{id}={}", values.join(",")),
            }
        })
        .collect();
    chosen.sort();
    chosen
}
