//! bgzip: gzip in members of at most 64 KiB, each of which says how long it is, so that they
//! can be decoded at the same time. From the SAM specification, section 4.1.

use libdeflater::Decompressor;
use rayon::prelude::*;

use crate::input::gzip::Gzip;
use crate::input::stream::{Raw, Stream};
use crate::problem::MatrixError;

/// Compressed bytes that are examined together: enough blocks for every core.
const WINDOW: usize = 1 << 20;
/// The header with its one extra field, and the trailer.
const HEADER: usize = 18;
const TRAILER: usize = 8;

pub(crate) struct Bgzf {
    raw: Option<Raw>,
    /// Members that are gzip but not bgzip, which `cat` may have appended.
    rest: Option<Gzip>,
    /// The last block was empty, as the one that bgzip ends a file with.
    marked: bool,
}

struct BgzfBlock<'a> {
    offset: u64,
    deflated: &'a [u8],
    crc: u32,
    buffer: &'a mut [u8],
}

impl Bgzf {
    pub(crate) fn new(raw: Raw) -> Self {
        Bgzf {
            raw: Some(raw),
            rest: None,
            marked: false,
        }
    }

    /// Whether a member begins as bgzip writes it: one extra field, `BC`, first.
    pub(crate) fn is_block(head: &[u8]) -> bool {
        block_length(head).is_some()
    }
}

/// The length of the whole member.
fn block_length(head: &[u8]) -> Option<usize> {
    let head = head.first_chunk::<HEADER>()?;
    let fits = head.starts_with(&[0x1F, 0x8B, 8, 4]) && head[10..16] == [6, 0, b'B', b'C', 2, 0];
    let length = usize::from(u16::from_le_bytes([head[16], head[17]])) + 1;
    (fits && length >= HEADER + TRAILER).then_some(length)
}

impl Stream for Bgzf {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        loop {
            if let Some(gzip) = &mut self.rest {
                return gzip.read(buffer);
            }
            let Some(raw) = &mut self.raw else {
                return Ok(0);
            };
            let offset = raw.offset();
            let window = raw.peek(WINDOW)?;
            if window.is_empty() {
                // Otherwise a file that was cut between two blocks would look whole.
                if !self.marked {
                    return Err(corrupt(
                        offset,
                        "the empty block that ends a bgzip file is missing: it is cut",
                    ));
                }
                return Ok(0);
            }
            let (blocks, consumed, produced) = gather(window, offset, buffer)?;
            if consumed == 0 {
                // No block, or none that fits; the latter cannot be, see `LEAST_BUFFER`.
                self.rest = self.raw.take().map(Gzip::after_members);
                continue;
            }
            self.marked = blocks.last().is_some_and(|block| block.buffer.is_empty());
            blocks
                .into_par_iter()
                .try_for_each_init(Decompressor::new, |decompressor, block| {
                    block.decode(decompressor)
                })?;
            raw.advance(consumed);
            // A block may be empty, and the last one always is.
            if produced > 0 {
                return Ok(produced);
            }
        }
    }
}

/// The whole blocks at the front of `window` for which there is space, and how many bytes they take and give.
fn gather<'a>(
    window: &'a [u8],
    offset: u64,
    mut buffer: &'a mut [u8],
) -> Result<(Vec<BgzfBlock<'a>>, usize, usize), MatrixError> {
    let mut blocks = Vec::new();
    let mut consumed = 0;
    let mut produced = 0;
    while let Some(length) = block_length(&window[consumed..]) {
        let at = offset + consumed as u64;
        let Some(block) = window[consumed..].get(..length) else {
            // More of it comes with the next window, when this one gave anything at all.
            if consumed == 0 {
                return Err(corrupt(at, "the file ends within a block: it is cut"));
            }
            break;
        };
        let (body, trailer) = block.split_at(length - TRAILER);
        let word = |at: usize| {
            u32::from_le_bytes([
                trailer[at],
                trailer[at + 1],
                trailer[at + 2],
                trailer[at + 3],
            ])
        };
        let size = word(4) as usize;
        if size > 1 << 16 {
            return Err(corrupt(at, format!("a block claims {size} bytes of text")));
        }
        if size > buffer.len() {
            break;
        }
        let (own, left) = buffer.split_at_mut(size);
        buffer = left;
        blocks.push(BgzfBlock {
            offset: at,
            deflated: &body[HEADER..],
            crc: word(0),
            buffer: own,
        });
        consumed += length;
        produced += size;
    }
    Ok((blocks, consumed, produced))
}

impl BgzfBlock<'_> {
    fn decode(self, decompressor: &mut Decompressor) -> Result<(), MatrixError> {
        let wrong = |detail: &str| Err(corrupt(self.offset, detail));
        match decompressor.deflate_decompress(self.deflated, self.buffer) {
            Ok(written) if written == self.buffer.len() => {}
            Ok(_) => return wrong("the length of a block does not fit its text"),
            Err(_) => return wrong("the compressed data of a block is damaged"),
        }
        if libdeflater::crc32(self.buffer) != self.crc {
            return wrong("the checksum of a block does not fit its text");
        }
        Ok(())
    }
}

fn corrupt(offset: u64, detail: impl Into<String>) -> MatrixError {
    MatrixError::Corrupt {
        format: "bgzip",
        offset,
        detail: detail.into(),
    }
}
