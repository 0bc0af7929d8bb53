//! Superblocks built by hand after the specification, and what is none.

use super::*;

fn sniffed(bytes: &[u8]) -> Signature {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    sniff(&File::open(path).unwrap()).unwrap()
}

fn reason(bytes: &[u8]) -> String {
    match sniffed(bytes) {
        Signature::Other(reason) => reason,
        hdf5 => panic!("{hdf5:?}"),
    }
}

fn hdf5(offset: u64, open_for_writing: bool, declared_end: Option<u64>) -> Signature {
    Signature::Hdf5 {
        offset,
        open_for_writing,
        declared_end,
    }
}

fn put(bytes: &mut Vec<u8>, address: u64, width: u8) {
    bytes.extend(&address.to_le_bytes()[..usize::from(width)]);
}

fn old_superblock(version: u8, width: u8, base: u64, end: u64) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend([version, 0, 0, 0, 0, width, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]);
    if version == 1 {
        bytes.extend([32, 0, 0, 0]);
    }
    put(&mut bytes, base, width);
    put(&mut bytes, u64::MAX, width);
    put(&mut bytes, end, width);
    put(&mut bytes, u64::MAX, width);
    bytes.resize(96, 0);
    bytes
}

fn new_superblock(version: u8, width: u8, flags: u8, base: u64, end: u64) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend([version, width, 8, flags]);
    put(&mut bytes, base, width);
    put(&mut bytes, u64::MAX, width);
    put(&mut bytes, end, width);
    put(&mut bytes, 48, width);
    bytes.resize(96, 0);
    bytes
}

#[test]
fn every_version_and_address_width_declares_its_end() {
    for width in [2, 4, 8] {
        for version in [0, 1] {
            let found = sniffed(&old_superblock(version, width, 0, 2144));
            assert_eq!(found, hdf5(0, false, Some(2144)), "{version} {width}");
        }
        for version in [2, 3] {
            let found = sniffed(&new_superblock(version, width, 0, 0, 2144));
            assert_eq!(found, hdf5(0, false, Some(2144)), "{version} {width}");
        }
    }
}

#[test]
fn only_version_3_says_that_a_writer_has_it() {
    for (flags, open) in [(0, false), (1, true), (4, true), (5, true), (2, false)] {
        let found = sniffed(&new_superblock(3, 8, flags, 0, 96));
        assert_eq!(found, hdf5(0, open, Some(96)), "{flags}");
        assert_eq!(
            sniffed(&new_superblock(2, 8, flags, 0, 96)),
            hdf5(0, false, Some(96))
        );
    }
}

#[test]
fn a_user_block_moves_the_end() {
    for block in [512_u16, 1024, 4096] {
        let offset = u64::from(block);
        // Made with a user block: the base says so, the end is absolute.
        let mut made = vec![b'u'; usize::from(block)];
        made.extend(old_superblock(0, 8, offset, offset + 96));
        assert_eq!(sniffed(&made), hdf5(offset, false, Some(offset + 96)));
        // Put before a finished file: both still count from zero.
        let mut added = vec![b'u'; usize::from(block)];
        added.extend(old_superblock(0, 8, 0, 96));
        assert_eq!(sniffed(&added), hdf5(offset, false, Some(offset + 96)));
    }
    let mut nowhere = vec![b'u'; 600];
    nowhere.extend(old_superblock(0, 8, 0, 96));
    assert!(reason(&nowhere).starts_with("plain text"));
}

#[test]
fn truncation_counts_what_is_there() {
    let found = sniffed(&old_superblock(0, 8, 0, 2144));
    assert_eq!(
        found.truncation(96).unwrap(),
        "truncated at byte 96 of 2144"
    );
    assert_eq!(found.truncation(2144), None);
    assert_eq!(found.truncation(3000), None);
    assert_eq!(Signature::Other(String::new()).truncation(0), None);
    // Cut so early that the missing length is unknown, also after a user block.
    let cut = &old_superblock(0, 8, 0, 2144)[..30];
    let said = "truncated at byte 30, before it says how long it is";
    assert_eq!(sniffed(cut).truncation(30).unwrap(), said);
    let behind = [&[b'u'; 512][..], cut].concat();
    assert_eq!(
        sniffed(&behind).truncation(542).unwrap(),
        said.replace("30", "542")
    );
    // An end that is unknown for another reason is left to the library.
    let odd = old_superblock(9, 8, 0, 96);
    assert_eq!(sniffed(&odd).truncation(odd.len() as u64), None);
}

#[test]
fn broken_superblocks_are_still_hdf5() {
    assert_eq!(sniffed(&SIGNATURE), hdf5(0, false, None));
    assert_eq!(
        sniffed(&old_superblock(0, 8, 0, 96)[..30]),
        hdf5(0, false, None)
    );
    assert_eq!(sniffed(&old_superblock(9, 8, 0, 96)), hdf5(0, false, None));
    assert_eq!(sniffed(&old_superblock(0, 3, 0, 96)), hdf5(0, false, None));
    assert_eq!(
        sniffed(&old_superblock(0, 8, 0, u64::MAX)),
        hdf5(0, false, None)
    );
    assert_eq!(
        sniffed(&old_superblock(0, 8, 4096, 96)),
        hdf5(0, false, None)
    );
}

#[test]
fn other_things_are_named() {
    let cases: [(&[u8], &str); 14] = [
        (b"", "an empty file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "a Git LFS pointer",
        ),
        (b"/annex/objects/SHA256E-s1--0.h5\n", "a git-annex pointer"),
        (b"\n <!DOCTYPE HTML><title>404", "an HTML page"),
        (b"<html>", "an HTML page"),
        (b"<?xml version='1.0'?><Error>", "an XML page"),
        (b"\x1f\x8b\x08\0", "gzip data"),
        (b"PK\x03\x04\x14", "a zip archive"),
        (b"CDF\x01\0", "netCDF classic"),
        (b"\x0e\x03\x13\x01", "HDF4"),
        (b"\x89HDF\n\x1a\n\0", "an HDF5 signature that was altered"),
        (&[0; 4096], "zeros at its start"),
        (b"\x7fELF\x02\x01\0", "binary data"),
        (b"caf\xe9 latin\xe9", "binary data"),
    ];
    for (bytes, expected) in cases {
        let found = reason(bytes);
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
}

#[test]
fn the_start_of_text_is_escaped_and_short() {
    assert_eq!(
        reason(b"gene\ts1\ts2\nA\t1\t2\n"),
        r#"plain text that starts with "gene\ts1\ts2""#
    );
    assert!(!reason("\u{202e}abc".as_bytes()).contains('\u{202e}'));
    assert!(reason(b"\x1b[31mred").starts_with("binary data"));
    let long = "ä".repeat(400);
    assert_eq!(
        reason(long.as_bytes())
            .chars()
            .filter(|it| *it == 'ä')
            .count(),
        40
    );
}
