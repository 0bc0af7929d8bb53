use super::*;
use crate::number::eight_numbers::TOGETHER;
use crate::number::short::short;
use proptest::prelude::*;

/// What happens to eight fields, if all are short numbers.
type Read<V> = Option<([V; TOGETHER], usize)>;

fn together<V: Value>(text: &[u8]) -> Read<V> {
    let mut values = [V::NAN; TOGETHER];
    match read_short_numbers(text, b'\t', b'.', &mut values) {
        (0, 0) => None,
        (count, length) => {
            assert_eq!(count, TOGETHER);
            Some((values, length))
        }
    }
}

fn one_by_one<V: Value>(text: &[u8]) -> Read<V> {
    let (mut values, mut at) = ([V::NAN; TOGETHER], 0);
    for value in &mut values {
        let (number, length) = short(&text[at..], b'\t', b'.')?;
        *value = V::of_short(number);
        at += length + 1;
    }
    Some((values, at))
}

/// The fields, and enough behind them.
fn row<'a>(fields: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut text: Vec<u8> = fields
        .into_iter()
        .flat_map(|field| [field.as_bytes(), b"\t"])
        .flatten()
        .copied()
        .collect();
    text.extend([b'0'; 80]);
    text
}

fn are_alike<V: Value, B: PartialEq>(text: &[u8], bits: fn(V) -> B) -> bool {
    let bits = |read: Read<V>| read.map(|(values, length)| (values.map(bits), length));
    bits(together(text)) == bits(one_by_one(text))
}

/// Both methods must read the same bits; whether all eight are short numbers.
fn hold(text: &[u8]) -> bool {
    let same = are_alike(text, f64::to_bits) && are_alike(text, f32::to_bits);
    assert!(same, "{:?}", String::from_utf8_lossy(text));
    one_by_one::<f64>(text).is_some()
}

/// Says when the processor has no such instructions: then there is nothing to test.
fn are_read() -> bool {
    let row = row(["1"; TOGETHER]);
    let read = together::<f64>(&row).is_some();
    if !read {
        eprintln!("skipped: this processor reads numbers one by one");
    }
    read
}

/// Every short decimal of up to five digits, any place of the mark and both signs, in all places of eight.
#[test]
fn eight_are_what_each_is() {
    if !are_read() {
        return;
    }
    let mut fields = Vec::new();
    for digits in 1..=5usize {
        for number in 0..10u32.pow(u32::try_from(digits).unwrap()) {
            let whole = format!("{number:0digits$}");
            for point in 0..=digits {
                let mut field = whole.clone();
                field.insert(point, '.');
                fields.push(format!("-{field}"));
                fields.push(field);
            }
            fields.push(whole);
        }
    }
    // The number of fields of one kind is odd, so that each kind comes to each place.
    for eight in fields.chunks_exact(TOGETHER) {
        assert!(hold(&row(eight.iter().map(String::as_str))));
    }
}

#[test]
fn what_needs_a_closer_look_stops_all_eight() {
    if !are_read() {
        return;
    }
    for odd in [
        "",
        "-",
        ".",
        "-.",
        "--1",
        "+1",
        "1-",
        "1.2.3",
        "1,5",
        "1e5",
        " 1",
        "1 ",
        "NA",
        "12345678",
        "1234567.8",
        "1\r",
        "1\n2",
        "\u{7f}",
        "\u{e9}",
        "/",
        ":",
    ] {
        for place in 0..TOGETHER {
            let mut fields = ["-12.345"; TOGETHER];
            fields[place] = odd;
            assert!(!hold(&row(fields)), "{odd:?} at {place}");
        }
    }
    let row = row(["1"; TOGETHER]);
    assert_eq!(together::<f64>(&row[..71]), None, "nothing behind them");
}

#[test]
fn many_are_read_until_one_is_odd() {
    if !are_read() {
        return;
    }
    let fields: Vec<String> = (0..100).map(|n| format!("{n}.25")).collect();
    let mut text = row(fields.iter().map(String::as_str));
    let mut values = [f32::NAN; 99];
    let (read, length) = read_short_numbers(&text, b'\t', b'.', &mut values);
    assert_eq!(read, 96);
    let expected: Vec<f32> = fields[..96].iter().map(|f| f.parse().unwrap()).collect();
    assert_eq!(values[..96], expected);
    assert!(text[length..].starts_with(b"96.25\t"));
    let odd = text.iter().position(|byte| *byte == b'.').unwrap();
    text[odd + 6 * 20] = b'x';
    assert!(read_short_numbers(&text, b'\t', b'.', &mut values).0 < 24);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn any_bytes_are_read_alike(
        mut fields in prop::collection::vec("-?[0-9]{0,5}[.]?[0-9]{0,3}", TOGETHER),
        other in "[-+0-9.eE, NA\r\n\u{e9}]{0,9}",
        place in 0..2 * TOGETHER,
    ) {
        if let Some(field) = fields.get_mut(place) {
            *field = other;
        }
        let text = row(fields.iter().map(String::as_str));
        if are_read() {
            hold(&text);
        }
    }
}
