//! Unusual facts that prevent nothing but that the user should know, in the order of a report. Pure.

use crate::model::facts::Facts;
use crate::model::facts::names::CountFact;
use crate::model::layout::Axis;
use crate::model::record::finding::Finding;

/// What is unusual about a file.
pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    if facts.expr.is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for axis in Axis::BOTH {
        let noun = axis.noun();
        let facts = facts.axis(axis);
        findings.extend_from_slice(&facts.issues);
        let (code, detail) = match &facts.count {
            Some(CountFact::Value(_)) => continue,
            Some(CountFact::Malformed(what)) => (
                format!("malformed-{noun}-count"),
                format!("{} is {what}", axis.count()),
            ),
            None => (
                format!("no-{noun}-count"),
                format!("/expr has no attribute {}", axis.count()),
            ),
        };
        findings.push(Finding { code, detail });
    }
    if let Some(salvaged) = &facts.salvaged {
        findings.push(Finding::new(Finding::SALVAGED, salvaged));
    }
    findings.extend_from_slice(&facts.value_oddities);
    findings
}
