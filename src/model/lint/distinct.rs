//! Whether the names of a list are all different. They nearly always are, and every audit asks, so this may
//! answer "not sure". Then the names are compared one by one.

use std::hash::{BuildHasher, RandomState};

/// Fingerprints of names in a table that is never more than half full. Two that are equal, by chance or
/// by design, end the search, so no names can make it slow.
pub(crate) struct Distinct {
    /// 0 is an empty place.
    places: Vec<u64>,
    keys: [u64; 2],
}

impl Distinct {
    /// Space for this many names.
    pub(crate) fn with_room(names: usize) -> Self {
        let random = RandomState::new();
        Distinct {
            places: vec![0; (2 * names.max(1)).next_power_of_two()],
            keys: [random.hash_one(1), random.hash_one(2)],
        }
    }

    /// Adds one more name; whether it certainly differs from all before.
    pub(crate) fn is_new(&mut self, name: &str) -> bool {
        let fingerprint = self.fingerprint(name.as_bytes());
        let last = self.places.len() - 1;
        let start = usize::try_from(fingerprint & last as u64).unwrap_or(0);
        for place in (start..=last).chain(0..start) {
            match self.places.get_mut(place) {
                Some(free @ 0) => {
                    *free = fingerprint;
                    return true;
                }
                Some(other) if *other != fingerprint => {}
                _ => return false,
            }
        }
        false
    }

    /// Multiplied by secret numbers and folded, 8 bytes at a time.
    fn fingerprint(&self, name: &[u8]) -> u64 {
        let [first, second] = self.keys;
        let (words, rest) = name.as_chunks::<8>();
        let mut tail = [0; 8];
        tail[..rest.len()].copy_from_slice(rest);
        let length = fold(first ^ name.len() as u64, second);
        let words = words.iter().chain([&tail]);
        let whole = words.fold(length, |sum, word| {
            fold(sum ^ u64::from_le_bytes(*word), first | 1)
        });
        fold(whole, second | 1).max(1)
    }
}

fn fold(one: u64, other: u64) -> u64 {
    let product = (u128::from(one) * u128::from(other)).to_le_bytes();
    let (halves, _) = product.as_chunks::<8>();
    halves
        .iter()
        .fold(0, |sum, half| sum ^ u64::from_le_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_distinct(names: &[String]) -> bool {
        let mut seen = Distinct::with_room(names.len());
        names.iter().all(|name| seen.is_new(name))
    }

    #[test]
    fn a_name_that_comes_again_is_never_missed() {
        let mut names: Vec<String> = (0..10_000).map(|n| format!("ENSG{n:011}")).collect();
        names.extend((0..100).map(|length| "x".repeat(length)));
        names.push("a\0".to_string());
        names.push("a".to_string());
        assert!(are_distinct(&names));
        for again in [0, 5000, 10_000, 10_050, 10_101] {
            names.push(names[again].clone());
            assert!(!are_distinct(&names), "{}", names[again]);
            names.pop();
        }
    }

    #[test]
    fn no_room_is_room_for_one() {
        assert!(are_distinct(&[]));
        assert!(are_distinct(&[String::new()]));
    }
}
