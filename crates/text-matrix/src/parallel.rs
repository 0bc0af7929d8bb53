//! The pieces of a block, parsed on all cores and put together again in their order.

use rayon::prelude::*;

use crate::names::Names;
use crate::number::value::Value;
use crate::number::value_counts::ValueCounts;
use crate::problem::TextProblem;
use crate::rows::split::Piece;
use crate::rows::{Parsed, RowPlan, parse};
use crate::summary_rows::SummaryRow;

/// The rows of a block; their values are where the caller wanted them.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) names: Names,
    pub(crate) counts: ValueCounts,
    pub(crate) special: Vec<(SummaryRow, String)>,
}

/// What is wrong in a block.
#[derive(Debug)]
pub(crate) struct ParseFailure {
    pub(crate) problems: Vec<TextProblem>,
    /// Looking stopped at the limit.
    pub(crate) more: bool,
}

/// Parses all of `pieces` into `values`, which gets the length that it takes.
pub(crate) fn parse_block<V: Value>(
    plan: &RowPlan,
    text: &[u8],
    pieces: &[Piece],
    first_line: u64,
    values: &mut Vec<V>,
) -> Result<Gathered, ParseFailure> {
    let samples = plan.samples.len();
    let records: usize = pieces.iter().map(|piece| piece.records).sum();
    let end = pieces.last().map_or(0, |piece| piece.bytes.end);
    // A field takes at least the byte that ends it. If that is impossible, rows are too short, and memory for
    // all their values must not be requested.
    let possible = records
        .checked_mul(plan.width)
        .is_some_and(|all| all <= end);
    if !possible {
        return Err(look_for_problems::<V>(plan, text, pieces, first_line, 0));
    }
    // The content of the previous block is overwritten: clearing it would only cost time.
    values.resize(records * samples, V::default());
    let mut rest = values.as_mut_slice();
    let work: Vec<(&Piece, &mut [V])> = pieces
        .iter()
        .map(|piece| {
            let (own, others) = std::mem::take(&mut rest).split_at_mut(piece.records * samples);
            rest = others;
            (piece, own)
        })
        .collect();
    let parsed: Vec<Parsed> = work
        .into_par_iter()
        .map(|(piece, values)| parse(plan, text, piece, first_line, values, false))
        .collect();
    if parsed.iter().any(|parsed| !parsed.problems.is_empty()) {
        let more = parsed.iter().any(|parsed| parsed.more);
        let problems = parsed.into_iter().flat_map(|parsed| parsed.problems);
        return Err(ParseFailure {
            problems: problems.collect(),
            more,
        });
    }
    Ok(gather(parsed, pieces, samples, values))
}

fn gather<V: Value>(
    parsed: Vec<Parsed>,
    pieces: &[Piece],
    samples: usize,
    values: &mut Vec<V>,
) -> Gathered {
    let mut gathered = Gathered::default();
    let (mut from, mut to) = (0, 0);
    for (parsed, piece) in parsed.into_iter().zip(pieces) {
        let count = parsed.rows * samples;
        // Dropped rows leave gaps.
        if from != to {
            values.copy_within(from..from + count, to);
        }
        from += piece.records * samples;
        to += count;
        gathered.names.append(&parsed.names);
        gathered.counts.add(&parsed.counts);
        gathered.special.extend(parsed.special);
    }
    values.truncate(to);
    gathered
}

/// One piece after the other, in memory for one row, up to the limit of problems, of which
/// `known` were found before.
pub(crate) fn look_for_problems<V: Value>(
    plan: &RowPlan,
    text: &[u8],
    pieces: &[Piece],
    first_line: u64,
    known: usize,
) -> ParseFailure {
    let mut row = vec![V::default(); plan.samples.len()];
    let mut found = ParseFailure {
        problems: Vec::new(),
        more: false,
    };
    for piece in pieces {
        let parsed = parse(plan, text, piece, first_line, &mut row, true);
        found.problems.extend(parsed.problems);
        found.more |= parsed.more;
        if known + found.problems.len() >= plan.max_problems {
            break;
        }
    }
    found
}
