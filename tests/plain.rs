//! The reader of plain files compared with the library: over every fixture, and over damaged ones.

#![expect(clippy::unwrap_used, reason = "a test without its files must fail")]

#[path = "support/in_process.rs"]
mod in_process;

use h5::dataset::Dataset;
use h5::file::File;
use h5lift::model::facts::Facts;
use h5lift::model::facts::names::Candidate;
use h5lift::model::layout;
use h5lift::model::layout::Axis;
use h5lift::model::names::rules::Rules;
use h5lift::model::plan::policy::Charset;
use h5lift::model::protocol::InspectRequest;
use h5lift::model::state::detect::judge;
use h5lift::plain::{plain_content, plain_facts, plain_names};
use h5lift::worker::error::WorkerError;
use h5lift::worker::inspect::inspect_small;
use h5lift::worker::inspect::inventory::{Change, Inventory};
use h5lift::worker::names::index::NamesCache;
use h5lift::worker::names::place;
use h5lift::worker::names::place::{Matrix, listing};
use in_process::{LIBRARY, Silent};
use plain_hdf5::plain::{PlainContent, PlainElements};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use string_list::StringList;

/// The facts of the library, or its error.
fn by_library(file: fs::File) -> Result<Facts, String> {
    let _alone = LIBRARY.lock().unwrap();
    let request = InspectRequest {
        rules: Rules::default(),
        charset: Charset::Utf8,
        lint: None,
    };
    inspect_small(file, &request, &mut Silent).map_err(|fault| fault.to_string())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Fixtures, and the corpus, if there is one.
fn fixtures() -> Vec<PathBuf> {
    let mut files = files_below(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/testdata/legacy"
    )));
    if let Some(corpus) = std::env::var_os("H5LIFT_CORPUS") {
        files.extend(files_below(Path::new(&corpus)));
    }
    files
}

#[test]
fn what_is_plain_is_what_the_library_sees() {
    for path in fixtures() {
        // One piece and piece by piece.
        let whole = plain_facts(&fs::read(&path).unwrap());
        let file = fs::File::open(&path).unwrap();
        assert_eq!(plain_facts(&file), whole, "{}", path.display());
        if let Some(facts) = whole {
            assert_eq!(by_library(file).as_ref(), Ok(&facts), "{}", path.display());
        }
    }
}

/// The names of an axis, one list after the other, as the library reads them.
fn names_by_library(path: &Path, axis: Axis, lists: &[Candidate]) -> Vec<Option<StringList>> {
    let _alone = LIBRARY.lock().unwrap();
    let file = File::open(fs::File::open(path).unwrap()).unwrap();
    let tree = listing(&file, layout::EXPR_PATH).unwrap();
    let matrix = Matrix {
        file: &file,
        tree: &tree,
        path: layout::EXPR_PATH,
        shape: None,
        charset: Charset::Utf8,
        cache: &NamesCache::default(),
    };
    let read = |list: &Candidate| {
        let names = place::read(matrix, axis, &list.place).unwrap().unwrap();
        names.problem.is_none().then_some(names.texts)
    };
    lists.iter().map(read).collect()
}

#[test]
fn plain_names_are_those_that_the_library_reads() {
    let mut read = 0;
    for path in fixtures() {
        let file = fs::File::open(&path).unwrap();
        let Some(facts) = plain_facts(&file) else {
            continue;
        };
        let lists = Axis::BOTH.map(|axis| &facts.axis(axis).candidates);
        let [genes, samples] =
            Axis::BOTH.map(|axis| names_by_library(&path, axis, lists[axis.index()]));
        for (at, genes) in lists[0].iter().zip(&genes) {
            for (other, samples) in lists[1].iter().zip(&samples) {
                let expected = genes
                    .clone()
                    .zip(samples.clone())
                    .map(<[StringList; 2]>::from);
                let found = plain_names(&file, [&at.place, &other.place]);
                assert_eq!(found, expected, "{}", path.display());
                read += usize::from(expected.is_some());
            }
        }
    }
    assert!(read >= 100, "only {read} pairs of lists");
}

/// What a verification compares with another file, as the library reads it; its error.
fn content_by_library(file: fs::File) -> Result<(Inventory, PlainElements), String> {
    let _alone = LIBRARY.lock().unwrap();
    let look = || {
        let file = File::open(file)?;
        let tree = listing(&file, layout::EXPR_PATH)?;
        let expr = Dataset::new(file.object(layout::EXPR_PATH.as_bytes())?);
        let elements = match expr.properties()?.chunks()? {
            Some(lengths) => PlainElements::Chunked {
                lengths,
                stored: Arc::new(expr.stored_chunks()?),
            },
            None => PlainElements::At(expr.offset().unwrap()),
        };
        Ok((
            Inventory::of(&file, &tree, &Change::none(), &mut Silent)?,
            elements,
        ))
    };
    look().map_err(|error: WorkerError| error.to_string())
}

/// The same as the reader of plain files reads it.
fn of_plain(content: &PlainContent) -> (Inventory, PlainElements) {
    let inventory = Inventory::of_plain(content, &Change::none()).unwrap();
    let expr = content.dataset(layout::EXPR).unwrap();
    (inventory, expr.elements.clone())
}

#[test]
fn plain_content_is_what_the_library_reads() {
    let mut read = 0;
    for path in fixtures() {
        let file = fs::File::open(&path).unwrap();
        if let Some(content) = plain_content(&file) {
            let (inventory, elements) = content_by_library(file).unwrap();
            let plain = of_plain(&content);
            let differences = inventory.differences(&plain.0);
            assert_eq!(differences, [""; 0], "{}", path.display());
            assert_eq!(plain.1, elements, "{}", path.display());
            read += 1;
        }
    }
    assert!(read >= 100, "only {read} files");
}

/// Ordinary files, small enough to damage at every place.
fn ordinary() -> Vec<(PathBuf, Vec<u8>)> {
    fixtures()
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .filter(|(bytes, _)| bytes.len() < 64 << 10 && plain_facts(bytes).is_some())
        .map(|(bytes, path)| (path, bytes))
        .collect()
}

#[test]
fn ordinary_fixtures_are_plain() {
    let plain: Vec<String> = ordinary()
        .iter()
        .map(|(path, _)| path.file_stem().unwrap().to_str().unwrap().to_string())
        .collect();
    let expected = [
        "conflict-one-name",
        "counts-float",
        "counts-int32",
        "current",
        "current-contiguous",
        "hybrid",
        "hybrid-40x8",
        "hybrid-fixed-datasets",
        "inconsistent-names",
        "names-fixed-null-padded",
        "names-vlen-ascii",
        "names-vlen-utf8",
        "storage-chunked",
        "storage-compact",
        "storage-contiguous",
        "storage-fletcher32",
        "storage-gzip-shuffle",
        "storage-lzf-shuffle",
        "transposed",
        "values-big-endian-f32",
        "values-f64",
    ];
    for name in expected {
        assert!(plain.iter().any(|it| it == name), "{name} is not plain");
    }
    // A reader that understands less than before.
    assert!(plain.len() >= 75, "{} are plain: {plain:?}", plain.len());
}

/// Pseudorandom numbers that are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

/// Changes a byte, or loses a sector, as disks do.
fn damage(bytes: &mut [u8], dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => {
            let start = dice.below(bytes.len()) / 512 * 512;
            let end = bytes.len().min(start + 512);
            bytes[start..end].fill(0);
            format!("zeros from {start}")
        }
        way => {
            let at = dice.below(bytes.len());
            let old = bytes[at];
            bytes[at] = match way {
                1..4 => old ^ (1 << dice.below(8)),
                4 => old.wrapping_add(1),
                5 => old.wrapping_sub(1),
                _ => u8::try_from(dice.below(256)).unwrap(),
            };
            format!("{old} -> {} at {at}", bytes[at])
        }
    }
}

/// Damages ordinary files. If the plain reader answers, it says the same as the library; otherwise the result
/// says what differs.
fn hold_mutants_against_the_library<T>(
    answer: impl Fn(&Vec<u8>) -> Option<T>,
    differs: impl Fn(T, fs::File) -> Option<String>,
) {
    let mutants = std::env::var("H5LIFT_MUTANTS").map_or(100, |text| text.parse().unwrap());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut answered, mut wrong) = (0, Vec::new());
    for (path, bytes) in ordinary() {
        for _ in 0..mutants {
            let mut mutant = bytes.clone();
            let how = damage(&mut mutant, &mut dice);
            let Some(answer) = answer(&mutant) else {
                continue;
            };
            answered += 1;
            // The library cannot open a file that has no name.
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&mutant).unwrap();
            if let Some(what) = differs(answer, file.reopen().unwrap()) {
                wrong.push(format!("{}: {how}: {what}", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {answered}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(answered > 0);
}

#[test]
fn damaged_files_are_what_the_library_sees_or_not_plain() {
    hold_mutants_against_the_library(
        |bytes| plain_facts(bytes),
        |facts, file| {
            let seen = by_library(file);
            let state = |seen: Result<Facts, String>| seen.map(|facts| judge(&facts).state);
            (seen.as_ref() != Ok(&facts)).then(|| format!("{:?}", state(seen)))
        },
    );
}

#[test]
fn damaged_content_is_what_the_library_reads_or_not_plain() {
    let answer = |bytes: &Vec<u8>| plain_content(bytes).map(|content| of_plain(&content));
    hold_mutants_against_the_library(answer, |plain, file| match content_by_library(file) {
        Ok(seen) if seen == plain => None,
        Ok(seen) => Some(format!("{:?}", seen.0.differences(&plain.0))),
        Err(error) => Some(error),
    });
}

/// The library reads no attribute before the heaps of all other attributes were checked.
#[test]
fn the_texts_of_every_attribute_of_the_matrix_count() {
    let hybrid = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/legacy/hybrid.h5");
    let mut bytes = fs::read(hybrid).unwrap();
    let message = *b"gene_names\0\0\0\0\0\0\x19\x01";
    let name = bytes.windows(message.len()).position(|it| it == message);
    let name = name.unwrap();
    bytes[name..name + 4].copy_from_slice(b"dean");
    let facts = plain_facts(&bytes).unwrap();
    assert!(facts.expr_attributes.contains(&"dean_names".to_string()));
    // Name, type and extent before the elements; length and address before the number of an object.
    let object = name + 16 + 24 + 24 + 4 + 8;
    bytes[object..object + 4].copy_from_slice(&60_000_u32.to_le_bytes());
    assert_eq!(plain_facts(&bytes), None);
}
