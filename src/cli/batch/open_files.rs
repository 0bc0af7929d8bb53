//! The limit on open files, against what a run needs.

use crate::cli::exit::Failure;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open once: the streams, ledger, reports, locked folders.
const ONCE: u64 = 16;
/// What is open for each file in work: it, its folder, the new file and a copy of its descriptor; and of a worker a socket
/// and two pipes.
const EACH: u64 = 7;

/// Raises the limit as far as this user may, if that is necessary. Many systems allow 1,024 at first and far more on
/// request.
pub(crate) fn provide(files_in_work: usize) -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    let needed = ONCE + EACH * files_in_work as u64;
    let wanted = 4 * needed;
    let Some(current) = limit.current.filter(|current| *current < wanted) else {
        return Ok(());
    };
    let allowed = limit
        .maximum
        .map_or(wanted, |most| most.min(wanted))
        .max(current);
    let raised = Rlimit {
        current: Some(allowed),
        maximum: limit.maximum,
    };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => allowed,
        Err(_) => current,
    };
    if now >= needed {
        return Ok(());
    }
    Err(Failure::failed(
        format!("{files_in_work} files in work need {needed} open files, and the limit is {now}"),
        "raise the limit (ulimit -n), or use fewer --jobs; no file was touched",
    ))
}
