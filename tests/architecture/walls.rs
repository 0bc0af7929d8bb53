//! The walls between the rooms, and what no file may hold.

use super::pages::Page;
use super::paths::{Named, paths};
use super::tokens::tokens;
use std::collections::HashMap;

/// A room, and the rooms that it may name besides itself.
const ARROWS: [(&str, &[&str]); 11] = [
    ("main", &["cli"]),
    ("cli", &["batch", "archive", "report", "model"]),
    ("batch", &["archive", "format", "model"]),
    ("report", &["model"]),
    ("archive", &["model"]),
    ("worker", &["h5", "codec", "format", "matrix", "model"]),
    ("h5", &["model"]),
    ("matrix", &["model"]),
    ("codec", &[]),
    ("format", &["model"]),
    ("model", &[]),
];
/// The one door from the half that owns the file system to the half that owns HDF5.
const DOOR: (&str, &str) = ("src/cli/worker.rs", "worker");
/// Items of the crate's root that are no rooms.
const ROOT_ITEMS: [&str; 1] = ["hdf5_version"];
/// Crates, and the only room that names them.
const KEPT_CRATES: [(&str, &str); 8] = [
    ("hdf5", "h5"),
    ("hdf5_sys", "h5"),
    ("landlock", "worker"),
    ("indicatif", "cli"),
    ("console", "cli"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
];
const UNSAFE_ROOM: &str = "h5";

/// Every word that crosses a wall, in all of `src/`.
pub(crate) fn crossings(pages: &[Page]) -> Vec<String> {
    let renamed = modules_named_by_path(pages);
    let mut found = Vec::new();
    for page in pages {
        let room = page.room();
        let tokens = tokens(&page.text());
        let at = |line: usize| format!("{}:{line}", page.path);
        if room != UNSAFE_ROOM {
            let places = tokens.iter().filter(|token| token.text == "unsafe");
            found.extend(places.map(|token| {
                format!(
                    "{}: unsafe code outside of src/{UNSAFE_ROOM}/",
                    at(token.line)
                )
            }));
        }
        if room != "lib" && !ARROWS.iter().any(|(name, _)| *name == room) {
            found.push(format!("{}: {room} is no room of the house", page.path));
        }
        let module = renamed
            .get(&page.path)
            .cloned()
            .unwrap_or_else(|| page.module());
        for named in paths(&tokens) {
            let complaint = kept_crate(room, &named).or_else(|| wall(page, &module, &named));
            found.extend(complaint.map(|complaint| format!("{}: {complaint}", at(named.line))));
        }
    }
    found
}

/// `#[path = "commit_tests.rs"] mod tests;` in `commit.rs` makes that file `commit::tests`.
fn modules_named_by_path(pages: &[Page]) -> HashMap<String, Vec<String>> {
    let mut modules = HashMap::new();
    for page in pages {
        let text = page.text();
        for rest in text.split("#[path = \"").skip(1) {
            let Some((file, rest)) = rest.split_once("\"]") else {
                continue;
            };
            let words: Vec<_> = tokens(rest).into_iter().map(|token| token.text).collect();
            let name = words.iter().skip_while(|word| *word != "mod").nth(1);
            let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let module = page.module().into_iter().chain(name.cloned()).collect();
            modules.insert(format!("{folder}/{file}"), module);
        }
    }
    modules
}

fn kept_crate(room: &str, named: &Named) -> Option<String> {
    let (name, home) = KEPT_CRATES
        .iter()
        .find(|(name, _)| named.segments[0] == *name)?;
    let is_crate = named.segments.len() > 1 || named.imported;
    (is_crate && room != *home).then(|| format!("{name} is named outside of src/{home}/"))
}

fn wall(page: &Page, module: &[String], named: &Named) -> Option<String> {
    let room = page.room();
    if room == "lib" {
        return None;
    }
    let target = resolve(room, module, named)?;
    match target.first().map(String::as_str) {
        None if named.renamed => Some("the crate's root gets another name".to_string()),
        Some("*") => Some("the crate's root is imported whole".to_string()),
        None => None,
        Some(other) if other == room || ROOT_ITEMS.contains(&other) => None,
        Some(other) if (page.path.as_str(), other) == DOOR => None,
        Some(other) => {
            let arrows = ARROWS
                .iter()
                .find(|(name, _)| *name == room)
                .map_or(&[][..], |it| it.1);
            (!arrows.contains(&other)).then(|| {
                let written = named.segments.join("::");
                format!("{room} has no arrow to {other}, named as {written}")
            })
        }
    }
}

/// The path from the crate's root, for paths that say where they begin.
fn resolve(room: &str, module: &[String], named: &Named) -> Option<Vec<String>> {
    let mut segments = &named.segments[..];
    let mut target: Vec<String> = match segments[0].as_str() {
        "h5lift" => Vec::new(),
        // The binary's own root is not the library's.
        "crate" if room != "main" => Vec::new(),
        "self" | "super" => module.iter().chain(&named.inside).cloned().collect(),
        _ => return None,
    };
    if segments[0] != "super" {
        segments = &segments[1..];
    }
    while segments.first().is_some_and(|segment| segment == "super") {
        target.pop();
        segments = &segments[1..];
    }
    target.extend(
        segments
            .iter()
            .filter(|segment| *segment != "self")
            .cloned(),
    );
    Some(target)
}
