//! Rules inside of the root package that a crate boundary cannot express: which module may use which.
//! Crate boundaries are checked by the compiler.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources must fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// Each module of `src/`, and the modules that it may use besides itself.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("cli", &["jobs", "files", "report", "model"]),
    ("jobs", &["files", "plain", "model"]),
    ("report", &["model"]),
    ("files", &["model"]),
    ("worker", &["plain", "model"]),
    ("plain", &["model"]),
    ("model", &[]),
];
/// The hidden subcommand is the only code of `cli` that uses `worker`.
const WORKER_COMMAND: &str = "src/cli/commands/worker.rs";
/// Crates that one module alone may use.
const KEPT: [(&str, &str); 12] = [
    ("h5", "worker"),
    ("chunk_codec", "worker"),
    ("landlock", "worker"),
    ("libc", "worker"),
    ("nix", "worker"),
    ("seccompiler", "worker"),
    ("plain_hdf5", "plain worker"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
    ("console", "cli"),
    ("indicatif", "cli"),
];

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut found = Vec::new();
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        found.extend(violations(&path.to_string_lossy(), &text));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_violation_of_each_kind_is_found() {
    for (path, source) in [
        ("src/jobs/a.rs", "use crate::worker::serve;"),
        ("src/jobs/a.rs", "use crate::{model::facts, cli};"),
        ("src/report/a.rs", "fn f() { crate::files::walk(); }"),
        ("src/model/a.rs", "use clap::Parser;"),
        ("src/cli/commands/audit.rs", "use crate::worker::serve;"),
        ("src/jobs/a.rs", "fn f() { h5::version(); }"),
    ] {
        assert_eq!(violations(path, source).len(), 1, "{path}: {source}");
    }
    for (path, source) in [
        (WORKER_COMMAND, "use crate::worker::serve;"),
        ("src/jobs/a.rs", "use crate::{model::facts, files};"),
        ("src/model/a.rs", "use crate::model::facts; use std::io;"),
    ] {
        assert!(violations(path, source).is_empty(), "{path}: {source}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

fn violations(path: &str, source: &str) -> Vec<String> {
    let module = path.split(['/', '.']).nth(1).unwrap_or_default();
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
        return Vec::new();
    };
    let mut used = Used::default();
    used.visit_file(&syn::parse_file(source).unwrap());
    let modules = used.modules.iter().filter(|used| {
        let is_known = ALLOWED.iter().any(|(name, _)| name == used);
        let is_worker_command = path == WORKER_COMMAND && *used == "worker";
        is_known && *used != module && !allowed.contains(&used.as_str()) && !is_worker_command
    });
    let crates = used.crates.iter().filter(|used| {
        KEPT.iter()
            .any(|(name, by)| name == used && !by.split(' ').any(|by| by == module))
    });
    modules
        .chain(crates)
        .map(|used| format!("{path} uses {used}"))
        .collect()
}

/// First segments of paths: below `crate`, and of the others.
#[derive(Default)]
struct Used {
    modules: BTreeSet<String>,
    crates: BTreeSet<String>,
}

impl Used {
    fn add(&mut self, segments: &[String]) {
        match segments {
            [first, second, ..] if first == "crate" => self.modules.insert(second.clone()),
            [first, ..] => self.crates.insert(first.clone()),
            [] => false,
        };
    }

    fn add_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(before, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Used {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.add(&segments);
        }
        syn::visit::visit_path(self, path);
    }
}
