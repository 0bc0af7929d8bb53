//! What the fuzz targets share: matrices as text, written and read.

use text_matrix::{MatrixError, Reader, ValueType, Values, ReadOptions};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{Seek, Write};

/// A matrix in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Names of rows.
    pub genes: Vec<String>,
    /// Names of columns.
    pub samples: Vec<String>,
    /// Bits of the values, row by row: all NaN are the same one.
    pub values: Vec<u64>,
}

/// What a value is compared by.
pub fn bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

/// The bytes as an open file.
pub fn file(bytes: &[u8]) -> File {
    let mut file =
        File::from(memfd_create("text", MemfdFlags::CLOEXEC).expect("memory for a file"));
    file.write_all(bytes).expect("memory for the bytes");
    file.rewind().expect("a file in memory can seek");
    file
}

/// Reads a matrix, and checks what is true of all of them.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Matrix, MatrixError> {
    let mut reader = Reader::open(file(bytes), "stem", options)?;
    let counter = reader.row_counter();
    let samples = reader.samples().to_vec();
    let mut matrix = Matrix {
        genes: Vec::new(),
        samples,
        values: Vec::new(),
    };
    while let Some(block) = reader.next_block()? {
        assert_eq!(block.first_row, matrix.genes.len() as u64);
        assert_eq!(block.values.len(), block.genes.len() * matrix.samples.len());
        matrix.genes.extend(block.genes.iter().map(str::to_string));
        match &block.values {
            Values::F32(values) => matrix
                .values
                .extend(values.iter().map(|v| bits(f64::from(*v)))),
            Values::F64(values) => matrix.values.extend(values.iter().map(|v| bits(*v))),
        }
        reader.recycle(block.values);
    }
    let summary = reader.finish()?;
    assert_eq!(summary.rows, matrix.genes.len() as u64);
    if let Some(counted) = counter.and_then(|counter| counter.count()) {
        assert_eq!(counted, summary.rows, "rows counted ahead");
    }
    Ok(matrix)
}

/// Every error has a message, and every problem a place.
pub fn check_error(error: &MatrixError) {
    assert!(!error.to_string().is_empty());
    match error {
        MatrixError::Problems { problems, .. } => {
            assert!(!problems.is_empty());
            assert!(problems.is_sorted_by_key(|problem| problem.line));
            for problem in problems {
                assert!(
                    problem.line > 0 && problem.column > 0 && problem.field > 0,
                    "{problem:?}"
                );
                assert!(
                    !problem.message.is_empty() && !problem.help.is_empty(),
                    "{problem:?}"
                );
                assert!(problem.span.start <= problem.span.end, "{problem:?}");
                assert!(
                    problem.span.end <= problem.text.chars().count(),
                    "{problem:?}"
                );
            }
        }
        MatrixError::Io { .. } => panic!("a file in memory can be read: {error}"),
        MatrixError::Corrupt { .. } | MatrixError::Refused { .. } => {}
    }
}

/// How [`Style::write`] writes.
#[derive(Debug, Clone, Copy, arbitrary::Arbitrary)]
pub struct Style {
    separator: Separator,
    number: Number,
    decimal_comma: bool,
    quote_all: bool,
    carriage_returns: bool,
    last_break: bool,
    /// The header has no field above the genes.
    short_header: bool,
}

#[derive(Debug, Clone, Copy, arbitrary::Arbitrary)]
enum Separator {
    Tab,
    Comma,
    Semicolon,
    Pipe,
}

#[derive(Debug, Clone, Copy, arbitrary::Arbitrary)]
enum Number {
    Shortest,
    Exponent,
    Seventeen,
}

impl Style {
    /// The plainest.
    pub const PLAIN: Style = Style {
        separator: Separator::Tab,
        number: Number::Shortest,
        decimal_comma: false,
        quote_all: true,
        carriage_returns: false,
        last_break: true,
        short_header: false,
    };

    fn separator(self) -> u8 {
        match self.separator {
            Separator::Tab => b'\t',
            Separator::Comma if self.decimal_comma => b'\t',
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Pipe => b'|',
        }
    }

    /// The options that read a text of this style without any detection.
    pub fn read_options(self, values: ValueType) -> ReadOptions {
        use text_matrix::{CommentOption, Duplicates, EncodingOption, HeaderOption, LayoutOption, SummaryRows};
        ReadOptions {
            separator: Some(self.separator()),
            comment: CommentOption::None,
            decimal: if self.decimal_comma { b',' } else { b'.' },
            header: if self.short_header {
                HeaderOption::Short
            } else {
                HeaderOption::Yes
            },
            layout: LayoutOption::Plain,
            text_columns: Some(0),
            encoding: EncodingOption::Utf8,
            duplicates: Duplicates::Keep,
            summary_rows: SummaryRows::Keep,
            allow_empty: true,
            values,
            block_bytes: 1 << 17,
            ..ReadOptions::default()
        }
    }

    /// The matrix as text.
    pub fn write(self, matrix: &Matrix) -> Vec<u8> {
        let end = if self.carriage_returns { "\r\n" } else { "\n" };
        let mut header: Vec<String> = matrix.samples.iter().map(|name| self.name(name)).collect();
        if !self.short_header {
            header.insert(0, self.name("gene"));
        }
        let mut lines = vec![header];
        for (index, gene) in matrix.genes.iter().enumerate() {
            let width = matrix.samples.len();
            let values = &matrix.values[index * width..(index + 1) * width];
            let numbers = values.iter().map(|bits| self.number(f64::from_bits(*bits)));
            lines.push(std::iter::once(self.name(gene)).chain(numbers).collect());
        }
        let separator = char::from(self.separator()).to_string();
        let lines: Vec<String> = lines.iter().map(|line| line.join(&separator)).collect();
        let mut text = lines.join(end);
        if self.last_break {
            text.push_str(end);
        }
        text.into_bytes()
    }

    fn name(self, name: &str) -> String {
        let special = |c: char| {
            c == '"'
                || c == '\u{feff}'
                || c == '\n'
                || c == '\r'
                || c == char::from(self.separator())
        };
        match self.quote_all || name.is_empty() || name.contains(special) || name.trim() != name {
            true => format!("\"{}\"", name.replace('"', "\"\"")),
            false => name.to_string(),
        }
    }

    fn number(self, value: f64) -> String {
        if value.is_nan() {
            return "NA".to_string();
        }
        if value.is_infinite() {
            return if value > 0.0 { "inf" } else { "-inf" }.to_string();
        }
        let text = match self.number {
            Number::Shortest => format!("{value}"),
            Number::Exponent => format!("{value:e}"),
            Number::Seventeen => format!("{value:.17e}"),
        };
        if self.decimal_comma {
            text.replace('.', ",")
        } else {
            text
        }
    }
}
