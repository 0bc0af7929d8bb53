use super::*;

const NAN: f32 = f32::NAN;

fn seen(columns: usize, values: &[f32]) -> ValueLint {
    let mut lint = ValueLint::new(columns);
    lint.see_rows(values);
    lint
}

fn told(lint: &ValueLint) -> Vec<(String, String)> {
    lint.findings(|column| format!("S{column}"))
        .into_iter()
        .map(|finding| (finding.code, finding.detail))
        .collect()
}

fn codes(lint: &ValueLint) -> Vec<String> {
    told(lint).into_iter().map(|told| told.0).collect()
}

#[test]
fn ordinary_values_are_not_remarkable() {
    assert!(told(&seen(2, &[1.5, 2.5, -0.5, 0.0])).is_empty());
    assert!(told(&seen(2, &[16_777_216.0, 0.0, -0.0, 7.0])).is_empty());
    assert!(told(&seen(2, &[])).is_empty());
    assert!(told(&seen(0, &[])).is_empty());
}

#[test]
fn a_sample_without_a_value_is_named() {
    let lint = seen(3, &[1.5, NAN, NAN, 2.0, NAN, 3.0]);
    assert_eq!(
        told(&lint),
        [
            (
                "all-nan-samples".into(),
                "1 sample has no value, only NaN: S1".into()
            ),
            ("nan-values".into(), "3 of 6 values are NaN".into()),
        ]
    );
    let all = told(&seen(5, &[NAN; 10]));
    assert_eq!(all[0].1, "5 samples have no value, only NaN: S0, S1, S2");
}

#[test]
fn an_infinity_is_a_value() {
    let lint = seen(2, &[f32::INFINITY, 0.5, f32::NEG_INFINITY, NAN]);
    assert_eq!(
        told(&lint),
        [
            ("nan-values".into(), "1 of 4 values is NaN".into()),
            (
                "infinite-values".into(),
                "2 of 4 values are infinite".into()
            ),
        ]
    );
    assert_eq!((lint.nan, lint.infinite, lint.negative), (1, 2, 1));
}

#[test]
fn counts_beyond_the_precision_of_float32_are_told() {
    let lint = seen(2, &[16_777_218.0, 3.0, NAN, 1e9]);
    assert_eq!(
        told(&lint)[1],
        (
            "inexact-counts".into(),
            "2 of 4 values are whole numbers beyond 16,777,216, where float32 no longer holds \
             every one"
                .into()
        )
    );
    assert!(told(&seen(2, &[16_777_218.0, 3.5])).is_empty());
    let mut wide = ValueLint::new(1);
    wide.see_rows(&[16_777_217.0_f64]);
    assert!(told(&wide).is_empty());
    wide.see_rows(&[9_007_199_254_740_994.0_f64]);
    assert!(
        told(&wide)[0]
            .1
            .contains("9,007,199,254,740,992, where float64")
    );
}

#[test]
fn a_fraction_anywhere_makes_values_no_counts() {
    let mut values = vec![16_777_218.0_f32; 3 * BLOCK];
    for at in [0, BLOCK - 1, BLOCK, 3 * BLOCK - 1] {
        values[at] = 0.25;
        let lint = seen(1, &values);
        assert!(!lint.whole, "{at}");
        assert!(told(&lint).is_empty());
        values[at] = 1.0;
    }
    assert_eq!(codes(&seen(1, &values)), ["inexact-counts"]);
}

#[test]
fn whole_numbers_of_every_size_are_recognised() {
    for power in 0..127 {
        let n = 2.0_f32.powi(power);
        for value in [n, -n, n + 1.0, n - 1.0] {
            assert!(Value::is_whole(value), "{value}");
        }
        let n = f64::from(n);
        for value in [n, -n, n + 1.0] {
            assert!(Value::is_whole(value), "{value}");
        }
    }
    for value in [
        0.5,
        -0.5,
        1e-30,
        f32::MIN_POSITIVE,
        8_388_607.5,
        -2_097_151.5,
    ] {
        assert!(!Value::is_whole(value), "{value}");
        assert!(!Value::is_whole(f64::from(value)), "{value}");
    }
    assert!(!Value::is_whole(4_503_599_627_370_495.5_f64));
}

#[test]
fn negative_whole_numbers_are_no_counts() {
    assert_eq!(
        told(&seen(2, &[-1.0, 0.0, 5.0, 7.0])),
        [(
            "negative-counts".into(),
            "all values are whole numbers, as counts are, but 1 of 4 values is negative".into()
        )]
    );
    assert!(told(&seen(2, &[-1.0, 0.5])).is_empty());
}

#[test]
fn tiles_come_to_what_one_pass_does() {
    let (rows, columns) = (40, 7);
    let mut values: Vec<f32> = (0..rows * columns)
        .map(|i| f32::from(u16::try_from(i).unwrap()))
        .collect();
    for row in 0..rows {
        values[row * columns + 2] = NAN;
        values[row * columns + 5] = NAN;
    }
    values[39 * columns + 5] = f32::INFINITY;
    values[17] = 2e7;
    let whole = told(&seen(columns, &values));
    assert_eq!(whole.len(), 4);

    let mut tiled = ValueLint::new(columns);
    for across in [3..7, 0..3] {
        let tile: Vec<f32> = values
            .chunks(columns)
            .flat_map(|row| row[across.clone()].to_vec())
            .collect();
        tiled.see_tile(&tile, across);
    }
    assert_eq!(told(&tiled), whole);
}
