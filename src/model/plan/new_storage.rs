//! The shape and storage of the new `/expr`.

use crate::model::facts::ExprFacts;
use crate::model::plan::chunking;
use crate::model::plan::policy::{Policy, Shuffle};
use crate::model::plan::recipe::NewStorage;
use hdf5_format::filter::FilterFacts;

/// Genes and samples of the new `/expr`.
pub(crate) fn new_shape(expr: &ExprFacts, transpose: bool) -> [u64; 2] {
    let [rows, columns] = [0, 1].map(|axis| expr.shape.get(axis).copied().unwrap_or(0));
    if transpose {
        [columns, rows]
    } else {
        [rows, columns]
    }
}

/// Copied chunk by chunk if the new layout allows it, else encoded again.
pub(crate) fn choose(expr: &ExprFacts, policy: &Policy, transpose: bool) -> NewStorage {
    if expr.shape.contains(&0) {
        return NewStorage::Empty;
    }
    let transposed = ExprFacts {
        shape: new_shape(expr, transpose).to_vec(),
        chunks: expr.chunks.clone().map(|mut chunks| {
            if transpose {
                chunks.reverse();
            }
            chunks
        }),
        ..expr.clone()
    };
    let chunks = chunking::choose(&transposed, policy.chunks);
    if !transpose
        && !expr.rewrite_chunks
        && expr.chunks.as_ref() == Some(&chunks)
        && pipeline_fits(&expr.filters, policy.shuffle)
    {
        return NewStorage::Verbatim;
    }
    NewStorage::Reencode {
        chunks,
        level: policy.gzip_level,
        shuffle: policy.shuffle,
        fletcher32: expr.filters.iter().any(|f| f.id == FilterFacts::FLETCHER32),
    }
}

/// `[shuffle] deflate [fletcher32]`, the pipelines that every reader has.
fn pipeline_fits(filters: &[FilterFacts], shuffle: Shuffle) -> bool {
    let ids: Vec<u32> = filters.iter().map(|f| f.id).collect();
    let rest = match ids.strip_prefix(&[FilterFacts::SHUFFLE]) {
        Some(_) if shuffle == Shuffle::Off => return false,
        Some(rest) => rest,
        None if shuffle == Shuffle::On => return false,
        None => &ids[..],
    };
    matches!(
        rest,
        [FilterFacts::DEFLATE] | [FilterFacts::DEFLATE, FilterFacts::FLETCHER32]
    )
}
