//! Colours by meaning, or none.

use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::state::State;
use anstyle::{AnsiColor, Style};

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    /// Done, or nothing to do.
    Good,
    /// Work that h5lift can do.
    Work,
    /// A user has to decide, or something is broken.
    Bad,
    /// Not relevant.
    Quiet,
    /// The label of a remark.
    Label,
}

/// Writes text in the colour of its [`Tone`]; the sixteen colours that follow the user's theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Painter {
    /// Whether any escape sequence is written.
    pub colour: bool,
}

impl Painter {
    /// The text, between escape sequences where its tone has a colour.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Work => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Quiet => Style::new().dimmed(),
            Tone::Label => AnsiColor::Cyan.on_default(),
        };
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }
}

/// The tone of a state, given what is done about it: a conflict that `--prefer` decides is work.
pub(crate) fn state(state: State, action: Action) -> Tone {
    match (action, state) {
        (Action::Migrate | Action::Convert, _) => Tone::Work,
        (Action::Skip, State::Current) => Tone::Good,
        (Action::Skip, state) if state.is_skipped() => Tone::Quiet,
        (Action::Skip | Action::Refuse, _) => Tone::Bad,
    }
}

/// The tone of what was done, or else of what would be.
pub(crate) fn deed(record: &Record) -> Tone {
    match (record.outcome, record.plan.action) {
        (Some(Outcome::Migrated | Outcome::Verified | Outcome::Converted), _) => Tone::Good,
        (Some(Outcome::Salvaged | Outcome::Refused | Outcome::Failed), _)
        | (None, Action::Refuse) => Tone::Bad,
        (Some(Outcome::Skipped), _) | (None, Action::Skip) => Tone::Quiet,
        (None, Action::Migrate | Action::Convert) => Tone::Work,
    }
}

/// The tone of a word of what was done, or would be.
pub(crate) fn tone_of_deed(word: &str) -> Tone {
    match word {
        "migrated" | "converted" | "verified" => Tone::Good,
        "migrate" | "convert" => Tone::Work,
        "skip" | "skipped" => Tone::Plain,
        _ => Tone::Bad,
    }
}

/// Work first, then what is left alone, then what needs a decision.
pub(crate) fn order_of_deed(word: &str) -> (u8, &str) {
    let order = match tone_of_deed(word) {
        Tone::Good | Tone::Work => 0,
        Tone::Plain => 1,
        _ => 2,
    };
    (order, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_ends_where_the_text_ends() {
        let painter = Painter { colour: true };
        assert_eq!(
            painter.paint(Tone::Good, "current"),
            "\x1b[32mcurrent\x1b[0m"
        );
        assert_eq!(painter.paint(Tone::Plain, "path"), "path");
        assert_eq!(painter.paint(Tone::Bad, ""), "");
        assert_eq!(Painter { colour: false }.paint(Tone::Bad, "x"), "x");
    }

    #[test]
    fn a_decided_conflict_is_work() {
        assert_eq!(state(State::Conflict, Action::Refuse), Tone::Bad);
        assert_eq!(state(State::Conflict, Action::Migrate), Tone::Work);
        assert_eq!(state(State::Current, Action::Migrate), Tone::Work);
        assert_eq!(state(State::Foreign, Action::Skip), Tone::Quiet);
    }
}
