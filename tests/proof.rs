//! What a verification finds by comparing values, when nothing else would: the worker's own code, without the
//! checksum that the parent has of the new file.

#![expect(clippy::unwrap_used, reason = "a test without its files must fail")]

#[path = "support/in_process.rs"]
mod in_process;

use h5::dataset::Dataset;
use h5::file::File;
use h5lift::model::names::rules::Rules;
use h5lift::model::plan::Plan;
use h5lift::model::plan::decide::decide;
use h5lift::model::plan::policy::{Charset, Chunks, Policy, Verification};
use h5lift::model::plan::recipe::{GivenNames, NewStorage, Recipe};
use h5lift::model::protocol::failure::FailureKind;
use h5lift::model::protocol::{
    Budget, CompareRequest, InspectRequest, MigrateRequest, Part, Verified,
};
use h5lift::model::state::detect::judge;
use h5lift::plain::plain_facts;
use h5lift::worker::error::WorkerError;
use h5lift::worker::inspect::inspect;
use h5lift::worker::verify::{compare, compare_plainly};
use h5lift::worker::write::migrate::migrate;
use in_process::{LIBRARY, Silent};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const BUDGET: Budget = Budget {
    threads: 2,
    bytes: 256 << 20,
};

struct Pair {
    folder: tempfile::TempDir,
    recipe: Box<Recipe>,
}

impl Pair {
    /// A copy of a fixture, and what a worker makes of it.
    fn of(fixture: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let legacy = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/legacy"));
        fs::copy(legacy.join(fixture), folder.path().join("old.h5")).unwrap();
        let policy = Policy {
            chunks: Chunks::Keep,
            ..Policy::default()
        };
        let request = InspectRequest {
            rules: Rules::default(),
            charset: Charset::Utf8,
            lint: None,
        };
        let open = |name: &str| fs::File::open(folder.path().join(name)).unwrap();
        let facts = inspect(open("old.h5"), &request, &mut Silent).unwrap();
        let Plan::Migrate { recipe, .. } = decide(&facts, &judge(&facts), &policy) else {
            panic!("{fixture} is not migrated");
        };
        let new = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(folder.path().join("new.h5"))
            .unwrap();
        let request = MigrateRequest {
            recipe: (*recipe).clone(),
            budget: BUDGET,
        };
        migrate(open("old.h5"), new, &request, &mut Silent).unwrap();
        Pair { folder, recipe }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self, name: &str) -> fs::File {
        fs::File::open(self.path(name)).unwrap()
    }

    fn job(&self, level: Verification) -> CompareRequest {
        CompareRequest {
            crc32: None,
            level,
            recipe: Some(self.recipe.clone()),
            rules: Rules::default(),
            given: GivenNames::default(),
            charset: Charset::Utf8,
            part: Part::WHOLE,
            budget: BUDGET,
        }
    }

    fn proved(&self, level: Verification) -> Result<Verified, WorkerError> {
        let (old, new) = (self.open("old.h5"), self.open("new.h5"));
        compare(old, new, &self.job(level), &mut Silent)
    }

    /// The old file without the library.
    fn plainly(&self, level: Verification) -> Option<Verified> {
        let (old, new) = (self.open("old.h5"), self.open("new.h5"));
        compare_plainly(&old, &new, &self.job(level), &mut Silent)
    }

    /// Both files through the library.
    fn by_library(&self) -> Result<Verified, WorkerError> {
        let job = CompareRequest {
            recipe: None,
            ..self.job(Verification::Full)
        };
        compare(self.open("old.h5"), self.open("new.h5"), &job, &mut Silent)
    }

    /// Something about the old matrix.
    fn expr<T>(&self, of: impl Fn(&Dataset) -> T) -> T {
        let old = File::open(fs::File::open(self.path("old.h5")).unwrap()).unwrap();
        of(&Dataset::new(old.object(b"/expr").unwrap()))
    }

    /// Flips a bit of the old file.
    fn flip(&self, at: u64) {
        self.flip_of("old.h5", at, 0);
    }

    fn flip_of(&self, name: &str, at: u64, bit: u32) {
        let mut options = fs::OpenOptions::new();
        let file = options.read(true).write(true).open(self.path(name));
        let file = file.unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
    }
}

#[test]
fn one_bit_of_one_value_is_found_by_either_proof() {
    let _alone = LIBRARY.lock().unwrap();
    for level in [Verification::Full, Verification::Fast] {
        for back in [0, 7] {
            let pair = Pair::of("storage-contiguous.h5");
            let proof = pair.proved(level).unwrap();
            // A fast one leaves the digest of the values to its writer.
            assert_eq!(proof.nodes.is_some(), level == Verification::Full);
            assert!(proof.digest.is_some());
            pair.flip(pair.expr(|expr| {
                let last = expr.extent().unwrap().elements() - 1;
                expr.offset().unwrap() + 4 * (last - back)
            }));
            let error = pair.proved(level).unwrap_err();
            assert_eq!(error.kind, FailureKind::Mismatch);
            assert!(error.message.contains("/expr differs at row"), "{error}");
        }
    }
}

/// Whether a second reader reads the names of the old file, or the library does.
#[test]
fn one_bit_of_one_name_is_found_by_either_proof() {
    let _alone = LIBRARY.lock().unwrap();
    // The names of the second one are in an attribute that only the library reads.
    for (fixture, is_plain) in [
        ("names-vlen-utf8.h5", true),
        ("place-root-attributes.h5", false),
    ] {
        for level in [Verification::Full, Verification::Fast] {
            let pair = Pair::of(fixture);
            pair.proved(level).unwrap();
            let old = fs::read(pair.path("old.h5")).unwrap();
            assert_eq!(plain_facts(&old).is_some(), is_plain, "{fixture}");
            let at = old.windows(5).position(|it| it == b"DGRP_").unwrap();
            pair.flip(at as u64 + 5);
            let error = pair.proved(level).unwrap_err();
            assert_eq!(error.kind, FailureKind::Mismatch);
            assert!(
                error
                    .message
                    .contains("/sample_names differs from the old file at name"),
                "{error}"
            );
        }
    }
}

#[test]
fn chunks_that_were_copied_are_held_against_the_old_ones_by_either_proof() {
    let _alone = LIBRARY.lock().unwrap();
    for level in [Verification::Full, Verification::Fast] {
        let pair = Pair::of("storage-gzip1.h5");
        assert_eq!(pair.recipe.storage, NewStorage::Verbatim);
        let proof = pair.proved(level).unwrap();
        assert_eq!(proof.nodes.is_some(), level == Verification::Full);
        pair.flip(pair.expr(|expr| {
            let chunks = expr.stored_chunks().unwrap();
            let (_, last) = chunks.iter().last().unwrap();
            last.address + last.bytes / 2
        }));
        let error = pair.proved(level).unwrap_err();
        assert_eq!(error.kind, FailureKind::Mismatch);
        assert!(
            error.message.contains("the chunk of /expr at offset ["),
            "{error}"
        );
    }
}

/// Ordinary files: old and new layout, values that are not chunked and values in copied chunks, other
/// objects.
const PLAIN: [&str; 6] = [
    "storage-contiguous.h5",
    "names-vlen-utf8.h5",
    "storage-gzip1.h5",
    "storage-gzip-shuffle.h5",
    "hybrid-40x8.h5",
    "values-big-endian-f32.h5",
];

const LEVELS: [Verification; 2] = [Verification::Fast, Verification::Full];

#[test]
fn plain_old_files_are_proved_past_the_library_with_the_same_outcome() {
    let _alone = LIBRARY.lock().unwrap();
    for fixture in PLAIN {
        let pair = Pair::of(fixture);
        let by_library = pair.by_library().unwrap();
        for level in LEVELS {
            let plainly = pair.plainly(level).unwrap_or_else(|| panic!("{fixture}"));
            assert_eq!(plainly.digest, by_library.digest, "{fixture}");
            let nodes = by_library.nodes.clone();
            let is_hashed = level == Verification::Full;
            assert_eq!(plainly.nodes, nodes.filter(|_| is_hashed), "{fixture}");
        }
    }
}

/// A flipped bit changes content, or something that no reader of the files sees.
#[test]
fn past_the_library_nothing_is_proved_of_files_that_differ() {
    let _alone = LIBRARY.lock().unwrap();
    for fixture in PLAIN {
        let pair = Pair::of(fixture);
        let digest = pair.by_library().unwrap().digest;
        // The library may loop for ever on a damaged new file: workers have a deadline.
        for (name, levels) in [("old.h5", &LEVELS[..]), ("new.h5", &LEVELS[..1])] {
            let length = fs::metadata(pair.path(name)).unwrap().len();
            for at in (0..length).step_by(13) {
                let bit = u32::try_from(at % 8).unwrap();
                pair.flip_of(name, at, bit);
                // The caller compares the digest with that of the writer.
                let proofs = levels.iter().filter_map(|level| pair.plainly(*level));
                if proofs.into_iter().any(|it| it.digest == digest) {
                    let proved = pair.by_library().map(drop);
                    assert!(
                        proved.is_ok(),
                        "{fixture}: bit {bit} of byte {at} of {name}: {proved:?}"
                    );
                }
                pair.flip_of(name, at, bit);
            }
        }
    }
}
