//! What a ledger of a shard was begun for: no run with other inputs, options or shards may write to it.

use crate::files::checksum::Sha256Sum;
use crate::files::ledger::entry::LedgerPath;
use crate::files::path_error::PathError;
use crate::model::shard::{Shard, ShardChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Roots that a header lists: a list of files can have millions.
const LISTED_ROOTS: usize = 8;

/// Inputs, options and shard of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunIdentity {
    /// `3/16` or `slice:3/16`; `None` for a run over everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The first few files and folders that were given.
    pub roots: Vec<LedgerPath>,
    /// SHA-256 of all that were given.
    pub roots_sha256: Sha256Sum,
    /// The options that decide what becomes of a file.
    pub options: Vec<String>,
    /// SHA-256 of these options.
    pub options_sha256: Sha256Sum,
}

impl RunIdentity {
    pub(crate) fn new(
        shard: Option<Shard>,
        roots: &[PathBuf],
        options: &[String],
    ) -> Result<Self, PathError> {
        let roots = roots
            .iter()
            .map(|root| LedgerPath::of(root))
            .collect::<Result<Vec<LedgerPath>, PathError>>()?;
        let all = roots.iter().map(|root| root.0.as_os_str().as_bytes());
        Ok(RunIdentity {
            shard: shard.map(|shard| shard.to_string()),
            roots_sha256: sum(all),
            options_sha256: sum(options.iter().map(String::as_bytes)),
            roots: roots.into_iter().take(LISTED_ROOTS).collect(),
            options: options.to_vec(),
        })
    }

    /// The shard, if it is of one.
    pub(crate) fn shard(&self) -> Option<Shard> {
        match self.shard.as_deref()?.parse().ok()? {
            ShardChoice::Given(shard) => Some(shard),
            ShardChoice::Auto { .. } => None,
        }
    }

    /// Why a ledger that was begun for this cannot be that of another run. Runs over everything may share one.
    pub(crate) fn forbids(&self, other: &RunIdentity) -> Option<String> {
        if self.shard.is_none() && other.shard.is_none() {
            return None;
        }
        if self.shard != other.shard {
            let word = |run: &RunIdentity| match &run.shard {
                Some(shard) => format!("shard {shard}"),
                None => "everything".to_string(),
            };
            return Some(format!(
                "it is of {}, and this is {}",
                word(self),
                word(other)
            ));
        }
        self.differs(other)
    }

    /// Why two ledgers are not of shards of one run.
    pub(crate) fn differs(&self, other: &RunIdentity) -> Option<String> {
        let of = |run: &RunIdentity| run.shard().map(|shard| (shard.split(), shard.count()));
        let text = |run: &RunIdentity| run.shard.clone().unwrap_or_default();
        if of(self) != of(other) {
            let (one, other) = (text(self), text(other));
            return Some(format!("one is of shard {one}, the other one of {other}"));
        }
        if self.roots_sha256 != other.roots_sha256 {
            let (one, other) = (listed(&self.roots), listed(&other.roots));
            return Some(format!(
                "the inputs of one are {one}, of the other one {other}"
            ));
        }
        if self.options_sha256 != other.options_sha256 {
            let words = |run: &RunIdentity| match run.options.is_empty() {
                true => "none".to_string(),
                false => run.options.join(" "),
            };
            let (one, other) = (words(self), words(other));
            return Some(format!(
                "the options of one are {one}, of the other one {other}"
            ));
        }
        None
    }
}

fn listed(roots: &[LedgerPath]) -> String {
    let roots: Vec<_> = roots.iter().map(|root| root.0.to_string_lossy()).collect();
    roots.join(", ")
}

/// Of texts that are each ended by a zero byte.
fn sum<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Sha256Sum {
    let mut sum = Sha256::new();
    for text in texts {
        sum.update(text);
        sum.update([0]);
    }
    Sha256Sum(sum.finalize().into())
}

/// The ledger of a shard: `lift.3-of-16.jsonl` for `lift.jsonl`.
pub(crate) fn ledger_of_shard(path: &Path, shard: Shard) -> PathBuf {
    let mut name = OsString::from(path.file_stem().unwrap_or_default());
    name.push(format!(".{}-of-{}", shard.number(), shard.count()));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shard::Split;

    fn run(number: u64, count: u64, root: &str, options: &[&str]) -> RunIdentity {
        let shard = Shard::new(Split::Hash, number, count).unwrap();
        let options: Vec<String> = options.iter().map(|option| (*option).to_string()).collect();
        RunIdentity::new(Some(shard), &[PathBuf::from(root)], &options).unwrap()
    }

    #[test]
    fn only_the_same_run_may_go_on() {
        let first = run(3, 16, "/archive", &["in_place"]);
        assert_eq!(first.forbids(&first.clone()), None);
        for (other, word) in [
            (run(4, 16, "/archive", &["in_place"]), "4/16"),
            (run(3, 8, "/archive", &["in_place"]), "3/8"),
            (run(3, 16, "/other", &["in_place"]), "/other"),
            (
                run(3, 16, "/archive", &["in_place", "verify=fast"]),
                "verify=fast",
            ),
            (RunIdentity::new(None, &[], &[]).unwrap(), "everything"),
        ] {
            let why = first.forbids(&other).unwrap();
            assert!(why.contains(word), "{why}");
            assert!(other.forbids(&first).is_some());
        }
        let whole = |root: &str| RunIdentity::new(None, &[PathBuf::from(root)], &[]).unwrap();
        assert_eq!(whole("/a").forbids(&whole("/b")), None);
        assert_eq!(first.differs(&run(4, 16, "/archive", &["in_place"])), None);
        assert_eq!(first.shard().unwrap().number(), 3);
    }

    #[test]
    fn each_shard_has_a_name_of_its_own() {
        let shard = Shard::new(Split::Slice, 3, 16).unwrap();
        for (given, name) in [
            ("lift.jsonl", "lift.3-of-16.jsonl"),
            ("a.b/lift", "a.b/lift.3-of-16"),
            ("/x/v1.2.jsonl", "/x/v1.2.3-of-16.jsonl"),
        ] {
            assert_eq!(ledger_of_shard(Path::new(given), shard), Path::new(name));
        }
    }
}
