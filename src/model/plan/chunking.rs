//! Which chunk shape the new `/expr` gets. Pure arithmetic.

use crate::model::facts::ExprFacts;
use crate::model::plan::policy::Chunks;
use hdf5_format::storage::possible_chunks;

/// Readers cache 1 MiB of chunks by default (`H5Pset_cache`, HDF5 < 2.0); larger chunks are
/// decoded anew for every access.
const LARGEST_CHUNK: u64 = 1 << 20;
/// Below this the overhead of a chunk (index entry, filter call) outweighs its data.
const SMALLEST_CHUNK: u64 = 4 << 10;

/// The chunk shape for a migration: that of the old file if it is suitable, else a new one.
pub fn choose(expr: &ExprFacts, wanted: Chunks) -> Vec<u64> {
    let old = expr.chunks.as_ref().map(|chunks| possible(expr, chunks));
    match (wanted, old) {
        (Chunks::Shape(rows, columns), _) => {
            vec![
                rows.clamp(1, expr.shape[0].max(1)),
                columns.clamp(1, expr.shape[1].max(1)),
            ]
        }
        (Chunks::Keep, Some(chunks)) => chunks,
        (Chunks::Auto, Some(chunks)) if serves(expr, &chunks) => chunks,
        _ => auto(&expr.shape, expr.item_size),
    }
}

/// The old chunk shape, no larger than the matrix where a new dataset cannot have it.
fn possible(expr: &ExprFacts, chunks: &[u64]) -> Vec<u64> {
    if !expr.rewrite_chunks {
        return chunks.to_vec();
    }
    let lengths: Vec<Option<u64>> = expr.shape.iter().copied().map(Some).collect();
    possible_chunks(chunks, &lengths)
}

/// Whether an existing chunk shape is neither too small nor too large for readers.
fn serves(expr: &ExprFacts, chunks: &[u64]) -> bool {
    let bytes = chunks
        .iter()
        .fold(expr.item_size, |bytes, n| bytes.saturating_mul(*n));
    let is_whole = expr.raw_bytes() <= bytes;
    bytes <= LARGEST_CHUNK && (bytes >= SMALLEST_CHUNK || is_whole)
}

/// A chunk shape for a matrix of `shape` elements of `item_size` bytes.
///
/// Halves rows and columns in turn until a chunk is near a target that grows with the matrix, as h5py's
/// `guess_chunk` does, with twice its target: one chunk then spans as many rows as h5py's (reading one gene
/// costs the same or less) and at most twice its columns (one sample costs up to twice as much).
/// `benches/chunk_shapes.py` measures the cost of other shapes.
pub fn auto(shape: &[u64], item_size: u64) -> Vec<u64> {
    let mut chunk: Vec<u64> = shape.iter().map(|n| (*n).max(1)).collect();
    let bytes = |chunk: &[u64]| {
        chunk
            .iter()
            .fold(item_size, |bytes, n| bytes.saturating_mul(*n))
    };
    let target = target_bytes(bytes(&chunk));
    let mut axis = 0;
    while bytes(&chunk) > target + target / 2 && chunk.iter().any(|n| *n > 1) {
        chunk[axis] = chunk[axis].div_ceil(2);
        axis = (axis + 1) % chunk.len();
    }
    chunk
}

/// 32 KiB for a matrix of 1 MiB, doubled for each factor of ten, within 16 KiB and 1 MiB.
fn target_bytes(matrix_bytes: u64) -> u64 {
    // The exponent is small and the precision of a chunk size does not matter.
    #[expect(clippy::cast_precision_loss, reason = "an estimate of a logarithm")]
    let tens = (matrix_bytes.max(1) as f64 / f64::from(1 << 20)).log10();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 2^14..2^20"
    )]
    let target = (f64::from(32 << 10) * tens.exp2()).clamp(16_384.0, 1_048_576.0) as u64;
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_matrix_gets_chunks_that_serve_genes_and_samples() {
        assert_eq!(auto(&[20_000, 500], 4), [625, 32]);
    }

    #[test]
    fn small_and_empty_matrices_are_one_chunk() {
        assert_eq!(auto(&[1, 1], 4), [1, 1]);
        assert_eq!(auto(&[60, 20], 8), [60, 20]);
        assert_eq!(auto(&[0, 5], 4), [1, 5]);
    }

    #[test]
    fn no_chunk_exceeds_the_default_cache_by_much() {
        for shape in [
            [1_000_000, 100_000],
            [1, 100_000_000],
            [100_000_000, 1],
            [u64::MAX, u64::MAX],
        ] {
            let chunk = auto(&shape, 8);
            assert!(
                chunk[0] * chunk[1] * 8 <= LARGEST_CHUNK * 3 / 2,
                "{chunk:?}"
            );
        }
    }

    #[test]
    fn an_old_chunk_shape_stays_when_it_serves() {
        let mut expr = ExprFacts {
            shape: vec![20_000, 500],
            item_size: 4,
            chunks: Some(vec![625, 16]),
            ..ExprFacts::default()
        };
        assert_eq!(choose(&expr, Chunks::Auto), [625, 16]);
        expr.chunks = Some(vec![20_000, 500]);
        assert_ne!(choose(&expr, Chunks::Auto), [20_000, 500]);
        assert_eq!(choose(&expr, Chunks::Keep), [20_000, 500]);
        assert_eq!(choose(&expr, Chunks::Shape(10, 9999)), [10, 500]);

        // Longer than the matrix: such a shape stays where the matrix may grow.
        expr.chunks = Some(vec![32, 1000]);
        assert_eq!(choose(&expr, Chunks::Auto), [32, 1000]);
        expr.rewrite_chunks = true;
        assert_eq!(choose(&expr, Chunks::Auto), [32, 500]);
        assert_eq!(choose(&expr, Chunks::Keep), [32, 500]);
    }
}
