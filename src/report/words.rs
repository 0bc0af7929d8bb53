//! The words of the model's enums that have none of their own, as spelled in the JSON report.

use crate::model::plan::policy::Verification;
use crate::model::record::Record;
use hdf5_format::storage::Storage;

/// How values lie in the file.
pub(crate) fn storage(storage: Storage) -> &'static str {
    match storage {
        Storage::Compact => "compact",
        Storage::Contiguous => "contiguous",
        Storage::Chunked => "chunked",
        Storage::Virtual => "virtual",
    }
}

/// What was done with a file, or else what would be.
pub(crate) fn deed(record: &Record) -> &'static str {
    record
        .outcome
        .map_or(record.plan.action.word(), |it| it.word())
}

pub(crate) fn verification(verification: Verification) -> &'static str {
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
