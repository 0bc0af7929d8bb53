//! The message for a field that is not a number, and what to do about it.

use crate::problem::quoted;

/// The message and the advice.
pub(crate) fn not_a_number(raw: &[u8], decimal: u8) -> (String, String) {
    let field = raw.trim_ascii();
    let message = format!("{} is not a number", quoted(field));
    let missing = format!("if it stands for a missing value: --na {}", shell(field));
    let help = match field {
        b"-" | b"." | b"--" | b"?" | b"*" => missing,
        _ if is_boolean(field) => {
            format!("write 1 and 0 for true and false; {missing}")
        }
        _ if field.starts_with("\u{2212}".as_bytes()) => {
            "its minus is the typographic one (U+2212): replace it by -".to_string()
        }
        _ if digits_and(field, b",.") && field.contains(&b',') && decimal == b'.' => {
            "if the comma is the decimal mark: --decimal , and otherwise remove the commas \
             between thousands"
                .to_string()
        }
        _ if digits_and(field, b",.") && decimal == b',' => {
            "the decimal mark is a comma, as asked for with --decimal: if that is wrong, leave \
             it out, and otherwise remove the points between thousands"
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
fn shell(field: &[u8]) -> String {
    let text = quoted(field);
    let text = text.trim_matches('`');
    let plain = |letter: char| letter.is_alphanumeric() || "-_./#".contains(letter);
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
        for (field, decimal, part) in [
            ("-", b'.', "--na -"),
            (".", b'.', "--na ."),
            ("TRUE", b'.', "1 and 0"),
            ("1,234", b'.', "--decimal ,"),
            ("1,234.5", b'.', "remove the commas"),
            ("1.234,5", b',', "points between thousands"),
            ("12%", b'.', "percent"),
            ("1;2", b'.', "--sep"),
            ("\u{2212}1.5", b'.', "U+2212"),
            ("it's", b'.', "--na 'it'\\''s'"),
            ("TP53", b'.', "--text-columns"),
        ] {
            let (message, help) = not_a_number(field.as_bytes(), decimal);
            assert!(help.contains(part), "{field}: {help}");
            assert!(message.contains("is not a number"), "{message}");
        }
    }
}
