use super::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn one_by_one(values: &[u8], row_bytes: usize) -> Vec<Sum> {
    let rows = values.chunks_exact(row_bytes);
    rows.map(|row| Sha256::digest(row).into()).collect()
}

#[test]
fn rows_of_all_lengths_have_the_sums_that_they_have_alone() {
    if advance_pairs(
        &mut [BEGINNING; 2],
        &[
            Cut::of(&mut [0; BLOCK], 0, b"a"),
            Cut::of(&mut [0; BLOCK], 0, b"b"),
        ],
    ) == 0
    {
        eprintln!("skipped: this processor hashes row by row");
    }
    let values: Vec<u8> = (0..40_000_u32)
        .map(|i| ((i * i) >> 7).to_le_bytes()[0])
        .collect();
    for row_bytes in 1..400 {
        for rows in [0, 1, 2, 3, 8, TOGETHER + 1] {
            let values = &values[..rows * row_bytes];
            assert_eq!(
                row_sums(values, row_bytes),
                one_by_one(values, row_bytes),
                "{row_bytes}"
            );
        }
    }
}

#[test]
fn the_sums_of_the_standard_come_out() {
    // FIPS 180-2, appendices B.1 and B.2.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let two_blocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (message, expected) in [(&b"abc"[..], abc), (long, two_blocks)] {
        let hex = |sum: Sum| sum.map(|byte| format!("{byte:02x}")).concat();
        let found: Vec<String> = row_sums(&message.repeat(2), message.len())
            .into_iter()
            .map(hex)
            .collect();
        assert_eq!(found, [expected, expected]);
    }
}

#[test]
fn a_part_of_a_row_at_the_end_is_no_row() {
    assert_eq!(
        row_sums(&[1, 2, 3, 4, 5, 6, 7], 3),
        one_by_one(&[1, 2, 3, 4, 5, 6], 3)
    );
}

#[test]
fn rows_of_nothing_have_the_sum_of_nothing() {
    let nothing: Sum = Sha256::digest([]).into();
    assert_eq!(RowHashers::new(3).finish(), [nothing; 3]);
    let mut none = RowHashers::new(0);
    none.update(&[]);
    assert!(none.finish().is_empty());
}

proptest! {
    #[test]
    fn any_rows_have_the_sums_that_they_have_alone(
        values in prop::collection::vec(any::<u8>(), 0..3000),
        row_bytes in 1_usize..700,
    ) {
        prop_assert_eq!(row_sums(&values, row_bytes), one_by_one(&values, row_bytes));
    }

    #[test]
    fn parts_of_any_lengths_make_the_same_sums(
        row in prop::collection::vec(any::<u8>(), 1..900),
        rows in prop_oneof![1_usize..6, TOGETHER - 1..TOGETHER + 3],
        lengths in prop::collection::vec(0_usize..200, 0..20),
    ) {
        // Each row is another one: the same bytes, turned.
        let matrix: Vec<Vec<u8>> = (0..rows)
            .map(|turn| {
                let mut row = row.clone();
                let by = turn % row.len();
                row.rotate_left(by);
                row
            })
            .collect();
        let mut hashers = RowHashers::new(rows);
        let mut at = 0;
        for length in lengths.into_iter().chain([row.len()]) {
            let end = (at + length).min(row.len());
            let parts: Vec<u8> = matrix.iter().flat_map(|row| &row[at..end]).copied().collect();
            hashers.update(&parts);
            at = end;
        }
        let expected: Vec<Sum> = matrix.iter().map(|row| Sha256::digest(row).into()).collect();
        prop_assert_eq!(hashers.finish(), expected);
    }
}
