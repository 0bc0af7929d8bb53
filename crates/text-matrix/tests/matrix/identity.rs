//! What is written comes back, whatever the content and dialect; random bytes are an error, or rows that add
//! up.

use crate::reading::{read_as, read_path};
use proptest::prelude::*;
use text_matrix::{
    Duplicates, HeaderOption, LayoutOption, QuoteOption, ReadOptions, SummaryRows, ValueType,
};

#[derive(Debug, Clone, Copy)]
struct Style {
    separator: char,
    quoted: bool,
    short: bool,
    break_with: &'static str,
    decimal: char,
    last_break: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(vec!['\t', ',', ';', '|', ' ']),
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec!["\n", "\r\n"]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(separator, quoted, short, break_with, comma, last_break)| Style {
                separator,
                quoted,
                short,
                break_with,
                decimal: if comma && separator != ',' { ',' } else { '.' },
                last_break,
            },
        )
}

impl Style {
    fn name(self, name: &str) -> String {
        if self.quoted {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name.to_string()
        }
    }

    /// A name that can be written in this style at all.
    fn can_write(self, name: &str) -> bool {
        self.quoted
            || !(name.contains([self.separator, '\n', '"'])
                || name.ends_with('\r')
                || name.is_empty())
    }

    fn options(self) -> ReadOptions {
        ReadOptions {
            separator: Some(u8::try_from(self.separator).unwrap()),
            decimal: u8::try_from(self.decimal).unwrap(),
            header: if self.short {
                HeaderOption::Short
            } else {
                HeaderOption::Yes
            },
            quote: if self.quoted {
                QuoteOption::Auto
            } else {
                QuoteOption::None
            },
            layout: LayoutOption::Plain,
            duplicates: Duplicates::Keep,
            summary_rows: SummaryRows::Keep,
            text_columns: Some(0),
            comment: text_matrix::CommentOption::None,
            values: ValueType::F64,
            ..ReadOptions::default()
        }
    }
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<i16>().prop_map(f64::from),
        (-100_000_000..100_000_000).prop_map(|n| f64::from(n) / 1000.0),
        any::<f64>().prop_filter("a number", |n| n.is_finite()),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-0.0),
    ]
}

fn written(value: f64, scientific: bool) -> String {
    if scientific && value.is_finite() {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // PROPTEST_CASES says how many.
        max_global_rejects: 5_000_000,
        ..ProptestConfig::default()
    })]
    #[test]
    fn what_is_written_is_read(
        style in style(),
        samples in prop::collection::vec("[ -~éα\n\"]{0,8}", 1..6),
        genes in prop::collection::vec("[ -~é\n\t\"]{0,8}", 1..20),
        numbers in prop::collection::vec(number(), 120),
        scientific in any::<bool>(),
    ) {
        prop_assume!(samples.iter().chain(&genes).all(|name| style.can_write(name)));
        // A first column of nothing but numbers, or of nothing at all, is refused.
        prop_assume!(genes.iter().any(|gene| gene.chars().any(char::is_alphabetic)));
        // Blank lines and lines that only R's header could be are another matter.
        prop_assume!(genes.iter().all(|gene| style.quoted || !gene.trim().is_empty()));
        prop_assume!(style.quoted || !samples[0].starts_with(' ') && !samples[0].starts_with('!'));
        let separator = style.separator.to_string();
        let mut lines = Vec::new();
        let mut header: Vec<String> = samples.iter().map(|name| style.name(name)).collect();
        if !style.short {
            header.insert(0, "gene".to_string());
        }
        lines.push(header.join(&separator));
        for (row, gene) in genes.iter().enumerate() {
            let mut fields = vec![style.name(gene)];
            for column in 0..samples.len() {
                let value = numbers[row * samples.len() + column];
                let text = written(value, scientific).replace('.', &style.decimal.to_string());
                fields.push(if style.quoted && value > 1.0 { style.name(&text) } else { text });
            }
            lines.push(fields.join(&separator));
        }
        let mut text = lines.join(style.break_with);
        if style.last_break {
            text += style.break_with;
        }
        // A name with a line break and a separator may be two rows, which the quote decides.
        let may_be_rows = |name: &String| name.contains('\n') && name.contains(style.separator);
        let mut options = style.options();
        if style.quoted && samples.iter().chain(&genes).any(may_be_rows) {
            options.quote = QuoteOption::Character(b'"');
        }
        let matrix = read_as(&text, &options)
            .map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        prop_assert_eq!(&matrix.samples, &samples);
        prop_assert_eq!(&matrix.genes, &genes);
        for (read, wrote) in matrix.values.iter().zip(&numbers) {
            prop_assert!(read.to_bits() == wrote.to_bits() || read.is_nan() && wrote.is_nan());
        }
    }

    #[test]
    fn rubbish_is_an_error_or_adds_up(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            prop::collection::vec(prop::sample::select(b"\t\n\r,;\"ag1.5-e#! \xEF\0".to_vec()), 0..200),
            "[a-c\t]{0,9}\n([a-c]\t[0-9]\t[0-9]\n|[a-c]\t[0-9,x]\n|\n|[ab\t\"]\n){0,9}".prop_map(String::into_bytes),
        ],
        allow_empty in any::<bool>(),
        quote in any::<bool>(),
    ) {
        let options = ReadOptions {
            allow_empty,
            quote: if quote { QuoteOption::Auto } else { QuoteOption::None },
            duplicates: Duplicates::Keep,
            summary_rows: SummaryRows::Keep,
            ..ReadOptions::default()
        };
        if let Ok(matrix) = read_as(&bytes, &options)
            && (!quote || !bytes.contains(&b'"'))
            && !bytes.starts_with(b"!")
            && !bytes.contains(&0)
        {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Empty lines and rows of separators alone at the end are no rows.
            let shape = &matrix.dialect;
            let end = text.trim_end_matches(['\n', '\r', ' ', char::from(shape.separator)]).len();
            let lines = text[..end].split('\n').count() as u64;
            let header = u64::from(shape.header != text_matrix::HeaderShape::Absent);
            // An empty matrix may be nothing at all.
            if !matrix.genes.is_empty() {
                prop_assert_eq!(matrix.summary.rows + header + shape.skipped_lines, lines, "{:?}", text);
            }
            prop_assert_eq!(matrix.values.len(), matrix.genes.len() * matrix.samples.len());
        }
    }
}

#[test]
fn blocks_of_any_size_give_the_same() {
    let mut text = "gene\tS1\tS2\tS3\n".to_string();
    for row in 0..40_000 {
        let name = match row % 5 {
            0 => format!("\"g\n{row}\""),
            1 => format!("\"a\"\"{row}\""),
            _ => format!("g'{row}"),
        };
        text += &format!("{name}\t{row}\tNA\t{}\n", f64::from(row) / 7.0);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &text).unwrap();
    let whole = read_path(
        file.path(),
        &ReadOptions {
            block_bytes: 1 << 28,
            ..ReadOptions::default()
        },
    )
    .unwrap();
    assert_eq!(whole.genes.len(), 40_000);
    assert_eq!(whole.summary.counts.missing_by_sample, [0, 40_000, 0]);
    for block_bytes in [0, 1 << 17, 150_001, 1 << 20] {
        let part = read_path(
            file.path(),
            &ReadOptions {
                block_bytes,
                ..ReadOptions::default()
            },
        )
        .unwrap();
        assert!(part.genes == whole.genes && part.summary.counts == whole.summary.counts);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert!(bits(&part.values) == bits(&whole.values));
    }
}
