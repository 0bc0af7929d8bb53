//! Facts for tests.

use crate::model::facts::names::{Candidate, NamesFacts};
use crate::model::facts::{ExprFacts, Facts};
use crate::model::names::place::NamesPlace;

/// A whole matrix of so many genes and samples, without names.
pub(crate) fn matrix(rows: u64, columns: u64) -> Facts {
    Facts {
        expr: Some(ExprFacts {
            shape: vec![rows, columns],
            dtype: "<f4".into(),
            item_size: 4,
            numeric: true,
            chunks_expected: 1,
            chunks_written: 1,
            ..ExprFacts::default()
        }),
        ..Facts::default()
    }
}

/// So many names at a place.
pub(crate) fn list(place: NamesPlace, count: u64) -> Candidate {
    let names = NamesFacts {
        count,
        shape: vec![count],
        text_type: "vlen-utf8".into(),
        joined: None,
        recoded: false,
        problem: None,
        first: vec![],
        last: None,
    };
    Candidate {
        place,
        names,
        dimension: None,
    }
}
