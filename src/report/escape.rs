//! Text from files and file names, made safe and visible.
//!
//! A file name may hold an escape sequence that retitles a terminal, a newline that forges a row, or a
//! bidirectional override that makes `gpj.exe` of `exe.jpg`. Ordinary text of any script is unchanged.

use crate::model::record::Record;
use crate::model::shell::{acts_on_display, for_shell};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

/// The text with everything that [acts on a display](acts_on_display) spelled out:
/// `\n`, `\x1b`, `\u{202e}`.
pub(crate) fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_display) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts_on_display(c) {
            push_spelled(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn push_spelled(shown: &mut String, c: char) {
    match c {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        c if c.is_ascii() => push_byte(shown, c as u8),
        c => {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

fn push_byte(shown: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(shown, "\\x{byte:02x}");
}

/// The path of a row for a terminal; bytes that are no UTF-8 become `\xe9`.
pub(crate) fn path(record: &Record) -> Cow<'_, str> {
    match record.path_bytes.as_deref().and_then(unhex) {
        Some(bytes) => Cow::Owned(decode(&bytes, |text| for_terminal(text).into_owned())),
        None => for_terminal(&record.path),
    }
}

/// The path of a row as the system has it.
pub(crate) fn path_bytes(record: &Record) -> Vec<u8> {
    let bytes = record.path_bytes.as_deref().and_then(unhex);
    bytes.unwrap_or_else(|| record.path.clone().into_bytes())
}

/// A path for a terminal; bytes that are no UTF-8 become `\xe9`.
pub(crate) fn path_text(path: &Path) -> Cow<'_, str> {
    match path.to_str() {
        Some(text) => for_terminal(text),
        None => Cow::Owned(decode(path.as_os_str().as_encoded_bytes(), |text| {
            for_terminal(text).into_owned()
        })),
    }
}

/// The path of a row for a field whose backslashes are doubled, so that it reads back.
pub(crate) fn path_field(record: &Record) -> String {
    match record.path_bytes.as_deref().and_then(unhex) {
        Some(bytes) => decode(&bytes, field),
        None => field(&record.path),
    }
}

/// Text for a tab-separated field: backslashes doubled, then [`for_terminal`].
pub(crate) fn field(text: &str) -> String {
    for_terminal(&text.replace('\\', "\\\\")).into_owned()
}

fn decode(bytes: &[u8], spell: impl Fn(&str) -> String) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for part in bytes.utf8_chunks() {
        shown.push_str(&spell(part.valid()));
        for byte in part.invalid() {
            push_byte(&mut shown, *byte);
        }
    }
    shown
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let pair = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(pair).collect()
}

/// The program's own command line, from its arguments, for a shell.
pub(crate) fn command_line(arguments: impl Iterator<Item = OsString>) -> String {
    let mut line = "h5lift".to_string();
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let rest = argument.trim_start_matches('-');
        line.push(' ');
        line += &argument[..argument.len() - rest.len()];
        if !rest.is_empty() || argument.is_empty() {
            line += &for_shell(rest);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::State;

    #[test]
    fn ordinary_text_of_any_script_is_borrowed() {
        for text in ["archive/a.h5", "Ünï/样本 β.h5", "🧬.h5", "back\\slash", ""] {
            assert!(matches!(for_terminal(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn whatever_acts_is_spelled_out() {
        for (text, shown) in [
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
            ("\0\x7f", "\\x00\\x7f"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            (
                "\u{feff}a\u{200b}b\u{200d}",
                "\\u{feff}a\\u{200b}b\\u{200d}",
            ),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(for_terminal(text), shown);
        }
    }

    #[test]
    fn undecodable_bytes_of_a_path_are_shown() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9\\\n.h5");
        let record = Record::new(name.as_ref(), 0, State::Legacy, String::new());
        assert_eq!(path(&record), "caf\\xe9\\\\n.h5");
        assert_eq!(path_text(name.as_ref()), "caf\\xe9\\\\n.h5");
        assert_eq!(path_field(&record), "caf\\xe9\\\\\\n.h5");
    }

    #[test]
    fn a_malformed_row_still_shows_its_path() {
        let mut record = Record::new("a.h5".as_ref(), 0, State::Legacy, String::new());
        for odd in ["6", "zz", "é"] {
            record.path_bytes = Some(odd.to_string());
            assert_eq!(path(&record), "a.h5");
        }
    }

    #[test]
    fn a_command_line_is_that_of_a_shell() {
        let arguments = ["migrate", "a b.h5", "--report=x y.html", "-j", "4", "", "-"];
        assert_eq!(
            command_line(arguments.into_iter().map(OsString::from)),
            "h5lift migrate 'a b.h5' --'report=x y.html' -j 4 '' -"
        );
    }
}
