use proptest::prelude::*;

use super::*;

/// Both methods of reading, which have to agree, against the standard library.
fn agrees(text: &str) -> Result<(), TestCaseError> {
    let expected: f64 = text.parse().unwrap();
    let notation = Notation::new(b'.', &[]);
    let behind = format!("{text}\t345678901234567890");
    let long = notation.long(behind.as_bytes());
    let (number, length) = long.ok_or_else(|| TestCaseError::fail(text.to_string()))?;
    prop_assert_eq!(
        (number.to_bits(), length),
        (expected.to_bits(), text.len()),
        "{}",
        text
    );
    if let Some((number, length)) = short(behind.as_bytes(), b'\t', b'.') {
        prop_assert_eq!(
            (number.float64().to_bits(), length),
            (expected.to_bits(), text.len()),
            "{}",
            text
        );
    } else {
        prop_assert!(text.len() > 7 || text.contains(['e', 'E', '+']), "{text}");
    }
    prop_assert_eq!(
        notation.field(text.as_bytes()),
        Some(Reading::Number(expected))
    );
    Ok(())
}

#[test]
fn odd_but_valid() {
    for text in [
        "0",
        "-0",
        "+0.0",
        "00012",
        "5.",
        ".5",
        "-.5e1",
        "1e+05",
        "1E-05",
        "0e999999999999999999999",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999999999999",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "100000000000000016777215.5",
        "0.000000000000000000000000000000000000000001",
        "1.00000005960464477539062500",
        "1.000000059604644775390625000001",
        "123456789012345678901e-30",
    ] {
        agrees(text).unwrap();
    }
}

#[test]
fn not_numbers() {
    let notation = Notation::new(b'.', &[]);
    for text in [
        "-", "+", ".", "-.", "e5", "1e", "1e+", "1_000", "0x10", "1.2.3", "1,5", "--1", "1d5", "١",
        "infin", "NAN", "Nan", "1 2", "1e5.5", "true",
    ] {
        assert_eq!(notation.field(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn decimal_commas() {
    let comma = Notation::new(b',', &[]);
    for (text, value) in [
        ("1,5", 1.5),
        ("-0,25e1", -2.5),
        ("12345678901234567890,5", 1.2345678901234567e19),
    ] {
        assert_eq!(comma.field(text.as_bytes()), Some(Reading::Number(value)));
    }
    assert_eq!(comma.field(b"1.5"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn any_float_as_any_printer_writes_it(bits in any::<u64>(), places in 0usize..25) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        agrees(&format!("{number:e}"))?;
        agrees(&format!("{number:.places$e}"))?;
        if number.abs() < 1e30 {
            agrees(&format!("{number:.places$}"))?;
            agrees(&format!("{number}"))?;
        }
    }

    #[test]
    fn any_digits(text in "-?([0-9]{1,30}[.]?[0-9]{0,30}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,3})?") {
        agrees(&text)?;
    }

    #[test]
    fn common_values(number in -30_000_000i32..30_000_000, places in 0usize..10) {
        agrees(&format!("{:.places$}", f64::from(number) / 1000.0))?;
    }

    #[test]
    fn any_bytes_are_a_number_or_not(text in prop::collection::vec(
        prop_oneof![prop::sample::select(b"0123456789.eE+-\t\n,NAinf \"".to_vec()), any::<u8>()], 0..30)) {
        let notation = Notation::new(b'.', &[]);
        if let Some((number, length)) = short(&text, b'\t', b'.') {
            let written = std::str::from_utf8(&text[..length]).unwrap();
            let expected: f64 = written.parse().unwrap();
            prop_assert_eq!(number.float64().to_bits(), expected.to_bits());
            prop_assert_eq!(text[length], b'\t');
        }
        if let Some((number, length)) = notation.long(&text) {
            let written = std::str::from_utf8(&text[..length]).unwrap();
            prop_assert_eq!(number.to_bits(), written.parse::<f64>().unwrap().to_bits());
        }
        let _ = notation.field(&text);
    }
}

#[test]
fn thousands_are_read_only_in_groups_of_three() {
    let notation = Notation {
        thousands: Some(b','),
        ..Notation::new(b'.', &[])
    };
    for (text, number) in [
        ("1,234", 1234.0),
        ("-12,345,678.5", -12_345_678.5),
        ("999", 999.0),
    ] {
        assert_eq!(
            notation.field(text.as_bytes()),
            Some(Reading::Number(number))
        );
    }
    for text in [
        "1,23", "1234,567", ",123", "1,234,", "1,2345", "1,,234", "x,123",
    ] {
        assert_eq!(notation.field(text.as_bytes()), None, "{text}");
    }
}
