//! A record as a pattern and the numbers in it.
//!
//! The rows of an archive differ in little but numbers and paths. Taken out of the JSON of a record, they leave one
//! of a few patterns, so a page or a ledger with 100,000 rows holds each sentence once. What was taken out is marked by
//! control characters, which JSON text never holds as they are:
//!
//! | mark | stands for |
//! |---|---|
//! | `\x01` | the next number |
//! | `\x02` and a letter | the next number, with zeros in front: `b` for two digits, `c` for three |
//! | `\x03`, an offset, `\x03` | the path of the row from that offset on |

use memchr::memmem;
use std::fmt::Write;

/// The next number, as it is.
const NUMBER: char = '\x01';
/// The next number, filled up with zeros.
const PADDED: char = '\x02';
/// An end of the row's path.
const PATH: char = '\x03';
/// Numbers of more digits are not exact in JavaScript.
const MOST_DIGITS: usize = 15;
/// Shorter file names would be found in the middle of words.
const SHORTEST_NAME: usize = 4;

/// Takes path and numbers out of JSON text, and appends the numbers in their order.
pub(crate) fn take_out(json: &str, path: &str, numbers: &mut Vec<u64>) -> String {
    let mut pattern = String::with_capacity(json.len());
    let mut rest = 0;
    for (start, end, offset) in ends_of_path(json, path) {
        take_numbers(&json[rest..start], &mut pattern, numbers);
        pattern.push(PATH);
        pattern.push_str(&offset.to_string());
        pattern.push(PATH);
        rest = end;
    }
    take_numbers(&json[rest..], &mut pattern, numbers);
    pattern
}

fn take_numbers(text: &str, pattern: &mut String, numbers: &mut Vec<u64>) {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = &rest[start..];
        let length = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (digits, after) = digits.split_at(length);
        pattern.push_str(&rest[..start]);
        match digits.parse() {
            Ok(number) if length <= MOST_DIGITS => {
                numbers.push(number);
                if length > 1 && digits.starts_with('0') {
                    let letters = 'a'..='o';
                    pattern.push(PADDED);
                    pattern.extend(letters.into_iter().nth(length - 1));
                } else {
                    pattern.push(NUMBER);
                }
            }
            _ => pattern.push_str(digits),
        }
        rest = after;
    }
    pattern.push_str(rest);
}

/// Where the path or an end of it, its file name at the least, stands in the text: from, to, and from which byte of
/// the path on. Only of paths that JSON spells as they are.
fn ends_of_path(json: &str, path: &str) -> Vec<(usize, usize, usize)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_spelled_so = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    if name.len() < SHORTEST_NAME || !path.bytes().all(is_spelled_so) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut free = 0;
    for at in memmem::find_iter(json.as_bytes(), name.as_bytes()) {
        if at < free {
            continue;
        }
        let before = json.as_bytes()[free..at].iter().rev();
        let folder = &path.as_bytes()[..path.len() - name.len()];
        let equal = before
            .zip(folder.iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        free = at + name.len();
        found.push((at - equal, free, folder.len() - equal));
    }
    found
}

/// Puts path and numbers back, as the script of a page does it; `None` if they do not fit the pattern.
pub(crate) fn put_back(
    pattern: &str,
    path: &str,
    numbers: &mut impl Iterator<Item = u64>,
) -> Option<String> {
    let mut json = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(at) = rest.find([NUMBER, PADDED, PATH]) {
        json.push_str(&rest[..at]);
        let mark = rest[at..].chars().next();
        rest = &rest[at + 1..];
        match mark {
            Some(PADDED) => {
                let letter = rest.chars().next().filter(char::is_ascii_lowercase)?;
                let width = usize::from(u8::try_from(letter).ok()? - b'a') + 1;
                rest = &rest[1..];
                write!(json, "{:0width$}", numbers.next()?).ok()?;
            }
            Some(PATH) => {
                let (offset, after) = rest.split_once(PATH)?;
                json.push_str(path.get(offset.parse::<usize>().ok()?..)?);
                rest = after;
            }
            _ => write!(json, "{}", numbers.next()?).ok()?,
        }
    }
    json.push_str(rest);
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(json: &str, path: &str) -> (String, Vec<u64>) {
        let mut numbers = Vec::new();
        let pattern = take_out(json, path, &mut numbers);
        assert_eq!(
            put_back(&pattern, path, &mut numbers.iter().copied()).unwrap(),
            json,
            "{pattern:?}"
        );
        (pattern, numbers)
    }

    #[test]
    fn rows_that_differ_in_numbers_share_a_pattern() {
        let (pattern, numbers) = both("rewrite 20000 x 500 as gzip 4", "a.h5");
        assert_eq!(pattern, "rewrite \x01 x \x01 as gzip \x01");
        assert_eq!(numbers, [20000, 500, 4]);
    }

    #[test]
    fn zeros_in_front_and_long_numbers_come_back() {
        let (pattern, numbers) = both("s007 0 00 10 123456789012345 1234567890123456", "");
        assert_eq!(pattern, "s\x02c \x01 \x02b \x01 \x01 1234567890123456");
        assert_eq!(numbers, [7, 0, 0, 10, 123_456_789_012_345]);
    }

    #[test]
    fn ends_of_the_path_are_found() {
        let path = "archive/study-01/a1.h5";
        let (pattern, numbers) = both(
            "new/study-01/a1.h5 archive/study-01/a1.h5 .a1.h5.tmp a1.h5a1.h5",
            path,
        );
        assert_eq!(
            pattern,
            "new\x037\x03 \x030\x03 .\x0317\x03.tmp \x0317\x03\x0317\x03"
        );
        assert!(numbers.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_no_text() {
        for pattern in [
            "\x01 \x01",
            "\x02",
            "\x02\x7f",
            "\x02B",
            "\x039\x03",
            "\x030",
            "\x03a\x03",
        ] {
            assert_eq!(
                put_back(pattern, "a.h5", &mut [1].into_iter()),
                None,
                "{pattern:?}"
            );
        }
    }

    #[test]
    fn names_that_json_escapes_or_that_are_short_are_left() {
        both(r#""new/a\"b.h5" new/\u202e.h5"#, "old/a\"b.h5");
        both("x 5 y", "5");
        both("", "");
    }
}
