//! gzip (RFC 1952): members one after the other, each with a checksum and a length.
//!
//! Decoded here and not by an existing reader, because those either stop at the first byte that begins no
//! member, or cannot say where in the file the damage is.

use libdeflater::Crc;
use zlib_rs::{Inflate, InflateFlush, Status};

use crate::input::stream::{Raw, Stream};
use crate::problem::MatrixError;

const FORMAT: &str = "gzip";
/// Deflate's window, the largest there is.
const WINDOW_BITS: u8 = 15;
/// The longest header that is accepted: names and comments have no limit of their own.
const LONGEST_HEADER: usize = 1 << 17;

pub(crate) struct Gzip {
    raw: Raw,
    inflate: Inflate,
    state: MemberState,
    crc: Crc,
    /// Length of the member's text, modulo 2^32.
    length: u32,
}

#[derive(PartialEq)]
enum MemberState {
    /// Before a member; at least one has to come when `false`.
    Between(bool),
    Inside,
    Ended,
}

impl Gzip {
    pub(crate) fn new(raw: Raw) -> Self {
        Gzip {
            raw,
            inflate: Inflate::new(false, WINDOW_BITS),
            state: MemberState::Between(false),
            crc: Crc::new(),
            length: 0,
        }
    }

    /// For the bytes after members that another decoder read: there may be none.
    pub(crate) fn after_members(raw: Raw) -> Self {
        Gzip {
            state: MemberState::Between(true),
            ..Gzip::new(raw)
        }
    }

    fn corrupt(&self, detail: impl Into<String>) -> MatrixError {
        corrupt(self.raw.offset(), detail)
    }

    /// Skips a member's header, or the zeros after the last member.
    fn begin(&mut self, members: bool) -> Result<(), MatrixError> {
        let head = self.raw.peek(2)?;
        if members && (head.is_empty() || head[0] == 0) {
            return self.padding();
        }
        if !head.starts_with(&[0x1F, 0x8B]) {
            return Err(self.corrupt("what follows the last member is neither gzip nor zeros"));
        }
        let mut wanted = 10;
        let header = loop {
            let have = self.raw.peek(wanted)?;
            match header_length(have) {
                Some(length) => break length,
                None if have.len() < wanted => {
                    return Err(self.corrupt("the file ends within a member's header"));
                }
                None if wanted > LONGEST_HEADER => {
                    return Err(self.corrupt("a member's header does not end"));
                }
                None => wanted = have.len() + 1,
            }
        };
        let method = self.raw.peek(3)?[2];
        if method != 8 {
            return Err(self.corrupt(format!("compression method {method} is not deflate")));
        }
        self.raw.advance(header);
        self.inflate.reset(false);
        self.crc = Crc::new();
        self.length = 0;
        self.state = MemberState::Inside;
        Ok(())
    }

    /// Tapes and some archivers fill the last block with zeros.
    fn padding(&mut self) -> Result<(), MatrixError> {
        loop {
            let rest = self.raw.peek(1)?;
            if rest.is_empty() {
                self.state = MemberState::Ended;
                return Ok(());
            }
            let zeros = rest.iter().take_while(|byte| **byte == 0).count();
            let all = zeros == rest.len();
            self.raw.advance(zeros);
            if !all {
                return Err(self.corrupt("what follows the last member is neither gzip nor zeros"));
            }
        }
    }

    fn end(&mut self) -> Result<(), MatrixError> {
        let trailer = self.raw.peek(8)?;
        let Some(trailer) = trailer.first_chunk::<8>() else {
            return Err(self.corrupt("the file ends within a member's checksum"));
        };
        let [a, b, c, d, e, f, g, h] = *trailer;
        let (crc, length) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        if crc != self.crc.sum() {
            return Err(self.corrupt("the checksum of a member does not fit its text"));
        }
        if length != self.length {
            return Err(self.corrupt("the length of a member does not fit its text"));
        }
        self.raw.advance(8);
        self.state = MemberState::Between(true);
        Ok(())
    }
}

impl Stream for Gzip {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        loop {
            match self.state {
                MemberState::Ended => return Ok(0),
                MemberState::Between(members) => self.begin(members)?,
                MemberState::Inside => {
                    let input = self.raw.peek(1)?;
                    if input.is_empty() {
                        return Err(self.corrupt("the file ends within a member: it is cut"));
                    }
                    let (consumed, produced) = (self.inflate.total_in(), self.inflate.total_out());
                    let status = self
                        .inflate
                        .decompress(input, buffer, InflateFlush::NoFlush);
                    let consumed = counted(self.inflate.total_in() - consumed);
                    let produced = counted(self.inflate.total_out() - produced);
                    self.raw.advance(consumed);
                    let status = status.map_err(|error| {
                        corrupt(
                            self.raw.offset(),
                            format!("the compressed data is damaged ({})", error.as_str()),
                        )
                    })?;
                    self.crc.update(&buffer[..produced]);
                    // The trailer counts modulo 2^32.
                    self.length = self
                        .length
                        .wrapping_add(u32::try_from(produced).unwrap_or(0));
                    if status == Status::StreamEnd {
                        self.end()?;
                    } else if consumed == 0 && produced == 0 {
                        return Err(self.corrupt("the compressed data makes no progress"));
                    }
                    if produced > 0 {
                        return Ok(produced);
                    }
                }
            }
        }
    }
}

fn corrupt(offset: u64, detail: impl Into<String>) -> MatrixError {
    MatrixError::Corrupt {
        format: FORMAT,
        offset,
        detail: detail.into(),
    }
}

/// A difference of totals within one call, which is no longer than a slice.
fn counted(difference: u64) -> usize {
    usize::try_from(difference).unwrap_or(usize::MAX)
}

/// The length of a member's header, once `have` holds all of it.
fn header_length(have: &[u8]) -> Option<usize> {
    let flags = *have.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*have.get(at)?, *have.get(at + 1)?]));
    }
    // The original name and a comment, both ended by a zero.
    for text in [8, 16] {
        if flags & text != 0 {
            at += 1 + memchr::memchr(0, have.get(at..)?)?;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (have.len() >= at).then_some(at)
}
