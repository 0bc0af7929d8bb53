use proptest::prelude::*;

use super::*;
use crate::deflate::Deflater;
use crate::known_answers as known;
use crate::level::Level;

fn decoder(filters: &[Filter]) -> Decoder {
    Decoder::new(Pipeline::new(filters.to_vec()).unwrap())
}

fn decoded(
    filters: &[Filter],
    chunk: &[u8],
    filter_mask: u32,
    length: usize,
) -> Result<Vec<u8>, CodecError> {
    let mut out = vec![0xAA; length];
    decoder(filters)
        .decode(chunk, filter_mask, &mut out)
        .map(|()| out)
}

fn gzip() -> Filter {
    Filter::Deflate { level: 4 }
}

/// Literals only, which is LZF too.
fn lzf_literals(bytes: &[u8]) -> Vec<u8> {
    bytes
        .chunks(32)
        .flat_map(|run| std::iter::once(run.len().to_le_bytes()[0] - 1).chain(run.iter().copied()))
        .collect()
}

/// What libhdf5 does when it writes.
fn encoded(filters: &[Filter], filter_mask: u32, values: &[u8]) -> Vec<u8> {
    let mut bytes = values.to_vec();
    for (index, filter) in filters.iter().enumerate() {
        if filter_mask >> index & 1 == 1 {
            continue;
        }
        match filter {
            Filter::Deflate { level } => {
                let level = Level::new(u8::try_from(*level).unwrap()).unwrap();
                let mut deflater = Deflater::new(level).unwrap();
                bytes = deflater.deflate(&bytes, &mut Vec::new()).unwrap().to_vec();
            }
            Filter::Shuffle { item_size } => {
                let mut out = vec![0; bytes.len()];
                shuffle::shuffle(&bytes, &mut out, *item_size).unwrap();
                bytes = out;
            }
            Filter::Fletcher32 => fletcher32::append(&mut bytes),
            Filter::Lzf => bytes = lzf_literals(&bytes),
            Filter::Other { .. } => unreachable!("not written by these tests"),
        }
    }
    bytes
}

#[test]
fn reads_what_libhdf5_wrote() {
    for chunk in known::ALL {
        let values = decoded(
            chunk.filters,
            &chunk.stored(),
            chunk.filter_mask,
            chunk.length,
        );
        assert_eq!(values.as_ref(), Ok(&chunk.raw()), "{:?}", chunk.filters);
    }
}

#[test]
fn one_decoder_reads_chunks_of_any_kind_one_after_another() {
    let chunk = known::SHUFFLE_LZF;
    let noise = known::SHUFFLE_LZF_NOISE;
    assert_ne!(noise.filter_mask, 0, "h5py gave up on it");
    let mut decoder = decoder(chunk.filters);
    for one in [&chunk, &noise, &chunk, &noise] {
        let mut out = vec![0xAA; one.length];
        decoder
            .decode(&one.stored(), one.filter_mask, &mut out)
            .unwrap();
        assert_eq!(out, one.raw());
    }
}

#[test]
fn no_filters_and_all_filters_masked_are_a_copy() {
    assert_eq!(decoded(&[], b"values", 0, 6).unwrap(), b"values");
    let all = [Filter::Shuffle { item_size: 2 }, gzip(), Filter::Fletcher32];
    assert_eq!(decoded(&all, b"values", 0b111, 6).unwrap(), b"values");
    assert_eq!(decoded(&all, b"values", u32::MAX, 6).unwrap(), b"values");
    assert_eq!(
        decoded(&[], b"values", 0, 7),
        Err(CodecError::Length {
            expected: 7,
            found: 6
        })
    );
}

#[test]
fn a_chunk_of_another_length_is_refused() {
    for chunk in known::ALL {
        for length in [0, 1, chunk.length - 1, chunk.length + 1, 3 * chunk.length] {
            let result = decoded(chunk.filters, &chunk.stored(), chunk.filter_mask, length);
            assert!(
                matches!(
                    result,
                    Err(CodecError::Length { .. } | CodecError::TooLong { .. })
                ),
                "{:?} as {length} bytes: {result:?}",
                chunk.filters
            );
        }
    }
}

#[test]
fn a_bomb_gets_no_more_memory_than_the_values_may_have() {
    let zeros = known::zeros(10_000_000);
    for filters in [
        vec![gzip()],
        vec![Filter::Shuffle { item_size: 4 }, gzip()],
        vec![Filter::Fletcher32, gzip(), Filter::Fletcher32],
        vec![Filter::Lzf, gzip()],
        vec![gzip(), gzip()],
    ] {
        let bomb = encoded(&filters, 0, &zeros);
        let mut decoder = decoder(&filters);
        let result = decoder.decode(&bomb, 0, &mut [0; 1000]);
        assert!(
            matches!(result, Err(CodecError::TooLong { .. })),
            "{result:?}"
        );
        assert!(decoder.next.len().max(decoder.current.len()) <= 2 * 1000 + 1024);
    }
}

#[test]
fn an_unknown_filter_matters_only_where_it_was_applied() {
    let other = Filter::Other {
        id: 32015,
        name: "zstd".into(),
    };
    let filters = [Filter::Shuffle { item_size: 2 }, other];
    assert_eq!(
        decoded(&filters, b"0011", 0, 4),
        Err(CodecError::UnknownFilter {
            id: 32015,
            name: "zstd".into()
        })
    );
    assert_eq!(decoded(&filters, b"0011", 0b10, 4).unwrap(), b"0101");
    assert!(!Pipeline::new(filters.to_vec()).unwrap().can_decode());
    assert!(
        Pipeline::new(known::SHUFFLE_LZF_FLETCHER32.filters.to_vec())
            .unwrap()
            .can_decode()
    );
    assert!(Pipeline::default().can_decode());
}

#[test]
fn refuses_what_hdf5_refuses() {
    assert_eq!(
        Pipeline::new(vec![Filter::Lzf; 33]),
        Err(CodecError::TooManyFilters(33))
    );
    assert_eq!(
        decoded(&[Filter::Shuffle { item_size: 0 }], b"1234", 0, 4),
        Err(CodecError::ZeroItemSize)
    );
}

#[test]
fn the_mask_reaches_the_last_of_32_filters() {
    let filters = vec![Filter::Fletcher32; 32];
    for filter_mask in [0, 1 << 31, 0x7fff_ffff] {
        let stored = encoded(&filters, filter_mask, b"values");
        assert_eq!(
            stored.len(),
            6 + 4 * usize::try_from(filter_mask.count_zeros()).unwrap()
        );
        assert_eq!(
            decoded(&filters, &stored, filter_mask, 6).unwrap(),
            b"values"
        );
    }
}

#[test]
fn filters_are_known_by_their_numbers() {
    for (id, parameters, filter) in [
        (1, &[6][..], Filter::Deflate { level: 6 }),
        (2, &[8], Filter::Shuffle { item_size: 8 }),
        (3, &[], Filter::Fletcher32),
        (32000, &[4, 261, 400], Filter::Lzf),
        (2, &[], Filter::other(2, "as stored")),
        (2, &[0], Filter::other(2, "as stored")),
        (4, &[1, 2], Filter::other(4, "as stored")),
    ] {
        assert_eq!(Filter::from_message(id, "as stored", parameters), filter);
        assert_eq!(filter.id(), id);
    }
}

fn any_filters() -> impl Strategy<Value = Vec<Filter>> {
    let filter = prop_oneof![
        (0_u32..10).prop_map(|level| Filter::Deflate { level }),
        (1_usize..12).prop_map(|item_size| Filter::Shuffle { item_size }),
        Just(Filter::Fletcher32),
        Just(Filter::Lzf),
    ];
    prop::collection::vec(filter, 0..6)
}

proptest! {
    #[test]
    fn any_pipeline_comes_back(
        filters in any_filters(),
        filter_mask in any::<u32>(),
        values in prop::collection::vec(any::<u8>(), 1..1500),
    ) {
        let stored = encoded(&filters, filter_mask, &values);
        prop_assert_eq!(decoded(&filters, &stored, filter_mask, values.len()).unwrap(), values);
    }

    #[test]
    fn random_bytes_never_panic(
        filters in any_filters(),
        filter_mask in any::<u32>(),
        chunk in prop::collection::vec(any::<u8>(), 0..300),
        length in 0_usize..2000,
    ) {
        let _ = decoded(&filters, &chunk, filter_mask, length);
    }

    #[test]
    fn damaged_chunks_never_panic_and_a_checksum_behind_them_finds_all(
        filters in any_filters(),
        values in prop::collection::vec(any::<u8>(), 1..600),
        at in any::<prop::sample::Index>(),
        bit in 0..8,
    ) {
        let mut filters = filters;
        filters.push(Filter::Fletcher32);
        let mut stored = encoded(&filters, 0, &values);
        let at = at.index(stored.len());
        stored[at] ^= 1_u8 << bit;
        let found_by_checksum =
            matches!(decoded(&filters, &stored, 0, values.len()), Err(CodecError::Checksum { .. }));
        prop_assert!(found_by_checksum);
    }
}
