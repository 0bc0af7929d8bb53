//! Shuffle (filter 2): all first bytes of the items, then all second bytes, and so on.
//!
//! Bytes at the same place in a number resemble each other (signs and exponents
//! above all), so a compressor finds more in them side by side. The length stays.
//!
//! It is not bitshuffle, which regroups bits.
//!
//! Rules, from libhdf5's `H5Zshuffle.c`: nothing happens to items of one byte,
//! or when there are fewer than two whole items; bytes behind the last whole item
//! stay at the end as they are. They exist: a checksum filter before this one
//! makes a chunk 4 bytes longer, which is no multiple of 8.

use std::array;

use multiversion::multiversion;

use crate::CodecError;

/// Regroups the bytes of `source`, items of `item_size` bytes, into `destination`.
///
/// # Errors
/// [`CodecError::ZeroItemSize`], [`CodecError::BufferMismatch`] when the lengths differ.
pub fn shuffle(source: &[u8], destination: &mut [u8], item_size: usize) -> Result<(), CodecError> {
    let Some(count) = items_to_move(source, destination, item_size)? else {
        destination.copy_from_slice(source);
        return Ok(());
    };
    let (items, left_over) = source.split_at(count * item_size);
    let (planes, tail) = destination.split_at_mut(count * item_size);
    match item_size {
        2 => to_planes_of_2(items, planes, count),
        4 => to_planes_of_4(items, planes, count),
        _ => to_planes(items, planes, item_size, count),
    }
    tail.copy_from_slice(left_over);
    Ok(())
}

/// Undoes [`shuffle`].
///
/// # Errors
/// As for [`shuffle`].
pub fn unshuffle(
    source: &[u8],
    destination: &mut [u8],
    item_size: usize,
) -> Result<(), CodecError> {
    let Some(count) = items_to_move(source, destination, item_size)? else {
        destination.copy_from_slice(source);
        return Ok(());
    };
    let (planes, left_over) = source.split_at(count * item_size);
    let (items, tail) = destination.split_at_mut(count * item_size);
    match item_size {
        2 => from_planes_of_2(planes, items, count),
        4 => from_planes_of_4(planes, items, count),
        _ => from_planes(planes, items, item_size, count),
    }
    tail.copy_from_slice(left_over);
    Ok(())
}

/// The number of whole items, or nothing when the bytes stay where they are.
fn items_to_move(
    source: &[u8],
    destination: &[u8],
    item_size: usize,
) -> Result<Option<usize>, CodecError> {
    if source.len() != destination.len() {
        return Err(CodecError::BufferMismatch {
            source_length: source.len(),
            destination: destination.len(),
        });
    }
    let count = source
        .len()
        .checked_div(item_size)
        .ok_or(CodecError::ZeroItemSize)?;
    Ok((item_size > 1 && count > 1).then_some(count))
}

/// One byte at a time. LLVM unrolls it, and it is bound by neither cache nor memory: 5 to 7 GB/s,
/// for 8-byte items as fast as anything else in safe Rust that was tried.
fn to_planes(items: &[u8], planes: &mut [u8], item_size: usize, count: usize) {
    for (byte, plane) in planes.chunks_exact_mut(count).enumerate() {
        for (to, item) in plane.iter_mut().zip(items.chunks_exact(item_size)) {
            *to = item[byte];
        }
    }
}

fn from_planes(planes: &[u8], items: &mut [u8], item_size: usize, count: usize) {
    for (byte, plane) in planes.chunks_exact(count).enumerate() {
        for (from, item) in plane.iter().zip(items.chunks_exact_mut(item_size)) {
            item[byte] = *from;
        }
    }
}

/// Items transposed at a time.
const BLOCK: usize = 32;

/// The common sizes as whole words: shifts and narrowings of arrays of a fixed size become
/// packs and unpacks of the vectors that a processor has: with AVX2, some 24 GB/s.
macro_rules! transpose_words {
    ($to_planes:ident, $from_planes:ident, $word:ty) => {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "takes one byte of the word"
        )]
        #[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
        fn $to_planes(items: &[u8], planes: &mut [u8], count: usize) {
            const SIZE: usize = size_of::<$word>();
            let (blocks, rest) = items.as_chunks::<SIZE>().0.as_chunks::<BLOCK>();
            let whole = blocks.len() * BLOCK;
            for (index, block) in blocks.iter().enumerate() {
                for (byte, plane) in planes.chunks_exact_mut(count).enumerate() {
                    let column = &mut plane[index * BLOCK..][..BLOCK];
                    for (to, item) in column.iter_mut().zip(block) {
                        *to = (<$word>::from_le_bytes(*item) >> (8 * byte)) as u8;
                    }
                }
            }
            for (byte, plane) in planes.chunks_exact_mut(count).enumerate() {
                for (to, item) in plane[whole..].iter_mut().zip(rest) {
                    *to = item[byte];
                }
            }
        }

        #[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
        fn $from_planes(planes: &[u8], items: &mut [u8], count: usize) {
            const SIZE: usize = size_of::<$word>();
            let planes: [&[u8]; SIZE] = array::from_fn(|byte| &planes[byte * count..][..count]);
            let columns = planes.map(|plane| plane.as_chunks::<BLOCK>().0);
            let (blocks, rest) = items.as_chunks_mut::<SIZE>().0.as_chunks_mut::<BLOCK>();
            let whole = blocks.len() * BLOCK;
            for (index, block) in blocks.iter_mut().enumerate() {
                let columns = columns.map(|column| &column[index]);
                for (at, item) in block.iter_mut().enumerate() {
                    let mut word = 0;
                    for (byte, column) in columns.iter().enumerate() {
                        word |= <$word>::from(column[at]) << (8 * byte);
                    }
                    *item = word.to_le_bytes();
                }
            }
            for (byte, plane) in planes.iter().enumerate() {
                for (item, from) in rest.iter_mut().zip(&plane[whole..]) {
                    item[byte] = *from;
                }
            }
        }
    };
}

transpose_words!(to_planes_of_2, from_planes_of_2, u16);
transpose_words!(to_planes_of_4, from_planes_of_4, u32);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers as known;

    /// The definition, one byte at a time.
    fn by_definition(source: &[u8], item_size: usize) -> Vec<u8> {
        let count = source.len() / item_size;
        let mut shuffled: Vec<u8> = (0..item_size)
            .flat_map(|byte| (0..count).map(move |item| source[item * item_size + byte]))
            .collect();
        shuffled.extend_from_slice(&source[count * item_size..]);
        shuffled
    }

    fn shuffled(source: &[u8], item_size: usize) -> Vec<u8> {
        let mut to = vec![0xAA; source.len()];
        shuffle(source, &mut to, item_size).unwrap();
        to
    }

    fn unshuffled(source: &[u8], item_size: usize) -> Vec<u8> {
        let mut to = vec![0xAA; source.len()];
        unshuffle(source, &mut to, item_size).unwrap();
        to
    }

    #[test]
    fn agrees_with_libhdf5() {
        let cases = [
            (known::SHUFFLE_1, 1),
            (known::SHUFFLE_2, 2),
            (known::SHUFFLE_3, 3),
            (known::SHUFFLE_4, 4),
            (known::SHUFFLE_8, 8),
            (known::SHUFFLE_ONE_ITEM, 8),
        ];
        for (chunk, item_size) in cases {
            assert_eq!(shuffled(&chunk.raw(), item_size), chunk.stored());
            assert_eq!(unshuffled(&chunk.stored(), item_size), chunk.raw());
        }
    }

    #[test]
    fn refuses_items_of_no_bytes_and_buffers_that_differ() {
        assert_eq!(shuffle(&[1], &mut [0], 0), Err(CodecError::ZeroItemSize));
        assert_eq!(unshuffle(&[], &mut [], 0), Err(CodecError::ZeroItemSize));
        let mismatch = CodecError::BufferMismatch {
            source_length: 4,
            destination: 3,
        };
        assert_eq!(shuffle(&[0; 4], &mut [0; 3], 2), Err(mismatch.clone()));
        assert_eq!(unshuffle(&[0; 4], &mut [0; 3], 2), Err(mismatch));
    }

    #[test]
    fn an_item_longer_than_the_buffer_moves_nothing() {
        assert_eq!(shuffled(&[1, 2, 3], usize::MAX), [1, 2, 3]);
        assert_eq!(unshuffled(&[1, 2, 3, 4, 5], 3), [1, 2, 3, 4, 5]);
    }

    proptest! {
        #[test]
        fn any_length_and_item_size_follow_the_definition_and_come_back(
            source in prop::collection::vec(any::<u8>(), 0..600),
            item_size in 1_usize..40,
        ) {
            let forwards = shuffled(&source, item_size);
            prop_assert_eq!(&forwards, &by_definition(&source, item_size));
            prop_assert_eq!(unshuffled(&forwards, item_size), source);
        }

        #[test]
        fn the_fast_sizes_follow_the_definition(
            source in prop::collection::vec(any::<u8>(), 0..2000),
            item_size in prop::sample::select(vec![2_usize, 4, 8]),
        ) {
            prop_assert_eq!(shuffled(&source, item_size), by_definition(&source, item_size));
        }
    }
}
