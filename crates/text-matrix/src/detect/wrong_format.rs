//! Files that are something else, by their first bytes, each with the next step.

use crate::problem::MatrixError;

const KNOWN: [(&[u8], &str, &str); 21] = [
    (
        b"\x89HDF",
        "an HDF5 file",
        "migrate lifts one with names in attributes",
    ),
    (
        b"PK\x03\x04",
        "a zip archive, as Excel and Numbers write",
        "unpack it, or export it as text",
    ),
    (
        b"\xD0\xCF\x11\xE0",
        "an old Excel file",
        "export it as text",
    ),
    (
        b"BZh",
        "compressed with bzip2",
        "pipe it in: bzip2 -dc FILE | h5lift convert -",
    ),
    (
        b"\xFD7zXZ\0",
        "compressed with xz",
        "pipe it in: xz -dc FILE | h5lift convert -",
    ),
    (b"\x1F\x8B", "compressed twice", "decompress it once"),
    (
        b"\x28\xB5\x2F\xFD",
        "compressed twice",
        "decompress it once",
    ),
    (
        b"BAM\x01",
        "a BAM file: alignments, not counts",
        "count them first, for example with featureCounts",
    ),
    (
        b"@{",
        "a matrix of computeMatrix (deepTools): bins of regions, not samples",
        "count reads with multiBamSummary or featureCounts",
    ),
    (
        b"^DATABASE",
        "a SOFT file of GEO with several tables",
        "fetch the series matrix, or the supplementary files of the series",
    ),
    (
        b"^SERIES",
        "a SOFT file of GEO with several tables",
        "fetch the series matrix, or the supplementary files of the series",
    ),
    (
        b"^SAMPLE",
        "a SOFT file of GEO with the table of one sample",
        "fetch the series matrix, or the supplementary files of the series",
    ),
    (
        b"^PLATFORM",
        "a SOFT file of GEO that describes probes",
        "fetch the series matrix, or the supplementary files of the series",
    ),
    (b"PAR1", "a Parquet file", "export it as text"),
    (b"ARROW1", "an Arrow file", "export it as text"),
    (
        b"RDX",
        "an R workspace",
        "write the matrix with write.table",
    ),
    (
        b"X\n\0\0",
        "an R object (RDS)",
        "write the matrix with write.table",
    ),
    (b"%PDF", "a PDF document", "fetch the table itself"),
    (
        b"%%MatrixMarket",
        "a sparse matrix in three files",
        "only dense tables are read",
    ),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer: the data was never fetched",
        "git lfs pull",
    ),
    (
        b"/annex/objects/",
        "a git-annex pointer: the data was never fetched",
        "git annex get",
    ),
];

/// Refuses what is certainly not a matrix.
pub(crate) fn check(head: &[u8], is_utf8: bool) -> Result<(), MatrixError> {
    if let Some((_, what, help)) = KNOWN.iter().find(|(start, ..)| head.starts_with(start)) {
        return Err(MatrixError::refused(format!("this is {what}"), *help));
    }
    let front = &head[..head.len().min(512)];
    let text = front.trim_ascii_start();
    let begins =
        |word: &[u8]| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word);
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<?xml") {
        return Err(MatrixError::refused(
            "this is a web page, as a failed download leaves behind",
            "fetch the file again",
        ));
    }
    if is_utf8 && front.contains(&0) {
        return Err(MatrixError::refused(
            "this is binary data, not text",
            "if it is text in another encoding: --encoding",
        ));
    }
    Ok(())
}
