//! How many matrices there are of which shape: a grid of powers of two.

use crate::report::html::charts::{percent, svg};
use crate::report::html::html;
use crate::report::quantity;
use std::collections::BTreeMap;

const ROW: usize = 24;
/// Per cent of the width before the first column.
const LEFT: u64 = 14;

/// Counts by the powers of two of genes and samples.
pub(in crate::report::html) fn shapes(counts: &BTreeMap<[u32; 2], u64>) -> String {
    let range = |axis: usize| {
        let powers = counts.keys().map(|powers| powers[axis]);
        (powers.clone().min().unwrap_or(0), powers.max().unwrap_or(0))
    };
    let (genes, samples) = (range(0), range(1));
    let columns = u64::from(samples.1 - samples.0) + 1;
    let x = |column: u64| percent(LEFT * columns + (100 - LEFT) * column, 100 * columns);
    let width = percent(100 - LEFT, 100 * columns);
    let most = counts.values().copied().max().unwrap_or(0);
    let mut drawn = String::new();
    let mut y = 0;
    for gene in (genes.0..=genes.1).rev() {
        drawn += &format!(
            "<text class=\"axis\" x=\"{LEFT}%\" dx=\"-6\" y=\"{}\" text-anchor=\"end\">{}</text>",
            y + 16,
            power(gene)
        );
        for sample in samples.0..=samples.1 {
            let Some(count) = counts.get(&[gene, sample]).copied() else {
                continue;
            };
            let label = match columns {
                ..=14 => quantity::count(count),
                _ => String::new(),
            };
            let title = format!(
                "{} with {} to {} genes and {} to {} samples",
                match count {
                    1 => "1 matrix".to_string(),
                    n => format!("{} matrices", quantity::count(n)),
                },
                power(gene),
                power(gene + 1),
                power(sample),
                power(sample + 1)
            );
            let class = heat(count, most);
            drawn += &format!(
                "<svg x=\"{}\" y=\"{y}\" width=\"{width}\" height=\"{ROW}\">\
                 <rect class=\"heat{class}\" width=\"100%\" height=\"100%\"/>\
                 <text class=\"on{class}\" x=\"50%\" y=\"16\" text-anchor=\"middle\">{label}</text>\
                 <title>{}</title></svg>",
                x(u64::from(sample - samples.0)),
                html(&title),
            );
        }
        y += ROW;
    }
    for sample in samples.0..=samples.1 {
        let is_told = columns <= 10 || (sample - samples.0).is_multiple_of(2);
        if is_told {
            drawn += &format!(
                "<text class=\"axis\" x=\"{}\" y=\"{}\">{}</text>",
                x(u64::from(sample - samples.0)),
                y + 14,
                power(sample)
            );
        }
    }
    let matrices: u64 = counts.values().sum();
    let title = format!(
        "Shapes of {} matrices: {} to {} genes, {} to {} samples",
        quantity::count(matrices),
        power(genes.0),
        power(genes.1 + 1),
        power(samples.0),
        power(samples.1 + 1)
    );
    svg("shapes", y + 20, &title, &drawn)
}

/// One of five shades, equal steps of the logarithm.
fn heat(count: u64, most: u64) -> u32 {
    let steps = |n: u64| n.checked_ilog2().unwrap_or(0);
    1 + steps(count) * 4 / steps(most).max(1)
}

/// `512`, `16k`, `4M`: powers of two with binary prefixes.
fn power(exponent: u32) -> String {
    const PREFIXES: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    let prefix = usize::try_from(exponent / 10).ok();
    let prefix = prefix.and_then(|at| PREFIXES.get(at)).unwrap_or(&"");
    format!("{}{prefix}", 1 << (exponent % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_count() {
        let counts = BTreeMap::from([([14, 3], 1000), ([14, 8], 1), ([12, 3], 30)]);
        let drawn = shapes(&counts);
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("heat5"));
        assert!(drawn.contains("1,000 matrices with 16k to 32k genes and 8 to 16 samples"));
        assert!(drawn.contains("1 matrix with 16k to 32k genes and 256 to 512 samples"));
    }

    #[test]
    fn shades_are_five() {
        for most in [1, 2, 3, 1000, u64::MAX] {
            for count in [1, most / 2, most] {
                assert!((1..=5).contains(&heat(count, most)), "{count} {most}");
            }
        }
    }
}
