//! Every byte of a new file, those included that mean nothing: what was written is what is proved.
//!
//! CRC-32 finds each flipped bit and costs next to nothing; that the bytes mean the right thing is
//! for the rest of the proof.

use super::fault::{Fault, Result};
use super::values::team::{PerThread, Team};
use crate::codec::Crc32;
use crate::model::failure::FailureKind;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes that one task sums up.
const BLOCK: u64 = 1 << 20;
/// Bytes that are read at once, few enough to stay in a core's cache.
const PIECE: u64 = 64 << 10;

/// CRC-32 of the CRC-32s of all blocks of a file, whatever its position: so that all threads can sum up.
fn crc32(file: &File, team: &Team) -> io::Result<u32> {
    let length = file.metadata()?.len();
    let piece = usize::try_from(PIECE.min(length)).unwrap_or(usize::MAX);
    let buffers = PerThread::new(team, || Ok::<_, io::Error>(vec![0; piece]))?;
    let mut sums: Vec<(u64, u32)> = (0..length.div_ceil(BLOCK))
        .map(|block| (block * BLOCK, 0))
        .collect();
    team.each(sums.iter_mut().collect(), |(at, sum)| {
        buffers.with(|buffer| {
            let end = length.min(*at + BLOCK);
            let mut crc32 = Crc32::new();
            for at in (*at..end).step_by(piece) {
                let left = usize::try_from(end - at).unwrap_or(usize::MAX);
                let bytes = &mut buffer[..piece.min(left)];
                file.read_exact_at(bytes, at)?;
                crc32.update(bytes);
            }
            *sum = crc32.sum();
            Ok::<_, io::Error>(())
        })
    })?;
    let mut whole = Crc32::new();
    for (_, sum) in sums {
        whole.update(&sum.to_le_bytes());
    }
    whole.update(&length.to_le_bytes());
    Ok(whole.sum())
}

/// The same of a new file.
pub fn of_new_file(file: &File, team: &Team) -> Result<u32> {
    crc32(file, team).map_err(|error| {
        let message = format!("reading the new file back: {error}");
        Fault::new(FailureKind::Output, message)
    })
}

/// Whether a new file still has the bytes that its writer closed it with.
pub fn check(file: &File, expected: u32, threads: usize) -> Result<()> {
    let team = Team::new(threads)?;
    match of_new_file(file, &team)? == expected {
        true => Ok(()),
        false => Err(Fault::mismatch(
            "the bytes of the new file are not those that were written",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_and_the_length_count_and_threads_do_not() {
        let file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..2_500_000_u32).map(|i| i.to_le_bytes()[1]).collect();
        file.write_all_at(&bytes, 0).unwrap();
        let sum = |threads| crc32(&file, &Team::new(threads).unwrap()).unwrap();
        let before = sum(1);
        assert_eq!(before, sum(3));
        for at in [0, 1 << 20, 2_499_999] {
            let byte = bytes[at];
            file.write_all_at(&[byte ^ 4], at as u64).unwrap();
            assert_ne!(sum(1), before, "{at}");
            file.write_all_at(&[byte], at as u64).unwrap();
        }
        assert_eq!(sum(2), before);
        file.set_len(2_500_001).unwrap();
        assert_ne!(sum(1), before);
    }
}
