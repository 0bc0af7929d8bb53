//! What no file of the repository may be or hold, whatever is written in it.

use super::pages::Page;

const MOST_LINES: usize = 600;
const EMPTY_NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "manager", "managers", "common", "commons",
];
const MACHINE_PATHS: [&str; 3] = ["/home/", "/root/", "/Users/"];
const REGISTRIES: [&str; 9] = [
    "crates.io",
    "pypi.org",
    "pythonhosted.org",
    "anaconda.org",
    "npmjs.org",
    "npmjs.com",
    "proxy.golang.org",
    "rubygems.org",
    "artifactory",
];

/// Programs that are too long, or whose name says nothing.
pub(crate) fn bad_programs(pages: &[Page]) -> Vec<String> {
    let mut found = Vec::new();
    for page in pages {
        let lines = page.bytes.iter().filter(|byte| **byte == b'\n').count();
        if lines > MOST_LINES {
            found.push(format!(
                "{}: {lines} lines, more than {MOST_LINES}",
                page.path
            ));
        }
        let mut words = page.path.split(['/', '.', '_', '-']);
        if let Some(word) = words.find(|word| EMPTY_NAMES.contains(word)) {
            found.push(format!("{}: a name that says nothing: {word}", page.path));
        }
    }
    found
}

/// Words that are true on one machine only. Bytes, because fixtures are searched as well.
pub(crate) fn machine_words(pages: &[Page]) -> Vec<String> {
    let mut found = Vec::new();
    for page in pages {
        for word in MACHINE_PATHS.iter().chain(&REGISTRIES) {
            let places = page.bytes.windows(word.len()).enumerate();
            let hits = places.filter(|(_, bytes)| bytes.eq_ignore_ascii_case(word.as_bytes()));
            found.extend(hits.map(|(at, _)| {
                let line = 1 + page.bytes[..at]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                format!("{}:{line}: holds {word}", page.path)
            }));
        }
    }
    found
}
