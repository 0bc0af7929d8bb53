//! How a worker ended without a reply.

use crate::model::protocol::phase::Phase;
use std::time::Duration;

/// How a worker ended without a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCrash {
    /// What the worker was doing.
    pub phase: Phase,
    /// What happened.
    pub cause: CrashCause,
}

/// What ended a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrashCause {
    /// It made no progress and was killed.
    Silent {
        /// After so long.
        after: Duration,
        /// Whether it was busy all the time: an endless loop ends the same way when tried again.
        looping: bool,
    },
    /// A signal ended it.
    Signal(i32),
    Exit(Option<i32>),
    /// It could not be started.
    NotStarted(String),
    /// It could not be talked to.
    Unreachable(String),
    /// It was ended because the user asked to stop.
    Interrupted,
}

impl WorkerCrash {
    /// Whether the file is to be tried again with nothing else running. An endless loop is not tried again; an
    /// interrupted file has no result at all.
    pub fn should_retry(&self, is_retry: bool) -> bool {
        match self.cause {
            CrashCause::Interrupted => true,
            CrashCause::Silent { looping: true, .. } => false,
            _ => !is_retry,
        }
    }

    /// Whether the file had nothing to do with it: the worker did not begin to read it.
    pub fn is_of_run(&self) -> bool {
        match self.cause {
            CrashCause::NotStarted(_) => true,
            CrashCause::Silent { .. } | CrashCause::Interrupted => false,
            _ => self.phase == Phase::Starting,
        }
    }

    /// The time without progress after which the worker was ended, if that was the reason.
    pub fn timeout(&self) -> Option<Duration> {
        match self.cause {
            CrashCause::Silent { after, .. } => Some(after),
            _ => None,
        }
    }

    /// What happened, as a sentence about the file.
    pub fn describe(&self, memory: u64) -> String {
        let phase = self.phase;
        match &self.cause {
            CrashCause::Silent { after, .. } => {
                format!("no progress within {} s while {phase}", after.as_secs_f64())
            }
            CrashCause::Signal(signal) if phase == Phase::Starting => {
                format!("the worker was ended by {}", signal_name(*signal))
            }
            CrashCause::Signal(signal) => format!(
                "the HDF5 library crashed on it while {phase}: {} (memory limit {} MiB)",
                signal_name(*signal),
                memory >> 20
            ),
            CrashCause::Exit(code) => format!(
                "the worker ended while {phase}, exit status {}",
                code.map_or("unknown".to_string(), |code| code.to_string())
            ),
            CrashCause::NotStarted(why) => format!("no worker could be started: {why}"),
            CrashCause::Unreachable(why) => format!("the worker could not be reached: {why}"),
            CrashCause::Interrupted => format!("interrupted while {phase}"),
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    name.to_string()
}
