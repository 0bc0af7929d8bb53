//! Oddities that hinder nothing but that somebody should know. Pure.

use super::facts::{CountFact, Facts};
use super::layout::Axis;
use super::record::Finding;

/// What is odd about a file.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    if facts.expr.is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut add = |code: String, detail: String| findings.push(Finding { code, detail });
    for axis in Axis::BOTH {
        let noun = axis.noun();
        let facts = facts.axis(axis);
        if let Some(names) = facts.attribute.as_ref().or(facts.dataset.as_ref()) {
            let (duplicates, examples) = &names.duplicates;
            if *duplicates > 0 {
                let detail = match duplicates {
                    1 => "1 name occurs twice or more".to_string(),
                    n => format!("{n} names occur twice or more"),
                };
                add(
                    format!("duplicate-{noun}-names"),
                    format!("{detail}: {}", examples.join(", ")),
                );
            }
            if names.empty > 0 {
                add(
                    format!("empty-{noun}-names"),
                    format!("{} names are empty", names.empty),
                );
            }
        }
        match &facts.count {
            Some(CountFact::Value(_)) => {}
            Some(CountFact::Malformed(what)) => add(
                format!("malformed-{noun}-count"),
                format!("{} is {what}", axis.count()),
            ),
            None => add(
                format!("no-{noun}-count"),
                format!("/expr has no attribute {}", axis.count()),
            ),
        }
    }
    findings
}
