//! Lists of texts as Python and R print them: string literals and integers between brackets.
//!
//! Nothing is evaluated: whatever is no literal (`None`, `NA`, `...` where an array was abridged, a name or a call)
//! makes the text no list.

/// A list, tuple or array of strings or integers as `repr` or `str` prints it in Python. Elements may be wrapped as
/// numpy 2 does it (`np.str_('A')`), and an array may be inside of `array(...)` or `Index(...)`.
pub(crate) fn python_list(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let list = ["array(", "Index("]
        .into_iter()
        .find_map(|call| text.strip_prefix(call)?.strip_suffix(')'))
        .map_or(text, without_dtype);
    let inside = list
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'))
        .or_else(|| list.strip_prefix('(')?.strip_suffix(')'))?;
    let mut rest = Literals { rest: inside };
    let mut names = Vec::new();
    let mut separated_by_comma = None;
    rest.skip_blanks();
    while !rest.rest.is_empty() {
        names.push(rest.python_element()?);
        let blanks = rest.skip_blanks();
        if rest.rest.is_empty() {
            break;
        }
        // numpy's `str` separates by blanks alone; a mixture is something else.
        let comma = rest.take(',');
        if !(comma || blanks) || *separated_by_comma.get_or_insert(comma) != comma {
            return None;
        }
        rest.skip_blanks();
    }
    Some(names)
}

/// A vector or list of strings or integers as R's `deparse` and `dput` print it: `c("A", "B")`.
pub(crate) fn r_vector(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let inside = text
        .strip_prefix("c(")
        .or_else(|| text.strip_prefix("list("))?
        .strip_suffix(')')?;
    let mut rest = Literals { rest: inside };
    let mut names = Vec::new();
    rest.skip_blanks();
    while !rest.rest.is_empty() {
        names.push(rest.r_element()?);
        rest.skip_blanks();
        if rest.rest.is_empty() {
            break;
        }
        if !rest.take(',') {
            return None;
        }
        rest.skip_blanks();
    }
    Some(names)
}

/// `[...], dtype=object` without what follows the list.
fn without_dtype(arguments: &str) -> &str {
    match arguments.rsplit_once("dtype=") {
        Some((list, dtype)) if !dtype.contains(']') => {
            list.trim_end_matches(|c: char| c == ',' || c.is_whitespace())
        }
        _ => arguments,
    }
}

/// What is left of a text.
struct Literals<'a> {
    rest: &'a str,
}

impl Literals<'_> {
    fn take(&mut self, wanted: char) -> bool {
        self.take_prefix(wanted.encode_utf8(&mut [0; 4]))
    }

    fn take_prefix(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_blanks(&mut self) -> bool {
        let trimmed = self.rest.trim_start();
        let skipped = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        skipped
    }

    fn python_element(&mut self) -> Option<Vec<u8>> {
        if self.take_prefix("np.str_(") || self.take_prefix("np.bytes_(") {
            let name = self.python_element()?;
            return self.take(')').then_some(name);
        }
        if let Some(number) = self.integer() {
            return Some(number);
        }
        let bytes = self.take('b');
        if !bytes {
            self.take('u');
        }
        self.quoted(true)
    }

    fn r_element(&mut self) -> Option<Vec<u8>> {
        match self.integer() {
            Some(number) => {
                self.take('L');
                Some(number)
            }
            None => self.quoted(false),
        }
    }

    fn integer(&mut self) -> Option<Vec<u8>> {
        let digits = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let sign = self.rest.len() - digits.len();
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        // `1e5` and `1.5` are no integers.
        let next = digits.as_bytes().get(length);
        if length == 0 || next.is_some_and(|byte| !b", \t\r\nL)".contains(byte)) {
            return None;
        }
        let (number, rest) = self.rest.split_at(sign + length);
        self.rest = rest;
        Some(number.as_bytes().to_vec())
    }

    /// A string literal in single or double quotes.
    fn quoted(&mut self, python: bool) -> Option<Vec<u8>> {
        let quote = self
            .rest
            .chars()
            .next()
            .filter(|it| matches!(it, '\'' | '"'))?;
        self.take(quote);
        let mut name = String::new();
        loop {
            let next = self.next()?;
            match next {
                _ if next == quote => return Some(name.into_bytes()),
                '\\' => name.push(self.escaped(python)?),
                // A literal of one line has no line break in it.
                '\n' if python => return None,
                _ => name.push(next),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next()?;
        self.rest = characters.as_str();
        Some(next)
    }

    fn escaped(&mut self, python: bool) -> Option<char> {
        match self.next()? {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            same @ ('\\' | '\'' | '"') => Some(same),
            // Above 127 these are bytes in a bytes literal and in R: what they mean depends on an encoding.
            'x' => self.code(2).filter(char::is_ascii),
            'u' if !python && self.take('{') => {
                let length = self.rest.find('}')?;
                let code = self.code(length)?;
                self.take('}').then_some(code)
            }
            'u' => self.code(4),
            'U' => self.code(8),
            _ => None,
        }
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let code = self.rest.get(..digits)?;
        let is_hex = code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        self.rest = &self.rest[digits..];
        character.filter(|_| is_hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: Option<Vec<Vec<u8>>>) -> Option<Vec<String>> {
        let text = |name| String::from_utf8(name).unwrap();
        names.map(|names| names.into_iter().map(text).collect())
    }

    #[test]
    fn lists_as_python_prints_them() {
        for text in [
            "['A', 'B']",
            "('A', 'B')",
            "[\"A\", 'B', ]",
            "[b'A', b'B']",
            "[np.str_('A'), np.str_('B')]",
            "['A' 'B']",
            "array(['A', 'B'], dtype='<U1')",
            "array(['A', 'B'],\n      dtype=object)",
            "Index(['A', 'B'], dtype='object')",
        ] {
            let names = texts(python_list(text.as_bytes()));
            assert_eq!(names, Some(vec!["A".into(), "B".into()]), "{text}");
        }
        let escaped = texts(python_list(br#"['it\'s', "a\tb", '\u00e4', 'x, y', '']"#)).unwrap();
        assert_eq!(escaped, ["it's", "a\tb", "ä", "x, y", ""]);
        assert_eq!(texts(python_list(b"[7157, -1]")).unwrap(), ["7157", "-1"]);
    }

    #[test]
    fn what_is_no_literal_makes_no_python_list() {
        for text in [
            "['A', None]",
            "['A', nan]",
            "['A' ... 'B']",
            "['A', ..., 'B']",
            "['A' 'B', 'C']",
            "['A''B']",
            "[1.5, 2]",
            "['A'",
            "{'A', 'B'}",
            "[['A'], ['B']]",
            "['A', b'\\xe4']",
        ] {
            assert_eq!(python_list(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn vectors_as_r_prints_them() {
        let names = texts(r_vector(b"c(\"A\", \"B\\\"C\",\n\"\\u00e4\")")).unwrap();
        assert_eq!(names, ["A", "B\"C", "ä"]);
        assert_eq!(texts(r_vector(b"c(7157L, 672L)")).unwrap(), ["7157", "672"]);
        for text in [
            "c(\"A\", NA)",
            "c(a = \"A\")",
            "c(\"A\" \"B\")",
            "A(\"B\")",
            "c(1.5)",
        ] {
            assert_eq!(r_vector(text.as_bytes()), None, "{text}");
        }
    }
}
