//! What to do next.

use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::report::Report;
use crate::model::shell;
use crate::report::causes::MOST_ROOTS;
use crate::report::quantity;

/// What to do next, a sentence each. `kept`: originals that were kept.
pub(crate) fn steps(report: &Report, kept: u64) -> Vec<String> {
    let mut steps = if report.summary.by_outcome.is_empty() {
        after_a_look(report)
    } else {
        after_the_work(report, kept)
    };
    let problems = u64::try_from(report.problems.len()).unwrap_or(u64::MAX);
    if problems > 0 {
        steps.push(format!(
            "{} on stderr",
            quantity::counted(problems, "error")
        ));
    }
    if steps.is_empty() {
        steps.push("nothing has to be done".to_string());
    }
    steps
}

fn after_a_look(report: &Report) -> Vec<String> {
    let mut steps = Vec::new();
    let number = |action| report.summary.by_action.get(&action).copied().unwrap_or(0);
    let ahead = number(Action::Migrate);
    if ahead > 0 {
        let command = match report.command.as_str() {
            "migrate" => "run it again without --dry-run".to_string(),
            // Its roots are ledgers.
            "report" => "run the command again that wrote the ledger".to_string(),
            _ => format!("h5lift migrate {} --out-dir NEW", roots(&report.roots)),
        };
        steps.push(format!(
            "{} would be migrated: {command}",
            quantity::counted(ahead, "file")
        ));
    }
    let texts = number(Action::Convert);
    if texts > 0 {
        steps.push(format!(
            "{} would be converted: run it again without --dry-run",
            quantity::counted(texts, "text")
        ));
    }
    steps.extend(refused(report, number(Action::Refuse)));
    steps
}

/// Which files a command looks for.
pub(crate) fn endings(command: &str) -> String {
    let endings = match command {
        "convert" => ".tsv, .csv, .txt, .gct and .tab, also .gz and .zst",
        _ => ".h5, .hdf5, .hdf and .he5",
    };
    format!("h5lift looks for {endings}; --include GLOB takes other names")
}

fn refused(report: &Report, files: u64) -> Option<String> {
    let done = match report.command.as_str() {
        "convert" => "converted",
        _ => "migrated",
    };
    match files {
        0 => None,
        1 => Some(format!(
            "1 file cannot be {done} as it is; the help under it says what to do"
        )),
        n => Some(format!(
            "{} cannot be {done} as they are; the help under them says what to do",
            quantity::counted(n, "file")
        )),
    }
}

fn after_the_work(report: &Report, kept: u64) -> Vec<String> {
    let mut steps = Vec::new();
    let failed = report.summary.outcome(Outcome::Failed);
    if failed > 0 {
        let what = match report.command.as_str() {
            "verify" if failed == 1 => "is not verified",
            "verify" => "are not verified",
            // How an interrupted commit ended is not known yet.
            "report" => "failed",
            _ if failed == 1 => "failed and is unchanged",
            _ => "failed and are unchanged",
        };
        let which = if failed == 1 { "it" } else { "each" };
        let files = quantity::counted(failed, "file");
        steps.push(format!("{files} {what}; the lines under {which} say why"));
    }
    let salvaged = report.summary.outcome(Outcome::Salvaged);
    if salvaged > 0 {
        steps.push(format!(
            "{} lost values, which are NaN now; the lines under each say where",
            quantity::counted(salvaged, "file")
        ));
    }
    steps.extend(refused(report, report.summary.outcome(Outcome::Refused)));
    if kept > 0 {
        steps.push(format!(
            "{} kept; `backup` in the JSON report says where",
            quantity::counted(kept, "original")
        ));
    }
    steps
}

fn roots(roots: &[String]) -> String {
    if roots.is_empty() || roots.len() > MOST_ROOTS {
        return "PATH...".to_string();
    }
    shell::words(roots)
}
