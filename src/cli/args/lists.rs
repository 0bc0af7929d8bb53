//! `--list WORD=FILE`: the paths of files with this state, plan or outcome.

use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::state::State;
use clap::builder::{PossibleValue, TypedValueParser};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A list that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListOption {
    pub(crate) word: ListWord,
    pub(crate) path: PathBuf,
}

/// Which files it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListWord {
    State(State),
    Action(Action),
    Outcome(Outcome),
}

const ACTIONS: [Action; 4] = [
    Action::Migrate,
    Action::Convert,
    Action::Skip,
    Action::Refuse,
];
const OUTCOMES: [Outcome; 7] = [
    Outcome::Migrated,
    Outcome::Salvaged,
    Outcome::Converted,
    Outcome::Verified,
    Outcome::Skipped,
    Outcome::Refused,
    Outcome::Failed,
];

impl ListWord {
    fn all() -> impl Iterator<Item = ListWord> {
        let outcomes = OUTCOMES.into_iter().map(ListWord::Outcome);
        let actions = ACTIONS.into_iter().map(ListWord::Action);
        let states = State::ALL.into_iter().map(ListWord::State);
        outcomes.chain(actions).chain(states)
    }

    fn word(self) -> &'static str {
        match self {
            ListWord::State(state) => state.word(),
            ListWord::Action(action) => action.word(),
            ListWord::Outcome(outcome) => outcome.word(),
        }
    }

    /// Whether a row belongs to the list. What was only looked at is refused or skipped if it would be.
    pub(crate) fn is_of(self, record: &Record) -> bool {
        match (self, record.outcome) {
            (ListWord::State(state), _) => record.state == state,
            (ListWord::Action(action), _) => record.plan.action == action,
            (ListWord::Outcome(word), Some(outcome)) => word == outcome,
            (ListWord::Outcome(Outcome::Refused), None) => record.plan.action == Action::Refuse,
            (ListWord::Outcome(Outcome::Skipped), None) => record.plan.action == Action::Skip,
            (ListWord::Outcome(_), None) => false,
        }
    }
}

/// Reads `WORD=FILE`; the path may be any bytes.
fn parse(value: &OsStr) -> Option<ListOption> {
    let bytes = value.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    let (word, path) = (&bytes[..at], &bytes[at + 1..]);
    let word = ListWord::all().find(|it| it.word().as_bytes() == word)?;
    (!path.is_empty()).then(|| ListOption {
        word,
        path: PathBuf::from(OsString::from_vec(path.to_vec())),
    })
}

fn expected() -> String {
    let words: Vec<&str> = ListWord::all().map(ListWord::word).collect();
    format!(
        "expected WORD=FILE, where WORD is one of {}",
        words.join(", ")
    )
}

/// Reads `WORD=FILE`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListParser;

impl TypedValueParser for ListParser {
    type Value = ListOption;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ListOption, clap::Error> {
        if let Some(list) = parse(value) {
            return Ok(list);
        }
        // For the error, in the form that clap gives all of them.
        let refuse = |_: &str| Err::<ListOption, String>(expected());
        TypedValueParser::parse_ref(&refuse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value = |it: ListWord| PossibleValue::new(it.word());
        Some(Box::new(ListWord::all().map(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn words_are_distinct() {
        let mut words: Vec<&str> = ListWord::all().map(ListWord::word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ListWord::all().count());
    }

    #[test]
    fn a_row_is_in_the_lists_of_its_words() {
        let mut record = Record::new(Path::new("a.h5"), 1, State::Nameless, String::new());
        record.plan.action = Action::Refuse;
        let words = |record: &Record| -> Vec<&str> {
            let of = ListWord::all().filter(|it| it.is_of(record));
            of.map(ListWord::word).collect()
        };
        assert_eq!(words(&record), ["refused", "refuse", "nameless"]);
        record.outcome = Some(Outcome::Failed);
        assert_eq!(words(&record), ["failed", "refuse", "nameless"]);
    }
}
