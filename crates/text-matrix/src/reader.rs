//! A matrix, block by block: text is read ahead in one thread, and each block is parsed on all
//! cores of the current rayon pool.

mod end;
mod parse;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::block::{RowBlock, Summary, Values};
use crate::detect::first_lines::{FirstLines, begin};
use crate::detect::plan::Plan;
use crate::detect::validate;
use crate::detect::wrong_format;
use crate::dialect::Dialect;
use crate::input::encoding::{DecodedText, Encoding};
use crate::input::feed::{BlockReader, Feed, Lines};
use crate::input::source;
use crate::input::source::Compression;
use crate::number::value::Value;
use crate::number::value_counts::ValueCounts;
use crate::options::{ReadOptions, ValueType};
use crate::parallel::Gathered;
use crate::problem::finding;
use crate::problem::{MatrixError, TextProblem};
use crate::rows::row_counter::RowCounter;
use crate::summary_rows::SummaryRow;

/// A matrix that is being read.
pub struct Reader {
    feed: Feed,
    plan: Plan,
    value_type: ValueType,
    allow_empty: bool,
    longest_line: usize,
    /// Lines that were read and not parsed yet, from `head_start` on.
    head: Option<Lines>,
    /// The begin of a record whose quotes are not closed yet.
    pending: Vec<u8>,
    /// A buffer to give back.
    used: Option<Lines>,
    /// A block's values to use again.
    spare: Option<Values>,
    /// The line that comes next, from 1.
    line: u64,
    /// The first of the blank lines just before it.
    blank_since: Option<u64>,
    /// Those of them that have separators.
    separator_rows: u64,
    state: ReaderState,
    rows: u64,
    counts: ValueCounts,
    special: Vec<(SummaryRow, String)>,
    problems: Vec<TextProblem>,
    consumed: Arc<AtomicU64>,
    text_bytes: Arc<AtomicU64>,
    row_counter: Option<RowCounter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReaderState {
    Reading,
    /// The mark behind the table was read.
    BehindTable,
    Ended,
    Failed,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("dialect", &self.plan.dialect)
            .field("rows", &self.rows)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Decides how to read `file`, which may be a pipe. `stem` names the sample of a file that does
    /// not.
    ///
    /// # Errors
    /// Everything that is wrong before the first row: the file, its compression, its header.
    pub fn open(file: File, stem: &str, options: &ReadOptions) -> Result<Reader, MatrixError> {
        validate::check(options)?;
        let consumed = Arc::new(AtomicU64::new(0));
        let text_bytes = Arc::new(AtomicU64::new(0));
        // Where a file has no second name in this process, its rows are not counted ahead.
        let again = file.try_clone().ok();
        let source = source::open(file, Arc::clone(&consumed))?;
        let compression = source.compression;
        let text = DecodedText::new(source.stream, options.encoding)?;
        let encoding = text.encoding();
        wrong_format::check(text.first_bytes(), encoding == Encoding::Utf8)?;
        let block_reader = BlockReader::new(
            Box::new(text),
            options.block_bytes,
            options.longest_line,
            Arc::clone(&text_bytes),
        );
        let mut feed = if compression == Compression::Bgzip {
            Feed::direct(block_reader)
        } else {
            Feed::ahead(block_reader)?
        };
        let empty = FirstLines {
            text: &[],
            whole: false,
            stem,
            compression,
            encoding,
        };
        let (mut head, plan) = begin(&mut feed, options, empty)?;
        head.bytes.copy_within(plan.start..head.length, 0);
        head.length -= plan.start;
        let rows = &plan.rows;
        let rows_are_lines = compression == Compression::None
            && encoding == Encoding::Utf8
            && rows.comment.is_none()
            && !rows.drop_summary_rows
            && !plan.ends_marked;
        let row_counter = again
            .filter(|_| rows_are_lines)
            .and_then(|file| RowCounter::new(file, plan.line - 1, rows.marks));
        Ok(Reader {
            row_counter,
            feed,
            value_type: options.values,
            allow_empty: options.allow_empty,
            longest_line: options.longest_line,
            head: Some(head),
            pending: Vec::new(),
            used: None,
            spare: None,
            line: plan.line,
            blank_since: None,
            separator_rows: 0,
            state: ReaderState::Reading,
            rows: 0,
            counts: ValueCounts::default(),
            special: Vec::new(),
            problems: Vec::new(),
            plan,
            consumed,
            text_bytes,
        })
    }

    /// How the matrix is written.
    pub fn dialect(&self) -> &Dialect {
        &self.plan.dialect
    }

    /// Names of the samples, in order.
    pub fn samples(&self) -> &[String] {
        &self.plan.rows.samples
    }

    /// The number of rows that a GCT file claims to have.
    pub fn declared_rows(&self) -> Option<u64> {
        self.plan.declared_rows
    }

    /// Counts the rows before they are parsed, if lines are all there is to count.
    pub fn row_counter(&mut self) -> Option<RowCounter> {
        self.row_counter.take()
    }

    /// Bytes of the file read so far, ahead of what was parsed by a few buffers.
    pub fn bytes_read(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// The same as a counter that another thread can watch.
    pub fn bytes_read_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.consumed)
    }

    /// Bytes of text so far, after decompression.
    pub fn text_bytes_read(&self) -> u64 {
        self.text_bytes.load(Ordering::Relaxed)
    }

    /// Returns a block's memory for reuse.
    pub fn recycle(&mut self, values: Values) {
        self.spare = Some(values);
    }

    /// The next rows, at least one; `None` at the end. Parsed on the current rayon pool.
    ///
    /// # Errors
    /// The problems of all blocks up to the limit, in order of lines, or whatever ends the
    /// stream early. Nothing more can be read after one.
    pub fn next_block(&mut self) -> Result<Option<RowBlock>, MatrixError> {
        let next = match (self.value_type, self.spare.take()) {
            (ValueType::F32, Some(Values::F32(spare))) => self.next::<f32>(spare, Values::F32),
            (ValueType::F32, _) => self.next(Vec::new(), Values::F32),
            (ValueType::F64, Some(Values::F64(spare))) => self.next::<f64>(spare, Values::F64),
            (ValueType::F64, _) => self.next(Vec::new(), Values::F64),
        };
        if next.is_err() {
            self.state = ReaderState::Failed;
        }
        next
    }

    /// Reads what is left and says what there was in all.
    ///
    /// # Errors
    /// As [`Reader::next_block`], and when that has failed before.
    pub fn finish(mut self) -> Result<Summary, MatrixError> {
        while let Some(block) = self.next_block()? {
            self.recycle(block.values);
        }
        let mut findings = std::mem::take(&mut self.plan.findings);
        let plan = &self.plan.rows;
        finding::of_separator_rows(self.separator_rows, &mut findings);
        finding::of_special(&self.special, plan.drop_summary_rows, &mut findings);
        // A gene without values is nothing odd.
        let samples: &[String] = match plan.transposed {
            true => &[],
            false => &plan.samples,
        };
        finding::of_values(&self.counts, self.rows, samples, &mut findings);
        Ok(Summary {
            rows: self.rows,
            counts: self.counts,
            findings,
        })
    }

    fn next<V: Value>(
        &mut self,
        spare: Vec<V>,
        wrap: fn(Vec<V>) -> Values,
    ) -> Result<Option<RowBlock>, MatrixError> {
        let mut values = spare;
        loop {
            match self.state {
                ReaderState::Ended => return Ok(None),
                ReaderState::Failed => {
                    return Err(MatrixError::refused("reading has failed before", ""));
                }
                ReaderState::Reading | ReaderState::BehindTable => {}
            }
            let mut lines = match self.more_lines() {
                Ok(Some(lines)) => lines,
                Ok(None) => return self.end().map(|()| None),
                // Errors in lines that were read come before errors after them.
                Err(error) if self.problems.is_empty() => return Err(error),
                Err(_) => return Err(self.problems(true)),
            };
            self.cut_behind_table(&mut lines)?;
            let block = self.parse_lines(&lines, &mut values)?;
            self.used = Some(lines);
            let Some(Gathered {
                names,
                counts,
                special,
            }) = block
            else {
                continue;
            };
            self.special.extend(special);
            if names.is_empty() {
                continue;
            }
            let first_row = self.rows;
            self.rows += names.len() as u64;
            self.counts.add(&counts);
            return Ok(Some(RowBlock {
                first_row,
                genes: names,
                values: wrap(values),
                counts,
            }));
        }
    }

    /// Lines, with the begin of a record from before in front of them.
    fn more_lines(&mut self) -> Result<Option<Lines>, MatrixError> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        let Some(mut lines) = self.feed.next(self.used.take())? else {
            return Ok(None);
        };
        if !self.pending.is_empty() {
            if self.pending.len() > self.longest_line {
                return Err(self.open_quote().into());
            }
            let length = self.pending.len() + lines.length;
            lines.bytes.truncate(lines.length);
            lines.bytes.splice(0..0, self.pending.drain(..));
            lines.length = length;
        }
        Ok(Some(lines))
    }
}
