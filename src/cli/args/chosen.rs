//! The options of a command line as text: those that decide what becomes of a file, for the header of a ledger, and those
//! that another command repeats.

use crate::model::shell::{for_shell, quoted};
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

/// The paths and options that were given and that `other` has, too, in the order of the command line, quoted for a shell.
pub(crate) fn typed_options(
    command: &Command,
    matches: &ArgMatches,
    other: &Command,
    except: &[&str],
) -> Vec<String> {
    let is_shared =
        |id: &str| other.get_arguments().any(|it| it.get_id() == id) && !except.contains(&id);
    let mut typed: Vec<(usize, String)> = Vec::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let is_typed = is_shared(id)
            && matches.try_contains_id(id).is_ok()
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if !is_typed {
            continue;
        }
        let places = matches.indices_of(id).into_iter().flatten();
        let values = matches.get_raw(id).into_iter().flatten();
        for (place, value) in places.zip(values) {
            let value = value.to_string_lossy();
            let words = match argument.get_long() {
                None => for_shell(&value),
                Some(name) if !argument.get_action().takes_values() => format!("--{name}"),
                // An option otherwise.
                Some(name) if value.starts_with('-') => quoted(&format!("--{name}={value}")),
                Some(name) => format!("--{name} {}", quoted(&value)),
            };
            typed.push((place, words));
        }
    }
    typed.sort();
    typed.into_iter().map(|(_, words)| words).collect()
}
