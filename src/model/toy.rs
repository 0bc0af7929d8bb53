//! Toy data with a known design, to test whether a method finds it.
//!
//! Gene 0 is a gradient over the samples: its lowest and highest fifths are the first and the
//! last samples. [`PAIRS`] correlate within these fifths; every other gene is noise:
//!
//! | genes | low fifth | between | high fifth |
//! |---|---|---|---|
//! | 1 and 2 | 0.85 | 0 | 0 |
//! | 3 and 4 | 0 | 0 | 0.85 |
//! | 5 and 6 | 0.7 | 0 | -0.7 |
//! | 7 and 8 | 0.3 | 0.3 | 0.3 |
//!
//! The Pearson correlations of a pair are these in each fifth of three samples or more, not just on average
//! over many toys: they are off by less than 0.001, since values have four decimals. From 60 samples on, no
//! other two of the genes 0 to 8 correlate in a fifth either. The two samples in a fifth of 10 to 14 always
//! correlate by 1 or -1: there, a pair has the right sign, and other pairs are not uncorrelated.
//!
//! A seed gives the same values on every machine, and fewer genes are the first of more.

pub(crate) mod directions;
pub(crate) mod noise;

use crate::model::toy::directions::Directions;
use crate::model::toy::noise::Noise;
use std::fmt;
use std::ops::Range;

/// The minimum number of samples: below it, a fifth has none or one, over which nothing correlates.
pub(crate) const FEWEST_SAMPLES: usize = 10;
/// The maximum number of values, 1 GiB.
pub(crate) const MOST_VALUES: usize = 1 << 28;

/// Two genes and how they correlate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    /// The genes; the second is the next row.
    pub genes: (usize, usize),
    /// Pearson's r within each fifth of the samples, from the low to the high one.
    pub correlations: [f64; 5],
}

/// All genes that have a partner.
pub(crate) const PAIRS: [Pair; 4] = [
    Pair {
        genes: (1, 2),
        correlations: [0.85, 0.0, 0.0, 0.0, 0.0],
    },
    Pair {
        genes: (3, 4),
        correlations: [0.0, 0.0, 0.0, 0.0, 0.85],
    },
    Pair {
        genes: (5, 6),
        correlations: [0.7, 0.0, 0.0, 0.0, -0.7],
    },
    Pair {
        genes: (7, 8),
        correlations: [0.3; 5],
    },
];

/// The gradient goes from here to there, like logarithms of expression.
const GRADIENT: (f64, f64) = (5.0, 10.0);
/// Means of the other genes.
const MEANS: (f64, f64) = (6.5, 8.5);
/// Standard deviation of the other genes; noise never goes beyond 6 of them, so that all values
/// are positive.
const DEVIATION: f64 = 0.5;

/// How large a toy is, and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ToyDesign {
    /// Rows, 1 or more; below 10, the later roles are missing.
    pub genes: usize,
    /// Columns, [`FEWEST_SAMPLES`] or more.
    pub samples: usize,
    /// Another seed is another toy of the same design.
    pub seed: u64,
}

impl Default for ToyDesign {
    fn default() -> Self {
        ToyDesign {
            genes: 10,
            samples: 60,
            seed: 42,
        }
    }
}

/// A matrix with its names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    pub genes: Vec<String>,
    pub samples: Vec<String>,
    /// Row after row, genes x samples.
    pub values: Vec<f32>,
}

/// Why there is no toy of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToyError {
    /// It would have no row.
    NoGenes,
    /// A fifth of the samples would have fewer than two.
    FewSamples {
        /// How many were asked for.
        samples: usize,
    },
    /// It would have more values than [`MOST_VALUES`].
    TooLarge { genes: usize, samples: usize },
}

impl fmt::Display for ToyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ToyError::NoGenes => write!(f, "a toy needs one gene at least"),
            ToyError::FewSamples { samples } => write!(
                f,
                "a toy of {samples} samples has no fifths to correlate over; it needs \
                 {FEWEST_SAMPLES} or more"
            ),
            ToyError::TooLarge { genes, samples } => write!(
                f,
                "{genes} x {samples} is too large for a toy, which has {MOST_VALUES} values at most"
            ),
        }
    }
}

impl std::error::Error for ToyError {}

/// Makes the toy.
///
/// # Errors
/// [`ToyError`], if the design has too few genes or samples, or is too large.
pub(crate) fn toy(design: ToyDesign) -> Result<Matrix, ToyError> {
    let ToyDesign {
        genes,
        samples,
        seed,
    } = design;
    if genes == 0 {
        return Err(ToyError::NoGenes);
    }
    if samples < FEWEST_SAMPLES {
        return Err(ToyError::FewSamples { samples });
    }
    let length = genes
        .checked_mul(samples)
        .filter(|length| *length <= MOST_VALUES)
        .ok_or(ToyError::TooLarge { genes, samples })?;

    let mut values = Vec::with_capacity(length);
    let gradient: Vec<f64> = (0..samples)
        .map(|sample| gradient(sample, samples))
        .collect();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the nearest float32 is meant"
    )]
    values.extend(gradient.iter().map(|value| *value as f32));

    let mut noise = Noise::new(seed);
    let fifths = fifths(samples);
    let mut directions = fifths
        .clone()
        .map(|fifth| Directions::new(&gradient[fifth]));
    for pair in PAIRS.into_iter().filter(|pair| pair.genes.0 < genes) {
        let mut rows = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
        for (directions, r) in directions.iter_mut().zip(pair.correlations) {
            let (first, second) = directions.pair(r, &mut noise);
            rows[0].extend(deviations(&first));
            rows[1].extend(deviations(&second));
        }
        for row in rows {
            let mean = mean(&mut noise);
            values.extend(row.into_iter().map(|deviation| rounded(mean + deviation)));
        }
    }
    while values.len() < length {
        let mean = mean(&mut noise);
        values.extend((0..samples).map(|_| rounded(mean + DEVIATION * noise.normal())));
    }
    values.truncate(length);
    Ok(Matrix {
        genes: (0..genes).map(|gene| format!("toy_gene_{gene}")).collect(),
        samples: (0..samples)
            .map(|sample| format!("sample_{sample}"))
            .collect(),
        values,
    })
}

/// The samples of each fifth, from the lowest to the highest values of gene 0. The outer two are
/// `samples / 5` each, and those between share the rest.
pub(crate) fn fifths(samples: usize) -> [Range<usize>; 5] {
    let outer = samples / 5;
    let between = samples - 2 * outer;
    let edge = |n: usize| outer + between * n / 3;
    [
        0..outer,
        outer..edge(1),
        edge(1)..edge(2),
        edge(2)..edge(3),
        edge(3)..samples,
    ]
}

/// The matrix as tab-separated text, one line after another: a header, then a line for each gene.
/// Values have as many digits as it takes to read the same float32 back.
pub(crate) fn tsv_lines(matrix: &Matrix) -> impl Iterator<Item = String> + '_ {
    let header = std::iter::once(format!("gene_id\t{}\n", matrix.samples.join("\t")));
    let samples = matrix.samples.len();
    header.chain(matrix.genes.iter().enumerate().map(move |(row, gene)| {
        let mut line = gene.clone();
        for value in &matrix.values[row * samples..(row + 1) * samples] {
            line.push('\t');
            line.push_str(&value.to_string());
        }
        line.push('\n');
        line
    }))
}

fn gradient(sample: usize, samples: usize) -> f64 {
    let (low, high) = GRADIENT;
    low + (high - low) * float(sample) / float(samples - 1)
}

fn mean(noise: &mut Noise) -> f64 {
    let (low, high) = MEANS;
    low + (high - low) * noise.uniform()
}

/// A profile of length 1 with the standard deviation that all genes have in all fifths, so that
/// a pair that correlates alike in all of them does so over all samples.
fn deviations(profile: &[f64]) -> impl Iterator<Item = f64> {
    let scale = DEVIATION * float(profile.len() - 1).sqrt();
    profile.iter().map(move |value| value * scale)
}

/// Four decimals, as usual in such tables.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the nearest float32 is meant"
)]
fn rounded(value: f64) -> f32 {
    ((value * 1e4).round() / 1e4) as f32
}

#[expect(clippy::cast_precision_loss, reason = "at most 2^28")]
fn float(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
