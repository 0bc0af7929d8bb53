//! Every byte of a new file, those included that mean nothing: what was written is what is proved.
//!
//! CRC-32 finds each flipped bit and costs next to nothing; that the bytes mean the right thing is
//! for the rest of the proof.

use super::fault::{Fault, Result};
use crate::codec::Crc32;
use crate::model::message::FailureKind;
use std::fs::File;
use std::os::unix::fs::FileExt;

const BLOCK: usize = 1 << 20;

/// CRC-32 of a whole file, whatever its position.
fn crc32(file: &File) -> std::io::Result<u32> {
    let mut sum = Crc32::new();
    let mut block = vec![0; BLOCK];
    let mut at = 0;
    loop {
        match file.read_at(&mut block, at) {
            Ok(0) => return Ok(sum.sum()),
            Ok(length) => {
                sum.update(&block[..length]);
                at += length as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The same of a new file.
pub fn of_new_file(file: &File) -> Result<u32> {
    crc32(file).map_err(|error| {
        let message = format!("reading the new file back: {error}");
        Fault::new(FailureKind::Output, message)
    })
}

/// Whether a new file still has the bytes that its writer closed it with.
pub fn check(file: &File, expected: u32) -> Result<()> {
    match of_new_file(file)? == expected {
        true => Ok(()),
        false => Err(Fault::mismatch(
            "the bytes of the new file are not those that were written",
        )),
    }
}
