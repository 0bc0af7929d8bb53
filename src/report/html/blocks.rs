//! The rows of a page as columns: what the table shows and sorts in one block, the details of a row in another.
//!
//! A block is JSON, compressed by gzip and written as base64, and holds at most [`ROWS`] rows with the dictionaries
//! that they need. So a report is compressed while its rows arrive, and a page opens the details of those rows only
//! that somebody asks for.

use crate::model::record::modified::seconds_of;
use crate::model::record::pattern::take_out;
use crate::model::record::{NamesRecord, Record};
use crate::report::escape;
use crate::report::html::{Timing, matrix_shape};
use crate::report::words::deed;
use libdeflater::{CompressionLvl, Compressor};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::io;

/// Rows of a block.
pub(super) const ROWS: usize = 4096;
/// Higher levels save 2 % and take five times as long.
const LEVEL: i32 = 9;

/// A compressed block of rows.
#[derive(Debug)]
pub(super) struct DataBlock {
    pub(super) columns: Vec<u8>,
    pub(super) details: Vec<u8>,
}

/// Rows that wait until a block is full.
#[derive(Debug, Default)]
pub(super) struct OpenBlock {
    columns: BlockColumns,
    details: Details,
}

#[derive(Debug, Default, Serialize)]
struct BlockColumns {
    /// With a slash at the end.
    folder: Coded<String>,
    name: Vec<String>,
    /// Of paths that are no UTF-8: their bytes in hexadecimal, the path as it is shown, and as a field of TSV.
    raw: BTreeMap<usize, [String; 3]>,
    state: Coded<&'static str>,
    deed: Coded<&'static str>,
    bytes: Vec<u64>,
    after: Vec<Option<u64>>,
    genes: Vec<Option<u64>>,
    samples: Vec<Option<u64>>,
    dtype: Coded<String>,
    findings: Coded<Vec<String>>,
    cause: Vec<usize>,
    /// Seconds since 1970.
    modified: Vec<Option<i64>>,
    /// Nanoseconds of the modification time.
    nanoseconds: Vec<i32>,
    /// Milliseconds.
    took: Vec<Option<u64>>,
}

#[derive(Debug, Default, Serialize)]
struct Details {
    pattern: Coded<String>,
    numbers: Vec<u64>,
    genes: Coded<Names>,
    samples: Coded<Names>,
}

/// The last name and the first ones.
type Names = Vec<Option<String>>;

/// A column whose values are few: each of them once, and their numbers.
#[derive(Debug, Serialize)]
struct Coded<T: Eq + Hash> {
    values: Vec<T>,
    rows: Vec<u32>,
    #[serde(skip)]
    codes: HashMap<T, u32>,
}

impl<T: Eq + Hash> Default for Coded<T> {
    fn default() -> Self {
        Coded {
            values: Vec::new(),
            rows: Vec::new(),
            codes: HashMap::new(),
        }
    }
}

impl<T: Eq + Hash + Clone> Coded<T> {
    fn push(&mut self, value: T) {
        let next = self.codes.len();
        let code = *self.codes.entry(value).or_insert_with_key(|value| {
            self.values.push(value.clone());
            // A block has no more than 4,096 values.
            u32::try_from(next).unwrap_or(u32::MAX)
        });
        self.rows.push(code);
    }
}

impl OpenBlock {
    /// Adds a row. `cause` is the number of the group of files that need a decision, or 0.
    pub(super) fn push(
        &mut self,
        record: &Record,
        timing: Option<Timing>,
        cause: usize,
    ) -> io::Result<()> {
        let columns = &mut self.columns;
        if let Some(bytes) = &record.path_bytes {
            let shown = escape::path(record).into_owned();
            let raw = [bytes.clone(), shown, escape::path_field(record)];
            columns.raw.insert(columns.name.len(), raw);
        }
        let name_starts = record.path.rfind('/').map_or(0, |slash| slash + 1);
        let (folder, name) = record.path.split_at(name_starts);
        columns.folder.push(folder.to_string());
        columns.name.push(name.to_string());
        columns.state.push(record.state.word());
        columns.deed.push(deed(record));
        columns.bytes.push(record.bytes);
        columns.after.push(record.bytes_after);
        let [genes, samples] = matrix_shape(record).map_or([None; 2], |it| it.map(Some));
        columns.genes.push(genes);
        columns.samples.push(samples);
        let dtype = record.expr.as_ref().map(|expr| expr.dtype.clone());
        columns.dtype.push(dtype.unwrap_or_default());
        let codes = record.findings.iter().map(|finding| finding.code.clone());
        columns.findings.push(codes.collect());
        columns.cause.push(cause);
        let modified = record.modified.as_deref().and_then(seconds_of);
        columns.modified.push(modified.map(|(seconds, _)| seconds));
        columns
            .nanoseconds
            .push(modified.map_or(0, |(_, rest)| rest));
        let took = timing.map(|timing| timing.took.as_millis());
        columns
            .took
            .push(took.and_then(|it| u64::try_from(it).ok()));
        self.details.push(record, modified.is_some())
    }

    pub(super) fn is_full(&self) -> bool {
        self.columns.name.len() == ROWS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.name.is_empty()
    }

    pub(super) fn compress(&self) -> io::Result<DataBlock> {
        Ok(DataBlock {
            columns: gzip(&self.columns)?,
            details: gzip(&self.details)?,
        })
    }
}

impl Details {
    /// Everything that no column holds. Digests are left to the other reports: nothing makes them smaller.
    fn push(&mut self, record: &Record, has_modified: bool) -> io::Result<()> {
        let mut rest = record.clone();
        rest.path.clear();
        rest.path_bytes = None;
        rest.bytes = 0;
        rest.bytes_after = None;
        rest.digest = None;
        if has_modified {
            rest.modified = None;
        }
        self.genes.push(names(&mut rest.genes));
        self.samples.push(names(&mut rest.samples));
        let json = serde_json::to_string(&rest)?;
        let pattern = take_out(&json, &record.path, &mut self.numbers);
        self.pattern.push(pattern);
        Ok(())
    }
}

fn names(axis: &mut Option<NamesRecord>) -> Names {
    let Some(names) = axis else {
        return Vec::new();
    };
    let last = names.last.take();
    let first = std::mem::take(&mut names.first).into_iter().map(Some);
    std::iter::once(last).chain(first).collect()
}

fn gzip(block: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(block)?;
    let level = CompressionLvl::new(LEVEL).unwrap_or_default();
    let mut compressor = Compressor::new(level);
    let mut compressed = vec![0; compressor.gzip_compress_bound(json.len())];
    let length = compressor
        .gzip_compress(&json, &mut compressed)
        .map_err(io::Error::other)?;
    compressed.truncate(length);
    compressed.shrink_to_fit();
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::pattern::put_back;
    use crate::report::sample;
    use serde_json::Value;
    use std::time::Duration;

    fn open(compressed: &[u8]) -> Value {
        let mut json = vec![0; 1 << 20];
        let length = libdeflater::Decompressor::new()
            .gzip_decompress(compressed, &mut json)
            .unwrap();
        serde_json::from_slice(&json[..length]).unwrap()
    }

    fn coded(column: &Value, row: usize) -> &Value {
        let code = column["rows"][row].as_u64().unwrap();
        &column["values"][usize::try_from(code).unwrap()]
    }

    #[test]
    fn every_row_comes_back_but_for_its_digest() {
        let mut rows = sample::every_row();
        rows.extend(sample::migration().files);
        let mut open_block = OpenBlock::default();
        let timing = Timing {
            started: Duration::from_secs(1),
            took: Duration::from_millis(1500),
        };
        for (number, record) in rows.iter().enumerate() {
            open_block.push(record, Some(timing), number).unwrap();
        }
        let block = open_block.compress().unwrap();
        let (columns, details) = (open(&block.columns), open(&block.details));
        let mut numbers = details["numbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|number| number.as_u64().unwrap());
        for (row, record) in rows.iter().enumerate() {
            let folder = coded(&columns["folder"], row).as_str().unwrap();
            let path = folder.to_string() + columns["name"][row].as_str().unwrap();
            assert_eq!(path, record.path);
            let pattern = coded(&details["pattern"], row).as_str().unwrap();
            let json = put_back(pattern, &path, &mut numbers).unwrap();
            let mut back: Record = serde_json::from_str(&json).unwrap();
            back.path = path;
            back.path_bytes = columns["raw"][row.to_string()][0]
                .as_str()
                .map(str::to_string);
            back.bytes = columns["bytes"][row].as_u64().unwrap();
            back.bytes_after = columns["after"][row].as_u64();
            let rest = columns["nanoseconds"][row].as_i64().unwrap();
            back.modified = columns["modified"][row].as_i64().map(|seconds| {
                jiff::Timestamp::new(seconds, i32::try_from(rest).unwrap())
                    .unwrap()
                    .to_string()
            });
            for (names, axis) in [(&mut back.genes, "genes"), (&mut back.samples, "samples")] {
                if let Some(names) = names {
                    let mut seen: Names =
                        serde_json::from_value(coded(&details[axis], row).clone()).unwrap();
                    names.last = seen.remove(0);
                    names.first = seen.into_iter().flatten().collect();
                }
            }
            let expected = Record {
                digest: None,
                ..record.clone()
            };
            assert_eq!(back, expected);
            assert_eq!(columns["cause"][row], row);
            assert_eq!(columns["took"][row], 1500);
            assert_eq!(coded(&columns["deed"], row), deed(record));
        }
        assert_eq!(numbers.next(), None);
    }
}
