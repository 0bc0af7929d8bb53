//! The files of the repository, as the walls see them.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot read the sources must fail"
)]

use std::path::Path;

/// A file of the repository: its path from the top, and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The folder of `src/` that it lies in, or its own name.
    pub(crate) fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split(['/', '.']).next().unwrap_or(inside)
    }

    /// `src/report/terminal/tests.rs` is the module `report::terminal::tests`.
    pub(crate) fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        let inside = inside.strip_suffix("/mod").unwrap_or(inside);
        inside.split('/').map(str::to_string).collect()
    }
}

/// Files below these paths of the repository, of these endings or of any, without build products.
pub(crate) fn pages_below(tops: &[&str], endings: &[&str]) -> Vec<Page> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    for top in tops
        .iter()
        .map(|top| repository.join(top))
        .filter(|top| top.exists())
    {
        let entries = walkdir::WalkDir::new(top).sort_by_file_name().into_iter();
        let is_ours = |name: &str| !name.starts_with('.') && name != "__pycache__";
        for entry in entries.filter_entry(|entry| entry.file_name().to_str().is_some_and(is_ours)) {
            let entry = entry.expect("the repository can be listed");
            let ending = entry.path().extension().and_then(|ending| ending.to_str());
            if entry.file_type().is_file()
                && (endings.is_empty() || ending.is_some_and(|it| endings.contains(&it)))
            {
                let path = entry.path().strip_prefix(repository).expect("it is below");
                pages.push(Page {
                    path: path.to_string_lossy().into_owned(),
                    bytes: std::fs::read(entry.path())
                        .expect("a file of the repository can be read"),
                });
            }
        }
    }
    pages
}
