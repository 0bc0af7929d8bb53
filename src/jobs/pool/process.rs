//! One worker process: start, request, watch, kill.

use crate::jobs::interrupt::Interrupt;
use crate::jobs::pool::crash::{CrashCause, WorkerCrash};
use crate::jobs::pool::input_pipe::waits_for_pipe;
use crate::jobs::pool::pipes::{PollResult, WorkerPipes};
use crate::jobs::settings::WorkerSettings;
use crate::model::protocol::failure::Failure;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Core, Progress, ReplyMessage, RequestMessage};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The hidden subcommand that serves requests.
pub(crate) const SUBCOMMAND: &str = "__worker";

/// Begins the error of a worker that ends before it serves.
pub(crate) const NOT_STARTED: &str = "a worker cannot start: ";

/// A worker process. Killed when dropped.
#[derive(Debug)]
pub(crate) struct WorkerProcess {
    child: Child,
    pipes: WorkerPipes,
    timeout: Duration,
    interrupt: Interrupt,
}

impl WorkerProcess {
    /// Starts a worker in a process group of its own, so that a Ctrl-C in the terminal reaches the parent only.
    pub(crate) fn start(settings: &WorkerSettings) -> io::Result<Self> {
        let mut command = Command::new(&settings.program);
        if std::env::var_os(TUNABLES).is_none() {
            command.env(TUNABLES, KEEP_MEMORY);
        }
        let (requests, of_worker) = UnixStream::pair()?;
        // The library obeys these, and what the user sets for other programs is not meant for the files of this one.
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"HDF5_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .arg(SUBCOMMAND)
            .arg(settings.memory.to_string())
            // "::" keeps the library from loading any filter plugin.
            .env("HDF5_PLUGIN_PRELOAD", "::")
            .stdin(OwnedFd::from(of_worker))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let pipes = match WorkerPipes::of(requests, &mut child) {
            Ok(pipes) => pipes,
            Err(error) => {
                // It cannot be used; both calls fail only when it is gone.
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        Ok(WorkerProcess {
            child,
            pipes,
            timeout: settings.timeout,
            interrupt: settings.interrupt.clone(),
        })
    }

    /// Sends a request, and waits for the reply as long as the worker makes progress.
    pub(crate) fn ask(
        &mut self,
        core: Core,
        request: &RequestMessage,
        files: &[&File],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Result<ReplyMessage, Failure>, WorkerCrash> {
        let mut phase = Phase::Starting;
        let mut note = |told: Progress| {
            phase = told.phase;
            progress(told);
        };
        let end = self.converse(core, request, files, &mut note);
        // The reply has a pipe of its own: heartbeats sent before it may still be unread.
        let heartbeats = self.pipes.heartbeats(&mut note);
        match end {
            Ok(reply) => match heartbeats {
                Ok(_) => Ok(reply),
                Err(error) => Err(self.ended(phase, Some(error))),
            },
            Err(End::Gone(error)) => Err(self.ended(phase, error)),
            Err(End::Silent { before }) => Err(self.silent(phase, before)),
            Err(End::Interrupted) => {
                self.kill();
                Err(WorkerCrash {
                    phase,
                    cause: CrashCause::Interrupted,
                })
            }
        }
    }

    /// Sends the request and polls for the reply. Only the reply ends a poll early: heartbeats are frequent,
    /// and are read in between.
    fn converse(
        &mut self,
        core: Core,
        request: &RequestMessage,
        files: &[&File],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Result<ReplyMessage, Failure>, End> {
        let gone = |error: io::Error| End::Gone(Some(error));
        self.pipes.send(core, request, files).map_err(gone)?;
        let interval = POLL_INTERVAL.min(self.timeout / 8);
        let mut deadline = Instant::now() + self.timeout;
        // Its processor time at the first poll after its last heartbeat.
        let mut before = None;
        let mut last_poll = Instant::now();
        loop {
            let reply = self.pipes.poll_reply(interval).map_err(gone)?;
            deadline += suspended(last_poll.elapsed(), interval);
            last_poll = Instant::now();
            match reply {
                PollResult::Reply(reply) => return Ok(*reply),
                PollResult::End => return Err(End::Gone(None)),
                PollResult::Pending => {}
            }
            if self.interrupt.is_set() {
                return Err(End::Interrupted);
            }
            if self.pipes.heartbeats(progress).map_err(gone)? {
                deadline = Instant::now() + self.timeout;
                before = None;
            }
            if before.is_none() {
                before = processor_seconds(self.child.id());
            }
            if Instant::now() >= deadline {
                // Whoever writes the pipe takes a break; a worker that computes does not wait for it.
                if waits_for_pipe(files) && !self.was_busy(before) {
                    deadline = Instant::now() + self.timeout;
                    before = None;
                    continue;
                }
                return Err(End::Silent { before });
            }
        }
    }

    /// `before` is its processor time at its last heartbeat.
    fn silent(&mut self, phase: Phase, before: Option<f64>) -> WorkerCrash {
        let looping = self.was_busy(before);
        self.kill();
        WorkerCrash {
            phase,
            cause: CrashCause::Silent {
                after: self.timeout,
                looping,
            },
        }
    }

    /// Whether it has computed most of the time limit since its processor time was this.
    fn was_busy(&self, before: Option<f64>) -> bool {
        let used = processor_seconds(self.child.id())
            .zip(before)
            .map(|(now, before)| now - before);
        // Half, because the processor is shared; a process that waits for a disk uses next to nothing.
        used.is_some_and(|used| used >= 0.5 * self.timeout.as_secs_f64())
    }

    fn ended(&mut self, phase: Phase, error: Option<io::Error>) -> WorkerCrash {
        let status = self.kill();
        let cause = match (status, error) {
            // A signal for all processes of a job, before the worker could ignore it.
            (Some(status), _) if status.signal().is_some() && self.interrupt.is_set() => {
                CrashCause::Interrupted
            }
            (Some(status), _) if status.signal().is_some_and(|s| s != KILL) => {
                CrashCause::Signal(status.signal().unwrap_or(0))
            }
            (_, Some(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                CrashCause::Unreachable(error.to_string())
            }
            (Some(status), _) => match (status.signal(), self.pipes.take_start_error()) {
                (Some(signal), _) => CrashCause::Signal(signal),
                (None, Some(why)) => CrashCause::NotStarted(why),
                (None, None) => CrashCause::Exit(status.code()),
            },
            (None, _) => CrashCause::Exit(None),
        };
        WorkerCrash { phase, cause }
    }

    /// Kills the process without waiting for its end.
    pub(crate) fn signal_end(&mut self) {
        // It fails only when the process is gone.
        let _ = self.child.kill();
    }

    /// Kills the process; its own exit status, if it ended before.
    fn kill(&mut self) -> Option<ExitStatus> {
        // A worker that crashed keeps its status; one that closed its pipe is about to end.
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

/// Settings of glibc; other C libraries ignore them.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// A worker that returns each buffer to the system gets it again, page by page and zeroed, for the next file:
/// a fifth of the time of a tiny file. Larger blocks are still returned at once. Buffers are passed between threads:
/// with one arena for each thread, large files took half as much memory again.
const KEEP_MEMORY: &str = "glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=16777216:\
                           glibc.malloc.top_pad=1048576:glibc.malloc.arena_max=1";
const KILL: i32 = 9;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long both processes were stopped (SIGSTOP, as by a scheduler that suspends jobs), if the last poll took that much
/// longer than its interval.
fn suspended(poll: Duration, interval: Duration) -> Duration {
    match poll.checked_sub(interval) {
        Some(extra) if extra >= LONG_POLL => extra,
        _ => Duration::ZERO,
    }
}

/// More than a busy machine delays a process.
const LONG_POLL: Duration = Duration::from_millis(500);

enum End {
    /// It ended, or its reply cannot be parsed.
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
    use crate::model::protocol::{PingRequest, Request};

    fn ask(program: &str) -> WorkerCrash {
        let settings = WorkerSettings {
            program: program.into(),
            memory: 1 << 30,
            timeout: Duration::from_millis(300),
            interrupt: Interrupt::default(),
        };
        let mut worker = WorkerProcess::start(&settings).unwrap();
        let request = PingRequest.into_message();
        let core = Core { index: 0, of: 1 };
        worker.ask(core, &request, &[], &mut |_| {}).unwrap_err()
    }

    #[test]
    fn a_worker_that_exits_is_reported_with_its_status() {
        assert_eq!(ask("/bin/false").cause, CrashCause::Exit(Some(1)));
    }

    #[test]
    fn a_worker_says_why_it_cannot_start() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("worker");
        // Written by another process: one that this test process starts meanwhile could keep it open for writing.
        let script = r#"printf '%s\n' '#!/bin/sh' 'echo "$0: text of a library" >&2' "$2" 'exit 2' >"$1" && chmod 700 "$1""#;
        let written = std::process::Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&program)
            .arg(format!("echo 'error: {NOT_STARTED}no such limit' >&2"))
            .status();
        assert!(written.unwrap().success());
        assert_eq!(
            ask(program.to_str().unwrap()).cause,
            CrashCause::NotStarted("no such limit".to_string())
        );
    }

    #[test]
    fn a_worker_that_sends_no_json_is_unreachable() {
        // Repeats its arguments for ever.
        assert!(matches!(
            ask("/usr/bin/yes").cause,
            CrashCause::Unreachable(_)
        ));
    }

    #[test]
    fn a_silent_worker_is_killed_and_retried_unless_it_was_busy() {
        // Waits for the end of its input and says nothing.
        let idle = ask("/usr/bin/xargs");
        assert!(idle.should_retry(false), "{idle:?}");
        assert!(!idle.should_retry(true), "{idle:?}");
        assert!(idle.describe(1 << 30).contains("while starting"));
    }
}
