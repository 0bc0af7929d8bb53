//! Bytes, durations, counts and ratios for people. Integers only, so that no number is 1024.0 KiB or -0.

use std::time::Duration;

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// `999 B`, `1.5 KiB`, `38.1 MiB`, `512 MiB`: three figures or four, binary prefixes.
pub(crate) fn bytes(n: u64) -> String {
    if n < 1024 {
        return format!("{n} B");
    }
    let mut power = 0;
    let mut unit: u128 = 1024;
    // Rounding may carry into the next unit: 1023.97 MiB is 1.0 GiB.
    while power + 1 < UNITS.len() && rounded(n.into(), unit) >= 1024 {
        unit *= 1024;
        power += 1;
    }
    let tenths = rounded(u128::from(n) * 10, unit);
    if tenths < 1000 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[power])
    } else {
        format!("{} {}", rounded(n.into(), unit), UNITS[power])
    }
}

fn rounded(n: u128, unit: u128) -> u128 {
    (n + unit / 2) / unit
}

/// `under 0.1 s`, `0.8 s`, `34 s`, `2 min 05 s`, `3 h 12 min`, `4 d 2 h`.
pub(crate) fn duration(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    match tenths {
        0 => return "under 0.1 s".to_string(),
        1..100 => return format!("{}.{} s", tenths / 10, tenths % 10),
        _ => {}
    }
    let seconds = (time.as_millis() + 500) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (minutes, hours, days) {
        (0, ..) => format!("{seconds} s"),
        (_, 0, _) => format!("{minutes} min {:02} s", seconds % 60),
        (.., 0) => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `about` an amount of time: whole seconds, since an estimate has no tenths.
pub(crate) fn estimate(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{} s", seconds.max(1)),
        _ => duration(time),
    }
}

/// `8,763`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `1,204 files`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// How a size changed: `1.90x smaller`, `1.20x larger`, `same size`; `None` when one is empty.
pub(crate) fn change(before: u64, after: u64) -> Option<String> {
    let (large, small, word) = if after <= before {
        (before, after, "smaller")
    } else {
        (after, before, "larger")
    };
    if small == 0 {
        return None;
    }
    let hundredths = rounded(u128::from(large) * 100, small.into());
    Some(match hundredths {
        100 => "same size".to_string(),
        n if n < 10_000 => format!("{}.{:02}x {word}", n / 100, n % 100),
        n => format!("{}x {word}", n / 100),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (n, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (40_000_000, "38.1 MiB"),
            (104_805_171, "99.9 MiB"),
            (104_857_599, "100 MiB"),
            (1_048_575, "1.0 MiB"),
            (1_073_741_823, "1.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(bytes(n), text, "{n}");
        }
    }

    #[test]
    fn no_size_is_wider_than_its_column_expects() {
        for shift in 0..64 {
            for n in [
                (1u64 << shift) - 1,
                1 << shift,
                (1 << shift) + (1 << shift) / 2,
            ] {
                assert!(bytes(n).len() <= 8, "{}", bytes(n));
            }
        }
    }

    #[test]
    fn durations() {
        for (milliseconds, text) in [
            (0, "under 0.1 s"),
            (49, "under 0.1 s"),
            (50, "0.1 s"),
            (840, "0.8 s"),
            (9_940, "9.9 s"),
            (9_950, "10 s"),
            (59_499, "59 s"),
            (59_500, "1 min 00 s"),
            (125_000, "2 min 05 s"),
            (3_600_000, "1 h 00 min"),
            (11_520_000, "3 h 12 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
        assert_eq!(estimate(Duration::from_millis(300)), "1 s");
        assert_eq!(estimate(Duration::from_secs(34)), "34 s");
        assert_eq!(estimate(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn counts() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(8763, "file"), "8,763 files");
    }

    #[test]
    fn changes() {
        assert_eq!(change(400, 210).unwrap(), "1.90x smaller");
        assert_eq!(change(100, 120).unwrap(), "1.20x larger");
        assert_eq!(change(1000, 1001).unwrap(), "same size");
        assert_eq!(change(1_000_000, 1).unwrap(), "1000000x smaller");
        assert_eq!(change(5, 0), None);
        assert_eq!(change(0, 0), None);
    }
}
