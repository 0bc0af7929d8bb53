//! The files of a command that are known before its work begins: none that is written may be one that is read.

use crate::cli::args::options::{FileOptions, OutputOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::collect::Collected;
use crate::cli::exit::Failure;
use crate::files::{Candidate, FileRoles, RoleConflict};
use crate::jobs::settings::Settings;
use crate::model::hint::Hint;
use std::borrow::Borrow;
use std::path::{Path, PathBuf};

impl From<RoleConflict> for Failure {
    fn from(conflict: RoleConflict) -> Self {
        Failure::usage(conflict.to_string(), conflict.hint())
    }
}

/// The reports and lists.
pub(crate) fn report_roles(options: &OutputOptions) -> Result<FileRoles, Failure> {
    let mut roles = FileRoles::default();
    for report in &options.report {
        roles.write("a report", report)?;
    }
    for list in &options.list {
        roles.write("a list", &list.path)?;
    }
    Ok(roles)
}

/// Adds what options name to be read: lists, rules and sources of names.
pub(crate) fn read_by_options(
    roles: &mut FileRoles,
    files: Option<&FileOptions>,
    rules: Option<&RuleOptions>,
    settings: &Settings,
) -> Result<(), Failure> {
    let list = files.and_then(|files| files.files_from.as_deref());
    if let Some(list) = list.filter(|list| *list != Path::new("-")) {
        roles.read("the list of --files-from", list)?;
    }
    if let Some(rules) = rules.and_then(|rules| rules.rules.as_deref()) {
        roles.read("the file of --rules", rules)?;
    }
    let of_rules = settings.rules.iter().flat_map(|rule| &rule.sources);
    for source in settings.sources.iter().chain(of_rules) {
        roles.read("a source of names", &source.path)?;
    }
    Ok(())
}

/// Files that a command reads besides.
pub(crate) fn read_all(
    roles: &mut FileRoles,
    role: &'static str,
    paths: &[PathBuf],
) -> Result<(), Failure> {
    for path in paths {
        roles.read(role, path)?;
    }
    Ok(())
}

/// Refuses to work on a file that would be written as something else.
pub(crate) fn check_candidates<C: Borrow<Candidate>>(
    roles: &FileRoles,
    collected: &Collected<C>,
) -> Result<(), Failure> {
    for candidate in &collected.candidates {
        roles.check_candidate(candidate.borrow())?;
    }
    Ok(())
}
