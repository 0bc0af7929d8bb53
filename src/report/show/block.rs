//! Lines of a key and a value.

use crate::report::escape;
use crate::report::style::{Painter, Tone};
use unicode_width::UnicodeWidthStr;

/// Lines of `Key:   value`, values in line.
#[derive(Debug, Default)]
pub(crate) struct Section {
    lines: Vec<(&'static str, String)>,
}

impl Section {
    pub(crate) fn add(&mut self, key: &'static str, value: &str) {
        self.painted(key, escape::for_terminal(value).into_owned());
    }

    pub(crate) fn text(&mut self, key: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(key, value);
        }
    }

    /// A value that is safe already.
    pub(crate) fn painted(&mut self, key: &'static str, value: String) {
        self.lines.push((key, value));
    }

    pub(crate) fn lines(&self, painter: Painter) -> String {
        let widest = self.lines.iter().map(|(key, _)| key.width() + 1).max();
        let widest = widest.unwrap_or(0);
        let mut text = String::new();
        for (key, value) in &self.lines {
            let key = if key.is_empty() {
                String::new()
            } else {
                format!("{key}:")
            };
            let padding = " ".repeat(widest + 1 - key.width());
            text += &painter.paint(Tone::Quiet, &key);
            text += &padding;
            text += value;
            text.push('\n');
        }
        text
    }
}
