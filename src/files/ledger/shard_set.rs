//! The ledgers of the shards of one run: whether they belong together, and whether all are there.

use crate::files::ledger::error::LedgerError;
use crate::files::ledger::history::History;
use crate::files::ledger::run_identity::RunIdentity;
use crate::model::record::report::Problem;
use crate::model::shard::Shard;
use std::collections::BTreeSet;

/// What is missing of the run that these ledgers are of. Ledgers of shards of different runs are an error.
pub(crate) fn check_shards(histories: &[History]) -> Result<Vec<Problem>, LedgerError> {
    let of_shards: Vec<(&History, &RunIdentity, Shard)> = histories
        .iter()
        .filter_map(|history| {
            let run = history.header()?.run.as_ref()?;
            Some((history, run, run.shard()?))
        })
        .collect();
    let Some((_, first, shard)) = of_shards.first() else {
        return Ok(Vec::new());
    };
    for (history, run, _) in &of_shards {
        if let Some(why) = first.differs(run) {
            return Err(LedgerError::NotSameRun {
                path: history.path().to_path_buf(),
                why,
            });
        }
    }
    let present: BTreeSet<u64> = of_shards.iter().map(|(.., shard)| shard.number()).collect();
    let finished: BTreeSet<u64> = of_shards
        .iter()
        .filter(|(history, ..)| history.is_finished())
        .map(|(.., shard)| shard.number())
        .collect();
    let all = 1..=shard.count();
    let missing: Vec<u64> = all
        .clone()
        .filter(|number| !present.contains(number))
        .collect();
    let unfinished: Vec<u64> = all
        .filter(|number| present.contains(number) && !finished.contains(number))
        .collect();
    let roots: Vec<_> = first
        .roots
        .iter()
        .map(|root| root.0.to_string_lossy())
        .collect();
    let problem = |numbers: &[u64], what: &str, hint: &str| {
        (!numbers.is_empty()).then(|| Problem {
            path: roots.join(", "),
            message: match numbers {
                [number] => format!("shard {number} of {} {what}", shard.count()),
                _ => format!("shards {} of {} {what}", ranges(numbers), shard.count()),
            },
            hint: Some(hint.to_string()),
        })
    };
    let missing = problem(
        &missing,
        "missing",
        "name their ledgers as well; a shard without a ledger has not run",
    );
    let unfinished = problem(
        &unfinished,
        "not finished",
        "run the same command again for them: what is finished is skipped",
    );
    Ok(missing.into_iter().chain(unfinished).collect())
}

/// `2, 5-7`.
fn ranges(numbers: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let texts: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_numbers_are_short() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
    }
}
