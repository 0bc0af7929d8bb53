//! The report as JSON: one document, or one line a row (`jsonl` and the ledger).
//!
//! Any JSON reader gets back exactly the original text, unusual file names included. Characters that affect a
//! display are written as `\uXXXX`, which JSON allows and which does no harm in a terminal.

use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::model::shell::acts_on_display;
use serde::Serialize;
use std::fmt::Write;

/// The whole report, indented, with a newline at its end.
pub(crate) fn document(report: &Report) -> Vec<u8> {
    finish(written(report, serde_json::to_string_pretty))
}

/// One row on one line, with a newline at its end.
pub(crate) fn line(record: &Record) -> Vec<u8> {
    finish(written(record, serde_json::to_string))
}

/// Anything on one line, without an end.
pub(crate) fn text(value: &impl Serialize) -> String {
    // What this is called for has string keys, so it cannot fail.
    let json = serde_json::to_string(value).unwrap_or_default();
    harmless(json)
}

#[expect(
    clippy::expect_used,
    reason = "fails only for a map whose keys are no strings or a Serialize that fails; \
              the report's maps have unit enums as keys and its types derive Serialize"
)]
fn written<T: Serialize>(value: &T, write: fn(&T) -> serde_json::Result<String>) -> String {
    write(value).expect("the report's types are JSON")
}

fn finish(json: String) -> Vec<u8> {
    let mut safe = harmless(json);
    safe.push('\n');
    safe.into_bytes()
}

/// The same with everything spelled out that acts on a display.
fn harmless(json: String) -> String {
    // Controls but for DEL are spelled out in any JSON.
    if json.is_ascii() && !json.as_bytes().contains(&0x7f) {
        return json;
    }
    // Between the tokens only newlines and spaces occur, so anything else is inside of a string.
    let acts = |c: char| c != '\n' && acts_on_display(c);
    if json.contains(acts) {
        let mut safe = String::with_capacity(json.len() + 16);
        for c in json.chars() {
            if acts(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            } else {
                safe.push(c);
            }
        }
        safe
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_document_reads_back_equal() {
        let report = sample::migration();
        let json = document(&report);
        assert!(json.ends_with(b"}\n"));
        assert_eq!(serde_json::from_slice::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn a_row_is_one_harmless_line_that_reads_back_equal() {
        for record in sample::every_row() {
            let json = String::from_utf8(line(&record)).unwrap();
            assert_eq!(json.find(acts_on_display), Some(json.len() - 1), "{json:?}");
            assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
        }
    }

    #[test]
    fn characters_beyond_the_first_plane_become_pairs() {
        let json = finish("\"\u{e0041}\u{202e}\u{9b}\"".to_string());
        assert_eq!(json, b"\"\\udb40\\udc41\\u202e\\u009b\"\n");
    }
}
