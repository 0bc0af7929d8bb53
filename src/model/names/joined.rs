//! Lists of names in one string: JSON, or names between newlines, tabs or commas. Pure.
//!
//! A separator inside of a name would shift all that follow, so nothing is guessed: a way of
//! splitting is believed only when it gives as many names as the axis is long, and no other way does.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What stands between the names of one string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    /// A JSON list.
    Json,
    /// Lines.
    Newline,
    /// Tabs.
    Tab,
    /// Commas, perhaps with a blank behind each.
    Comma,
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Separator::Json => "a JSON list",
            Separator::Newline => "newlines",
            Separator::Tab => "tabs",
            Separator::Comma => "commas",
        })
    }
}

/// What one string turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Joined {
    /// A list of as many names as were expected.
    Names(Separator, Vec<Vec<u8>>),
    /// Nothing gives that many: what each way that there is would give.
    Unfitting(Vec<(Separator, u64)>),
    /// Several ways give that many.
    Ambiguous(Vec<Separator>),
    /// A pickle, which is a program and is never run.
    Pickle,
}

/// Splits a string into `length` names.
pub(crate) fn split(text: &[u8], length: u64) -> Joined {
    if is_pickle(text) {
        return Joined::Pickle;
    }
    let ways = match json(text) {
        // A JSON list is one whatever its names contain.
        Some(names) => vec![(Separator::Json, names)],
        None if is_bracketed(text) => Vec::new(),
        None => at_separators(text),
    };
    let (mut fitting, rest): (Vec<_>, Vec<_>) = ways
        .into_iter()
        .partition(|(_, names)| names.len() as u64 == length);
    match fitting.len() {
        0 => Joined::Unfitting(
            rest.into_iter()
                .map(|(separator, names)| (separator, names.len() as u64))
                .collect(),
        ),
        1 => {
            let (separator, names) = fitting.remove(0);
            Joined::Names(separator, names)
        }
        _ => Joined::Ambiguous(
            fitting
                .into_iter()
                .map(|(separator, _)| separator)
                .collect(),
        ),
    }
}

/// The beginnings of Python's protocols 0 to 5, for a list or an array.
fn is_pickle(text: &[u8]) -> bool {
    matches!(text, [0x80, 2..=5, ..]) || text.starts_with(b"(lp") || text.starts_with(b"cnumpy")
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
fn at_separators(text: &[u8]) -> Vec<(Separator, Vec<Vec<u8>>)> {
    [
        (Separator::Newline, b'\n'),
        (Separator::Tab, b'\t'),
        (Separator::Comma, b','),
    ]
    .into_iter()
    .filter(|(_, byte)| text.contains(byte))
    .map(|(separator, byte)| (separator, pieces(text, byte)))
    .filter(|(_, names)| !names.iter().any(|name| is_quoted(name)))
    .collect()
}

fn pieces(text: &[u8], separator: u8) -> Vec<Vec<u8>> {
    // The last line may end like all others.
    let text = match separator {
        b'\n' => text.strip_suffix(b"\n").unwrap_or(text),
        _ => text,
    };
    let mut names: Vec<&[u8]> = text.split(|byte| *byte == separator).collect();
    let strip = |names: &mut Vec<&[u8]>, from: usize, strip: fn(&[u8]) -> Option<&[u8]>| {
        let stripped: Option<Vec<&[u8]>> = names[from..].iter().map(|name| strip(name)).collect();
        if let Some(stripped) = stripped {
            names.truncate(from);
            names.extend(stripped);
        }
    };
    match separator {
        b'\n' => strip(&mut names, 0, |name| name.strip_suffix(b"\r")),
        b',' => strip(&mut names, 1, |name| name.strip_prefix(b" ")),
        _ => {}
    }
    names.into_iter().map(<[u8]>::to_vec).collect()
}

/// A list as some program prints it, which is not JSON.
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

    fn names(text: &str, length: u64) -> Option<(Separator, Vec<String>)> {
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
            (r#"["A", "B", "C"]"#, Separator::Json),
            ("A\nB\nC", Separator::Newline),
            ("A\nB\nC\n", Separator::Newline),
            ("A\r\nB\r\nC\r\n", Separator::Newline),
            ("A\tB\tC", Separator::Tab),
            ("A,B,C", Separator::Comma),
            ("A, B, C", Separator::Comma),
        ] {
            assert_eq!(names(text, 3), Some((separator, abc.clone())), "{text:?}");
        }
        assert_eq!(
            names("[7157, 672]", 2),
            Some((Separator::Json, strings(&["7157", "672"])))
        );
    }

    #[test]
    fn a_separator_inside_of_a_name_is_no_guess() {
        assert_eq!(
            split(b"HLA-A,1,HLA-B", 2),
            Joined::Unfitting(vec![(Separator::Comma, 3)])
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
            Some(Separator::Newline)
        );
    }

    #[test]
    fn what_has_to_be_unquoted_or_run_is_left_alone() {
        assert_eq!(split(b"'A','B'", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"['A', 'B']", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"c(\"A\",\"B\")", 2), Joined::Unfitting(Vec::new()));
        assert_eq!(split(b"(lp0\nVA\np1\na.", 3), Joined::Pickle);
        assert_eq!(split(b"\x80\x04\x95", 1), Joined::Pickle);
        assert_eq!(split(b"A", 1), Joined::Unfitting(Vec::new()));
    }

    #[test]
    fn empty_names_stay_where_they_are() {
        assert_eq!(
            names("A,,C", 3),
            Some((Separator::Comma, strings(&["A", "", "C"])))
        );
    }
}
