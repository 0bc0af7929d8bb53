//! Places of names as options, with the usual ones for completions.

use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use clap::builder::{PossibleValue, TypedValueParser};
use std::ffi::OsStr;

/// Reads a place of the names of this axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceParser(pub(crate) Axis);

/// Where other programs keep names.
const GENES: [&str; 6] = [
    "/gene_names",
    "/expr@gene_names",
    "/var/_index",
    "/row_attrs/Gene",
    "/0/META/ROW/id",
    "/meta/genes/symbol",
];
const SAMPLES: [&str; 6] = [
    "/sample_names",
    "/expr@sample_names",
    "/obs/_index",
    "/col_attrs/CellID",
    "/0/META/COL/id",
    "/meta/samples/geo_accession",
];

impl TypedValueParser for PlaceParser {
    type Value = NamesPlace;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<NamesPlace, clap::Error> {
        let parse = |text: &str| text.parse::<NamesPlace>();
        TypedValueParser::parse_ref(&parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let places = match self.0 {
            Axis::Genes => GENES,
            Axis::Samples => SAMPLES,
        };
        Some(Box::new(places.into_iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_completed_can_be_read() {
        for place in GENES.into_iter().chain(SAMPLES) {
            let parsed: NamesPlace = place.parse().unwrap();
            assert_eq!(parsed.typed().as_deref(), Some(place));
        }
    }
}
