//! The limit on open files, against what a run needs.

use crate::cli::exit::Failure;
use crate::jobs::queue::slots::FilesAtOnce;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open once: the streams, ledger, reports, locked folders.
const ONCE: u64 = 16;
/// What is open for each file in work: it, its folder, the new file and a copy of its descriptor; and of a worker a socket
/// and two pipes.
const EACH: u64 = 7;

/// The same for a file that waits for the disk, with the folders of its commit; no worker is left.
const EACH_WAITING: u64 = 8;

/// Raises the limit as far as this user may, if that is necessary. Many systems allow 1,024 at first and far more on
/// request. Where the limit stays low, fewer files wait for the disk at a time.
pub(crate) fn provide(files: FilesAtOnce) -> Result<FilesAtOnce, Failure> {
    let limit = getrlimit(Resource::Nofile);
    let FilesAtOnce { in_work, waiting } = files;
    let needed = ONCE + EACH * in_work as u64;
    let wanted = 4 * needed + EACH_WAITING * waiting as u64;
    let Some(current) = limit.current.filter(|current| *current < wanted) else {
        return Ok(files);
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
    match now.checked_sub(needed) {
        Some(left) => Ok(FilesAtOnce {
            in_work,
            waiting: waiting.min(usize::try_from(left / (2 * EACH_WAITING)).unwrap_or(waiting)),
        }),
        None => Err(too_few(in_work, needed, now)),
    }
}

pub(crate) fn too_few(in_work: usize, needed: u64, limit: u64) -> Failure {
    Failure::failed(
        format!("{in_work} files in work need {needed} open files, and the limit is {limit}"),
        "raise the limit (ulimit -n), or use fewer --jobs; no file was touched",
    )
}
