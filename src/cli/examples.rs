//! The end of each help page: what people do first with the command. A test parses every line.

/// `h5lift` alone.
pub(crate) const FIRST_STEPS: &str = "\
h5lift lifts gene and sample names out of HDF5 attributes into datasets. Three first steps:

  h5lift audit DIR                    say what is there and what would be done; changes nothing
  h5lift migrate DIR --out-dir NEW    write each old file anew into another folder, and verify it
  h5lift convert TABLE.tsv -o NEW.h5  make an HDF5 file of a text matrix

h5lift --help lists all commands, h5lift COMMAND --help its options with examples.
";

pub(crate) const AUDIT: &str = "\
Examples:
  h5lift audit archive
  h5lift audit archive --report audit.html --list nameless=lost.txt
  h5lift audit archive --check --quiet";

pub(crate) const MIGRATE: &str = "\
Examples:
  h5lift migrate archive --out-dir new --dry-run
  h5lift migrate archive --in-place --ledger lift.jsonl --report lift.html
  h5lift migrate --files-from lost.txt --out-dir new --names-from matrices";

pub(crate) const CONVERT: &str = "\
Examples:
  h5lift convert counts.tsv.gz -o counts.h5
  h5lift convert tables --out-dir new --dry-run
  h5lift convert counts.csv -o counts.h5 --transpose --gene-column Geneid";

pub(crate) const VERIFY: &str = "\
Examples:
  h5lift verify old.h5 new.h5
  h5lift verify new.h5";

pub(crate) const UNDO: &str = "\
Examples:
  h5lift undo lift.jsonl --dry-run
  h5lift undo lift.jsonl";

pub(crate) const PURGE: &str = "\
Examples:
  h5lift purge lift.jsonl --dry-run
  h5lift purge lift.jsonl";

pub(crate) const REPORT: &str = "\
Examples:
  h5lift report lift.jsonl
  h5lift report shard-1.jsonl shard-2.jsonl --report all.html
  h5lift report lift.jsonl --list failed=again.txt";

pub(crate) const PLAN: &str = "\
Examples:
  h5lift plan archive --target 2h
  h5lift plan archive --target 90m --cpus-per-task 8";

pub(crate) const SHOW: &str = "\
Examples:
  h5lift show expression.h5
  h5lift show expression.h5 --format json";

pub(crate) const TOY: &str = "\
Examples:
  h5lift toy -o toy.h5
  h5lift toy -o old.h5 --layout legacy --genes 20000 --samples 500";

pub(crate) const LICENSES: &str = "\
Examples:
  h5lift licenses";

pub(crate) const SCHEMA: &str = "\
Examples:
  h5lift schema report
  h5lift schema rules";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  h5lift completions bash
  h5lift completions zsh";

pub(crate) const MAN: &str = "\
Examples:
  h5lift man
  h5lift man --out man1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn every_example_is_a_command_line() {
        let mut number = 0;
        for command in Cli::command().get_subcommands_mut() {
            if command.is_hide_set() || command.get_name() == "help" {
                continue;
            }
            let help = command.render_long_help().to_string();
            let examples = help.rsplit_once("Examples:\n").map(|(_, rest)| rest);
            let examples = examples.unwrap_or_else(|| panic!("{} has none", command.get_name()));
            let lines: Vec<&str> = examples.lines().map(str::trim).collect();
            assert!((1..=3).contains(&lines.len()), "{lines:?}");
            for line in lines {
                assert!(line.starts_with(&format!("h5lift {}", command.get_name())));
                let parsed = Cli::try_parse_from(line.split_whitespace());
                assert!(parsed.is_ok(), "{line}: {parsed:?}");
                number += 1;
            }
        }
        assert!(number > 20, "{number}");
    }

    #[test]
    fn the_first_steps_are_command_lines() {
        let steps: Vec<&str> = FIRST_STEPS
            .lines()
            .filter(|line| line.starts_with("  "))
            .collect();
        assert_eq!(steps.len(), 3);
        for step in steps {
            // The words up to the explanation.
            let words: Vec<&str> = step.split_whitespace().collect();
            let length = (3..words.len()).rfind(|n| Cli::try_parse_from(&words[..*n]).is_ok());
            assert!(length.is_some(), "{step}");
            assert!(step.len() <= 100, "{step}");
        }
    }
}
