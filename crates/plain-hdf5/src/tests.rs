//! Whatever the bytes are, checking them ends, without a panic and without an error.
use super::*;
use proptest::prelude::*;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a check may take, in a slow build on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Checks objects at these addresses, which need not be objects.
fn inspect(bytes: &[u8], addresses: &[u64]) {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let places: Vec<_> = addresses
        .iter()
        .flat_map(|address| {
            [NamesIn::Attributes, NamesIn::Elements].map(|names| Place {
                path: "/expr",
                address: *address,
                names,
            })
        })
        .collect();
    let begun = Instant::now();
    suspicious_names(&file, &places).unwrap();
    assert!(begun.elapsed() < LONGEST);
}

/// Wherever an object header of either version may begin.
fn headers(bytes: &[u8]) -> Vec<u64> {
    let begins =
        |at: &usize| bytes[*at..].starts_with(b"OHDR") || bytes[*at..].starts_with(b"\x01\0");
    let found = (0..bytes.len()).step_by(8).filter(begins);
    found.map(|at| at as u64).collect()
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/legacy");
    std::fs::read(folder.join(name)).unwrap()
}

/// Old and new metadata, each with names in attributes and datasets.
fn healthy() -> impl Strategy<Value = Vec<u8>> {
    let names = ["hybrid.h5", "storage-latest.h5", "user-block.h5"];
    prop::sample::select(names.map(fixture).to_vec())
}

/// Bytes that are likely to mean something where they are put.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let telling: [&[u8]; 9] = [
        b"GCOL\x01\0\0\0",
        b"TREE\0\0\xff\xff",
        b"SNOD\x01\0\xff\xff",
        b"OHDR\x02\x03",
        b"OCHK",
        &[0; 16],
        &[0xff; 8],
        &[0, 0, 0, 0, 0, 0, 0, 0x80],
        &[0x10, 0, 16, 0, 0, 0, 0, 0],
    ];
    prop_oneof![
        prop::sample::select(telling.map(<[u8]>::to_vec).to_vec()),
        (0u64..16_384).prop_map(|address| address.to_le_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..24),
        (1usize..600).prop_map(|length| vec![0; length]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        inspect(&bytes, &[0, 8, 96]);
    }

    #[test]
    fn any_bytes_behind_a_superblock(
        version in 0u8..4,
        root in 0u8..255,
        bytes in prop::collection::vec(any::<u8>(), 200..2048),
    ) {
        let mut bytes = bytes;
        bytes[..8].copy_from_slice(b"\x89HDF\r\n\x1a\n");
        bytes[8..16].copy_from_slice(&[version, 8, 8, 0, 0, 8, 8, 0]);
        bytes[12..52].fill(0xff);
        inspect(&bytes, &[u64::from(root)]);
    }

    #[test]
    fn changed_files(
        bytes in healthy(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), piece()), 1..6),
    ) {
        let mut bytes = bytes;
        for (at, piece) in changes {
            // Structures begin at multiples of 8.
            let at = at.index(bytes.len()) / 8 * 8;
            let end = bytes.len().min(at + piece.len());
            bytes[at..end].copy_from_slice(&piece[..end - at]);
        }
        let addresses = headers(&bytes);
        inspect(&bytes, &addresses);
    }

    #[test]
    fn cut_files(bytes in healthy(), length in any::<prop::sample::Index>()) {
        inspect(&bytes[..length.index(bytes.len())], &headers(&bytes));
    }
}
