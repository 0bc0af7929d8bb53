//! Places in a text that cannot be read, shown like the messages of a compiler.

use crate::report::escape;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use text_matrix::TextProblem;

/// All places, one after the other.
pub(crate) fn render(path: &str, places: &[TextProblem], colour: bool) -> String {
    let path = escape::for_terminal(path);
    let renderer = match colour {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let mut text = String::new();
    for place in places.iter().map(StringList::of) {
        text += &renderer.render(&[place.group(&path)]);
        text.push('\n');
    }
    text
}

/// The displayed part of a place, safe for a terminal.
struct StringList {
    line: usize,
    message: String,
    help: String,
    /// Made safe after cutting.
    excerpt: String,
    /// The place within it, in bytes.
    span: std::ops::Range<usize>,
}

impl StringList {
    fn of(problem: &TextProblem) -> Self {
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
        StringList {
            line: usize::try_from(problem.line).unwrap_or(usize::MAX),
            message: escape::for_terminal(&message).into_owned(),
            help: escape::for_terminal(&problem.help).into_owned(),
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
        let shown = render("a.tsv", &[place], false);
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
    }
}
