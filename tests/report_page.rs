//! The page of a real run agrees with its other reports.

use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::Command;

fn sum(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_page_of_an_audit_holds_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let report = |ending: &str| folder.path().join(format!("report.{ending}"));
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/legacy");
    let status = Command::new(env!("CARGO_BIN_EXE_h5lift"))
        .args(["audit", "--quiet"])
        .arg(&archive)
        .args(["html", "jsonl"].map(|ending| format!("--report={}", report(ending).display())))
        .status()
        .unwrap();
    assert!(status.success());
    let rows = fs::read(report("jsonl")).unwrap();
    let page = fs::read_to_string(report("html")).unwrap();
    assert!(page.contains(&sum(&rows)), "another digest of the rows");
    let number = rows.iter().filter(|byte| **byte == b'\n').count();
    assert!(number > 50, "{number}");
    assert!(page.contains(&format!("\"rows\":{number},")));
    assert!(page.contains(&format!("<dt>Files</dt><dd>{number}</dd>")));
    assert!(page.contains("h5lift audit --quiet "));
    assert!(page.contains("id=\"timeline\""));
}
