//! What is asked of each file: the rule that is for it, or what is asked of all.

use crate::files::Candidate;
use crate::files::discover::patterns::FileGlobs;
use crate::jobs::settings::Settings;
use crate::jobs::steps::name_sources::NameSource;
use crate::model::plan::policy::Policy;

/// A rule of a rules file, with everything that was asked for on the command line.
#[derive(Debug)]
pub struct PolicyRule {
    /// The files that it is for.
    pub(crate) files: FileGlobs,
    /// What is asked of them.
    pub(crate) policy: Policy,
    /// Files that names of them are taken from.
    pub(crate) sources: Vec<NameSource>,
}

/// What is asked of one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilePolicy<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) sources: &'a [NameSource],
}

impl Settings {
    /// What is asked of a file: the first rule that is for it decides.
    pub(crate) fn of_file(&self, candidate: &Candidate) -> FilePolicy<'_> {
        let is_for = |rule: &&PolicyRule| rule.files.match_file(&candidate.path);
        match self.rules.iter().find(is_for) {
            Some(rule) => FilePolicy {
                policy: &rule.policy,
                sources: &rule.sources,
            },
            None => FilePolicy {
                policy: &self.policy,
                sources: &self.sources,
            },
        }
    }
}
