//! A file against the digest that it carries.

use crate::model::digest::{ContentDigest, Sum, values_root};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{CheckDigestRequest, Part, Verified};
use crate::model::salvage::{Losses, VerifyReport};
use crate::worker::chunks::read::reader::Reader;
use crate::worker::chunks::rows;
use crate::worker::chunks::scan::{Broken, Pass};
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::Window;
use crate::worker::digest;
use crate::worker::error::{Result, WorkerError};
use crate::worker::inspect::inventory::{Change, Inventory};
use crate::worker::inspect::marks::salvage_mark;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::open_file::{OpenFile, current_types};
use crate::worker::verify::values::{nodes_of, route};
use std::fs;

/// Proves that a file still matches the digest that it carries.
pub(crate) fn check_digest(
    file: fs::File,
    job: &CheckDigestRequest,
    report: &mut dyn ProgressSink,
) -> Result<Verified> {
    report.enter(Phase::Opening);
    let opened = OpenFile::read(file, layout::EXPR_PATH)?;
    let stored = opened.stored_digest()?.ok_or_else(|| {
        WorkerError::new(
            FailureKind::Unsupported,
            "it has no digest of h5lift, so there is nothing to compare it with",
        )
    })?;
    let objects = |report: &mut dyn ProgressSink| {
        report.enter(Phase::ComparingObjects);
        if job.part.has_objects() {
            let types = current_types(None, Some(&stored));
            let found = ContentDigest {
                genes: digest::names_sum(opened.current_names(Axis::Genes, &types)?.texts.iter()),
                samples: digest::names_sum(
                    opened.current_names(Axis::Samples, &types)?.texts.iter(),
                ),
                rest: Inventory::of(&opened.file, &opened.tree, &Change::none(), report)?.sum(),
                ..stored
            };
            differing(&stored, &found)?;
        }
        report.enter(Phase::ComparingValues);
        Ok(())
    };
    let reader = Reader::new(
        &opened.file,
        &opened.expr,
        route(job.level),
        job.budget.bytes,
    )?;
    let geometry = reader.geometry();
    let pass = Pass {
        pool: &ThreadPool::new(job.budget.threads),
        sources: &[&reader],
        blocks: geometry,
        rows: job.part.rows(geometry.rows),
        limit: job.budget.bytes,
    };
    let hash =
        |window: &Window, values: &mut [Vec<u8>]| Ok(rows::hash(&geometry, window, &mut values[0]));
    let nodes = nodes_of(&pass, hash, objects, report).map_err(|broken| match broken {
        Broken::Reading { error, .. } => opened.naming(error),
        Broken::Working(error) => error,
    })?;
    if job.part == Part::WHOLE {
        let found = ContentDigest {
            values: values_root(&nodes),
            ..stored
        };
        differing(&stored, &found)?;
    }
    let mark = salvage_mark(&opened.file.root()?)?;
    Ok(Verified {
        digest: Some(stored),
        nodes: Some(nodes),
        verify_report: VerifyReport {
            old_mark: mark.clone(),
            new_mark: mark,
            losses: Losses::default(),
        },
    })
}

pub(crate) fn differing(stored: &ContentDigest, found: &ContentDigest) -> Result<()> {
    let differences = stored.differences(found);
    if differences.is_empty() {
        return Ok(());
    }
    Err(WorkerError::mismatch(format!(
        "changed since it was written: {}",
        differences.join(", ")
    )))
}

/// Holds the nodes of all rows against the digest that a file carries.
pub(crate) fn check_values(stored: Option<&ContentDigest>, nodes: &[Sum]) -> Result<()> {
    match stored {
        Some(stored) if stored.values != values_root(nodes) => Err(WorkerError::mismatch(
            "the digest in the new file is not that of its values",
        )),
        _ => Ok(()),
    }
}
