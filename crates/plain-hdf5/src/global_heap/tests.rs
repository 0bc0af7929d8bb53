use super::*;
use crate::source::with_bytes;

/// Where the collections of these tests are.
const AT: u64 = 64;

fn object(index: u16, text: &[u8]) -> Vec<u8> {
    let mut object = Vec::new();
    object.extend(index.to_le_bytes());
    object.extend([1, 0, 0, 0, 0, 0]);
    object.extend((text.len() as u64).to_le_bytes());
    object.extend(text);
    object.resize(object.len().next_multiple_of(8), 0);
    object
}

/// The header of something of `size` bytes.
fn header(index: u16, size: u64) -> Vec<u8> {
    [&index.to_le_bytes()[..], &[0; 6], &size.to_le_bytes()].concat()
}

/// A collection of 4,096 bytes that begins with these objects.
fn collection(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0xcc; 64];
    bytes.extend(b"GCOL\x01\0\0\0");
    bytes.extend(4096u64.to_le_bytes());
    bytes.extend(objects.concat());
    assert!(bytes.len() <= 64 + 4096);
    bytes.resize(64 + 4096, 0);
    bytes
}

/// With the free space behind the objects, as the library leaves it.
fn healthy(objects: &[Vec<u8>]) -> Vec<u8> {
    let free = 4096 - 16 - objects.concat().len() as u64;
    collection(&[objects, &[header(0, free)]].concat())
}

/// The objects that are there, with their sizes.
fn numbered(sizes: &Sizes) -> Vec<(usize, u64)> {
    let objects = sizes.0.iter().enumerate();
    objects
        .filter_map(|(index, size)| size.map(|size| (index, size)))
        .collect()
}

fn walked(bytes: &[u8]) -> Result<Vec<(usize, u64)>, (u64, SuspicionKind)> {
    with_bytes(bytes, |source| match walk(&source, AT) {
        Ok(sizes) => Ok(numbered(&sizes)),
        Err(WalkError::Suspicious(suspicion)) => {
            assert_eq!(suspicion.heap, AT);
            Err((suspicion.offset, suspicion.kind))
        }
        Err(other) => panic!("{other:?}"),
    })
}

#[test]
fn objects_and_free_space() {
    let bytes = healthy(&[object(2, b"FBgn0031208"), object(1, b""), object(7, b"x")]);
    let expected = [(1, 0), (2, 11), (7, 1)];
    assert_eq!(walked(&bytes).unwrap(), expected);
    with_bytes(&bytes, |source| {
        let mut heaps = Heaps::new(&source);
        assert_eq!(heaps.object(AT, 2).unwrap(), Some(11));
        assert_eq!(heaps.object(AT, 1).unwrap(), Some(0));
        for missing in [0, 3, 65_538] {
            assert_eq!(heaps.object(AT, missing).unwrap(), None);
        }
    });
}

#[test]
fn a_rest_too_small_for_a_header_is_free_space() {
    for rest in [0, 8] {
        let bytes = collection(&[object(1, &vec![b'x'; 4096 - 32 - rest])]);
        assert_eq!(walked(&bytes).unwrap().len(), 1, "{rest}");
    }
}

#[test]
fn free_space_between_objects_is_stepped_over() {
    let bytes = healthy(&[header(0, 24), vec![0xee; 8], object(1, b"x")]);
    assert_eq!(walked(&bytes).unwrap().len(), 1);
}

#[test]
fn a_zeroed_header_is_found_where_it_is() {
    let bytes = collection(&[object(1, b"FBgn0031208")]);
    let found = (AT + 16 + 32, SuspicionKind::ZeroSizedObject);
    assert_eq!(walked(&bytes).unwrap_err(), found);
}

#[test]
fn sizes_beyond_the_end() {
    for index in [0, 1] {
        // The last are those for which the library's sum comes out as 16 and as 0.
        for size in [4081, 1 << 40, u64::MAX - 3, u64::MAX - 15] {
            let bytes = collection(&[header(index, size)]);
            let found = (AT + 16, SuspicionKind::ObjectPastEnd { size });
            assert_eq!(walked(&bytes).unwrap_err(), found);
        }
    }
}

#[test]
fn headers_of_collections() {
    let spoiled = |at: usize, byte: u8| {
        let mut bytes = healthy(&[object(1, b"x")]);
        bytes[at] = byte;
        walked(&bytes).unwrap_err()
    };
    assert_eq!(spoiled(64, b'X'), (AT, SuspicionKind::NoSignature));
    let version = SuspicionKind::UnknownVersion { version: 2 };
    assert_eq!(spoiled(68, 2), (AT, version));
    let small = SuspicionKind::HeapTooSmall { size: 2048 };
    assert_eq!(spoiled(73, 8), (AT, small));
    let large = SuspicionKind::HeapPastEnd { size: 4097 };
    assert_eq!(spoiled(72, 1), (AT, large));
    let outside = SuspicionKind::HeapPastEnd { size: 0 };
    assert_eq!(walked(&[0; 70]).unwrap_err(), (AT, outside));
}

#[test]
fn many_collections_are_walked_once_more_when_forgotten() {
    let one = healthy(&[object(1, b"x")]);
    let bytes = one[64..].repeat(REMEMBERED * 2);
    with_bytes(&bytes, |source| {
        let mut heaps = Heaps::new(&source);
        for heap in (0..bytes.len() as u64).step_by(4096).cycle().take(200) {
            assert_eq!(heaps.object(heap, 1).unwrap(), Some(1));
            assert!(heaps.walked.len() <= REMEMBERED);
        }
    });
}
