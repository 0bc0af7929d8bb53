//! Files that need a decision, grouped by what would settle them.

use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::state::State;
use crate::report::html::blocks::deed;
use crate::report::{escape, notes};
use serde::Serialize;
use std::collections::HashMap;

/// Further causes are counted together.
const MOST: usize = 60;
/// Paths that are shown of each group.
const EXAMPLES: usize = 3;

/// All groups, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Causes {
    groups: Vec<Cause>,
    numbers: HashMap<Key, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    state: State,
    deed: &'static str,
    kind: Option<String>,
    help: Option<String>,
}

/// A group of files.
#[derive(Debug, Serialize)]
pub(super) struct Cause {
    /// `None` of the group of all further causes.
    pub(super) state: Option<State>,
    pub(super) deed: &'static str,
    /// Options that would settle it, each on its own.
    pub(super) options: Vec<&'static str>,
    /// Whether the same command would be tried again.
    pub(super) again: bool,
    #[serde(skip)]
    pub(super) files: u64,
    #[serde(skip)]
    pub(super) bytes: u64,
    /// What the first of them says.
    #[serde(skip)]
    pub(super) why: String,
    #[serde(skip)]
    pub(super) help: Option<String>,
    /// As they are shown.
    #[serde(skip)]
    pub(super) examples: Vec<String>,
    /// The path of the first; `None` when it is no text.
    #[serde(skip)]
    first: Option<String>,
}

impl Causes {
    /// Adds a row and returns the number of its group, from 1; 0 if it needs no decision.
    pub(super) fn add(&mut self, record: &Record) -> usize {
        if !notes::needs_attention(record) {
            return 0;
        }
        let key = Key {
            state: record.state,
            deed: deed(record),
            kind: record.error.as_ref().map(|error| error.kind.clone()),
            help: notes::help(record).map(str::to_string),
        };
        let known = self.numbers.get(&key).copied();
        let number = known.unwrap_or(self.groups.len().min(MOST));
        if number == self.groups.len() {
            let cause = match number {
                MOST => Cause::other(),
                _ => Cause::of(record),
            };
            self.groups.push(cause);
        }
        if known.is_none() && number < MOST {
            self.numbers.insert(key, number);
        }
        let group = &mut self.groups[number];
        group.files += 1;
        group.bytes += record.bytes;
        if group.examples.len() < EXAMPLES {
            group.examples.push(escape::path(record).into_owned());
        }
        number + 1
    }

    /// All groups, in the order of their numbers.
    pub(super) fn groups(&self) -> &[Cause] {
        &self.groups
    }

    /// Files in all groups.
    pub(super) fn files(&self) -> u64 {
        self.groups.iter().map(|group| group.files).sum()
    }
}

impl Cause {
    fn of(record: &Record) -> Self {
        let is_refusal = match record.outcome {
            Some(outcome) => outcome == Outcome::Refused,
            None => record.plan.action == Action::Refuse,
        };
        Cause {
            state: Some(record.state),
            deed: deed(record),
            options: match is_refusal {
                true => options(record.state).to_vec(),
                false => Vec::new(),
            },
            again: record.outcome == Some(Outcome::Failed),
            files: 0,
            bytes: 0,
            why: notes::cause(record),
            help: notes::help(record).map(str::to_string),
            examples: Vec::new(),
            first: record.path_bytes.is_none().then(|| record.path.clone()),
        }
    }

    /// The commands of which one would settle it.
    pub(super) fn commands(&self, command_line: &str) -> Vec<String> {
        if self.again && !command_line.is_empty() {
            return vec![command_line.to_string()];
        }
        let files = match &self.first {
            Some(path) if self.files == 1 => escape::for_shell(path),
            _ => "--files-from LIST".to_string(),
        };
        let command = |option: &&str| format!("h5lift migrate {files} --out-dir NEW {option}");
        self.options.iter().map(command).collect()
    }

    fn other() -> Self {
        Cause {
            state: None,
            deed: "",
            options: Vec::new(),
            again: false,
            files: 0,
            bytes: 0,
            why: "further causes, each in the details of its row".to_string(),
            help: None,
            examples: Vec::new(),
            first: None,
        }
    }
}

/// What is added to `migrate` to take a file of this state.
fn options(state: State) -> &'static [&'static str] {
    match state {
        State::Conflict => &["--prefer attributes", "--prefer datasets"],
        State::Nameless => &["--names-from FILE"],
        State::Transposed => &["--transpose"],
        State::Incomplete => &["--allow-missing-chunks"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn files_that_the_same_option_settles_are_one_group() {
        let mut causes = Causes::default();
        let numbers: Vec<usize> = [
            sample::legacy("a.h5"),
            sample::refused("b.h5"),
            sample::failed("c.h5"),
            sample::refused("d.h5"),
            sample::refusal("e.h5", State::Conflict, "they differ"),
        ]
        .iter()
        .map(|record| causes.add(record))
        .collect();
        assert_eq!(numbers, [0, 1, 2, 1, 3]);
        let [nameless, failed, conflict] = causes.groups() else {
            panic!("{causes:?}");
        };
        assert_eq!(nameless.examples, ["b.h5", "d.h5"]);
        assert_eq!(nameless.options, ["--names-from FILE"]);
        assert_eq!((failed.again, failed.options.len()), (true, 0));
        assert_eq!(
            conflict.commands(""),
            [
                "h5lift migrate e.h5 --out-dir NEW --prefer attributes",
                "h5lift migrate e.h5 --out-dir NEW --prefer datasets"
            ]
        );
        assert_eq!(
            failed.commands("h5lift migrate a b"),
            ["h5lift migrate a b"]
        );
        assert_eq!(causes.files(), 4);
    }

    #[test]
    fn groups_are_limited() {
        let mut causes = Causes::default();
        for number in 0..200 {
            let mut record = sample::failed("a.h5");
            record.error.as_mut().unwrap().kind = number.to_string();
            assert_eq!(causes.add(&record), number.min(MOST) + 1);
        }
        assert_eq!(causes.groups().len(), MOST + 1);
        assert_eq!(causes.groups()[MOST].files, 140);
        assert_eq!(causes.files(), 200);
    }
}
