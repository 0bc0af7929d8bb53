//! Text in buffers of whole lines, read and decompressed ahead of the parser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use crate::input::stream::{LEAST_BUFFER, Stream};
use crate::problem::MatrixError;

/// Whole lines: `bytes[..length]` ends in a line break. The bytes after that are kept only because clearing
/// them would cost as much as writing them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: usize,
}

impl Lines {
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Where the next lines come from.
pub(crate) struct Feed {
    origin: Origin,
    ended: bool,
}

enum Origin {
    /// A thread of its own: reading and inflating continue while lines are parsed.
    Ahead {
        filled: Receiver<Result<Option<Lines>, MatrixError>>,
        used: Sender<Lines>,
    },
    /// The caller's thread: for streams that are decoded on all cores anyway.
    Direct(Box<BlockReader>),
}

impl Feed {
    /// Lines when they are asked for.
    pub(crate) fn direct(block_reader: BlockReader) -> Self {
        Feed {
            origin: Origin::Direct(Box::new(block_reader)),
            ended: false,
        }
    }

    /// Starts to read ahead: one buffer is parsed, one waits, one is filled.
    pub(crate) fn ahead(mut block_reader: BlockReader) -> Result<Self, MatrixError> {
        let (filled_in, filled): (SyncSender<_>, _) = sync_channel(1);
        let (used, used_out) = channel::<Lines>();
        thread::Builder::new()
            .name("matrix-text".to_string())
            .spawn(move || {
                loop {
                    let buffer = used_out.try_recv().unwrap_or_default();
                    let next = block_reader.next(buffer);
                    let last = !matches!(next, Ok(Some(_)));
                    // The receiver is gone if the reader was dropped.
                    if filled_in.send(next).is_err() || last {
                        return;
                    }
                }
            })
            .map_err(|source| MatrixError::Io {
                doing: "start a thread to read it",
                source,
            })?;
        Ok(Feed {
            origin: Origin::Ahead { filled, used },
            ended: false,
        })
    }

    /// The next lines; `None` at the end of the text.
    pub(crate) fn next(&mut self, recycled: Option<Lines>) -> Result<Option<Lines>, MatrixError> {
        if self.ended {
            return Ok(None);
        }
        let next = match &mut self.origin {
            Origin::Ahead { filled, used } => {
                if let Some(buffer) = recycled {
                    // The thread has ended when it does not want it.
                    let _ = used.send(buffer);
                }
                // The end is a message, so that a thread that just vanished is not taken for it.
                filled.recv().unwrap_or_else(|_| {
                    Err(MatrixError::Io {
                        doing: "read it",
                        source: std::io::Error::other("the thread that reads it has ended"),
                    })
                })
            }
            Origin::Direct(block_reader) => block_reader.next(recycled.unwrap_or_default()),
        };
        self.ended = matches!(next, Ok(None));
        next
    }
}

/// How often a buffer is as long as before when it has to be longer, up to a block.
const GROWTH: usize = 8;

/// Cuts a stream behind the last line break of each buffer.
pub(crate) struct BlockReader {
    stream: Box<dyn Stream>,
    /// The begin of a line whose end is still to come.
    carry: Vec<u8>,
    block: usize,
    longest_line: usize,
    ended: bool,
    /// Bytes of text so far.
    total: Arc<AtomicU64>,
}

impl BlockReader {
    pub(crate) fn new(
        stream: Box<dyn Stream>,
        block: usize,
        longest_line: usize,
        total: Arc<AtomicU64>,
    ) -> Self {
        BlockReader {
            stream,
            carry: Vec::new(),
            block: block.max(2 * LEAST_BUFFER),
            longest_line,
            ended: false,
            total,
        }
    }

    fn next(&mut self, mut lines: Lines) -> Result<Option<Lines>, MatrixError> {
        let mut filled = self.carry.len();
        let least = filled + 2 * LEAST_BUFFER;
        let block = self.block.max(least);
        if lines.bytes.len() < least {
            lines.bytes.resize(least, 0);
        }
        lines.bytes[..filled].copy_from_slice(&self.carry);
        // The carry holds no line break.
        let mut searched = filled;
        while !self.ended {
            let capacity = lines.bytes.len();
            if capacity - filled < LEAST_BUFFER && capacity < block {
                // A short text needs no memory for a long one.
                lines.bytes.resize(block.min(capacity * GROWTH), 0);
                continue;
            }
            if capacity - filled < LEAST_BUFFER {
                if let Some(last) = memchr::memrchr(b'\n', &lines.bytes[searched..filled]) {
                    lines.length = searched + last + 1;
                    self.carry.clear();
                    self.carry
                        .extend_from_slice(&lines.bytes[lines.length..filled]);
                    return Ok(Some(lines));
                }
                searched = filled;
                if filled > self.longest_line {
                    return Err(too_long(&lines.bytes[..filled], self.longest_line));
                }
                lines.bytes.resize(capacity * 2, 0);
            }
            let read = self.stream.read(&mut lines.bytes[filled..])?;
            self.total.fetch_add(read as u64, Ordering::Relaxed);
            filled += read;
            self.ended = read == 0;
        }
        self.carry.clear();
        if filled == 0 {
            return Ok(None);
        }
        // The last line may lack its break. There is space for one more byte, see above.
        if lines.bytes[filled - 1] != b'\n' {
            lines.bytes[filled] = b'\n';
            filled += 1;
        }
        lines.length = filled;
        Ok(Some(lines))
    }
}

fn too_long(text: &[u8], limit: usize) -> MatrixError {
    let reason = format!("a line is longer than {} MiB", limit >> 20);
    if memchr::memchr(b'\r', text).is_some() {
        return MatrixError::refused(
            format!("{reason}: its lines end in a carriage return alone"),
            "convert the line ends, for example with tr '\\r' '\\n'",
        );
    }
    MatrixError::refused(reason, "this is not a matrix with one gene in each line")
}
