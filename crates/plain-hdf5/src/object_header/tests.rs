use super::*;
use crate::source::with_bytes;

/// A message of version 1.
fn old(kind: u16, flags: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    let (kind, length) = (kind.to_le_bytes(), length.to_le_bytes());
    [&kind[..], &length, &[flags, 0, 0, 0], body].concat()
}

fn old_header(messages: &[u8]) -> Vec<u8> {
    let length = u32::try_from(messages.len()).unwrap().to_le_bytes();
    [&[1, 0, 9, 0, 1, 0, 0, 0][..], &length, &[0; 4], messages].concat()
}

fn new(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
    [&[kind][..], &length, &[0], body].concat()
}

fn to(offset: u64, length: u64) -> Vec<u8> {
    [offset.to_le_bytes(), length.to_le_bytes()].concat()
}

fn bodies(bytes: &[u8]) -> Result<Vec<(u16, u64, Vec<u8>)>, WalkError> {
    with_bytes(bytes, |source| {
        let found = messages(&source, 0)?.into_iter();
        Ok(found
            .map(|message| (message.kind, message.offset, message.body))
            .collect())
    })
}

#[test]
fn version_1_with_a_continuation() {
    let first = [
        old(kind::NIL, 0, &[9; 8]),
        old(kind::CONTINUATION, 0, &to(100, 16)),
    ];
    let mut bytes = old_header(&first.concat());
    bytes.resize(100, 0);
    bytes.extend(old(kind::LAYOUT, 0, b"contents"));
    let found = bodies(&bytes).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1], (kind::LAYOUT, 108, b"contents".to_vec()));
}

#[test]
fn version_2_with_a_continuation_and_a_gap() {
    let block = [new(0x10, &to(60, 8 + 4 + 5 + 3)), new(0x0c, b"one")].concat();
    let length = u8::try_from(block.len()).unwrap();
    let mut bytes = [b"OHDR\x02\x00", &[length][..], &block].concat();
    bytes.resize(60, 0);
    bytes.extend(b"OCHK");
    bytes.extend(new(0x0c, b"three"));
    bytes.extend([0xee; 3 + 4]);
    let found = bodies(&bytes).unwrap();
    assert_eq!(found[1], (kind::ATTRIBUTE, 7 + 20 + 4, b"one".to_vec()));
    assert_eq!(found[2], (kind::ATTRIBUTE, 68, b"three".to_vec()));
    assert_eq!(found.len(), 3);
}

#[test]
fn version_2_with_times_limits_and_creation_order() {
    let message = [&[0x0c, 2, 0, 0, 5, 0][..], b"ab"].concat();
    let head = [b"OHDR\x02\x35", &[0xaa; 20][..], &[8, 0]].concat();
    let found = bodies(&[head, message, vec![0; 4]].concat()).unwrap();
    assert_eq!(found, [(kind::ATTRIBUTE, 34, b"ab".to_vec())]);
}

#[test]
fn a_shared_message_is_told_apart() {
    let bytes = old_header(&[old(3, 2, &[0; 8]), old(3, 1, &[0; 8])].concat());
    with_bytes(&bytes, |source| {
        let found = messages(&source, 0).unwrap();
        assert!(found[0].shared && !found[1].shared);
    });
}

#[test]
fn circles_and_nonsense_are_not_understood() {
    let circle = old_header(&old(kind::CONTINUATION, 0, &to(16, 24)));
    assert!(matches!(bodies(&circle), Err(WalkError::NotUnderstood)));
    for bytes in [
        vec![],
        vec![0; 64],
        b"OHDR\x03\0\0".to_vec(),
        old_header(&[3, 0, 255, 255, 0, 0, 0, 0]),
        old_header(&old(kind::CONTINUATION, 0, &to(u64::MAX - 1, 24))),
        old_header(&old(kind::CONTINUATION, 0, &to(16, u64::MAX))),
    ] {
        assert!(matches!(bodies(&bytes), Err(WalkError::NotUnderstood)));
    }
}
