//! How the new `/expr` gets its values, and how it is stored.

use crate::model::plan::recipe::{NewStorage, Recipe};
use crate::model::protocol::failure::FailureKind;
use crate::model::record::WrittenAs;
use crate::worker::chunks::dataset_geometry::geometry;
use crate::worker::chunks::encode::reencode;
use crate::worker::chunks::encode::reencode::ChunkTarget;
use crate::worker::chunks::read::chunk_store::ChunkStore;
use crate::worker::chunks::read::reader::{Reader, Route};
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::read::unallocated::Absent;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::error::{Result, WorkerError};
use crate::worker::serve::progress::ProgressSink;
use h5::dataset::Dataset;
use h5::file::File;
use h5::storage::{Filters, Properties};
use hdf5_format::filter::FilterFacts;

/// How the new `/expr` gets its values.
pub(crate) enum Values<'a> {
    Empty,
    Verbatim(Box<ChunkStore>),
    Recoded(Box<(Reader<'a>, ChunkTarget)>),
}

/// Chooses, by the recipe and a look at some values.
pub(crate) fn choose<'a>(
    old: &File,
    expr: &'a Dataset,
    recipe: &Recipe,
    limit: u64,
    salvage: Option<&'a Salvage>,
    pool: &ThreadPool,
    report: &mut dyn ProgressSink,
) -> Result<Values<'a>> {
    match &recipe.storage {
        NewStorage::Empty => Ok(Values::Empty),
        NewStorage::Verbatim => {
            let store = ChunkStore::of(old, expr, geometry(expr)?, limit)?;
            let store = store.ok_or_else(|| {
                let message =
                    "the chunks of /expr are stored otherwise than when the file was inspected";
                WorkerError::new(FailureKind::Unsupported, message)
                    .with_help("run again when nothing writes to it")
            })?;
            Ok(Values::Verbatim(Box::new(store)))
        }
        NewStorage::Reencode {
            chunks,
            level,
            shuffle,
            fletcher32,
        } => {
            let transpose = recipe.transpose;
            let reader = Reader::new(old, expr, Route::Fastest, limit)?
                .transposed(transpose)
                .salvaging(salvage);
            let geometry = reencode::target_geometry(&reader, chunks);
            let absent = match recipe.missing_chunks {
                true => Some(Absent::of(expr, transpose)?),
                false => None,
            };
            let encoding = reencode::choose_encoding(
                &reader, geometry, *level, *shuffle, pool, limit, report,
            )?;
            let target = ChunkTarget {
                geometry,
                encoding,
                fletcher32: *fletcher32,
                limit,
                absent,
            };
            Ok(Values::Recoded(Box::new((reader, target))))
        }
    }
}

/// The storage of the new dataset, and how a report tells it.
pub(crate) fn storage(expr: &Dataset, values: &Values<'_>) -> Result<(Properties, WrittenAs)> {
    let properties = expr.properties()?;
    match values {
        Values::Empty | Values::Verbatim(_) => {
            let written_as = WrittenAs {
                encoder: "verbatim".to_string(),
                level: None,
                shuffle: properties
                    .filters()?
                    .iter()
                    .any(|filter| filter.id == FilterFacts::SHUFFLE),
                chunks: properties.chunks()?.unwrap_or_default(),
            };
            Ok((properties.for_copy(&expr.extent()?)?, written_as))
        }
        Values::Recoded(recoded) => {
            let target = &recoded.1;
            let chunks = [target.geometry.chunk_rows, target.geometry.chunk_columns];
            let level = target.encoding.level.get();
            let filters = Filters {
                shuffle: target.encoding.shuffle,
                level,
                fletcher32: target.fletcher32,
            };
            let written_as = WrittenAs {
                encoder: target.encoding.compressor.word().to_string(),
                level: Some(level),
                shuffle: filters.shuffle,
                chunks: chunks.to_vec(),
            };
            Ok((properties.stored_as(&chunks, filters)?, written_as))
        }
    }
}
