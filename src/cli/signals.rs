//! SIGINT and SIGTERM: the first one asks the batch to stop, a second one stops at once.

use crate::cli::exit::Failure;
use crate::jobs::interrupt::Interrupt;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};
use std::io;

/// Exit status of an interrupted program, as shells count it.
const STATUS: i32 = 130;

/// Sets the flag at the first signal. A commit is a rename, so stopping at once leaves no name
/// half-done either, only a temporary file that the next run removes.
pub(crate) fn watch(interrupt: &Interrupt) -> Result<(), Failure> {
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag set by the first.
        register_conditional_shutdown(signal, STATUS, interrupt.flag())
            .and_then(|_| register(signal, interrupt.flag()))
            .map_err(|error: io::Error| {
                Failure::usage(format!("signals cannot be watched: {error}"), "")
            })?;
    }
    Ok(())
}
