//! What is known of a text matrix while it is read: names, findings, and progress.

use crate::model::facts::text_matrix::{Conversion, NamesSeen, TextFacts};
use crate::model::layout::Axis;
use crate::model::lint::gene_id::samples_like_genes;
use crate::model::lint::{NameLint, ValueLint};
use crate::model::plan::chunking;
use crate::model::plan::policy::Chunks;
use crate::model::protocol::phase::Phase;
use crate::model::record::finding::Finding;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::error::Result;
use crate::worker::open_file;
use crate::worker::serve::progress::ProgressSink;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use text_matrix::{Duplicates, Names, Reader, ValueType, Values, distinct_rows};

/// What is known of a text that is being read.
#[derive(Debug)]
pub(crate) struct TextInput {
    pub(crate) item: usize,
    /// Of genes and of samples.
    pub(crate) names: [Names; 2],
    pub(crate) columns: u64,
    /// What the rows of the text are.
    rows: Axis,
    duplicates: Duplicates,
    seen: [NamesSeen; 2],
    lints: [NameLint; 2],
    value_lint: ValueLint,
    told: u64,
    /// Bytes of the file that were read; for a pipe, which has no length, rows are the better measure.
    read: Option<Arc<AtomicU64>>,
}

impl TextInput {
    pub(crate) fn open(
        input: fs::File,
        conversion: &Conversion,
        pool: &ThreadPool,
        report: &mut dyn ProgressSink,
    ) -> Result<(Self, Reader)> {
        report.enter(Phase::ReadingText);
        let (stem, options) = (&conversion.stem, &conversion.options);
        let is_file = open_file::is_regular(&input).is_ok_and(|is_regular| is_regular);
        let reader = pool.install(|| Reader::open(input, stem, options))?;
        let (rows, columns) = match options.transpose {
            false => (Axis::Genes, Axis::Samples),
            true => (Axis::Samples, Axis::Genes),
        };
        let mut text = TextInput {
            item: match options.values {
                ValueType::F32 => 4,
                ValueType::F64 => 8,
            },
            names: [Names::default(), Names::default()],
            lints: Axis::BOTH.map(NameLint::new),
            value_lint: ValueLint::new(reader.samples().len()),
            columns: reader.samples().len() as u64,
            rows,
            duplicates: options.duplicates,
            seen: [NamesSeen::default(), NamesSeen::default()],
            told: 0,
            read: is_file.then(|| reader.bytes_read_counter()),
        };
        text.take(columns, reader.samples().iter().map(String::as_str));
        Ok((text, reader))
    }

    /// The grid of a matrix of about this many rows.
    pub(crate) fn geometry(&self, rows: u64, wanted: Chunks) -> Geometry {
        let columns = self.columns;
        let [chunk_rows, chunk_columns] = chunks_of([rows, columns], self.item, wanted);
        Geometry {
            rows: 0,
            columns,
            chunk_rows,
            chunk_columns,
            item: self.item,
        }
    }

    /// Notes names and suspicious values, and reports progress.
    pub(crate) fn take_names(
        &mut self,
        block: &text_matrix::RowBlock,
        report: &mut dyn ProgressSink,
    ) {
        self.take(self.rows, block.genes.iter());
        match &block.values {
            Values::F32(values) => self.value_lint.see_rows(values),
            Values::F64(values) => self.value_lint.see_rows(values),
        }
        let read = match &self.read {
            Some(bytes) => bytes.load(Ordering::Relaxed),
            None => self.names[self.rows.index()].len() as u64,
        };
        report.advance(read - self.told);
        self.told = read;
    }

    fn take<'a>(&mut self, axis: Axis, names: impl Iterator<Item = &'a str> + Clone) {
        let axis = axis.index();
        self.seen[axis].extend(names.clone());
        for name in names {
            self.lints[axis].see(name);
            self.names[axis].push(name);
        }
    }

    /// What is known when the last row was read, and the names of both axes.
    pub(crate) fn finish(self, reader: Reader) -> Result<(TextFacts, [Names; 2])> {
        let dialect = reader.dialect().describe();
        let summary = reader.finish()?;
        let [genes, samples] = self.seen;
        let [gene_lint, sample_lint] = self.lints;
        let mut findings = gene_lint.findings();
        if self.rows == Axis::Genes {
            // The reader says the same, and what became of those rows.
            findings.retain(|finding| finding.code != "counter-gene-names");
            let [genes, samples] = &self.names;
            findings.extend(samples_like_genes(genes.iter(), samples.iter()));
        }
        findings.extend(sample_lint.findings());
        // The reader knows more of the others: what the text said before it became a number.
        let of_values = self
            .value_lint
            .findings(|column| format!("column {}", column + 1));
        let counts = |finding: &Finding| finding.code == "negative-counts";
        findings.extend(of_values.into_iter().filter(counts));
        // Of the names of samples, the reader says what became of them, too.
        findings.retain(|finding| summary.findings.iter().all(|it| it.code != finding.code));
        findings.extend(
            summary
                .findings
                .into_iter()
                .map(|it| Finding::new(&it.code, it.detail)),
        );
        let [gene_names, mut sample_names] = self.names;
        let mut shape = [summary.rows, self.columns];
        if self.rows == Axis::Samples {
            shape.reverse();
            sample_names = distinct_rows(sample_names, self.duplicates)?;
        }
        let facts = TextFacts {
            shape,
            dtype: format!("<f{}", self.item),
            dialect,
            genes,
            samples,
            findings,
        };
        Ok((facts, [gene_names, sample_names]))
    }
}

/// The requested chunk shape, or one that suits such a matrix.
pub(crate) fn chunks_of(shape: [u64; 2], item: usize, wanted: Chunks) -> [u64; 2] {
    let most = shape.map(|length| length.max(1));
    match wanted {
        Chunks::Shape(rows, columns) => [rows.clamp(1, most[0]), columns.clamp(1, most[1])],
        Chunks::Auto | Chunks::Keep => {
            let chunks = chunking::auto(&shape, item as u64);
            [chunks[0].clamp(1, most[0]), chunks[1].clamp(1, most[1])]
        }
    }
}
