//! A new file that was written and verified on another disk, brought beside its destination.
//!
//! The copy is synced and read back, from the disk or the file server where the system drops it from its cache on request.
//! What counts is the CRC-32 that the writer has summed and the verification has found in the file: so the proof is for the bytes
//! that are put in place.

use crate::files::checksum::{Fingerprint, Sha256Sum};
use crate::files::commit::temporary::Temporary;
use crate::files::ledger::NewFile;
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::drop_from_cache;
use libdeflater::Crc;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes that are copied at a time: few calls, and large ones, for a file system on which each takes long.
const BLOCK: usize = 1 << 20;

/// Why a file was not brought to its destination.
#[derive(Debug, Error)]
pub(crate) enum DeliveryError {
    /// The copy does not have the bytes that were verified.
    #[error("{}: the copy beside the destination differs from the file that was verified", path.display())]
    Differs { path: PathBuf },
    /// The system refused an operation.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Copies a verified file of this length and CRC-32 and checks the copy. `local` is what errors call the file.
pub(crate) fn deliver(
    verified: (&File, u64, u32),
    local: &Path,
    copy: &Temporary,
) -> Result<NewFile, DeliveryError> {
    deliver_watched(verified, local, copy, |_| Ok(()))
}

/// The watcher lets tests change the copy before it is read back.
fn deliver_watched(
    (file, bytes, crc32): (&File, u64, u32),
    local: &Path,
    copy: &Temporary,
    watch: impl FnOnce(&File) -> io::Result<()>,
) -> Result<NewFile, DeliveryError> {
    each_block(file, local, |block, at| {
        let written = copy.file().write_all_at(block, at);
        written.at(copy.path(), "copy the new file to it")
    })?;
    copy.sync()?;
    drop_from_cache(copy.file());
    watch(copy.file()).at(copy.path(), "copy the new file to it")?;
    let (mut sum, mut hasher) = (Crc::new(), Sha256::new());
    let read = each_block(copy.file(), copy.path(), |block, _| {
        sum.update(block);
        hasher.update(block);
        Ok(())
    })?;
    if (read, sum.sum()) != (bytes, crc32) {
        return Err(DeliveryError::Differs {
            path: copy.path().to_path_buf(),
        });
    }
    let (device, inode) = copy.identity();
    Ok(NewFile {
        device,
        inode,
        content: Fingerprint {
            bytes,
            sha256: Sha256Sum(hasher.finalize().into()),
        },
    })
}

/// Reads a file from its start to its end; returns its length.
fn each_block(
    file: &File,
    path: &Path,
    mut visit: impl FnMut(&[u8], u64) -> Result<(), PathError>,
) -> Result<u64, PathError> {
    let mut block = vec![0; BLOCK];
    let mut at = 0;
    loop {
        match file.read_at(&mut block, at) {
            Ok(0) => return Ok(at),
            Ok(length) => {
                visit(&block[..length], at)?;
                at += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).at(path, "read it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::commit::new_folders::PermissionSource;

    #[test]
    fn the_copy_has_the_bytes_that_were_verified_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("a.h5");
        let bytes: Vec<u8> = (0..=250).cycle().take(BLOCK + 77).collect();
        let local = tempfile::tempfile().unwrap();
        local.write_all_at(&bytes, 0).unwrap();
        let crc32 = libdeflater::crc32(&bytes);
        let verified = (&local, bytes.len() as u64, crc32);
        let copy = || Temporary::create_beside(&destination, PermissionSource::default()).unwrap();
        let name = Path::new("local");

        let kept = copy();
        let new = deliver(verified, name, &kept).unwrap();
        assert_eq!(new.content, Fingerprint::of(kept.file()).unwrap());
        assert_eq!(new, NewFile::of(kept.file()).unwrap());

        let end = bytes.len() as u64;
        let changes: [(&[u8], u64); 3] = [(&[bytes[9] ^ 1], 9), (&[0], end), (&[1; 16], end - 16)];
        for (change, at) in changes {
            let damage = |file: &File| file.write_all_at(change, at);
            let refused = deliver_watched(verified, name, &copy(), damage).unwrap_err();
            assert!(matches!(refused, DeliveryError::Differs { .. }));
        }
        let cut = |file: &File| file.set_len(end - 1);
        deliver_watched(verified, name, &copy(), cut).unwrap_err();
        // The local file itself changed after it was verified.
        local.write_all_at(&[bytes[9] ^ 1], 9).unwrap();
        deliver(verified, name, &copy()).unwrap_err();
    }
}
