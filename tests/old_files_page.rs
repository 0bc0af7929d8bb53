//! docs/old-files.md agrees with the catalogue, which `every_fixture` compares with the program.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

use std::collections::{BTreeMap, BTreeSet};

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect("a file of the repository can be read")
}

/// State and action of each fixture.
fn catalogue() -> BTreeMap<String, (String, String)> {
    read("testdata/fixtures.tsv")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let &[file, state, action, _] = &cells[..] else {
                panic!("a row has four cells: {line}")
            };
            (file.into(), (state.into(), action.into()))
        })
        .collect()
}

/// The rows of the page that name a file: state, what `migrate` does, file.
fn rows(page: &str) -> Vec<(String, String, String)> {
    let bare = |cell: &str| cell.trim().trim_matches('`').to_string();
    page.lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
            let (state, does, file) = (cells[1], cells[2], cells[cells.len() - 1]);
            (!state.trim().is_empty() && bare(state) != "state")
                .then(|| (bare(state), does.trim().to_string(), bare(file)))
        })
        .collect()
}

#[test]
fn the_page_says_of_each_file_what_the_catalogue_says() {
    let (page, catalogue) = (read("docs/old-files.md"), catalogue());
    let rows = rows(&page);
    assert!(rows.len() > 80, "only {} rows were found", rows.len());
    for (state, does, file) in &rows {
        let (wanted, action) = catalogue
            .get(file)
            .unwrap_or_else(|| panic!("{file} is no fixture"));
        assert_eq!(state, wanted, "{file}");
        assert!(
            does.starts_with(action.as_str()),
            "{file}: {does}, but the catalogue has {action}"
        );
    }
    let files: BTreeSet<_> = rows.iter().map(|(.., file)| file).collect();
    assert_eq!(files.len(), rows.len(), "a file is named twice");
}

#[test]
fn the_page_has_every_state_and_every_place() {
    let page = read("docs/old-files.md");
    let rows = rows(&page);
    let told: BTreeSet<_> = rows.iter().map(|(state, ..)| state.clone()).collect();
    let all: BTreeSet<_> = catalogue().into_values().map(|(state, _)| state).collect();
    assert_eq!(told, all);
    for file in catalogue().into_keys() {
        let is_hidden = ["place-", "joined-", "numbered-", "matrix-"]
            .iter()
            .any(|kind| file.starts_with(kind));
        assert!(
            !is_hidden || rows.iter().any(|(.., told)| *told == file),
            "the page does not tell of {file}"
        );
    }
}
