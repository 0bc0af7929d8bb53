//! The damage of a stored chunk, as the end of a sentence that begins with the chunk.

use chunk_codec::CodecError;
use h5::error::H5Error;
use std::fmt;

/// Why the values of one chunk cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChunkDamage {
    /// Its filters cannot be undone.
    Codec(CodecError),
    /// The library refused to read it.
    Library(H5Error),
    /// Its index entry points beyond the end of the file.
    BeyondEnd {
        /// Where it should begin.
        address: u64,
        bytes: u64,
        /// Length of the file.
        end: u64,
    },
    /// Its index entry claims more stored bytes than a worker accepts.
    Claims {
        /// The bytes it claims.
        bytes: u64,
    },
}

impl ChunkDamage {
    /// Whether the values are lost for every program and every machine.
    ///
    /// One that is too large may be read with more memory, and a filter that is unknown here may be known
    /// elsewhere.
    pub fn is_final(&self) -> bool {
        match self {
            ChunkDamage::Codec(error) => matches!(
                error,
                CodecError::Truncated { .. }
                    | CodecError::Corrupt { .. }
                    | CodecError::Checksum { .. }
                    | CodecError::Length { .. }
                    | CodecError::TooLong { .. }
            ),
            ChunkDamage::Library(_) | ChunkDamage::BeyondEnd { .. } => true,
            ChunkDamage::Claims { .. } => false,
        }
    }
}

impl fmt::Display for ChunkDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChunkDamage::Codec(error) => codec(error, f),
            ChunkDamage::Library(error) => {
                write!(f, "cannot be read by the HDF5 library ({})", error.cause)
            }
            ChunkDamage::BeyondEnd {
                address,
                bytes,
                end,
            } => write!(
                f,
                "is incomplete: its {bytes} bytes at {address} reach beyond the end of the file at {end}"
            ),
            ChunkDamage::Claims { bytes } => write!(f, "claims {bytes} stored bytes"),
        }
    }
}

fn codec(error: &CodecError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let undone = |filter: &str| match filter {
        "deflate" => "inflated",
        _ => "decompressed",
    };
    match error {
        CodecError::Checksum { stored, computed } => write!(
            f,
            "fails its Fletcher-32 checksum ({stored:#010x} is stored, its bytes have {computed:#010x})"
        ),
        CodecError::Corrupt { filter, detail } => {
            write!(f, "cannot be {} ({filter}: {detail})", undone(filter))
        }
        CodecError::TooLong { filter, limit } => write!(
            f,
            "cannot be {} ({filter}: it becomes more than the {limit} bytes of a chunk)",
            undone(filter)
        ),
        CodecError::Truncated {
            filter,
            needed,
            found,
        } => write!(
            f,
            "ends too early ({filter}: at least {needed} bytes expected, {found} found)"
        ),
        CodecError::Length { expected, found } => {
            write!(f, "decodes to {found} bytes where a chunk has {expected}")
        }
        other => write!(f, "cannot be decoded: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_a_sentence() {
        let said = |error| ChunkDamage::Codec(error).to_string();
        assert_eq!(
            said(CodecError::Checksum {
                stored: 1,
                computed: 0xabcd
            }),
            "fails its Fletcher-32 checksum (0x00000001 is stored, its bytes have 0x0000abcd)"
        );
        let corrupt = |filter| {
            said(CodecError::Corrupt {
                filter,
                detail: "bad",
            })
        };
        assert_eq!(corrupt("deflate"), "cannot be inflated (deflate: bad)");
        assert_eq!(corrupt("lzf"), "cannot be decompressed (lzf: bad)");
    }

    #[test]
    fn what_somebody_else_could_read_is_not_lost() {
        assert!(!ChunkDamage::Claims { bytes: 1 << 40 }.is_final());
        let unknown = CodecError::UnknownFilter {
            id: 307,
            name: "bzip2".to_string(),
        };
        assert!(!ChunkDamage::Codec(unknown).is_final());
        let cut = CodecError::Length {
            expected: 4,
            found: 3,
        };
        assert!(ChunkDamage::Codec(cut).is_final());
    }
}
