//! Heartbeats: a message if something was really done, at most ten per second.

use crate::model::protocol::failure::Failure;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Progress, ReplyMessage};
use serde::Serialize;
use std::io;
use std::io::Write;
use std::time::{Duration, Instant};

const APART: Duration = Duration::from_millis(100);

/// Reports progress to the parent. A worker that hangs reports nothing and is killed.
#[derive(Debug)]
pub struct Reporter<W: Write> {
    replies: W,
    heartbeats: W,
    phase: Phase,
    done: u64,
    told: Option<Instant>,
}

impl<W: Write> Reporter<W> {
    /// A reporter that writes JSON lines: replies, and heartbeats separate from them.
    pub fn new(replies: W, heartbeats: W) -> Self {
        Reporter {
            replies,
            heartbeats,
            phase: Phase::Starting,
            done: 0,
            told: None,
        }
    }

    /// What the worker is doing.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Writes the final answer to a request.
    pub fn answer(&mut self, reply: &Result<ReplyMessage, Failure>) -> io::Result<()> {
        write_line(&mut self.replies, reply)
    }

    fn tell(&mut self) {
        self.told = Some(Instant::now());
        let heartbeat = Progress {
            phase: self.phase,
            done: self.done,
        };
        // If the parent is gone, stdin ends this process; nothing to do here.
        drop(write_line(&mut self.heartbeats, &heartbeat));
    }
}

/// In one call, so that the reader finds whole lines.
fn write_line(out: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// What a request reports its progress to.
pub trait ProgressSink {
    /// A new phase begins; the count of bytes starts again.
    fn enter(&mut self, phase: Phase);
    /// This many more bytes of raw values are done.
    fn advance(&mut self, bytes: u64);
    /// Something small was done: one of a million attributes, say.
    fn live(&mut self) {
        self.advance(0);
    }
}

impl<W: Write> ProgressSink for Reporter<W> {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.done = 0;
        self.tell();
    }

    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        if self.told.is_none_or(|told| told.elapsed() >= APART) {
            self.tell();
        }
    }
}
