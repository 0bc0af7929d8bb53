//! Rust source -> words and signs, with comments and literals left out.
//!
//! No parser: just enough that a word in a comment, a string or a lifetime is never taken for code.

/// A word or a sign of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_character)
    }
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// All words and signs, `::` as one sign.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        characters: source.chars().collect(),
        at: 0,
        line: 1,
    };
    let mut found = Vec::new();
    while let Some(character) = reader.peek(0) {
        let line = reader.line;
        if let Some(text) = reader.next_token(character) {
            found.push(Token { text, line });
        }
    }
    found
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == Some('\n'));
            self.at += 1;
        }
    }

    fn next_token(&mut self, character: char) -> Option<String> {
        match (character, self.peek(1)) {
            ('/', Some('/')) => self.skip_line(),
            ('/', Some('*')) => self.skip_block_comment(),
            ('"', _) => self.skip_quoted('"'),
            ('\'', _) => self.skip_character_or_lifetime(),
            (':', Some(':')) => {
                self.skip(2);
                return Some("::".to_string());
            }
            _ if is_word_character(character) => return self.word(),
            _ => {
                self.skip(1);
                return (!character.is_whitespace()).then(|| character.to_string());
            }
        }
        None
    }

    /// A word, or nothing when it was the prefix of a literal.
    fn word(&mut self) -> Option<String> {
        let length = (0..)
            .take_while(|ahead| self.peek(*ahead).is_some_and(is_word_character))
            .count();
        let word: String = self.characters[self.at..self.at + length].iter().collect();
        self.skip(length);
        if matches!(word.as_str(), "r" | "br" | "cr") {
            let hashes = (0..)
                .take_while(|ahead| self.peek(*ahead) == Some('#'))
                .count();
            if self.peek(hashes) == Some('"') {
                self.skip_raw_string(hashes);
                return None;
            }
            if hashes == 1 {
                self.skip(1);
                return None;
            }
        }
        let is_prefix = match self.peek(0) {
            Some('"') => matches!(word.as_str(), "b" | "c"),
            Some('\'') => word == "b",
            _ => false,
        };
        (!is_prefix).then_some(word)
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|character| character != '\n') {
            self.skip(1);
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.skip(2);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.skip(2);
                }
                _ => self.skip(1),
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_quoted(&mut self, quote: char) {
        self.skip(1);
        while let Some(character) = self.peek(0) {
            self.skip(if character == '\\' { 2 } else { 1 });
            if character == quote {
                return;
            }
        }
    }

    fn skip_raw_string(&mut self, hashes: usize) {
        self.skip(hashes + 1);
        while self.peek(0).is_some() {
            let closes = self.peek(0) == Some('"')
                && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            self.skip(if closes { hashes + 1 } else { 1 });
            if closes {
                return;
            }
        }
    }

    fn skip_character_or_lifetime(&mut self) {
        if self.peek(1) == Some('\\') || self.peek(2) == Some('\'') {
            self.skip_quoted('\'');
        } else {
            self.skip(1);
            while self.peek(0).is_some_and(is_word_character) {
                self.skip(1);
            }
        }
    }
}
