//! What to say of a field that is not a number, and what to do about it.

use crate::number::Notation;
use crate::problem::quoted;

/// Characters that look like blanks or a minus, or show nothing, with their names.
#[rustfmt::skip]
const LOOKALIKES: &[(char, &str, &str)] = &[
    ('\u{A0}', "a no-break space", ""),
    ('\u{2007}', "a figure space", ""),
    ('\u{2009}', "a thin space", ""),
    ('\u{202F}', "a narrow no-break space", ""),
    ('\u{3000}', "an ideographic space", ""),
    ('\u{200B}', "a zero width space", ""),
    ('\u{FEFF}', "a byte order mark", ""),
    ('\u{AD}', "a soft hyphen", "-"),
    ('\u{2010}', "a hyphen", "-"),
    ('\u{2011}', "a non-breaking hyphen", "-"),
    ('\u{2012}', "a figure dash", "-"),
    ('\u{2013}', "an en dash", "-"),
    ('\u{2014}', "an em dash", "-"),
    ('\u{2212}', "the minus sign of typography", "-"),
    ('\u{FE63}', "a small hyphen", "-"),
    ('\u{FF0D}', "a fullwidth hyphen", "-"),
    ('\u{FF0E}', "a fullwidth point", "."),
    ('\u{FF0C}', "a fullwidth comma", ","),
    ('\u{66B}', "an Arabic decimal separator", "."),
    ('\u{2019}', "a typographic apostrophe", ""),
];

/// The message and the advice.
pub(crate) fn not_a_number(raw: &[u8], notation: &Notation, separator: u8) -> (String, String) {
    let field = raw.trim_ascii();
    let message = format!("{} is not a number", quoted(field));
    if let Some((letter, name, instead)) = lookalike(field) {
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).bytes();
        let escaped: String = bytes.map(|byte| format!("\\x{byte:02X}")).collect();
        return (
            format!("{message}: it holds U+{:04X}, {name}", u32::from(letter)),
            format!("replace it, for example with sed 's/{escaped}/{instead}/g' FILE"),
        );
    }
    let missing = format!("if it stands for a missing value: --na {}", shell(field));
    let decimal = notation.decimal;
    let is_grouped = |mark| notation.ungrouped(field, mark).is_some();
    // The other mark may be the separator, quoted fields aside.
    let other = if decimal == b'.' { b',' } else { b'.' };
    let help = match field {
        b"-" | b"." | b"--" | b"?" | b"*" => missing,
        _ if is_boolean(field) => {
            format!("write 1 and 0 for true and false; {missing}")
        }
        _ if is_grouped(other) => {
            let mark = char::from(other);
            let groups = format!("if {} groups thousands: --thousands {mark}", name_of(other));
            let may_be_decimal = field.iter().filter(|byte| **byte == other).count() == 1
                && !field.contains(&decimal)
                && separator != other;
            match may_be_decimal {
                true => format!(
                    "if {} is the decimal mark: --decimal {mark}; {groups}",
                    name_of(other)
                ),
                false => groups,
            }
        }
        _ if is_grouped(b'\'') => {
            "if the apostrophe groups thousands: --thousands \"'\"".to_string()
        }
        _ if is_grouped(b' ') => "if the blank groups thousands: --thousands ' '".to_string(),
        _ if digits_and(field, b",.")
            && field.contains(&b',')
            && decimal == b'.'
            && separator != b',' =>
        {
            "if the comma is the decimal mark: --decimal , and otherwise remove the commas"
                .to_string()
        }
        _ if digits_and(field, b",.") && decimal == b',' => {
            "the decimal mark is a comma, as asked for with --decimal: if that is wrong, leave \
             it out, and otherwise remove the points"
                .to_string()
        }
        _ if digits_and(field, b",.% ") && field.contains(&b'%') => {
            "remove the percent signs".to_string()
        }
        _ if digits_and(field, b",. ;\t|") && field.iter().any(|b| b" ;\t|".contains(b)) => {
            "it looks like several: say what separates them with --sep".to_string()
        }
        _ => format!(
            "{missing}; if this column is text behind the gene names: --text-columns N drops \
             the first N"
        ),
    };
    (message, help)
}

fn name_of(mark: u8) -> &'static str {
    match mark {
        b',' => "the comma",
        _ => "the point",
    }
}

/// The first character of a number that only looks as if it belonged there.
fn lookalike(field: &[u8]) -> Option<(char, &'static str, &'static str)> {
    let text = std::str::from_utf8(field).ok()?;
    let known = |letter: char| {
        LOOKALIKES
            .iter()
            .find(|(known, ..)| *known == letter)
            .copied()
    };
    let others: Vec<u8> = (text.chars())
        .filter(|letter| known(*letter).is_none())
        .map(|letter| u8::try_from(letter).unwrap_or(b'x'))
        .collect();
    let is_number = digits_and(&others, b",. %") || others.is_empty();
    text.chars().find_map(known).filter(|_| is_number)
}

fn is_boolean(field: &[u8]) -> bool {
    ["true", "false", "t", "f", "yes", "no"]
        .iter()
        .any(|word| field.eq_ignore_ascii_case(word.as_bytes()))
}

/// Digits and some of `others`, perhaps with a sign or an exponent.
fn digits_and(field: &[u8], others: &[u8]) -> bool {
    field.iter().any(u8::is_ascii_digit)
        && field
            .iter()
            .all(|byte| byte.is_ascii_digit() || b"+-eE".contains(byte) || others.contains(byte))
}

/// The field as one word of a command line.
pub(crate) fn shell(field: &[u8]) -> String {
    let text = quoted(field);
    let text = text.trim_matches('`');
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_fits_the_field() {
        for (field, decimal, separator, part) in [
            ("-", b'.', b'\t', "--na -"),
            (".", b'.', b'\t', "--na ."),
            ("TRUE", b'.', b'\t', "1 and 0"),
            (
                "1,234",
                b'.',
                b'\t',
                "--decimal ,; if the comma groups thousands: --thousands ,",
            ),
            ("1,5", b'.', b'\t', "--decimal ,"),
            ("1,234", b'.', b',', "--thousands ,"),
            ("1,234.5", b'.', b'\t', "--thousands ,"),
            ("1,234,567", b'.', b'\t', "--thousands ,"),
            ("1.234,5", b',', b';', "--thousands ."),
            ("1'234", b'.', b'\t', "--thousands \"'\""),
            ("1 234", b'.', b'\t', "--thousands ' '"),
            ("12%", b'.', b'\t', "percent"),
            ("1;2", b'.', b'\t', "--sep"),
            ("\u{2212}1.5", b'.', b'\t', "sed 's/\\xE2\\x88\\x92/-/g'"),
            ("\u{A0}1.5", b'.', b'\t', "sed 's/\\xC2\\xA0//g'"),
            ("it's", b'.', b'\t', "--na 'it'\\''s'"),
            ("#N", b'.', b'\t', "--na '#N'"),
            ("TP53", b'.', b'\t', "--text-columns"),
        ] {
            let (message, help) =
                not_a_number(field.as_bytes(), &Notation::new(decimal, &[]), separator);
            assert!(help.contains(part), "{field}: {help}");
            assert!(message.contains("is not a number"), "{message}");
        }
        let said = |field: &str, separator| {
            let (message, help) =
                not_a_number(field.as_bytes(), &Notation::new(b'.', &[]), separator);
            format!("{message} {help}")
        };
        assert!(said("\u{2013}1.5", b'\t').contains("U+2013, an en dash"));
        assert!(said("1\u{A0}234", b'\t').contains("U+00A0, a no-break space"));
        // What cannot work is not proposed.
        assert!(!said("1,234", b',').contains("--decimal"));
        assert!(!said("1,234.5", b'\t').contains("--decimal"));
    }
}
