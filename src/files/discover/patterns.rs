//! Which names a walk takes and which folders it enters: the suffixes, the
//! globs, and the rules about hidden names. No I/O.

use crate::files::discover::options::{Sought, UsageProblem, WalkOptions};
use crate::files::discover::own_names::is_own_name;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Suffixes that are taken by default, in any case.
const SUFFIXES: [&str; 4] = ["h5", "hdf5", "hdf", "he5"];
/// The same for tables of text,
const TEXT_SUFFIXES: [&str; 5] = ["tsv", "csv", "txt", "gct", "tab"];
const COMPRESSED: [&str; 4] = ["gz", "bgz", "zst", "zstd"];

/// Folders of many small chunks, none of them HDF5.
const ZARR: &str = "zarr";

/// A glob is compiled by recursion.
const LONGEST_GLOB: usize = 4096;
/// Characters of a wrong glob in its error.
const SHOWN: usize = 200;

/// The settings of a walk, compiled.
#[derive(Debug)]
pub(crate) struct Patterns {
    sought: Sought,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    glob: GlobSet,
    /// It has a `/`: it is compared with the path below the root, not with the name.
    on_path: bool,
    /// It ended in `/`.
    folders_only: bool,
    /// Its name part starts with a dot: it is meant for hidden files.
    hidden: bool,
}

impl Patterns {
    pub(crate) fn new(options: &WalkOptions) -> Result<Self, UsageProblem> {
        let compile = |globs: &[String]| -> Result<Vec<_>, _> {
            globs.iter().map(|glob| Pattern::new(glob)).collect()
        };
        let patterns = Patterns {
            sought: options.sought,
            include: compile(&options.include)?,
            exclude: compile(&options.exclude)?,
        };
        match patterns.include.iter().position(|it| it.folders_only) {
            Some(at) => Err(UsageProblem::FolderIncluded {
                glob: options.include[at].clone(),
            }),
            None => Ok(patterns),
        }
    }

    /// Whether a file with this name and path below its root is a candidate.
    pub(crate) fn takes(&self, name: &OsStr, relative: &Path) -> bool {
        if is_own_name(name) || self.excludes(name, relative, false) {
            return false;
        }
        let hidden = is_hidden(name);
        (!hidden && self.is_sought(name))
            || self
                .include
                .iter()
                .any(|it| (it.hidden || !hidden) && it.matches(name, relative))
    }

    fn is_sought(&self, name: &OsStr) -> bool {
        match self.sought {
            Sought::Hdf5 => has_suffix(name),
            Sought::Text => text_stem(name).is_some(),
        }
    }

    /// Whether a folder with this name and path below its root is entered.
    pub(crate) fn enters(&self, name: &OsStr, relative: &Path) -> bool {
        !is_hidden(name) && !is_zarr(name) && !self.excludes(name, relative, true)
    }

    fn excludes(&self, name: &OsStr, relative: &Path, folder: bool) -> bool {
        self.exclude
            .iter()
            .any(|it| (folder || !it.folders_only) && it.matches(name, relative))
    }
}

/// Globs of the files that a rule is for.
#[derive(Debug)]
pub(crate) struct FileGlobs(Vec<Pattern>);

impl FileGlobs {
    pub(crate) fn new(globs: &[String]) -> Result<Self, UsageProblem> {
        let globs: Result<_, _> = globs.iter().map(|glob| Pattern::new(glob)).collect();
        globs.map(FileGlobs)
    }

    /// Whether one of them matches, or there are none. A glob with a `/` may begin at any folder of the path: which part of
    /// it was typed on the command line makes no difference.
    pub(crate) fn match_file(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let mut tails = std::iter::successors(Some(path.components()), |it| {
            let mut rest = it.clone();
            rest.next().map(|_| rest)
        });
        self.0.is_empty()
            || tails.any(|tail| self.0.iter().any(|it| it.matches(name, tail.as_path())))
    }
}

/// Whether a glob names files by how they end: a walk takes those, too.
pub(crate) fn names_an_ending(glob: &str) -> bool {
    let name = glob.rsplit('/').next().unwrap_or(glob);
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| !ending.is_empty() && !ending.contains(['*', '?', '[', '{']))
}

impl Pattern {
    fn new(text: &str) -> Result<Self, UsageProblem> {
        let stripped = text.strip_suffix('/').unwrap_or(text);
        let on_path = stripped.contains('/');
        // A leading slash or `./` means "from the root on", as it does for git.
        let anchored = stripped.strip_prefix("./").unwrap_or(stripped);
        let anchored = anchored.strip_prefix('/').unwrap_or(anchored);
        let wrong = |cause: String| UsageProblem::Glob {
            glob: text.chars().take(SHOWN).collect(),
            cause,
        };
        if text.len() > LONGEST_GLOB {
            return Err(wrong(format!("it is longer than {LONGEST_GLOB} bytes")));
        }
        // A set of one and not a matcher, which panics when the regular expression is too deep.
        let glob = GlobBuilder::new(anchored)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .and_then(|glob| GlobSetBuilder::new().add(glob).build())
            .map_err(|error| wrong(error.kind().to_string()))?;
        Ok(Pattern {
            glob,
            on_path,
            folders_only: stripped.len() < text.len(),
            hidden: anchored
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with('.')),
        })
    }

    fn matches(&self, name: &OsStr, relative: &Path) -> bool {
        if self.on_path {
            self.glob.is_match(relative)
        } else {
            self.glob.is_match(Path::new(name))
        }
    }
}

/// Whether a walk would take this name for its suffix alone. The name of a text table without its suffix,
/// `None` if it has none of them.
pub(crate) fn text_stem(name: &OsStr) -> Option<&OsStr> {
    let name = Path::new(name);
    let ends_in = |path: &Path, endings: &[&str]| {
        let ending = path.extension().and_then(OsStr::to_str);
        ending.is_some_and(|it| endings.iter().any(|e| it.eq_ignore_ascii_case(e)))
    };
    let inner = match ends_in(name, &COMPRESSED) {
        true => Path::new(name.file_stem()?),
        false => name,
    };
    ends_in(inner, &TEXT_SUFFIXES)
        .then(|| inner.file_stem())
        .flatten()
}

pub(crate) fn has_suffix(name: &OsStr) -> bool {
    Path::new(name).extension().is_some_and(|extension| {
        SUFFIXES
            .iter()
            .any(|suffix| extension.eq_ignore_ascii_case(suffix))
    })
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b".")
}

fn is_zarr(name: &OsStr) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(ZARR))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(include: &[&str], exclude: &[&str]) -> Patterns {
        Patterns::new(&options(include, exclude)).unwrap()
    }

    fn options(include: &[&str], exclude: &[&str]) -> WalkOptions {
        let owned = |globs: &[&str]| globs.iter().copied().map(String::from).collect();
        WalkOptions {
            include: owned(include),
            exclude: owned(exclude),
            follow_symlinks: false,
            sought: Sought::Hdf5,
        }
    }

    fn takes(patterns: &Patterns, relative: &str) -> bool {
        let relative = Path::new(relative);
        patterns.takes(relative.file_name().unwrap(), relative)
    }

    fn enters(patterns: &Patterns, relative: &str) -> bool {
        let relative = Path::new(relative);
        patterns.enters(relative.file_name().unwrap(), relative)
    }

    #[test]
    fn deep_and_long_globs_are_errors() {
        for depth in [300, 2000, 100_000] {
            let glob = format!("{}a{}", "{".repeat(depth), "}".repeat(depth));
            let error = Pattern::new(&glob).unwrap_err();
            assert!(matches!(error, UsageProblem::Glob { .. }), "{error}");
            assert!(error.to_string().len() < 1000, "{error}");
        }
    }

    #[test]
    fn globs_of_a_rule_match_names_and_paths() {
        let matches = |globs: &[&str], path: &str| {
            let globs: Vec<String> = globs.iter().map(ToString::to_string).collect();
            let globs = FileGlobs::new(&globs).unwrap();
            globs.match_file(Path::new(path))
        };
        assert!(matches(&[], "a/b.h5"));
        assert!(matches(&["*.gctx"], "a/deep/b.gctx"));
        assert!(matches(&["deep/*.gctx"], "/a/deep/b.gctx"));
        assert!(matches(&["a/**"], "/x/a/deep/b.gctx"));
        assert!(!matches(&["deep/*.loom", "b/*"], "a/deep/b.gctx"));
        for (glob, is_one) in [
            ("*.h5ad", true),
            ("run/*.loom", true),
            ("*", false),
            ("run/**", false),
            ("*.{h5,loom}", false),
        ] {
            assert_eq!(names_an_ending(glob), is_one, "{glob}");
        }
    }

    #[test]
    fn tables_of_text_end_like_this() {
        let stem = |name: &'static str| text_stem(OsStr::new(name)).and_then(OsStr::to_str);
        assert_eq!(stem("a.tsv"), Some("a"));
        assert_eq!(stem("a.v2.TXT.GZ"), Some("a.v2"));
        assert_eq!(stem("GTEx.gct.zst"), Some("GTEx"));
        assert_eq!(stem("a.gz"), None);
        assert_eq!(stem("a.h5"), None);
        assert_eq!(stem("tsv"), None);
    }

    #[test]
    fn suffixes_in_any_case_and_nothing_else() {
        let plain = patterns(&[], &[]);
        for name in [
            "a.h5", "a.H5", "a.hdf5", "a.HDF", "a.he5", "a.b.h5", "🧬.h5",
        ] {
            assert!(takes(&plain, name), "{name}");
        }
        for name in ["a.h5ad", "h5", ".h5", ".a.h5", "a.h5.gz", "a.tsv"] {
            assert!(!takes(&plain, name), "{name}");
        }
    }

    #[test]
    fn includes_widen_by_name_or_by_path() {
        let by_name = patterns(&["*.h5ad"], &[]);
        assert!(takes(&by_name, "x/y/a.h5ad") && takes(&by_name, "a.h5"));
        let by_path = patterns(&["raw/*.dat"], &[]);
        assert!(takes(&by_path, "raw/a.dat"));
        assert!(!takes(&by_path, "raw/deep/a.dat") && !takes(&by_path, "a.dat"));
        let deep = patterns(&["raw/**/*.dat"], &[]);
        assert!(takes(&deep, "raw/deep/a.dat") && takes(&deep, "raw/a.dat"));
        let anchored = patterns(&["/a.dat"], &[]);
        assert!(takes(&anchored, "a.dat") && !takes(&anchored, "raw/a.dat"));
    }

    #[test]
    fn hidden_files_need_a_glob_with_a_dot() {
        assert!(!takes(&patterns(&["*"], &[]), ".a.h5"));
        assert!(takes(&patterns(&[".*.h5"], &[]), ".a.h5"));
    }

    #[test]
    fn own_files_are_never_taken() {
        let everything = patterns(&["*", ".*"], &[]);
        for name in [
            ".h5lift-0123456789abcdef.tmp",
            "a.h5.h5lift-orig",
            "run.jsonl",
        ] {
            assert!(!takes(&everything, name), "{name}");
        }
        assert!(takes(&everything, "anything"));
    }

    #[test]
    fn excludes_beat_includes_and_prune_folders() {
        let both = patterns(&["*.h5ad"], &["old", "tmp/*.h5", "gone/"]);
        assert!(!enters(&both, "x/old") && !takes(&both, "old"));
        assert!(enters(&both, "older"));
        assert!(!takes(&both, "tmp/a.h5") && takes(&both, "tmp/a.hdf5"));
        assert!(!enters(&both, "gone") && takes(&patterns(&["*"], &["gone/"]), "gone"));
    }

    #[test]
    fn hidden_and_zarr_folders_are_not_entered() {
        let plain = patterns(&["*"], &[]);
        assert!(!enters(&plain, ".git") && !enters(&plain, "a.zarr") && !enters(&plain, "b.ZARR"));
        assert!(enters(&plain, "zarr") && enters(&plain, "a.h5"));
    }

    #[test]
    fn bad_globs_are_usage_problems() {
        let bad = Patterns::new(&options(&[], &["a["])).unwrap_err();
        assert!(bad.to_string().starts_with("glob \"a[\": "), "{bad}");
        let folder = Patterns::new(&options(&["raw/"], &[])).unwrap_err();
        assert!(folder.to_string().contains("folder"), "{folder}");
    }
}
