//! The words of the model's enums that have none of their own, as the JSON report spells them.

use crate::model::facts::Storage;
use crate::model::policy::Verification;

/// How values lie in the file.
pub fn storage(storage: Storage) -> &'static str {
    match storage {
        Storage::Compact => "compact",
        Storage::Contiguous => "contiguous",
        Storage::Chunked => "chunked",
        Storage::Virtual => "virtual",
    }
}

/// How much was proved.
pub fn verification(verification: Verification) -> &'static str {
    match verification {
        Verification::Full => "full",
        Verification::Fast => "fast",
        Verification::None => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_what_serde_writes() {
        for value in [
            Storage::Compact,
            Storage::Contiguous,
            Storage::Chunked,
            Storage::Virtual,
        ] {
            assert_eq!(serde_json::to_value(value).unwrap(), storage(value));
        }
        for value in [Verification::Full, Verification::Fast, Verification::None] {
            assert_eq!(serde_json::to_value(value).unwrap(), verification(value));
        }
    }
}
