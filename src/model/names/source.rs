//! Names from outside, for files that have lost theirs: which source fits which file. Pure.
//!
//! Nothing is believed but lengths, names that are known from both sides, and values (which
//! a worker compares): a list that merely looks right would label every number wrongly.

use crate::model::facts::Facts;
use crate::model::facts::names::{Candidate, NamesFacts};
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::plan::orientation::turned_shape;
use crate::model::plan::policy::Policy;
use crate::model::plan::recipe::GivenNames;
use serde::{Deserialize, Serialize};

/// What a worker read of a file that was given for its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum SourceNames {
    /// Names of one axis; which one is not known.
    List {
        /// One a line.
        names: Vec<String>,
    },
    /// A matrix, as text or in HDF5, with names of one axis or both.
    Matrix {
        /// Genes and samples.
        shape: [u64; 2],
        /// Gene names, where it has them.
        genes: Option<Vec<String>>,
        /// Sample names, where it has them.
        samples: Option<Vec<String>>,
    },
}

impl SourceNames {
    /// What it has for an axis.
    fn of(&self, axis: Axis) -> Option<&Vec<String>> {
        match self {
            SourceNames::List { names } => Some(names),
            SourceNames::Matrix { genes, samples, .. } => match axis {
                Axis::Genes => genes.as_ref(),
                Axis::Samples => samples.as_ref(),
            },
        }
    }

    /// `a list of 12 names`, `a matrix of 12 genes x 5 samples`.
    pub fn describe(&self) -> String {
        match self {
            SourceNames::List { names } => format!("a list of {} names", names.len()),
            SourceNames::Matrix { shape, .. } => {
                format!("a matrix of {} genes x {} samples", shape[0], shape[1])
            }
        }
    }
}

/// What a source has for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Names of these axes, by their length.
    Names(Vec<Axis>),
    /// Names of these axes, if its values are those of the file.
    IfValuesAgree(Vec<Axis>),
    /// Nothing, and why.
    Nothing(String),
}

/// The axes of a matrix whose names are nowhere, or cannot be taken.
pub(crate) fn lost_axes(facts: &Facts) -> Vec<Axis> {
    Axis::BOTH
        .into_iter()
        .filter(|axis| {
            let mut lists = facts.axis(*axis).lists();
            lists.all(|list| list.names.problem.is_some())
        })
        .collect()
}

/// What a source has for a file without names.
pub(crate) fn fit(facts: &Facts, source: &SourceNames, policy: &Policy) -> Fit {
    let Some(shape) = turned_shape(facts, policy) else {
        return Fit::Nothing("the file has no matrix of two dimensions".to_string());
    };
    let lost = lost_axes(facts);
    match source {
        SourceNames::List { names } => {
            let fitting: Vec<Axis> = lost
                .into_iter()
                .filter(|axis| shape[axis.index()] == names.len() as u64)
                .collect();
            match fitting.len() {
                0 => Fit::Nothing(format!(
                    "it is {}, and the file has {} genes and {} samples{}",
                    source.describe(),
                    shape[0],
                    shape[1],
                    match shape.contains(&(names.len() as u64).saturating_sub(1)) {
                        true => "; if its first line is a heading, remove it",
                        false => "",
                    }
                )),
                1 => Fit::Names(fitting),
                _ => Fit::Nothing("it is as long as both axes, so it is ambiguous".to_string()),
            }
        }
        SourceNames::Matrix { shape: theirs, .. } if *theirs != shape => Fit::Nothing(format!(
            "it is {}, and the file has {} genes and {} samples",
            source.describe(),
            shape[0],
            shape[1]
        )),
        SourceNames::Matrix { .. } => {
            let has = |axis: &Axis| {
                let names = source.of(*axis);
                names.is_some_and(|names| names.len() as u64 == shape[axis.index()])
            };
            let axes: Vec<Axis> = lost.into_iter().filter(has).collect();
            if axes.is_empty() {
                return Fit::Nothing("it has no names for what the file lacks".to_string());
            }
            Fit::IfValuesAgree(axes)
        }
    }
}

/// What is taken from sources that fit, for each axis that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rescue {
    pub given: GivenNames,
    /// Which file each axis' names are from.
    pub from: [Option<String>; 2],
}

impl Rescue {
    /// Takes names of an axis. The error says that another source has others.
    pub(crate) fn take(
        &mut self,
        axis: Axis,
        path: &str,
        source: &SourceNames,
    ) -> Result<(), String> {
        let Some(names) = source.of(axis) else {
            return Ok(());
        };
        let slot = match axis {
            Axis::Genes => &mut self.given.genes,
            Axis::Samples => &mut self.given.samples,
        };
        match (slot.as_ref(), &self.from[axis.index()]) {
            (Some(known), Some(from)) if known != names => Err(format!(
                "{path} and {from} fit both, and their {} names differ",
                axis.noun()
            )),
            (Some(_), _) => Ok(()),
            (None, _) => {
                *slot = Some(names.clone());
                self.from[axis.index()] = Some(path.to_string());
                Ok(())
            }
        }
    }

    /// The facts of a file as if the names stood in it.
    pub(crate) fn complete(&self, facts: &Facts) -> Facts {
        let mut complete = facts.clone();
        for axis in Axis::BOTH {
            let (Some(names), Some(path)) = (self.given.of(axis), &self.from[axis.index()]) else {
                continue;
            };
            let candidate = Candidate {
                place: NamesPlace::Given {
                    source: path.clone(),
                },
                names: NamesFacts {
                    count: names.len() as u64,
                    shape: vec![names.len() as u64],
                    text_type: "text".to_string(),
                    joined: None,
                    recoded: false,
                    problem: None,
                    first: names.iter().take(5).cloned().collect(),
                    last: names.last().cloned(),
                },
                dimension: None,
            };
            let axis_facts = match axis {
                Axis::Genes => &mut complete.genes,
                Axis::Samples => &mut complete.samples,
            };
            // The user named the place: whatever else is there is no rival.
            axis_facts.named = true;
            axis_facts.difference = None;
            axis_facts.candidates.insert(0, candidate);
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::ExprFacts;
    use crate::model::state::State;
    use crate::model::state::detect::judge;

    fn names(n: u64) -> Vec<String> {
        (0..n).map(|i| format!("n{i}")).collect()
    }

    fn nameless(rows: u64, columns: u64) -> Facts {
        Facts {
            expr: Some(ExprFacts {
                shape: vec![rows, columns],
                numeric: true,
                ..ExprFacts::default()
            }),
            ..Facts::default()
        }
    }

    fn matrix(rows: u64, columns: u64) -> SourceNames {
        SourceNames::Matrix {
            shape: [rows, columns],
            genes: Some(names(rows)),
            samples: Some(names(columns)),
        }
    }

    #[test]
    fn a_list_names_the_axis_that_it_is_as_long_as() {
        let list = |n| SourceNames::List { names: names(n) };
        assert_eq!(
            fit(&nameless(3, 2), &list(3), &Policy::default()),
            Fit::Names(vec![Axis::Genes])
        );
        assert_eq!(
            fit(&nameless(3, 2), &list(2), &Policy::default()),
            Fit::Names(vec![Axis::Samples])
        );
        assert!(matches!(
            fit(&nameless(3, 2), &list(4), &Policy::default()),
            Fit::Nothing(_)
        ));
        assert!(matches!(
            fit(&nameless(3, 3), &list(3), &Policy::default()),
            Fit::Nothing(_)
        ));
    }

    #[test]
    fn a_matrix_fits_by_both_lengths_and_then_by_its_values() {
        let both = vec![Axis::Genes, Axis::Samples];
        assert_eq!(
            fit(&nameless(3, 2), &matrix(3, 2), &Policy::default()),
            Fit::IfValuesAgree(both)
        );
        assert!(matches!(
            fit(&nameless(3, 2), &matrix(3, 4), &Policy::default()),
            Fit::Nothing(_)
        ));
    }

    #[test]
    fn with_transpose_a_list_is_as_long_as_the_other_dimension() {
        let transpose = Policy {
            transpose: true,
            ..Policy::default()
        };
        let list = SourceNames::List { names: names(3) };
        let fits = fit(&nameless(2, 3), &list, &transpose);
        assert_eq!(fits, Fit::Names(vec![Axis::Genes]));
        // A list that is there and fits says that the matrix lies as it should.
        let mut facts = nameless(2, 3);
        facts.samples.candidates = Rescue::default().complete(&facts).samples.candidates;
        let mut rescue = Rescue::default();
        rescue.take(Axis::Samples, "a.txt", &list).unwrap();
        let straight = rescue.complete(&facts);
        assert!(matches!(fit(&straight, &list, &transpose), Fit::Nothing(_)));
    }

    #[test]
    fn what_was_given_makes_a_file_whole() {
        let facts = nameless(3, 2);
        assert_eq!(judge(&facts).state, State::Nameless);
        let mut rescue = Rescue::default();
        for axis in lost_axes(&facts) {
            rescue.take(axis, "a.tsv", &matrix(3, 2)).unwrap();
        }
        assert_eq!(judge(&rescue.complete(&facts)).state, State::Legacy);
    }

    #[test]
    fn sources_that_differ_are_no_source() {
        let mut rescue = Rescue::default();
        rescue.take(Axis::Genes, "a.txt", &matrix(3, 2)).unwrap();
        rescue.take(Axis::Genes, "b.txt", &matrix(3, 2)).unwrap();
        let other = SourceNames::List {
            names: vec!["x".into(), "y".into(), "z".into()],
        };
        assert!(rescue.take(Axis::Genes, "c.txt", &other).is_err());
    }
}
