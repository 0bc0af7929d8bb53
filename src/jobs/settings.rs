//! What a batch is run with, resolved from the options.

use crate::files::FileLocking;
use crate::jobs::file_policy::PolicyRule;
use crate::jobs::interrupt::Interrupt;
use crate::jobs::steps::name_sources::NameSource;
use crate::model::plan::policy::{Policy, Verification};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Address space of a thread of a worker: its stack of 2 MiB, and the windows that it has in work.
const MEMORY_OF_THREAD: u64 = 16 << 20;

/// How workers are started and treated.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The program that serves: this one.
    pub program: PathBuf,
    /// Address space of one worker, in bytes.
    pub memory: u64,
    /// How long a worker may make no progress.
    pub timeout: Duration,
    /// Ends workers early when it is set.
    pub interrupt: Interrupt,
}

impl WorkerSettings {
    /// Bytes that one chunk or window of values may take in a worker: a few are in memory at once.
    pub fn chunk_limit(&self) -> u64 {
        self.memory / 8
    }

    /// How many of so many threads a worker has the memory for: each needs a stack and buffers.
    pub fn threads(&self, wanted: usize) -> usize {
        let most = usize::try_from(self.memory / MEMORY_OF_THREAD).unwrap_or(usize::MAX);
        wanted.min(most).max(1)
    }
}

/// What becomes of the output of a file that is current already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IfCurrent {
    /// There is none.
    #[default]
    Skip,
    /// A copy, byte for byte.
    Copy,
    /// Another name of the file.
    Link,
}

impl IfCurrent {
    /// What was done, as a verb that "to" follows.
    pub(crate) fn done(self) -> &'static str {
        match self {
            IfCurrent::Skip => "not written",
            IfCurrent::Copy => "copied",
            IfCurrent::Link => "linked",
        }
    }
}

/// Everything on which inspecting and migrating depend.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Threads at work at a time, over all files.
    pub jobs: usize,
    /// How workers are started and treated.
    pub worker: WorkerSettings,
    /// Whether originals are locked while they are read.
    pub locking: FileLocking,
    /// A file that changed more recently is busy.
    pub min_age: Duration,
    /// Whether values are read and everything suspicious about names and values is reported.
    pub lint: bool,
    /// Files that were given for the names in them.
    pub sources: Arc<Vec<NameSource>>,
    /// What the user asked of a migration.
    pub policy: Policy,
    /// Rules for some of the files, in the order in which they are tried.
    pub rules: Arc<Vec<PolicyRule>>,
    /// What is verified before a new file is put in place.
    pub verification: Verification,
    /// Replace outputs that exist.
    pub overwrite: bool,
    /// What becomes of the output of a file that needs nothing.
    pub if_current: IfCurrent,
    /// Where new files are written and verified before they are copied to their destination; `None`: beside that.
    pub tmp_dir: Option<PathBuf>,
}
