//! The verification: a new file holds everything in an old one ([`compare`]), or still matches its own digest
//! ([`check_digest`]).
//!
//! [`objects`] compares names, links, attributes and other datasets with those of the old file, [`values`]
//! every element of `/expr`; [`native`] does both for most files in a fast verification.

pub(crate) mod against_digest;
pub(crate) mod checksum;
pub(crate) mod native;
pub(crate) mod objects;
pub(crate) mod open_file;
pub(crate) mod values;

pub(crate) use crate::worker::verify::against_digest::check_digest;
pub use crate::worker::verify::native::compare_plainly;

use crate::model::layout;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{CompareRequest, Part, Verified};
use crate::model::salvage::{Losses, VerifyReport};
use crate::worker::chunks::dataset_geometry::{geometry, new_shape};
use crate::worker::error::Result;
use crate::worker::inspect::marks::salvage_mark;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::against_digest::check_values;
use crate::worker::verify::objects::compare_objects;
use crate::worker::verify::open_file::OpenFile;
use crate::worker::verify::values::compare_values;
use crate::worker::write::salvage;
use std::fs;

/// Verifies that `new` holds everything in `old`.
pub fn compare(
    old: fs::File,
    new: fs::File,
    job: &CompareRequest,
    report: &mut dyn ProgressSink,
) -> Result<Verified> {
    if let Some(proof) = compare_plainly(&old, &new, job, report) {
        return Ok(proof);
    }
    report.enter(Phase::Opening);
    let path = match &job.recipe {
        Some(recipe) => &recipe.matrix,
        None => job.rules.matrix(),
    };
    let old = OpenFile::open(old, path, "old")?;
    let new = OpenFile::open(new, layout::EXPR_PATH, "new")?;
    let stored = new.stored_digest()?;
    let transpose = is_transposed(job, &old, &new)?;
    let mut verify_report = VerifyReport {
        old_mark: salvage_mark(&old.file.root()?)?,
        new_mark: salvage_mark(&new.file.root()?)?,
        losses: Losses::default(),
    };
    // A new file that records no losses has none: then an old chunk that fails is an error.
    let salvage = match job.salvages() && verify_report.new_mark != verify_report.old_mark {
        true => salvage::rule(&old.expr)?,
        false => None,
    };
    let objects = |report: &mut dyn ProgressSink| {
        report.enter(Phase::ComparingObjects);
        if job.part.has_objects() {
            compare_objects(job, &old, &new, transpose, stored.as_ref(), report)?;
        }
        report.enter(Phase::ComparingValues);
        Ok(())
    };
    let nodes = compare_values(
        job,
        &old,
        &new,
        transpose,
        salvage.as_ref(),
        objects,
        report,
    )?;
    if let Some(salvage) = &salvage {
        verify_report.losses = salvage.losses(&geometry(&old.expr)?);
    }
    if let Some(nodes) = &nodes
        && job.part == Part::WHOLE
    {
        check_values(stored.as_ref(), nodes)?;
    }
    Ok(Verified {
        digest: stored,
        nodes,
        verify_report,
    })
}

/// Whether rows of the old matrix are columns of the new one. Without a recipe, the shapes decide.
fn is_transposed(job: &CompareRequest, old: &OpenFile, new: &OpenFile) -> Result<bool> {
    if let Some(recipe) = &job.recipe {
        return Ok(recipe.transpose);
    }
    let (before, after) = (new_shape(&old.expr, false)?, new_shape(&new.expr, false)?);
    let is_square = before[0] == before[1];
    Ok(before == [after[1], after[0]] && (!is_square || job.rules.transpose))
}
