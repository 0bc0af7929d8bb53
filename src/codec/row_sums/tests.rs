use super::*;
use proptest::prelude::*;

fn one_by_one(values: &[u8], row_bytes: usize) -> Vec<Sum> {
    let rows = values.chunks_exact(row_bytes);
    rows.map(|row| Sha256::digest(row).into()).collect()
}

fn sums(values: &[u8], row_bytes: usize) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); values.len() / row_bytes];
    row_sums(values, row_bytes, &mut sums);
    sums
}

#[test]
fn rows_of_all_lengths_have_the_sums_that_they_have_alone() {
    if in_pairs(&[0; 2], 1, &mut [Sum::default(); 2]) == 0 {
        eprintln!("skipped: this processor hashes row by row");
    }
    let values: Vec<u8> = (0..4000_u32)
        .map(|i| ((i * i) >> 7).to_le_bytes()[0])
        .collect();
    for row_bytes in 1..400 {
        for rows in [0, 1, 2, 3, 8] {
            let values = &values[..rows * row_bytes];
            assert_eq!(
                sums(values, row_bytes),
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
        let found: Vec<String> = sums(&message.repeat(2), message.len())
            .into_iter()
            .map(hex)
            .collect();
        assert_eq!(found, [expected, expected]);
    }
}

#[test]
fn a_part_of_a_row_is_no_row() {
    assert_eq!(
        sums(&[1, 2, 3, 4, 5, 6, 7], 3),
        one_by_one(&[1, 2, 3, 4, 5, 6], 3)
    );
    let mut one = [Sum::default()];
    row_sums(&[1, 2, 3, 4], 2, &mut one);
    assert_eq!(one[..], one_by_one(&[1, 2], 2));
}

proptest! {
    #[test]
    fn any_rows_have_the_sums_that_they_have_alone(
        values in prop::collection::vec(any::<u8>(), 0..3000),
        row_bytes in 1_usize..700,
    ) {
        prop_assert_eq!(sums(&values, row_bytes), one_by_one(&values, row_bytes));
    }
}
