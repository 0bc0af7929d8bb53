//! Which axis a dimension is, by what its scale is called. Pure.

use crate::model::layout::Axis;
use crate::model::names::place::last_part;

/// What rows of genes are called by programs that label dimensions, without plural and separators.
const GENES: [&str; 14] = [
    "gene",
    "genename",
    "geneid",
    "genesymbol",
    "symbol",
    "feature",
    "featurename",
    "featureid",
    "var",
    "probe",
    "probeid",
    "transcript",
    "transcriptid",
    "ensembl",
];
/// The same for columns of samples.
const SAMPLES: [&str; 14] = [
    "sample",
    "samplename",
    "sampleid",
    "cell",
    "cellname",
    "cellid",
    "barcode",
    "obs",
    "observation",
    "donor",
    "patient",
    "subject",
    "spot",
    "individual",
];

/// Which way round a matrix lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Orientation {
    /// Genes are rows, as the layout has it, or nothing says otherwise.
    #[default]
    Straight,
    /// Genes are columns.
    Transposed,
    /// Both dimensions are called after the same axis.
    Contradictory,
}

/// The axis that a scale is called after: by its path or by its attribute `NAME`.
pub(crate) fn role(called: &str) -> Option<Axis> {
    let name = last_part(called);
    let above = called.strip_suffix(name).unwrap_or_default();
    // HDF5Array keeps the names of R's dimensions so; R's rows are genes.
    if above.trim_end_matches('/').ends_with("dimnames") {
        return match name {
            "1" => Some(Axis::Genes),
            "2" => Some(Axis::Samples),
            _ => None,
        };
    }
    let word: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let singular = word.strip_suffix('s').unwrap_or(&word);
    let is = |words: &[&str]| words.contains(&word.as_str()) || words.contains(&singular);
    match (is(&GENES), is(&SAMPLES)) {
        (true, false) => Some(Axis::Genes),
        (false, true) => Some(Axis::Samples),
        _ => None,
    }
}

/// Which way round a matrix lies whose dimensions are called so.
pub(crate) fn orientation(roles: [Option<Axis>; 2]) -> Orientation {
    match roles {
        [Some(Axis::Genes), Some(Axis::Samples) | None] | [None, Some(Axis::Samples) | None] => {
            Orientation::Straight
        }
        [Some(Axis::Samples), Some(Axis::Genes) | None] | [None, Some(Axis::Genes)] => {
            Orientation::Transposed
        }
        [Some(_), Some(_)] => Orientation::Contradictory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_called_after_an_axis() {
        for name in [
            "/gene",
            "/Genes",
            "gene_id",
            "/meta/gene-names",
            "var",
            "/.expr_dimnames/1",
        ] {
            assert_eq!(role(name), Some(Axis::Genes), "{name}");
        }
        for name in ["/cell", "samples", "/obs", "Barcodes", "/.expr_dimnames/2"] {
            assert_eq!(role(name), Some(Axis::Samples), "{name}");
        }
        for name in ["/x", "dim_0", "/1", "genetics", "time"] {
            assert_eq!(role(name), None, "{name}");
        }
    }

    #[test]
    fn one_role_is_enough() {
        let (genes, samples) = (Some(Axis::Genes), Some(Axis::Samples));
        assert_eq!(orientation([genes, None]), Orientation::Straight);
        assert_eq!(orientation([None, None]), Orientation::Straight);
        assert_eq!(orientation([samples, None]), Orientation::Transposed);
        assert_eq!(orientation([None, genes]), Orientation::Transposed);
        assert_eq!(orientation([genes, genes]), Orientation::Contradictory);
    }
}
