//! Text in other encodings, as UTF-8, on the fly.
//!
//! UTF-8 itself is passed on unchecked: only names have to be text, and they are checked where
//! they are read, where the line is known.

use crate::input::stream::{LEAST_BUFFER, Stream};
use crate::options::EncodingOption;
use crate::problem::MatrixError;
use encoding_rs::mem::convert_latin1_to_utf8_partial;
use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

/// How the bytes of a file are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// ISO 8859-1.
    Latin1,
}

/// Bytes at the front that determine the encoding.
const LOOK: usize = 4096;

/// A stream of UTF-8 without a byte order mark.
pub(crate) struct DecodedText {
    stream: Box<dyn Stream>,
    encoding: Encoding,
    /// Of UTF-16; other text is not decoded by it.
    decoder: Decoder,
    /// Bytes that were read and not used yet.
    waiting: Vec<u8>,
    ended: bool,
    /// Whether the decoder has seen the end.
    decoded: bool,
    /// Bytes of the file's text before `waiting`.
    offset: u64,
}

impl DecodedText {
    /// Reads the first bytes of `stream` and decides.
    pub(crate) fn new(
        mut stream: Box<dyn Stream>,
        wish: EncodingOption,
    ) -> Result<Self, MatrixError> {
        let mut waiting = vec![0; LOOK + LEAST_BUFFER];
        let mut filled = 0;
        let mut ended = false;
        while filled < LOOK && !ended {
            let read = stream.read(&mut waiting[filled..])?;
            filled += read;
            ended = read == 0;
        }
        waiting.truncate(filled);
        if waiting.starts_with(&[0xFF, 0xFE, 0, 0]) || waiting.starts_with(&[0, 0, 0xFE, 0xFF]) {
            return Err(MatrixError::refused(
                "the text is UTF-32",
                "convert it to UTF-8, for example with iconv",
            ));
        }
        let (encoding, mark) = detect(&waiting, wish);
        waiting.drain(..mark);
        Ok(DecodedText {
            stream,
            encoding,
            decoder: match encoding {
                Encoding::Utf16Le => UTF_16LE,
                Encoding::Utf16Be => UTF_16BE,
                Encoding::Utf8 | Encoding::Latin1 => UTF_8,
            }
            .new_decoder_without_bom_handling(),
            waiting,
            ended,
            decoded: false,
            offset: mark as u64,
        })
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The first bytes, before anything was read.
    pub(crate) fn first_bytes(&self) -> &[u8] {
        &self.waiting
    }

    /// Makes `waiting` at least `least` long, unless the stream ends.
    fn refill(&mut self, least: usize) -> Result<(), MatrixError> {
        while self.waiting.len() < least && !self.ended {
            let before = self.waiting.len();
            self.waiting.resize(before + LEAST_BUFFER, 0);
            let read = self.stream.read(&mut self.waiting[before..])?;
            self.waiting.truncate(before + read);
            self.ended = read == 0;
        }
        Ok(())
    }

    /// Decodes until something is written or the text ends.
    fn utf16(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        while !self.decoded {
            self.refill(LEAST_BUFFER / 2)?;
            let (result, read, written) =
                self.decoder
                    .decode_to_utf8_without_replacement(&self.waiting, buffer, self.ended);
            self.waiting.drain(..read);
            self.offset += read as u64;
            if let DecoderResult::Malformed(length, after) = result {
                let at = self.offset - u64::from(length) - u64::from(after);
                return Err(not_utf16(length, at));
            }
            // A decoder that was given the last bytes must not be called again.
            self.decoded = self.ended && result == DecoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }

    fn latin1(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        self.refill(buffer.len().min(LEAST_BUFFER) / 2)?;
        // encoding_rs knows ISO 8859-1 as windows-1252, which has letters where this has controls.
        let (read, written) = convert_latin1_to_utf8_partial(&self.waiting, buffer);
        self.waiting.drain(..read);
        self.offset += read as u64;
        Ok(written)
    }
}

fn not_utf16(length: u8, at: u64) -> MatrixError {
    let detail = match length {
        1 => "the last character is cut",
        _ => "half a surrogate pair",
    };
    MatrixError::refused(
        format!("the text looks like UTF-16 but is not: {detail} at byte {at} of the text"),
        "say what it is with --encoding",
    )
}

impl Stream for DecodedText {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        match self.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => self.utf16(buffer),
            Encoding::Latin1 => self.latin1(buffer),
            Encoding::Utf8 if self.waiting.is_empty() => {
                if self.ended {
                    return Ok(0);
                }
                self.stream.read(buffer)
            }
            Encoding::Utf8 => {
                let count = self.waiting.len().min(buffer.len());
                buffer[..count].copy_from_slice(&self.waiting[..count]);
                self.waiting.drain(..count);
                Ok(count)
            }
        }
    }
}

/// The encoding, and the length of the byte order mark.
fn detect(head: &[u8], wish: EncodingOption) -> (Encoding, usize) {
    let mark = |bytes: &[u8]| {
        if head.starts_with(bytes) {
            bytes.len()
        } else {
            0
        }
    };
    let (utf8, little, big) = (
        mark(&[0xEF, 0xBB, 0xBF]),
        mark(&[0xFF, 0xFE]),
        mark(&[0xFE, 0xFF]),
    );
    match wish {
        EncodingOption::Utf8 => (Encoding::Utf8, utf8),
        EncodingOption::Utf16Le => (Encoding::Utf16Le, little),
        EncodingOption::Utf16Be => (Encoding::Utf16Be, big),
        EncodingOption::Latin1 => (Encoding::Latin1, 0),
        EncodingOption::Auto if utf8 > 0 => (Encoding::Utf8, utf8),
        EncodingOption::Auto if little > 0 => (Encoding::Utf16Le, little),
        EncodingOption::Auto if big > 0 => (Encoding::Utf16Be, big),
        EncodingOption::Auto => (by_zeros(&head[..head.len().min(LOOK)]), 0),
    }
}

/// Text of digits and Latin letters has a zero in every second byte of UTF-16, and UTF-8 none.
fn by_zeros(head: &[u8]) -> Encoding {
    let pairs = head.len() / 2;
    let zeros = |first: usize| {
        head.iter()
            .skip(first)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 2 || even.max(odd) * 10 < pairs * 8 || even.min(odd) * 10 > pairs {
        Encoding::Utf8
    } else if odd > even {
        Encoding::Utf16Le
    } else {
        Encoding::Utf16Be
    }
}
