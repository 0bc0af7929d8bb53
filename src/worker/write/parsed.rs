//! Blocks of a text, parsed by the pool in a thread of their own while others use those before.

use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::error::{Result, WorkerError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::thread::JoinHandle;
use text_matrix::{MatrixError, Reader, RowBlock, Values};

#[derive(Debug)]
pub(crate) struct Parsed {
    blocks: Receiver<std::result::Result<RowBlock, MatrixError>>,
    used: Sender<Values>,
    thread: JoinHandle<Reader>,
}

impl Parsed {
    /// Begins to parse: one block waits, and one more may be finished. The thread is not waited for when this
    /// is dropped: it may be reading from a pipe that stays open.
    pub(crate) fn of(mut reader: Reader, pool: &Arc<ThreadPool>) -> Result<Self> {
        let pool = Arc::clone(pool);
        let (parsed, blocks) = sync_channel(1);
        let (used, used_before) = channel();
        let thread = thread::Builder::new()
            .name("matrix-blocks".to_string())
            .spawn(move || {
                loop {
                    if let Ok(values) = used_before.try_recv() {
                        reader.recycle(values);
                    }
                    let Some(next) = pool.install(|| reader.next_block()).transpose() else {
                        return reader;
                    };
                    let last = next.is_err();
                    if parsed.send(next).is_err() || last {
                        return reader;
                    }
                }
            })
            .map_err(|error| WorkerError::new(FailureKind::Resources, error.to_string()))?;
        Ok(Parsed {
            blocks,
            used,
            thread,
        })
    }

    /// The next one; `None` at the end.
    pub(crate) fn next(&self) -> Result<Option<RowBlock>> {
        // A thread that panicked ends without a message, too: `finish` tells.
        Ok(self.blocks.recv().ok().transpose()?)
    }

    /// Takes a block's memory back.
    pub(crate) fn recycle(&self, values: Values) {
        // Nobody wants it any more at the end of the text.
        drop(self.used.send(values));
    }

    /// The reader, when [`Parsed::next`] has said that there are no more.
    pub(crate) fn finish(self) -> Reader {
        match self.thread.join() {
            Ok(reader) => reader,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
