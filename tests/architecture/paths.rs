//! Words and signs -> the paths that a source names, `use` trees unfolded.

use super::tokens::Token;

/// A path as it is written, where it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    /// Modules inside of the file that it stands in.
    pub(crate) inside: Vec<String>,
    pub(crate) line: usize,
    /// Followed by `as`.
    pub(crate) renamed: bool,
    /// Part of a `use` or an `extern crate`.
    pub(crate) imported: bool,
}

/// Every path, also those of one segment.
pub(crate) fn paths(tokens: &[Token]) -> Vec<Named> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut depth = 0;
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut imported = false;
    for at in 0..tokens.len() {
        match text(at) {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inside.retain(|(_, since)| *since <= depth);
            }
            "mod" if text(at + 2) == "{" => inside.push((text(at + 1).to_string(), depth + 1)),
            "use" | "extern" => imported = true,
            ";" => imported = false,
            _ if begins_path(tokens, at) => {
                let (paths, _) = unfold(tokens, at, &[]);
                found.extend(paths.into_iter().map(|(segments, line, renamed)| Named {
                    segments,
                    inside: inside.iter().map(|(name, _)| name.clone()).collect(),
                    line,
                    renamed,
                    imported,
                }));
            }
            _ => {}
        }
    }
    found
}

/// Whether a path begins here rather than goes on.
fn begins_path(tokens: &[Token], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|before| &tokens[before]);
    tokens[at].is_word()
        && match before(1).map(|token| token.text.as_str()) {
            // `::name` begins at the crates; `a::name` and `a.name` go on.
            Some("::") => before(2).is_none_or(|token| !token.is_word() && token.text != ">"),
            Some(".") => false,
            _ => true,
        }
}

type Unfolded = Vec<(Vec<String>, usize, bool)>;

fn unfold(tokens: &[Token], mut at: usize, prefix: &[String]) -> (Unfolded, usize) {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let line = tokens[at].line;
    let mut segments = prefix.to_vec();
    segments.push(text(at).to_string());
    at += 1;
    while text(at) == "::" {
        match tokens.get(at + 1) {
            Some(next) if next.text == "{" => return unfold_group(tokens, at + 2, &segments),
            Some(next) if next.is_word() || next.text == "*" => segments.push(next.text.clone()),
            _ => break,
        }
        at += 2;
    }
    (vec![(segments, line, text(at) == "as")], at)
}

fn unfold_group(tokens: &[Token], mut at: usize, prefix: &[String]) -> (Unfolded, usize) {
    let mut all = Vec::new();
    while let Some(token) = tokens.get(at) {
        if token.text == "}" {
            return (all, at + 1);
        }
        if token.is_word() && token.text != "as" || token.text == "*" {
            let (found, end) = unfold(tokens, at, prefix);
            all.extend(found);
            at = end;
        } else {
            // A comma, or `as` with the name that follows it.
            at += if token.text == "as" { 2 } else { 1 };
        }
    }
    (all, at)
}
