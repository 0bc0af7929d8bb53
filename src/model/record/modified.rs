//! A modification time as numbers, for rows that are stored in little space.

/// Seconds since 1970 and nanoseconds of a time that is spelled as the program spells it.
pub(crate) fn seconds_of(text: &str) -> Option<(i64, i32)> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let (seconds, rest) = (time.as_second(), time.subsec_nanosecond());
    (seconds >= 0 && rest >= 0 && time.to_string() == text).then_some((seconds, rest))
}

/// The text that [`seconds_of`] took apart.
pub(crate) fn text_of((seconds, rest): (i64, i32)) -> Option<String> {
    let time = jiff::Timestamp::new(seconds, rest).ok()?;
    Some(time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_spelled_otherwise_stay_text() {
        for (text, seconds) in [
            ("2026-02-13T10:00:00Z", (1_770_976_800, 0)),
            ("2026-02-13T10:00:00.5Z", (1_770_976_800, 500_000_000)),
        ] {
            assert_eq!(seconds_of(text), Some(seconds));
            assert_eq!(text_of(seconds).unwrap(), text);
        }
        for text in ["2026-02-13T12:00:00+02:00", "1969-12-31T23:59:59.5Z", "now"] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }
}
