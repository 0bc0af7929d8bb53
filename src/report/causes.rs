//! Files that need a decision, grouped by what would settle them. Pure; the table and the page show the same groups.

use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::shell::{for_shell, words};
use crate::model::state::State;
use crate::report::words::deed;
use crate::report::{escape, notes};
use serde::Serialize;
use std::collections::HashMap;

/// Further causes are counted together.
const MOST: usize = 60;
/// Files that are shown of each group.
const EXAMPLES: usize = 3;

/// Roots that are repeated in a command; more of them would hide it.
pub(crate) const MOST_ROOTS: usize = 3;

/// The run that the rows are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// `audit`, `migrate`, ...
    pub(crate) command: &'a str,
    /// Quoted for a shell.
    pub(crate) command_line: Option<&'a str>,
    /// What was given.
    pub(crate) roots: &'a [String],
}

impl<'a> Origin<'a> {
    /// The command line, if the same command can be given once more.
    pub(crate) fn to_repeat(self) -> Option<&'a str> {
        let is_work = matches!(self.command, "migrate" | "convert");
        self.command_line.filter(|_| is_work)
    }

    /// The files and folders that were given: a report is given ledgers.
    fn inputs(self) -> &'a [String] {
        match self.command {
            "report" => &[],
            _ => self.roots,
        }
    }
}

/// All groups, in the order in which they were met.
#[derive(Debug, Default)]
pub(crate) struct Causes {
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

#[derive(Debug, Serialize)]
pub(crate) struct Cause {
    /// `None` of the group of all further causes.
    pub(crate) state: Option<State>,
    pub(crate) deed: &'static str,
    /// Options that would settle it, each on its own.
    pub(crate) options: Vec<String>,
    /// Whether the same command would be tried again.
    pub(crate) again: bool,
    #[serde(skip)]
    pub(crate) files: u64,
    #[serde(skip)]
    pub(crate) bytes: u64,
    #[serde(skip)]
    pub(crate) help: Option<String>,
    #[serde(skip)]
    pub(crate) examples: Vec<Example>,
    /// The path of the first; `None` when it is no text.
    #[serde(skip)]
    pub(crate) first: Option<String>,
}

/// A file of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    /// As it is shown.
    pub(crate) path: String,
    /// What its row says.
    pub(crate) why: String,
}

impl Causes {
    /// Adds a row and returns the number of its group, from 1; 0 if it needs no decision.
    pub(crate) fn add(&mut self, record: &Record) -> usize {
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
        group.bytes = group.bytes.saturating_add(record.bytes);
        if group.examples.len() < EXAMPLES {
            group.examples.push(Example {
                path: escape::path(record).into_owned(),
                why: notes::cause(record),
            });
        }
        number + 1
    }

    /// All groups, in the order of their numbers.
    pub(crate) fn groups(&self) -> &[Cause] {
        &self.groups
    }

    /// All groups with their numbers, those with the most files first and the further causes last.
    pub(crate) fn largest_first(&self) -> Vec<(usize, &Cause)> {
        let mut numbered: Vec<(usize, &Cause)> = (1..).zip(&self.groups).collect();
        numbered.sort_by_key(|(number, cause)| {
            let files = std::cmp::Reverse(cause.files);
            (cause.state.is_none(), files, *number)
        });
        numbered
    }

    pub(crate) fn files(&self) -> u64 {
        self.groups.iter().map(|group| group.files).sum()
    }
}

impl Cause {
    fn of(record: &Record) -> Self {
        Cause {
            state: Some(record.state),
            deed: deed(record),
            options: options(record),
            again: record.outcome == Some(Outcome::Failed),
            files: 0,
            bytes: 0,
            help: notes::help(record).map(str::to_string),
            examples: Vec::new(),
            first: record.path_bytes.is_none().then(|| record.path.clone()),
        }
    }

    /// What the first of them says, or what they have in common.
    pub(crate) fn why(&self) -> &str {
        match (self.state, self.examples.first()) {
            (Some(_), Some(first)) => &first.why,
            _ => "further causes, each in the details of its row",
        }
    }

    /// The commands of which one would settle it.
    pub(crate) fn commands(&self, origin: &Origin<'_>) -> Vec<String> {
        let line = origin.to_repeat();
        if self.again {
            return line.map(str::to_string).into_iter().collect();
        }
        let start = match line {
            Some(line) => line.to_string(),
            None => format!(
                "h5lift migrate {} --out-dir NEW",
                self.files(origin.inputs())
            ),
        };
        let command = |option: &String| format!("{start} {option}");
        self.options.iter().map(command).collect()
    }

    /// The files of the group, as arguments.
    fn files(&self, roots: &[String]) -> String {
        // It turns square matrices, too, which are none of this group.
        let is_for_all = !self.options.iter().any(|option| option == "--transpose");
        match &self.first {
            Some(path) if self.files == 1 => for_shell(path),
            _ if is_for_all && (1..=MOST_ROOTS).contains(&roots.len()) => words(roots),
            _ => "--files-from LIST".to_string(),
        }
    }

    fn other() -> Self {
        Cause {
            state: None,
            deed: "",
            options: Vec::new(),
            again: false,
            files: 0,
            bytes: 0,
            help: None,
            examples: Vec::new(),
            first: None,
        }
    }
}

/// What is added to `migrate` to take this file.
fn options(record: &Record) -> Vec<String> {
    let is_refusal = match record.outcome {
        Some(outcome) => outcome == Outcome::Refused,
        None => record.plan.action == Action::Refuse,
    };
    if !is_refusal {
        return Vec::new();
    }
    let fixed = |options: &[&str]| options.iter().map(|it| (*it).to_string()).collect();
    let help = notes::help(record).unwrap_or_default();
    match record.state {
        State::Conflict => fixed(&["--prefer attributes", "--prefer datasets"]),
        State::Nameless => vec![places(help).unwrap_or_else(|| "--names-from FILE".to_string())],
        State::Transposed => fixed(&["--transpose"]),
        State::Incomplete if help.contains("--names-from") => fixed(&["--names-from FILE"]),
        State::Incomplete => fixed(&["--allow-missing-chunks"]),
        _ if help.contains("--encoding latin1") => fixed(&["--encoding latin1"]),
        _ if help.starts_with("use --transpose ") => fixed(&["--transpose"]),
        _ if help.contains("--matrix PATH") => fixed(&["--matrix PATH"]),
        _ if help.contains("--overwrite to replace") => fixed(&["--overwrite"]),
        _ if help.contains("--memory 8G") => fixed(&["--memory 8G"]),
        _ => Vec::new(),
    }
}

/// The first place that the help names for each axis, as options.
fn places(help: &str) -> Option<String> {
    let place = |option: &str| {
        let start = help.find(&format!("{option} /"))?;
        let end = help[start + option.len() + 1..].find([' ', ';', ',']);
        let end = end.map_or(help.len(), |end| start + option.len() + 1 + end);
        Some(&help[start..end])
    };
    let found: Vec<&str> = ["--genes-from", "--samples-from"]
        .into_iter()
        .filter_map(place)
        .collect();
    (!found.is_empty()).then(|| found.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn paths(cause: &Cause) -> Vec<&str> {
        cause.examples.iter().map(|it| it.path.as_str()).collect()
    }

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
        assert_eq!(paths(nameless), ["b.h5", "d.h5"]);
        assert_eq!(nameless.options, ["--names-from FILE"]);
        assert_eq!((failed.again, failed.options.len()), (true, 0));
        let roots = ["old".to_string(), "my data".to_string()];
        let audit = Origin {
            command: "audit",
            command_line: Some("h5lift audit old 'my data'"),
            roots: &roots,
        };
        let migrate = Origin {
            command: "migrate",
            command_line: Some("h5lift migrate a b --in-place"),
            roots: &roots,
        };
        assert_eq!(
            conflict.commands(&audit),
            [
                "h5lift migrate e.h5 --out-dir NEW --prefer attributes",
                "h5lift migrate e.h5 --out-dir NEW --prefer datasets"
            ]
        );
        assert_eq!(
            nameless.commands(&audit),
            ["h5lift migrate old 'my data' --out-dir NEW --names-from FILE"]
        );
        assert_eq!(
            nameless.commands(&migrate),
            ["h5lift migrate a b --in-place --names-from FILE"]
        );
        let report = Origin {
            command: "report",
            ..audit
        };
        assert_eq!(
            nameless.commands(&report),
            ["h5lift migrate --files-from LIST --out-dir NEW --names-from FILE"]
        );
        assert_eq!(failed.commands(&migrate), ["h5lift migrate a b --in-place"]);
        assert_eq!(failed.commands(&audit), [""; 0]);
        assert_eq!(causes.files(), 4);
        let order: Vec<usize> = causes
            .largest_first()
            .iter()
            .map(|(number, _)| *number)
            .collect();
        assert_eq!(order, [1, 2, 3]);
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
        assert_eq!(causes.largest_first()[0].0, 1);
    }

    #[test]
    fn help_that_names_an_option_gives_a_command() {
        let option = |state, help: &str| {
            let mut record = sample::refusal("a.h5", state, "why");
            record.plan.hint = Some(help.to_string());
            options(&record).join(" | ")
        };
        assert_eq!(
            option(
                State::Nameless,
                "if the dataset /meta/genes has the gene names, say --genes-from /meta/genes; if /s has the \
                 sample names, say --samples-from /s, or --samples-from /t; or give the names"
            ),
            "--genes-from /meta/genes --samples-from /s"
        );
        assert_eq!(
            option(
                State::Nameless,
                "if they are elsewhere in the file, say where with --genes-from PLACE"
            ),
            "--names-from FILE"
        );
        assert_eq!(
            option(
                State::Legacy,
                "choose one with --matrix PATH; it becomes /expr"
            ),
            "--matrix PATH"
        );
        assert_eq!(option(State::Damaged, "restore it from a backup"), "");
    }
}
