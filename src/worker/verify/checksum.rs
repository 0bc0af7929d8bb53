//! Every byte of a new file, those included that mean nothing: what was written is what is proved.
//!
//! CRC-32 finds each flipped bit and costs next to nothing; that the bytes mean the right thing is
//! for the rest of the proof.

use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::encode::written::ByteRange;
use crate::worker::chunks::thread_pool::{PerThread, ThreadPool};
use crate::worker::error::{Result, WorkerError};
use crate::worker::open_file;
use chunk_codec::{Crc32, crc32_combine};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// Bytes that one task sums up.
const BLOCK: u64 = 1 << 20;
/// Bytes that are read at once, few enough to stay in a core's cache.
const PIECE: u64 = 64 << 10;

/// CRC-32 of a new file, of which the writer knows some byte ranges already: what it gave away is summed up, not what
/// became of it. The rest is read back.
pub(crate) fn of_new_file(file: &File, known: Vec<ByteRange>, pool: &ThreadPool) -> Result<u32> {
    crc32(file, known, pool).map_err(|error| {
        let message = format!("reading the new file back: {error}");
        WorkerError::new(FailureKind::Output, message)
    })
}

/// Whether a new file still has the bytes that its writer closed it with.
pub(crate) fn check(file: &File, expected: u32, threads: usize) -> Result<()> {
    let pool = ThreadPool::new(threads);
    match of_new_file(file, Vec::new(), &pool)? == expected {
        true => Ok(()),
        false => Err(WorkerError::mismatch(
            "the bytes of the new file are not those that were written",
        )),
    }
}

fn crc32(file: &File, known: Vec<ByteRange>, pool: &ThreadPool) -> io::Result<u32> {
    let length = open_file::length(file)?;
    let mut byte_ranges = completed(known, length);
    let unknown = byte_ranges.iter_mut().filter(|range| range.crc32.is_none());
    let buffers = PerThread::new(pool, || {
        let piece = usize::try_from(PIECE.min(length)).unwrap_or(usize::MAX);
        Ok::<_, io::Error>(vec![0; piece])
    })?;
    pool.each(unknown.collect(), |range| {
        buffers.with(|buffer| {
            range.crc32 = Some(of_range(file, range, buffer)?);
            Ok::<_, io::Error>(())
        })
    })?;
    Ok(byte_ranges.iter().fold(0, |sum, range| {
        crc32_combine(sum, range.crc32.unwrap_or(0), range.bytes)
    }))
}

/// All of a file of `length` bytes, in order: these ranges, and between them others that are to be read.
fn completed(mut known: Vec<ByteRange>, length: u64) -> Vec<ByteRange> {
    known.sort_unstable_by_key(|range| range.start);
    let end = ByteRange {
        start: length,
        bytes: 0,
        crc32: Some(0),
    };
    let mut all = Vec::with_capacity(known.len());
    let mut at = 0;
    for range in known.into_iter().chain([end]) {
        // No two lie in one place. If they say so, the proof will find other bytes than these.
        if range.start < at || range.end() > length {
            continue;
        }
        all.extend(unread(at..range.start));
        all.push(range);
        at = range.end();
    }
    all
}

fn unread(range: Range<u64>) -> impl Iterator<Item = ByteRange> {
    let blocks = (range.end - range.start).div_ceil(BLOCK);
    (0..blocks).map(move |block| {
        let start = range.start + block * BLOCK;
        ByteRange {
            start,
            bytes: BLOCK.min(range.end - start),
            crc32: None,
        }
    })
}

fn of_range(file: &File, range: &ByteRange, buffer: &mut [u8]) -> io::Result<u32> {
    let mut crc32 = Crc32::new();
    let mut at = range.start;
    while at < range.end() {
        let left = usize::try_from(range.end() - at).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let piece = &mut buffer[..length];
        file.read_exact_at(piece, at)?;
        crc32.update(piece);
        at += length as u64;
    }
    Ok(crc32.sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chunk_codec as codec;

    fn bytes() -> Vec<u8> {
        (0..2_500_000_u32).map(|i| i.to_le_bytes()[1]).collect()
    }

    fn file(bytes: &[u8]) -> File {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(bytes, 0).unwrap();
        file
    }

    fn sum(file: &File, threads: usize) -> u32 {
        crc32(file, Vec::new(), &ThreadPool::new(threads)).unwrap()
    }

    #[test]
    fn each_bit_and_the_length_count_and_threads_do_not() {
        let bytes = bytes();
        let file = file(&bytes);
        let before = sum(&file, 1);
        assert_eq!(before, codec::crc32(&bytes));
        assert_eq!(before, sum(&file, 3));
        for at in [0, 1 << 20, 2_499_999] {
            let byte = bytes[at];
            file.write_all_at(&[byte ^ 4], at as u64).unwrap();
            assert_ne!(sum(&file, 1), before, "{at}");
            file.write_all_at(&[byte], at as u64).unwrap();
        }
        assert_eq!(sum(&file, 2), before);
        file.set_len(2_500_001).unwrap();
        assert_ne!(sum(&file, 1), before);
        assert_eq!(sum(&self::file(&[]), 1), 0);
    }

    /// A range that is known, of the bytes in `range`.
    fn known(bytes: &[u8], range: Range<usize>) -> ByteRange {
        ByteRange {
            start: range.start as u64,
            bytes: range.len() as u64,
            crc32: Some(codec::crc32(&bytes[range])),
        }
    }

    #[test]
    fn what_is_known_is_not_read() {
        let bytes = bytes();
        let file = file(&bytes);
        let pool = ThreadPool::new(2);
        let ranges = [
            1_300_000..1_300_001,
            7..90,
            90..1_200_000,
            2_499_000..2_500_000,
        ];
        let byte_ranges: Vec<ByteRange> = ranges.map(|range| known(&bytes, range)).into();
        let expected = codec::crc32(&bytes);
        assert_eq!(crc32(&file, byte_ranges.clone(), &pool).unwrap(), expected);
        // A change within a range is not noticed here, one between two ranges is.
        file.write_all_at(&[!bytes[500]], 500).unwrap();
        assert_eq!(crc32(&file, byte_ranges.clone(), &pool).unwrap(), expected);
        file.write_all_at(&[!bytes[3]], 3).unwrap();
        assert_ne!(crc32(&file, byte_ranges, &pool).unwrap(), expected);
    }

    #[test]
    fn stretches_that_cannot_be_are_read() {
        let bytes = bytes();
        let file = file(&bytes);
        let wrong = [known(&bytes, 5..100), known(&bytes, 80..200)].into_iter();
        let beyond = ByteRange {
            start: 2_400_000,
            bytes: u64::MAX,
            crc32: Some(7),
        };
        let byte_ranges = wrong.chain([beyond]).collect();
        let pool = ThreadPool::new(1);
        assert_eq!(
            crc32(&file, byte_ranges, &pool).unwrap(),
            codec::crc32(&bytes)
        );
    }
}
