//! Text that is too long for its place.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const GAP: &str = "...";

/// At most `available` columns of a path: both ends, because the folder says where it belongs and the name which file it is.
/// A quarter of them is for the beginning, which many paths have in common.
pub(crate) fn middle(path: &str, available: usize) -> Cow<'_, str> {
    if path.width() <= available {
        return Cow::Borrowed(path);
    }
    let available = available.saturating_sub(GAP.len());
    let head = head(path, available / 4);
    let tail = tail(path, available - head.width());
    Cow::Owned(format!("{head}{GAP}{tail}"))
}

/// As much of the beginning as fits.
fn head(text: &str, available: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > available
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// As much of the end as fits. It does not begin with a mark that belongs to the character before it.
fn tail(text: &str, available: usize) -> &str {
    let mut used = 0;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let width = c.width().unwrap_or(0);
        used += width;
        if used > available {
            break;
        }
        if width > 0 {
            start = at;
        }
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_stay() {
        let path = "archive/study-01/batch-2/expression.h5";
        assert_eq!(middle(path, 38), path);
        assert_eq!(middle(path, 30), "archiv...batch-2/expression.h5");
        assert_eq!(middle(path, 24), "archi...-2/expression.h5");
        assert_eq!(middle(path, 3), "...");
        assert_eq!(middle(path, 0), "...");
    }

    #[test]
    fn wide_characters_and_marks_are_counted_as_they_are_shown() {
        for text in [
            "样本/样本/样本样本样本.h5",
            "e\u{301}/e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}.h5",
        ] {
            for available in 3..40 {
                let short = middle(text, available);
                assert!(short.width() <= available.max(3), "{available}: {short}");
                let after = short.split("...").nth(1).unwrap_or_default();
                assert!(!after.starts_with('\u{301}'), "{short:?}");
            }
        }
        assert_eq!(middle("样本/样本/样本样本.h5", 14), "样...本样本.h5");
    }
}
