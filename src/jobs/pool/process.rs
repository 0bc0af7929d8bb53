//! One worker process: started, asked, watched, killed.

use crate::jobs::interrupt::Interrupt;
use crate::jobs::pool::crash::{Death, DeathCause};
use crate::jobs::pool::pipes::{Heard, Wires};
use crate::jobs::settings::WorkerSettings;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Core, Progress, Reply, Request};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The hidden subcommand that serves requests.
pub(crate) const SUBCOMMAND: &str = "__worker";

/// A worker that serves requests. Killed when dropped.
#[derive(Debug)]
pub(crate) struct WorkerProcess {
    child: Child,
    wires: Wires,
    timeout: Duration,
    interrupt: Interrupt,
}

impl WorkerProcess {
    /// Starts a worker in a process group of its own: a Ctrl-C in the terminal is the parent's.
    pub(crate) fn start(settings: &WorkerSettings) -> io::Result<Self> {
        let mut command = Command::new(&settings.program);
        if std::env::var_os(TUNABLES).is_none() {
            command.env(TUNABLES, KEEP_MEMORY);
        }
        let mut child = command
            .arg(SUBCOMMAND)
            .arg(settings.memory.to_string())
            // "::" keeps the library from loading any filter plugin.
            .env("HDF5_PLUGIN_PRELOAD", "::")
            .env_remove("HDF5_PLUGIN_PATH")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let wires = match Wires::of(&mut child) {
            Ok(wires) => wires,
            Err(error) => {
                // Nobody could ever ask it; both fail only when it is gone.
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        Ok(WorkerProcess {
            child,
            wires,
            timeout: settings.timeout,
            interrupt: settings.interrupt.clone(),
        })
    }

    /// Asks, and waits for the answer as long as the worker makes progress.
    pub(crate) fn ask(
        &mut self,
        core: Core,
        request: &Request,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Death> {
        let mut phase = Phase::Starting;
        let mut note = |told: Progress| {
            phase = told.phase;
            progress(told);
        };
        let end = self.converse(core, request, &mut note);
        // The reply is on a wire of its own: what was told before it is still to be heard.
        let signs = self.wires.signs(&mut note);
        match end {
            Ok(reply) => match signs {
                Ok(_) => Ok(reply),
                Err(error) => Err(self.ended(phase, Some(error))),
            },
            Err(End::Gone(error)) => Err(self.ended(phase, error)),
            Err(End::Silent { before }) => Err(self.silent(phase, before)),
            Err(End::Interrupted) => {
                self.kill();
                Err(Death {
                    phase,
                    cause: DeathCause::Interrupted,
                })
            }
        }
    }

    /// Sends the request and waits for the reply, in short naps. Nothing but the reply ends a nap
    /// early: signs of life are many, and are looked at in between.
    fn converse(
        &mut self,
        core: Core,
        request: &Request,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, End> {
        let gone = |error: io::Error| End::Gone(Some(error));
        self.wires.send(core, request).map_err(gone)?;
        let nap = NAP.min(self.timeout / 8);
        let mut deadline = Instant::now() + self.timeout;
        // What it had used of the processor at the first nap after its last sign of life.
        let mut before = None;
        loop {
            match self.wires.wait(nap).map_err(gone)? {
                Heard::Reply(reply) => return Ok(*reply),
                Heard::End => return Err(End::Gone(None)),
                Heard::Nothing => {}
            }
            if self.interrupt.is_set() {
                return Err(End::Interrupted);
            }
            if self.wires.signs(progress).map_err(gone)? {
                deadline = Instant::now() + self.timeout;
                before = None;
            }
            if before.is_none() {
                before = processor_seconds(self.child.id());
            }
            if Instant::now() >= deadline {
                return Err(End::Silent { before });
            }
        }
    }

    /// `before` is what it had used of the processor at its last sign of life.
    fn silent(&mut self, phase: Phase, before: Option<f64>) -> Death {
        let used = processor_seconds(self.child.id())
            .zip(before)
            .map(|(now, before)| now - before);
        // Half, for a processor that is shared; what waits for a disk uses next to nothing.
        let looping = used.is_some_and(|used| used >= 0.5 * self.timeout.as_secs_f64());
        self.kill();
        Death {
            phase,
            cause: DeathCause::Silent {
                after: self.timeout,
                looping,
            },
        }
    }

    fn ended(&mut self, phase: Phase, error: Option<io::Error>) -> Death {
        let status = self.kill();
        let cause = match (status, error) {
            (Some(status), _) if status.signal().is_some_and(|s| s != KILL) => {
                DeathCause::Signal(status.signal().unwrap_or(0))
            }
            (_, Some(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                DeathCause::Unreachable(error.to_string())
            }
            (Some(status), _) => match status.signal() {
                Some(signal) => DeathCause::Signal(signal),
                None => DeathCause::Exit(status.code()),
            },
            (None, _) => DeathCause::Exit(None),
        };
        Death { phase, cause }
    }

    /// Tells the process to end, and does not wait until it has.
    pub(crate) fn signal_end(&mut self) {
        // It fails only when the process is gone.
        let _ = self.child.kill();
    }

    /// Ends the process; its own end, if it came first.
    fn kill(&mut self) -> Option<ExitStatus> {
        // A worker that is dead already keeps its status; one that closed its pipe is dying.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.signal_end();
        // It fails only when the process is gone.
        self.child.wait().ok()
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.signal_end();
        let _ = self.child.wait();
    }
}

/// What the C library on Linux reads its settings from, and others ignore.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// A worker that gives each buffer back to the system gets it anew, page by page and zeroed, for the
/// next file: a fifth of the time of a tiny one. Larger blocks still go back at once. Buffers wander from thread to
/// thread: with an arena for each of them, large files took half as much memory again.
const KEEP_MEMORY: &str = "glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=16777216:\
                           glibc.malloc.top_pad=1048576:glibc.malloc.arena_max=1";
const KILL: i32 = 9;
const NAP: Duration = Duration::from_millis(50);

enum End {
    /// It died, or cannot be understood.
    Gone(Option<io::Error>),
    Silent {
        before: Option<f64>,
    },
    Interrupted,
}

/// Processor time of a process; `None` where the system has no `/proc`.
fn processor_seconds(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field, in parentheses, may hold anything; user and system time are 14 and 15.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u32 = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    // `USER_HZ` is 100 on every Linux.
    Some(f64::from(ticks) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::policy::Charset;

    fn ask(program: &str) -> Death {
        let settings = WorkerSettings {
            program: program.into(),
            memory: 1 << 30,
            timeout: Duration::from_millis(300),
            interrupt: Interrupt::default(),
        };
        let mut worker = WorkerProcess::start(&settings).unwrap();
        let request = Request::Inspect {
            path: "/nowhere".into(),
            rules: crate::model::names::rules::Rules::default(),
            charset: Charset::Utf8,
            lint: None,
        };
        let core = Core { index: 0, of: 1 };
        worker.ask(core, &request, &mut |_| {}).unwrap_err()
    }

    #[test]
    fn a_worker_that_exits_is_told_by_its_status() {
        assert_eq!(ask("/bin/false").cause, DeathCause::Exit(Some(1)));
    }

    #[test]
    fn a_worker_that_talks_rubbish_is_unreachable() {
        // Repeats its arguments for ever.
        assert!(matches!(
            ask("/usr/bin/yes").cause,
            DeathCause::Unreachable(_)
        ));
    }

    #[test]
    fn a_silent_worker_is_killed_and_worth_another_try_unless_it_was_busy() {
        // Waits for the end of its input and says nothing.
        let idle = ask("/usr/bin/xargs");
        assert!(idle.wants_another_turn(false), "{idle:?}");
        assert!(!idle.wants_another_turn(true), "{idle:?}");
        assert!(
            idle.describe(1 << 30)
                .contains("hangs on it while starting")
        );
    }
}
