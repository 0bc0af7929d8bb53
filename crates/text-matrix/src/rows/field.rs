//! One field of a line: where it ends, and what it holds without its quotes.
//!
//! A quote counts only where a field begins, as in pandas and R; elsewhere (`3'-5'`) it is a
//! character as any other.

use std::borrow::Cow;
use std::ops::Range;

/// What separates and encloses fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) separator: u8,
    pub(crate) quote: Option<u8>,
    /// Several separators in a row are one, and those at the ends of a line are none: columns
    /// that are aligned with blanks.
    pub(crate) runs: bool,
}

/// A field within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its content, without quotes around it and without a carriage return behind it.
    pub(crate) content: Range<usize>,
    pub(crate) quoted: bool,
    /// It is the last one of its line.
    pub(crate) last: bool,
    /// The start of the next field.
    pub(crate) next: usize,
}

/// Why a field has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteFault {
    /// The text ends before the closing quote.
    Open,
    /// Something follows the closing quote; where.
    Trailing(usize),
}

/// The quote that ends the field whose content begins at `from`; a doubled one is content.
pub(crate) fn closing_quote(text: &[u8], mut from: usize, quote: u8) -> Option<usize> {
    loop {
        let close = from + memchr::memchr(quote, &text[from..])?;
        if text.get(close + 1) != Some(&quote) {
            return Some(close);
        }
        from = close + 2;
    }
}

impl Marks {
    /// The field at `at` of `text`, which ends in a line break.
    pub(crate) fn field(self, text: &[u8], at: usize) -> Result<Field, QuoteFault> {
        if self.runs {
            return self.aligned(text, at);
        }
        self.single(text, at)
    }

    /// A field with blanks around it.
    fn aligned(self, text: &[u8], at: usize) -> Result<Field, QuoteFault> {
        let blanks = |at: usize| {
            let rest = &text[at.min(text.len())..];
            rest.iter()
                .take_while(|byte| **byte == self.separator)
                .count()
        };
        let mut field = self.single(text, at + blanks(at))?;
        if !field.last {
            field.next += blanks(field.next);
            let breaks = line_break(&text[field.next..]);
            field.last = breaks.is_some() || field.next == text.len();
            field.next += breaks.unwrap_or(0);
        }
        Ok(field)
    }

    fn single(self, text: &[u8], at: usize) -> Result<Field, QuoteFault> {
        if self.quote.is_some() && text.get(at).copied() == self.quote {
            return self.quoted(text, at);
        }
        let rest = &text[at..];
        let length = memchr::memchr2(self.separator, b'\n', rest).unwrap_or(rest.len());
        let last = rest.get(length) != Some(&self.separator);
        let mut end = at + length;
        let next = (end + 1).min(text.len());
        while last && end > at && text[end - 1] == b'\r' {
            end -= 1;
        }
        Ok(Field {
            content: at..end,
            quoted: false,
            last,
            next,
        })
    }

    fn quoted(self, text: &[u8], at: usize) -> Result<Field, QuoteFault> {
        let quote = text[at];
        let start = at + 1;
        let end = closing_quote(text, start, quote).ok_or(QuoteFault::Open)?;
        let behind = match line_break(&text[end + 1..]) {
            Some(length) => end + length,
            None => end + 1,
        };
        let last = match text.get(behind) {
            Some(byte) if *byte == self.separator => false,
            None | Some(b'\n') => true,
            Some(_) => return Err(QuoteFault::Trailing(behind)),
        };
        Ok(Field {
            content: start..end,
            quoted: true,
            last,
            next: (behind + 1).min(text.len()),
        })
    }

    /// The content with doubled quotes undone.
    pub(crate) fn content<'a>(self, text: &'a [u8], field: &Field) -> Cow<'a, [u8]> {
        let content = &text[field.content.clone()];
        match self.quote {
            Some(quote) if field.quoted && memchr::memchr(quote, content).is_some() => {
                let mut plain = Vec::with_capacity(content.len());
                let mut bytes = content.iter();
                while let Some(byte) = bytes.next() {
                    plain.push(*byte);
                    if *byte == quote {
                        // The second one of two, by the rule of `quoted`.
                        bytes.next();
                    }
                }
                Cow::Owned(plain)
            }
            _ => Cow::Borrowed(content),
        }
    }

    /// All fields of the line at `at`, and where the next line begins.
    pub(crate) fn line(self, text: &[u8], at: usize) -> Result<(Vec<Field>, usize), QuoteFault> {
        let mut fields = Vec::new();
        let mut at = at;
        loop {
            let field = self.field(text, at)?;
            at = field.next;
            let last = field.last;
            fields.push(field);
            if last {
                return Ok((fields, at));
            }
        }
    }
}

/// The length of the line break that `text` begins with. Files that were converted twice have two
/// carriage returns in it.
fn line_break(text: &[u8]) -> Option<usize> {
    let returns = text.iter().take_while(|byte| **byte == b'\r').count();
    (text.get(returns) == Some(&b'\n')).then_some(returns + 1)
}

/// The line of `text` that begins at `start`, without its break, which `\r\n` is one of.
pub(crate) fn line_at(text: &[u8], start: usize) -> &[u8] {
    let rest = &text[start.min(text.len())..];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let returns = line.iter().rev().take_while(|byte| **byte == b'\r').count();
    &line[..line.len() - returns]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks = Marks {
        separator: b',',
        quote: Some(b'"'),
        runs: false,
    };

    fn contents(text: &str) -> Result<Vec<String>, QuoteFault> {
        let (fields, next) = MARKS.line(text.as_bytes(), 0)?;
        assert_eq!(next, text.len());
        let text = text.as_bytes();
        Ok(fields
            .iter()
            .map(|field| String::from_utf8(MARKS.content(text, field).into_owned()).unwrap())
            .collect())
    }

    #[test]
    fn quotes_enclose_what_separates() {
        assert_eq!(contents("a,b,\n").unwrap(), ["a", "b", ""]);
        assert_eq!(
            contents("\"a,b\",\"c\nd\",e\r\n").unwrap(),
            ["a,b", "c\nd", "e"]
        );
        assert_eq!(
            contents("\"\",\"\"\"\",\"x\"\"y\"\r\n").unwrap(),
            ["", "\"", "x\"y"]
        );
        assert_eq!(contents("3\"-5\",b\"\n").unwrap(), ["3\"-5\"", "b\""]);
        assert_eq!(contents("\n").unwrap(), [""]);
        assert_eq!(contents("\r\n").unwrap(), [""]);
    }

    #[test]
    fn runs_of_blanks_separate_once() {
        let marks = Marks {
            separator: b' ',
            quote: Some(b'"'),
            runs: true,
        };
        for line in [
            "a  b 1\n",
            "  a b   1  \r\n",
            "a b \"1\"  \n",
            " \"a\"  b 1 \r\r\n",
            "a b 1 ",
        ] {
            let (fields, next) = marks.line(line.as_bytes(), 0).unwrap();
            let found: Vec<_> = fields
                .iter()
                .map(|field| &line[field.content.clone()])
                .collect();
            assert_eq!((found, next), (vec!["a", "b", "1"], line.len()), "{line:?}");
        }
    }

    #[test]
    fn what_quotes_do_wrong_is_told() {
        assert_eq!(contents("a,\"b\n"), Err(QuoteFault::Open));
        assert_eq!(contents("\"a\"b,c\n"), Err(QuoteFault::Trailing(3)));
        assert_eq!(contents("\"a\" ,c\n"), Err(QuoteFault::Trailing(3)));
    }
}
