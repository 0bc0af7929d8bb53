//! A stored chunk back to its values: the filters of a dataset, undone in reverse.
//!
//! It does not write: what is written has one fixed shape (see [`crate::encoder`]). It does not decode szip,
//! n-bit, scale-offset or plugins; [`Pipeline::can_decode`] says so beforehand, and the caller lets libhdf5
//! read such a dataset.
//!
//! Rules, from `H5Z_pipeline` in libhdf5's `H5Z.c`, `H5D__chunk_lock` in `H5Dchunk.c` and the
//! File Format Specification (IV.A.2.l for the filters, III.A for a chunk's filter mask):
//! filters are applied in the order of the message and undone backwards; bit *i* of a
//! chunk's mask says that filter *i* was left out for this chunk, which is how lzf keeps what
//! it cannot compress; the result must have exactly the size of the chunk.
//!
//! That size is known, so the size before each filter is too, as far down as the first
//! compressor: a chunk that would become larger is refused before memory is given to it.

use serde::{Deserialize, Serialize};

use crate::deflate::Inflater;
use crate::{CodecError, fletcher32, lzf, shuffle};

/// `H5Z_MAX_NFILTERS`: one bit each in a chunk's filter mask.
const MAX_FILTERS: usize = 32;

/// One filter of a dataset, with the parameters that decoding needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// `H5Z_FILTER_DEFLATE`: one zlib stream (RFC 1950) for each chunk.
    Deflate {
        /// What the file says, unchecked: decoding does not depend on it.
        level: u32,
    },
    /// Bytes of equal significance together.
    Shuffle {
        /// Length of one element in bytes, the filter's only parameter.
        item_size: usize,
    },
    /// A checksum behind the chunk.
    Fletcher32,
    /// h5py's LZF filter (number 32000), without its header.
    Lzf,
    /// A filter that this crate does not know.
    Other {
        /// Its number in the registry of filters (`H5Z_filter_t`).
        id: i32,
        /// The file's name for it.
        name: String,
    },
}

impl Filter {
    /// The filter with HDF5's number `id` and its client data `parameters`.
    ///
    /// A known filter without its parameters is an [`Filter::Other`]: libhdf5 refuses it as well.
    #[must_use]
    pub fn from_message(id: i32, name: &str, parameters: &[u32]) -> Self {
        match (id, parameters) {
            (1, [level]) => Self::Deflate { level: *level },
            (2, [item_size]) if *item_size > 0 => match usize::try_from(*item_size) {
                Ok(item_size) => Self::Shuffle { item_size },
                Err(_) => Self::other(id, name),
            },
            (3, _) => Self::Fletcher32,
            (32000, _) => Self::Lzf,
            _ => Self::other(id, name),
        }
    }

    fn other(id: i32, name: &str) -> Self {
        Self::Other {
            id,
            name: name.to_owned(),
        }
    }

    /// The number by which HDF5 files name it.
    #[must_use]
    pub const fn id(&self) -> i32 {
        match self {
            Self::Deflate { .. } => 1,
            Self::Shuffle { .. } => 2,
            Self::Fletcher32 => 3,
            Self::Lzf => 32000,
            Self::Other { id, .. } => *id,
        }
    }
}

/// The filters of a dataset in the order of writing. None at all is a pipeline too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pipeline(Vec<Filter>);

impl Pipeline {
    /// # Errors
    /// [`CodecError::TooManyFilters`] above 32.
    pub fn new(filters: Vec<Filter>) -> Result<Self, CodecError> {
        if filters.len() <= MAX_FILTERS {
            Ok(Self(filters))
        } else {
            Err(CodecError::TooManyFilters(filters.len()))
        }
    }

    /// The filters in the order of writing.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.0
    }

    /// Whether all filters are known here, so that any sound chunk can be decoded.
    #[must_use]
    pub fn can_decode(&self) -> bool {
        !self
            .0
            .iter()
            .any(|filter| matches!(filter, Filter::Other { .. }))
    }

    /// The filters that were applied to a chunk with this mask, and their numbers.
    fn applied(&self, filter_mask: u32) -> impl DoubleEndedIterator<Item = (usize, &Filter)> {
        self.0.iter().enumerate().filter(move |(index, filter)| {
            filter_mask >> index & 1 == 0 && !matches!(filter, Filter::Shuffle { item_size: 1 })
        })
    }
}

/// Decodes chunks of one dataset on one thread, in buffers that it keeps.
pub struct Decoder {
    pipeline: Pipeline,
    inflater: Inflater,
    /// What the last filter left, when it is neither the chunk itself nor the result.
    current: Vec<u8>,
    /// What the next filter writes to.
    next: Vec<u8>,
}

/// Where the bytes are that the next filter reads, always from the start of the buffer.
#[derive(Clone, Copy)]
enum DataIn {
    Chunk,
    Current,
    Out,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl Decoder {
    /// A decoder with empty buffers.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
            inflater: Inflater::new(),
            current: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Decodes `chunk`, as it is stored, into the values of `out`, all of which are replaced.
    /// After an error `out` holds rubbish.
    ///
    /// # Errors
    /// [`CodecError::UnknownFilter`] when one was applied, [`CodecError::Length`] or
    /// [`CodecError::TooLong`] when the values are not as long as `out`, and whatever the filters find.
    pub fn decode(
        &mut self,
        chunk: &[u8],
        filter_mask: u32,
        out: &mut [u8],
    ) -> Result<(), CodecError> {
        let lengths = self.lengths(filter_mask, out.len())?;
        let mut place = DataIn::Chunk;
        let mut length = chunk.len();
        let mut applied = self.pipeline.applied(filter_mask).rev().peekable();
        while let Some((index, filter)) = applied.next() {
            let source = match place {
                DataIn::Chunk => &chunk[..length],
                DataIn::Current => &self.current[..length],
                // The result is written by the last filter only.
                DataIn::Out => break,
            };
            if matches!(filter, Filter::Fletcher32) {
                length = fletcher32::verify_and_strip(source)?.len();
                continue;
            }
            let last = applied.peek().is_none();
            let target = if last {
                &mut *out
            } else {
                let most_bytes = match filter {
                    Filter::Shuffle { .. } => length,
                    _ => lengths[index],
                };
                if self.next.len() < most_bytes {
                    self.next.resize(most_bytes, 0);
                }
                &mut self.next[..most_bytes]
            };
            length = match filter {
                Filter::Deflate { .. } => self.inflater.inflate_up_to(source, target)?,
                Filter::Lzf => lzf::decompress(source, target)?,
                Filter::Shuffle { item_size } => {
                    expect_length(target.len(), length)?;
                    shuffle::unshuffle(source, target, *item_size)?;
                    length
                }
                Filter::Fletcher32 | Filter::Other { .. } => length,
            };
            place = if last {
                DataIn::Out
            } else {
                std::mem::swap(&mut self.current, &mut self.next);
                DataIn::Current
            };
        }
        expect_length(out.len(), length)?;
        match place {
            DataIn::Chunk => out.copy_from_slice(&chunk[..length]),
            DataIn::Current => out.copy_from_slice(&self.current[..length]),
            DataIn::Out => {}
        }
        Ok(())
    }

    /// For each filter the most bytes that it can have been given when the chunk was
    /// written, when its values are `length` bytes. Refuses filters that are not known.
    fn lengths(&self, filter_mask: u32, length: usize) -> Result<[usize; MAX_FILTERS], CodecError> {
        let mut lengths = [0; MAX_FILTERS];
        let mut most = length;
        for (index, filter) in self.pipeline.applied(filter_mask) {
            lengths[index] = most;
            match filter {
                Filter::Shuffle { item_size: 0 } => return Err(CodecError::ZeroItemSize),
                Filter::Shuffle { .. } => {}
                Filter::Fletcher32 => most = most.saturating_add(fletcher32::CHECKSUM_LENGTH),
                // Of what a compressor made only a bound is known. Twice the values is more
                // than any makes of noise; 1024 is for chunks smaller than its tables.
                Filter::Deflate { .. } | Filter::Lzf => {
                    most = length.saturating_mul(2).saturating_add(1024);
                }
                Filter::Other { id, name } => {
                    return Err(CodecError::UnknownFilter {
                        id: *id,
                        name: name.clone(),
                    });
                }
            }
        }
        Ok(lengths)
    }
}

fn expect_length(expected: usize, found: usize) -> Result<(), CodecError> {
    if expected == found {
        Ok(())
    } else {
        Err(CodecError::Length { expected, found })
    }
}

#[cfg(test)]
mod tests;
