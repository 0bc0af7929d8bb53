//! `--salvage` in a worker: which matrices have a value for "lost", and what the new file says of it.

use crate::model::layout;
use crate::model::layout::c_name;
use crate::model::protocol::failure::FailureKind;
use crate::model::salvage::Salvaged;
use crate::worker::chunks::dataset_geometry::geometry;
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::inspect::marks::salvage_mark;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype::{Dtype, TypeClass};
use h5::file::File;
use hdf5_format::storage::Storage;
use string_list::StringList;

/// The rule for a matrix; `None` where there is none. Values that are not in chunks have no part that
/// could be given up.
pub(crate) fn rule(expr: &Dataset) -> Result<Option<Salvage>> {
    match expr.properties()?.storage()? {
        Storage::Chunked => Ok(Salvage::of(&expr.dtype()?)),
        _ => Ok(None),
    }
}

/// An error about a chunk, with what `--salvage` would do about it, or why it does not.
pub(crate) fn explained(error: WorkerError, expr: &Dataset, asked_for: bool) -> WorkerError {
    let is_loss = error
        .chunk
        .as_deref()
        .is_some_and(|(_, damage)| damage.is_final());
    let Some(dtype) = expr.dtype().ok().filter(|_| is_loss) else {
        return error;
    };
    match (Salvage::of(&dtype), asked_for) {
        (Some(_), false) => error.with_help(
            "restore it from a backup, or save the other chunks: --salvage, with -o or --out-dir, \
             writes what cannot be decoded as NaN",
        ),
        (None, true) => WorkerError {
            kind: FailureKind::Unsalvageable,
            message: format!(
                "{}; {} have no value that says \"lost\", so --salvage cannot help",
                error.message,
                elements(&dtype)
            ),
            ..error
        },
        _ => error,
    }
}

fn elements(dtype: &Dtype) -> String {
    let kind = match &dtype.kind {
        TypeClass::Integer { .. } => "integers",
        TypeClass::Enumeration { .. } => "booleans and other enumerations",
        _ => "numbers of this layout",
    };
    format!("{kind} ({})", dtype.numpy())
}

/// What was lost until now, if anything was.
pub(crate) fn found(
    salvage: Option<&Salvage>,
    expr: &Dataset,
    genes: &StringList,
    samples: &StringList,
) -> Result<Option<Salvaged>> {
    let Some((salvage, first)) = salvage.and_then(|it| Some((it, it.first()?))) else {
        return Ok(None);
    };
    Ok(Some(Salvaged {
        losses: salvage.losses(&geometry(expr)?),
        first: WorkerError::from(first).naming(genes, samples).message,
    }))
}

/// Leaves in the new file what was lost, now and before.
pub(crate) fn leave_mark(old: &File, new: &File, salvaged: Option<&Salvaged>) -> Result<()> {
    let losses = salvaged.map(|it| it.losses.clone()).unwrap_or_default();
    let before = salvage_mark(&old.root()?)?;
    if let Some(mark) = losses.mark(before.as_deref()) {
        let root = new.root().of_output()?;
        Attribute::create_text(&root, &c_name(layout::MARK_SALVAGED), &mark).of_output()?;
        root.close("closing the root group").of_output()?;
    }
    Ok(())
}
