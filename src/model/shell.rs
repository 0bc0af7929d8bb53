//! Paths and other arguments in commands that a message proposes.

use std::fmt::Write;

/// Whether a character affects a display instead of being visible.
///
/// Controls (C0, DEL, C1), line and paragraph separators, and the invisible ones of Unicode's
/// category Cf: bidirectional marks, overrides and isolates, zero-width characters, tags.
pub(crate) fn acts_on_display(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f'
        | '\x7f'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Arguments of a command, quoted where a shell needs it.
pub(crate) fn words(arguments: &[String]) -> String {
    let words: Vec<String> = arguments.iter().map(|it| for_shell(it)).collect();
    words.join(" ")
}

/// A path or another positional argument, quoted as [`quoted`] does it.
pub(crate) fn for_shell(argument: &str) -> String {
    match argument.starts_with('-') {
        // An option otherwise.
        true => quoted(&format!("./{argument}")),
        false => quoted(argument),
    }
}

/// A word, quoted for a POSIX shell (or, for control characters, for bash).
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if word.contains(acts_on_display) {
        let mut quoted = String::from("$'");
        for c in word.chars() {
            match c {
                '\\' | '\'' => quoted.extend(['\\', c]),
                c if acts_on_display(c) => {
                    let mut utf8 = [0; 4];
                    for byte in c.encode_utf8(&mut utf8).bytes() {
                        // Writing to a String cannot fail.
                        let _ = write!(quoted, "\\x{byte:02x}");
                    }
                }
                c => quoted.push(c),
            }
        }
        quoted + "'"
    } else if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words() {
        for (argument, word) in [
            ("archive/2024_run-1", "archive/2024_run-1"),
            ("my data", "'my data'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
            ("-rf", "./-rf"),
            ("$(reboot)", "'$(reboot)'"),
            ("a\n'b", "$'a\\x0a\\'b'"),
            ("\u{202e}x", "$'\\xe2\\x80\\xaex'"),
        ] {
            assert_eq!(for_shell(argument), word);
        }
    }
}
