//! Signals that ask a run to stop: commits in progress end, rows are written, and the exit code is 130.
//!
//! Schedulers warn with SIGTERM, SIGUSR1, SIGUSR2 or SIGXCPU before they kill, and Slurm sends SIGTERM twice, so none of
//! them may end the process at once. Only a second SIGINT does: that is a person at a terminal.

use crate::cli::exit::Failure;
use crate::jobs::interrupt::Interrupt;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};
use signal_hook::flag::{register, register_conditional_shutdown};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Signals that ask a run to stop.
const STOPPING: [i32; 5] = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU];
/// Exit status of an interrupted program, as shells count it.
const STATUS: i32 = 130;

/// Sets the flag at the first signal. A commit is a rename, so stopping at once leaves no name
/// half-done either, only a temporary file that the next run removes.
pub(crate) fn watch(interrupt: &Interrupt) -> Result<(), Failure> {
    let typed_once = Arc::new(AtomicBool::new(false));
    // In this order: the second SIGINT finds the flag set by the first.
    register_conditional_shutdown(SIGINT, STATUS, Arc::clone(&typed_once))
        .and_then(|_| register(SIGINT, typed_once))
        .and_then(|_| register_all(&interrupt.flag()))
        .map_err(|error| unwatched(&error))
}

/// No signal can be handled here, so nothing has begun.
pub(crate) fn unwatched(error: &io::Error) -> Failure {
    Failure::failed(
        format!("signals cannot be watched: {error}"),
        "check what the sandbox or container forbids; no file was touched",
    )
}

/// Makes a write beyond the limit on the size of a file fail, in this process and its workers, instead of ending the process.
pub(crate) fn survive_large_files() -> io::Result<()> {
    register(SIGXFSZ, Arc::default()).map(drop)
}

/// Lets a worker live on: schedulers signal all processes of a job, and the parent decides when its workers end.
pub(crate) fn ignore() -> io::Result<()> {
    register_all(&Arc::default())
}

fn register_all(flag: &Arc<AtomicBool>) -> io::Result<()> {
    STOPPING
        .into_iter()
        .try_for_each(|signal| register(signal, Arc::clone(flag)).map(drop))
}
