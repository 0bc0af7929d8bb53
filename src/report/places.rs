//! Places in a text that cannot be read, shown like the messages of a compiler.

use crate::report::escape;
use crate::report::notes::wrapped;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use text_matrix::TextProblem;

/// What stands before the help, behind a margin as wide as the number of the line.
const HELP: &str = " = help: ";

/// All places, one after the other.
pub(crate) fn render(
    path: &str,
    places: &[TextProblem],
    width: Option<usize>,
    colour: bool,
) -> String {
    let path = escape::for_terminal(path);
    let renderer = match colour {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let mut text = String::new();
    for place in places.iter().map(|place| ShownPlace::of(place, width)) {
        text += &renderer.render(&[place.group(&path)]);
        text.push('\n');
    }
    text
}

/// The displayed part of a place, safe for a terminal.
struct ShownPlace {
    line: usize,
    message: String,
    help: String,
    /// Made safe after cutting.
    excerpt: String,
    /// The place within it, in bytes.
    span: std::ops::Range<usize>,
}

impl ShownPlace {
    fn of(problem: &TextProblem, width: Option<usize>) -> Self {
        let byte = |character: usize| {
            let mut starts = problem.text.char_indices().map(|(at, _)| at);
            starts.nth(character).unwrap_or(problem.text.len())
        };
        // Of a long line only a part is shown, and the column in that part would mislead.
        let is_whole = problem.column == problem.span.start as u64 + 1;
        let message = match is_whole {
            true => problem.message.clone(),
            false => format!("column {}: {}", problem.column, problem.message),
        };
        ShownPlace {
            line: usize::try_from(problem.line).unwrap_or(usize::MAX),
            message: escape::for_terminal(&message).into_owned(),
            help: {
                let help = escape::for_terminal(&problem.help);
                let margin = problem.line.to_string().len() + HELP.len();
                wrapped(&help, margin, width).join("\n")
            },
            excerpt: problem.text.clone(),
            span: byte(problem.span.start)..byte(problem.span.end),
        }
    }

    fn group<'a>(&'a self, path: &'a str) -> Group<'a> {
        let snippet = Snippet::source(&self.excerpt)
            .path(path)
            .line_start(self.line)
            .annotation(AnnotationKind::Primary.span(self.span.clone()));
        let group = Group::with_title(Level::ERROR.primary_title(&self.message)).element(snippet);
        match self.help.is_empty() {
            true => group,
            false => group.element(Level::HELP.message(&self.help)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line_and_what_to_do() {
        let place = TextProblem {
            line: 3,
            column: 205,
            field: 40,
            text: "…1.5→x→2".to_string(),
            span: 5..6,
            message: "`x` is not a number".to_string(),
            help: "say --na x".to_string(),
        };
        let shown = render("a.tsv", std::slice::from_ref(&place), None, false);
        assert_eq!(
            shown,
            "\
error: column 205: `x` is not a number
 --> a.tsv:3:6
  |
3 | …1.5→x→2
  |      ^
  |
  = help: say --na x
"
        );
        let place = TextProblem {
            help: "if it stands for a missing value: --na x".to_string(),
            ..place
        };
        let narrow = render("a.tsv", &[place], Some(36), false);
        assert!(
            narrow.ends_with("  = help: if it stands for a missing\n          value: --na x\n"),
            "{narrow}"
        );
    }
}
