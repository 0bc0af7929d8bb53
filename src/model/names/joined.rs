//! Lists of names in one string: JSON, a list as Python or R prints it, or names between newlines, tabs, commas,
//! semicolons or bars. Pure.
//!
//! A separator inside of a name would shift all names after it. So a notation is believed only if it gives as many
//! names as the axis is long, and if no other notation does.

pub(crate) mod printed_list;

use crate::model::names::joined::printed_list::{python_list, r_vector};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How one string spells a list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notation {
    /// A JSON list.
    Json,
    /// A list, tuple or array as Python prints it.
    Python,
    /// A vector as R's `deparse` spells it.
    R,
    /// One name a line.
    Newline,
    /// Names between tabs.
    Tab,
    /// Names between commas, perhaps with a blank after each.
    Comma,
    /// Names between semicolons, perhaps with a blank after each.
    Semicolon,
    /// Names between vertical bars, perhaps with a blank on both sides of each.
    Bar,
}

impl Notation {
    /// Whether the string is a list with brackets, not names between separators.
    pub(crate) fn is_bracketed(self) -> bool {
        matches!(self, Notation::Json | Notation::Python | Notation::R)
    }
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Notation::Json => "a JSON list",
            Notation::Python => "a Python list",
            Notation::R => "an R vector",
            Notation::Newline => "newlines",
            Notation::Tab => "tabs",
            Notation::Comma => "commas",
            Notation::Semicolon => "semicolons",
            Notation::Bar => "vertical bars",
        })
    }
}

/// What one string turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joined {
    /// A list of as many names as were expected.
    Names(Notation, Vec<Vec<u8>>),
    /// No notation gives that many: how many names each possible notation gives.
    Unfitting(Vec<(Notation, u64)>),
    /// Several notations give that many.
    Ambiguous(Vec<Notation>),
    /// A pickle, which is a program and is never run.
    Pickle,
}

/// Splits a string into `length` names.
pub(crate) fn split(text: &[u8], length: u64) -> Joined {
    if is_pickle(text) {
        return Joined::Pickle;
    }
    let (mut fitting, others): (Vec<_>, Vec<_>) = readings(text)
        .into_iter()
        .partition(|(_, names)| names.len() as u64 == length);
    match fitting.len() {
        0 => Joined::Unfitting(
            others
                .into_iter()
                .map(|(notation, names)| (notation, names.len() as u64))
                .collect(),
        ),
        1 => {
            let (notation, names) = fitting.remove(0);
            Joined::Names(notation, names)
        }
        _ => Joined::Ambiguous(fitting.into_iter().map(|(notation, _)| notation).collect()),
    }
}

/// The beginnings of Python's protocols 0 to 5, for a list or an array.
fn is_pickle(text: &[u8]) -> bool {
    matches!(text, [0x80, 2..=5, ..]) || text.starts_with(b"(lp") || text.starts_with(b"cnumpy")
}

/// Each notation in which the string can be read, with its names. A list with brackets is one whatever its names
/// contain.
fn readings(text: &[u8]) -> Vec<(Notation, Vec<Vec<u8>>)> {
    let bracketed = json(text)
        .map(|names| (Notation::Json, names))
        .or_else(|| python_list(text).map(|names| (Notation::Python, names)))
        .or_else(|| r_vector(text).map(|names| (Notation::R, names)));
    match bracketed {
        Some(reading) => vec![reading],
        None if is_bracketed(text) => Vec::new(),
        None => at_separators(text),
    }
}

/// A JSON list of strings or integers.
fn json(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let items: Vec<serde_json::Value> = serde_json::from_slice(text).ok()?;
    items
        .into_iter()
        .map(|item| match item {
            serde_json::Value::String(text) => Some(text.into_bytes()),
            serde_json::Value::Number(number) if number.is_i64() || number.is_u64() => {
                Some(number.to_string().into_bytes())
            }
            _ => None,
        })
        .collect()
}

/// Each separator that occurs, with the names between.
fn at_separators(text: &[u8]) -> Vec<(Notation, Vec<Vec<u8>>)> {
    [
        (Notation::Newline, b'\n'),
        (Notation::Tab, b'\t'),
        (Notation::Comma, b','),
        (Notation::Semicolon, b';'),
        (Notation::Bar, b'|'),
    ]
    .into_iter()
    .filter(|(_, byte)| text.contains(byte))
    .map(|(notation, byte)| (notation, pieces(text, notation, byte)))
    .filter(|(_, names)| !names.iter().any(|name| is_quoted(name)))
    .collect()
}

fn pieces(text: &[u8], notation: Notation, separator: u8) -> Vec<Vec<u8>> {
    // The last line may end like all others.
    let text = match notation {
        Notation::Newline => text.strip_suffix(b"\n").unwrap_or(text),
        _ => text,
    };
    let mut names: Vec<&[u8]> = text.split(|byte| *byte == separator).collect();
    let after_first = 1.min(names.len());
    match notation {
        Notation::Newline => strip_all(&mut names, |name| name.strip_suffix(b"\r")),
        Notation::Comma | Notation::Semicolon => {
            strip_all(&mut names[after_first..], |name| name.strip_prefix(b" "));
        }
        Notation::Bar => {
            let before_last = names.len().saturating_sub(1);
            let (begin, end) = (
                names[after_first..]
                    .iter()
                    .all(|name| name.starts_with(b" ")),
                names[..before_last].iter().all(|name| name.ends_with(b" ")),
            );
            if begin && end {
                strip_all(&mut names[after_first..], |name| name.strip_prefix(b" "));
                strip_all(&mut names[..before_last], |name| name.strip_suffix(b" "));
            }
        }
        _ => {}
    }
    names.into_iter().map(<[u8]>::to_vec).collect()
}

/// Strips each name, if every one of them can be stripped.
fn strip_all(names: &mut [&[u8]], strip: fn(&[u8]) -> Option<&[u8]>) {
    if names.iter().all(|name| strip(name).is_some()) {
        for name in names {
            *name = strip(name).unwrap_or(name);
        }
    }
}

/// A list as some program prints it, in none of the notations that are known here.
fn is_bracketed(text: &[u8]) -> bool {
    matches!(
        text.trim_ascii(),
        [b'[', .., b']'] | [b'(', .., b')'] | [b'{', .., b'}']
    )
}

/// Quotes are there because a name contains the separator, or something else that has to be undone.
fn is_quoted(name: &[u8]) -> bool {
    match name.trim_ascii() {
        [b'\'', .., b'\''] => true,
        name => name.contains(&b'"'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, length: u64) -> Option<(Notation, Vec<String>)> {
        match split(text.as_bytes(), length) {
            Joined::Names(separator, names) => Some((
                separator,
                names
                    .into_iter()
                    .map(|name| String::from_utf8(name).unwrap())
                    .collect(),
            )),
            _ => None,
        }
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lists_of_every_kind() {
        let abc = strings(&["A", "B", "C"]);
        for (text, separator) in [
            (r#"["A", "B", "C"]"#, Notation::Json),
            ("A\nB\nC", Notation::Newline),
            ("A\nB\nC\n", Notation::Newline),
            ("A\r\nB\r\nC\r\n", Notation::Newline),
            ("A\tB\tC", Notation::Tab),
            ("A,B,C", Notation::Comma),
            ("A, B, C", Notation::Comma),
            ("A;B;C", Notation::Semicolon),
            ("A; B; C", Notation::Semicolon),
            ("A|B|C", Notation::Bar),
            ("A | B | C", Notation::Bar),
            ("['A', 'B', 'C']", Notation::Python),
            ("c(\"A\", \"B\", \"C\")", Notation::R),
        ] {
            assert_eq!(names(text, 3), Some((separator, abc.clone())), "{text:?}");
        }
        assert_eq!(
            names("[7157, 672]", 2),
            Some((Notation::Json, strings(&["7157", "672"])))
        );
    }

    #[test]
    fn a_separator_inside_of_a_name_is_no_guess() {
        assert_eq!(
            split(b"HLA-A,1,HLA-B", 2),
            Joined::Unfitting(vec![(Notation::Comma, 3)])
        );
        // Lines fit, and the comma belongs to a name.
        assert_eq!(
            names("HLA-A,1\nHLA-B", 2),
            None,
            "two ways give two names: {:?}",
            split(b"HLA-A,1\nHLA-B", 2)
        );
        assert_eq!(
            names("HLA-A,1\nHLA-B,2\nC", 3).map(|(s, _)| s),
            None,
            "lines and commas both give three"
        );
        assert_eq!(
            names("HLA-A,1\nB\nC", 3).map(|(s, _)| s),
            Some(Notation::Newline)
        );
    }

    #[test]
    fn what_has_to_be_unquoted_or_run_is_left_alone() {
        assert_eq!(split(b"'A','B'", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"['A', B]", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"{'A', 'B'}", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"(lp0\nVA\np1\na.", 3), Joined::Pickle);
        assert_eq!(split(b"\x80\x04\x95", 1), Joined::Pickle);
        assert_eq!(split(b"A", 1), Joined::Unfitting(Vec::new()));
    }

    #[test]
    fn two_separators_that_both_fit_are_no_guess() {
        assert_eq!(
            split(b"A|1;B|2;C", 3),
            Joined::Ambiguous(vec![Notation::Semicolon, Notation::Bar])
        );
        // A blank on one side of some bars belongs to the names.
        assert_eq!(
            names("A |B |C", 3),
            Some((Notation::Bar, strings(&["A ", "B ", "C"])))
        );
    }

    #[test]
    fn empty_names_stay_where_they_are() {
        assert_eq!(
            names("A,,C", 3),
            Some((Notation::Comma, strings(&["A", "", "C"])))
        );
    }
}
