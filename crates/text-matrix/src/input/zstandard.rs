//! Zstandard (RFC 8878): frames one after the other, some of which are skipped.

use zstd_safe::{DCtx, InBuffer, OutBuffer, get_error_name};

use crate::input::stream::{Raw, Stream};
use crate::problem::MatrixError;

const FORMAT: &str = "zstd";

pub(crate) struct Zstandard {
    raw: Raw,
    context: DCtx<'static>,
    /// Within a frame, where the file must not end.
    inside: bool,
}

impl Zstandard {
    pub(crate) fn new(raw: Raw) -> Result<Self, MatrixError> {
        let context = DCtx::try_create().ok_or_else(|| MatrixError::Io {
            doing: "decompress it",
            source: std::io::ErrorKind::OutOfMemory.into(),
        })?;
        Ok(Zstandard {
            raw,
            context,
            inside: false,
        })
    }

    /// Whether a frame, or one to be skipped (as pzstd writes first), begins here.
    pub(crate) fn is_frame(head: &[u8]) -> bool {
        matches!(
            head,
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]
        )
    }
}

impl Stream for Zstandard {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        loop {
            let offset = self.raw.offset();
            let corrupt = |detail: String| MatrixError::Corrupt {
                format: FORMAT,
                offset,
                detail,
            };
            let input = self.raw.peek(1)?;
            let at_end = input.is_empty();
            if at_end && !self.inside {
                return Ok(0);
            }
            let mut input = InBuffer::around(input);
            let mut output = OutBuffer::around(&mut *buffer);
            let left = self
                .context
                .decompress_stream(&mut output, &mut input)
                .map_err(|code| {
                    corrupt(format!(
                        "the compressed data is damaged ({})",
                        get_error_name(code)
                    ))
                })?;
            let (consumed, produced) = (input.pos, output.pos());
            self.raw.advance(consumed);
            self.inside = left != 0;
            if produced > 0 {
                return Ok(produced);
            }
            if at_end && self.inside {
                return Err(corrupt(
                    "the file ends within a frame: it is cut".to_string(),
                ));
            }
        }
    }
}
