//! Three independent inflaters read what is written here.

use proptest::prelude::*;

use super::*;
use crate::deflate::Inflater;
use crate::known_answers as known;

fn stream(writer: &mut Writer, bytes: &[u8], planes: usize) -> Vec<u8> {
    let out = writer.write(bytes, planes, &mut vec![0xAA; 5]).to_vec();
    let mut by_libdeflate = vec![0xAA; bytes.len()];
    Inflater::new().inflate(&out, &mut by_libdeflate).unwrap();
    assert!(by_libdeflate == bytes);
    let mut buffer = vec![0xAA; bytes.len() + 1];
    let config = zlib_rs::InflateConfig::default();
    let (by_zlib_rs, code) = zlib_rs::decompress_slice(&mut buffer, &out, config);
    assert_eq!(code, zlib_rs::ReturnCode::Ok);
    assert!(by_zlib_rs == bytes);
    out
}

fn all_ways(bytes: &[u8]) -> Vec<usize> {
    let mut lengths = Vec::new();
    for planes in [1, 4, 7] {
        lengths.push(stream(&mut Writer::of_runs(), bytes, planes).len());
    }
    for size in [4, 8] {
        lengths.push(stream(&mut Writer::of_words(size).unwrap(), bytes, 1).len());
    }
    lengths
}

/// A few thousand values in no order, as an export with three decimals has them.
fn rounded(count: u32) -> Vec<u8> {
    let mut state = 7_u32;
    (0..count)
        .flat_map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f32::from((state >> 20) as u16) / 1000.0).to_le_bytes()
        })
        .collect()
}

#[test]
fn others_inflate_every_kind_of_bytes() {
    let lengths = [0, 1, 2, 3, 5, 9, 258, 259, 4096, 65_535, 65_536, 300_001];
    for length in lengths {
        all_ways(&vec![0; length]);
        all_ways(&known::noise(length));
        all_ways(&known::mixed(length));
        all_ways(&known::ramp(length));
    }
    all_ways(&rounded(150_000));
    // As float64, and values whose overlaps are found but not they themselves.
    let wide = rounded(60_000)
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|value| f64::from(f32::from_le_bytes(*value)).to_le_bytes())
        .collect::<Vec<u8>>();
    all_ways(&wide);
    let doubled =
        |scale: f32| move |value: &[u8; 4]| (f32::from_le_bytes(*value) * scale).to_le_bytes();
    let once = rounded(3000);
    let values = once.as_chunks::<4>().0;
    let overlaps: Vec<u8> = [1.0, 2.0, 8.0, 0.25]
        .into_iter()
        .flat_map(|scale| values.iter().flat_map(doubled(scale)))
        .collect();
    all_ways(&overlaps);
}

#[test]
fn noise_grows_by_less_than_a_thousandth() {
    for length in all_ways(&known::noise(200_000)) {
        assert!(length < 200_200, "{length}");
    }
}

/// Bytes below `most`, evenly spread.
fn below(most: u32, count: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % most).to_le_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn codes_that_save_next_to_nothing_are_left_to_nobody_to_inflate() {
    for (most, is_stored) in [(256, true), (222, true), (206, false), (128, false)] {
        let bytes = below(most, 20_000);
        let out = stream(&mut Writer::of_runs(), &bytes, 1);
        // The type of the first block, behind the header and the bit of the last one (RFC 1951, 3.2.3).
        let kind = out[ZLIB_HEADER.len()] >> 1 & 3;
        assert_eq!(kind == 0, is_stored, "{most}");
        assert!(out.len() * 8 <= 20_000 * 8 + 200, "{most}");
    }
}

#[test]
fn runs_and_whole_values_are_found() {
    for length in all_ways(&[5; 100_000]) {
        assert!(length < 600, "{length}");
    }
    let bytes = rounded(40_000);
    let length = stream(&mut Writer::of_words(4).unwrap(), &bytes, 1).len();
    assert!(length * 10 < bytes.len() * 6, "{length}");
}

#[test]
fn every_length_of_a_run_comes_back() {
    let mut bytes = Vec::new();
    for length in 1..600 {
        bytes.extend(std::iter::repeat_n(0, length));
        bytes.push(length.to_le_bytes()[0] | 1);
    }
    all_ways(&bytes);
}

#[test]
fn copies_reach_exactly_as_far_as_deflate_can() {
    for distance in [32_764, 32_768, 32_772] {
        let mut bytes = known::noise(distance);
        bytes.extend_from_within(..2000);
        let length = stream(&mut Writer::of_words(4).unwrap(), &bytes, 1).len();
        assert_eq!(length < distance + 1000, distance <= 32_768, "{distance}");
    }
}

#[test]
fn skewed_frequencies_do_not_exceed_the_longest_code() {
    let mut bytes = Vec::new();
    let (mut a, mut b) = (1_usize, 1_usize);
    for byte in 0..20_u8 {
        bytes.extend(std::iter::repeat_n([byte, 255 - byte], a).flatten());
        (a, b) = (b, a + b);
    }
    all_ways(&bytes);
}

#[test]
fn the_stream_does_not_depend_on_what_was_before() {
    let (first, second) = (rounded(70_000), rounded(3000));
    for make in [
        Writer::of_runs,
        || Writer::of_words(4).unwrap(),
        || Writer::of_words(8).unwrap(),
    ] {
        let fresh = stream(&mut make(), &second[400..], 1);
        let mut used = make();
        stream(&mut used, &first, 1);
        assert!(stream(&mut used, &second[400..], 1) == fresh);
    }
}

proptest! {
    #[test]
    fn others_inflate_any_bytes(
        runs in prop::collection::vec((any::<u8>(), 1_usize..20), 0..600),
        repeats in 1_usize..5,
        skip in 0_usize..9,
    ) {
        let bytes: Vec<u8> = runs
            .iter()
            .flat_map(|(byte, length)| std::iter::repeat_n(byte & 15, *length))
            .collect();
        let all = bytes.repeat(repeats);
        all_ways(&all[skip.min(all.len())..]);
    }
}
