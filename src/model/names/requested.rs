//! The form of names that was requested, and whether a file has it: then it is left alone. Pure.

use crate::model::facts::names::NamesFacts;
use crate::model::facts::{Facts, ScaleFacts};
use crate::model::layout::Axis;
use crate::model::names::form::{NamesForm, StringType};
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Policy;

/// How the new file of an old one has its names.
pub(crate) fn requested_form(facts: &Facts, policy: &Policy) -> NamesForm {
    let all_fixed = Axis::BOTH.into_iter().all(|axis| {
        let first = facts.axis(axis).lists().next();
        first.is_some_and(|found| found.place == NamesPlace::current(axis))
            && has_type(facts, axis, StringType::Fixed)
    });
    NamesForm {
        // Nobody asked: what somebody asked for before stays.
        string_type: policy.string_type.unwrap_or(match all_fixed {
            true => StringType::Fixed,
            false => StringType::Variable,
        }),
        scales: match facts.scales {
            ScaleFacts::Absent => policy.scales,
            ScaleFacts::Names | ScaleFacts::Others(_) => None,
        },
    }
}

/// Whether the dataset of an axis is a list of one dimension and of this type. Text of fixed length
/// counts in files that h5lift wrote: others pad as they like.
pub(crate) fn has_type(facts: &Facts, axis: Axis, string_type: StringType) -> bool {
    let is = |names: &NamesFacts| match string_type {
        StringType::Variable => names.is_current_type(),
        StringType::Fixed => {
            facts.mark.is_some()
                && names.text_type.starts_with("fixed-utf8")
                && names.shape.len() == 1
        }
    };
    let dataset = facts.axis(axis).at(&NamesPlace::current(axis));
    dataset.is_some_and(|found| is(&found.names))
}

/// Whether a file of the current layout has its names in the form that was requested.
pub(crate) fn has_requested_form(facts: &Facts, policy: &Policy) -> bool {
    let has_type = |requested| {
        Axis::BOTH
            .into_iter()
            .all(|axis| has_type(facts, axis, requested))
    };
    let has_scales = || matches!(facts.scales, ScaleFacts::Names);
    policy.string_type.is_none_or(has_type) && policy.scales.is_none_or(|_| has_scales())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Mark;
    use crate::model::facts::names::Candidate;
    use crate::model::names::form::ScaleName;

    fn facts(text_type: &str, marked: bool) -> Facts {
        let names = |count| NamesFacts {
            count,
            shape: vec![count],
            text_type: text_type.into(),
            joined: None,
            recoded: false,
            problem: None,
            first: vec![],
            last: None,
        };
        let mut facts = Facts {
            mark: marked.then(|| Mark {
                digest: String::new(),
                version: None,
                conversion: None,
            }),
            ..Facts::default()
        };
        facts.genes.candidates = vec![Candidate {
            place: NamesPlace::current(Axis::Genes),
            names: names(3),
            dimension: None,
        }];
        facts.samples.candidates = vec![Candidate {
            place: NamesPlace::current(Axis::Samples),
            names: names(2),
            dimension: None,
        }];
        facts
    }

    fn requesting(string_type: Option<StringType>, scales: Option<ScaleName>) -> Policy {
        Policy {
            string_type,
            scales,
            ..Policy::default()
        }
    }

    #[test]
    fn fixed_text_counts_only_in_files_of_h5lift() {
        let fixed = requesting(Some(StringType::Fixed), None);
        assert!(has_requested_form(&facts("fixed-utf8-4", true), &fixed));
        assert!(!has_requested_form(&facts("fixed-utf8-4", false), &fixed));
        assert!(!has_requested_form(&facts("fixed-ascii-4", true), &fixed));
        assert!(!has_requested_form(&facts("vlen-utf8", true), &fixed));
    }

    #[test]
    fn what_nobody_asks_for_stays() {
        let form = |facts: &Facts| requested_form(facts, &Policy::default()).string_type;
        assert_eq!(form(&facts("fixed-utf8-4", true)), StringType::Fixed);
        assert_eq!(form(&facts("fixed-utf8-4", false)), StringType::Variable);
        assert_eq!(form(&facts("vlen-utf8", true)), StringType::Variable);
        let mut hybrid = facts("fixed-utf8-4", true);
        let attribute = Candidate {
            place: NamesPlace::legacy("/expr", Axis::Genes),
            ..hybrid.genes.candidates[0].clone()
        };
        hybrid.genes.candidates.insert(0, attribute);
        assert_eq!(form(&hybrid), StringType::Variable);
    }

    #[test]
    fn scales_that_are_there_are_not_made_again() {
        let requested = requesting(None, Some(ScaleName::Dimnames));
        let mut facts = facts("vlen-utf8", true);
        assert_eq!(
            requested_form(&facts, &requested).scales,
            Some(ScaleName::Dimnames)
        );
        assert!(!has_requested_form(&facts, &requested));
        facts.scales = ScaleFacts::Names;
        assert_eq!(requested_form(&facts, &requested).scales, None);
        assert!(has_requested_form(&facts, &requested));
    }
}
