//! The verification of a new file: workers other than its writer read it back.

use crate::files::Temporary;
use crate::files::threads::{beside, join};
use crate::jobs::context::JobContext;
use crate::jobs::error::{FailedAs, JobError};
use crate::jobs::pool::crash::WorkerCrash;
use crate::model::digest::{ContentDigest, values_root};
use crate::model::names::rules::Rules;
use crate::model::plan::policy::Verification;
use crate::model::plan::recipe::{GivenNames, Recipe};
use crate::model::protocol::failure::Failure;
use crate::model::protocol::{
    Budget, CheckDigestRequest, CompareRequest, Converted, Migrated, Part, Request, Verified,
};
use crate::model::record::ErrorKind;
use crate::model::salvage::{Losses, Salvaged, VerifyReport};
use std::fs::File;
use std::thread;

/// Lets processes other than the writer read the new file back; the writer's lease, or its end, guarantees
/// that they are others.
pub(crate) fn prove(
    context: &JobContext<'_>,
    old: &File,
    temporary: &Temporary,
    recipe: &Recipe,
    written: &Migrated,
) -> Result<Verification, JobError> {
    let level = context.settings.verification;
    if level == Verification::None {
        return Ok(level);
    }
    let (parts, budget) = shares(context);
    let new = temporary.for_reader().failed_as(ErrorKind::Output)?;
    let request = |index| CompareRequest {
        level,
        recipe: Some(Box::new(recipe.clone())),
        rules: Rules::default(),
        given: GivenNames::default(),
        charset: recipe.charset,
        crc32: (index == parts - 1).then_some(written.crc32),
        part: Part { index, of: parts },
        budget,
    };
    let verify_report = ask_for_proof(context, parts, request, &[old, &new], &written.digest)?;
    hold_losses(&verify_report, written.salvaged.as_ref())?;
    Ok(level)
}

/// The workers that read both files again must have lost the same chunks, and the new file must record them.
fn hold_losses(verify_report: &VerifyReport, salvaged: Option<&Salvaged>) -> Result<(), JobError> {
    let none = Losses::default();
    let written = salvaged.map_or(&none, |salvaged| &salvaged.losses);
    if verify_report.losses.lost != written.lost {
        return Err(JobError::mismatch(&format!(
            "{} chunks were lost when the new file was written, {} when it was verified",
            written.count(),
            verify_report.losses.count()
        )));
    }
    match verify_report.contradiction() {
        Some(contradiction) => Err(JobError::mismatch(&contradiction)),
        None => Ok(()),
    }
}

/// How many workers share a verification, and how many threads each has. Through the library, one process
/// uses one core; without it, threads do the same at less cost.
fn shares(context: &JobContext<'_>) -> (u64, Budget) {
    let budget = context.budget();
    match context.settings.verification {
        Verification::Full => (
            budget.threads as u64,
            Budget {
                threads: 1,
                ..budget
            },
        ),
        _ => (1, budget),
    }
}

/// Writes, and starts the workers of the verification meanwhile: a process takes a while to start.
pub(crate) fn while_provers_start<R>(context: &JobContext<'_>, write: impl FnOnce() -> R) -> R {
    let provers = match context.settings.verification {
        Verification::None => 0,
        _ => usize::try_from(shares(context).0).unwrap_or(1),
    };
    if context.pool.has_idle(provers) {
        return write();
    }
    beside(|| context.pool.stock(provers), write).0
}

/// Lets processes other than the writer compare the new file with what the writer has read.
pub(crate) fn prove_digest(
    context: &JobContext<'_>,
    temporary: &Temporary,
    written: &Converted,
) -> Result<Verification, JobError> {
    let level = context.settings.verification;
    if level == Verification::None {
        return Ok(level);
    }
    let (parts, budget) = shares(context);
    let new = temporary.for_reader().failed_as(ErrorKind::Output)?;
    let request = |index| CheckDigestRequest {
        level,
        crc32: (index == parts - 1).then_some(written.crc32),
        part: Part { index, of: parts },
        budget,
    };
    ask_for_proof(context, parts, request, &[&new], &written.digest)?;
    Ok(level)
}

/// Asks a worker for each part, and compares all answers with the digest.
fn ask_for_proof<R: Request<Reply = Verified> + Send>(
    context: &JobContext<'_>,
    parts: u64,
    request: impl Fn(u64) -> R,
    files: &[&File],
    digest: &ContentDigest,
) -> Result<VerifyReport, JobError> {
    let replies: Vec<Result<Result<Verified, Failure>, WorkerCrash>> = thread::scope(|scope| {
        let others: Vec<_> = (1..parts)
            .map(|index| {
                let request = request(index);
                let ask = move || context.worker()?.ask(request, files, &mut |_| {});
                let started = thread::Builder::new().spawn_scoped(scope, ask);
                started.map_err(|_| index)
            })
            .collect();
        let first = context.ask(request(0), files);
        let others = others.into_iter().map(|started| match started {
            Ok(thread) => join(thread),
            // The system has no more threads: one part after the other.
            Err(index) => context.ask(request(index), files),
        });
        std::iter::once(first).chain(others).collect()
    });
    let mut all = Vec::new();
    let mut told = VerifyReport::default();
    let may_compare = context.settings.verification == Verification::Fast;
    let mut all_hashed = true;
    for reply in replies {
        let verified = reply??;
        if verified.digest != Some(*digest) || (verified.nodes.is_none() && !may_compare) {
            return Err(JobError::mismatch(
                "the digest in the new file is not the one that was written",
            ));
        }
        all_hashed &= verified.nodes.is_some();
        all.extend(verified.nodes.unwrap_or_default());
        told.merge(verified.verify_report);
    }
    if all_hashed && values_root(&all) != digest.values {
        return Err(JobError::mismatch(
            "the values of the new file do not have their digest",
        ));
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::salvage::Rectangle;

    fn losses(rows: &[u64]) -> Losses {
        Losses {
            chunks: 9,
            lost: rows
                .iter()
                .map(|row| Rectangle::from([*row, 0, 1, 1]))
                .collect(),
        }
    }

    #[test]
    fn what_the_writer_gave_up_must_be_lost_to_the_verifying_worker_as_well() {
        let verify_report = |rows: &[u64], marked: &[u64]| VerifyReport {
            old_mark: None,
            new_mark: losses(marked).mark(None),
            losses: losses(rows),
        };
        let salvaged = Salvaged {
            losses: losses(&[1, 2]),
            first: String::new(),
        };
        assert!(hold_losses(&verify_report(&[], &[]), None).is_ok());
        assert!(hold_losses(&verify_report(&[1, 2], &[1, 2]), Some(&salvaged)).is_ok());
        for (rows, marked, told) in [
            (&[1, 2][..], &[1, 2][..], None),
            (&[1], &[1, 2], Some(&salvaged)),
            (&[1, 3], &[1, 2], Some(&salvaged)),
            (&[1, 2], &[1], Some(&salvaged)),
            (&[], &[1], None),
        ] {
            let held = hold_losses(&verify_report(rows, marked), told);
            assert!(held.is_err(), "{rows:?} {marked:?}");
        }
    }
}
