//! What is known of a text matrix while it is read: names, findings, and progress.

use crate::model::facts::text_matrix::{Conversion, NamesSeen, TextFacts};
use crate::model::layout::Axis;
use crate::model::lint::{NameLint, ValueLint};
use crate::model::plan::chunking;
use crate::model::plan::policy::Chunks;
use crate::model::protocol::phase::Phase;
use crate::model::record::finding::Finding;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::thread_pool::Team;
use crate::worker::error::Result;
use crate::worker::serve::progress::Report;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use text_matrix as matrix;
use text_matrix::{Names, Reader, ValueType, Values};

/// What is known of a text that is being read.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) item: usize,
    pub(crate) genes: Names,
    pub(crate) samples: Names,
    pub(crate) columns: u64,
    seen: [NamesSeen; 2],
    gene_lint: NameLint,
    sample_findings: Vec<Finding>,
    value_lint: ValueLint,
    told: u64,
    /// Bytes of the file that were read; for a pipe, which has no length, rows are the better measure.
    read: Option<Arc<AtomicU64>>,
}

impl Text {
    pub(crate) fn open(
        input: fs::File,
        conversion: &Conversion,
        team: &Team,
        report: &mut dyn Report,
    ) -> Result<(Self, Reader)> {
        report.enter(Phase::ReadingText);
        let (stem, options) = (&conversion.stem, &conversion.options);
        let is_file = input.metadata().is_ok_and(|metadata| metadata.is_file());
        let reader = team.install(|| Reader::open(input, stem, options))?;
        let mut samples = Names::default();
        let seen = NamesSeen::of(reader.samples().iter().map(String::as_str));
        let mut sample_lint = NameLint::new(Axis::Samples);
        for name in reader.samples() {
            sample_lint.see(name);
            samples.push(name);
        }
        let text = Text {
            item: match options.values {
                ValueType::F32 => 4,
                ValueType::F64 => 8,
            },
            genes: Names::default(),
            gene_lint: NameLint::new(Axis::Genes),
            sample_findings: sample_lint.findings(),
            value_lint: ValueLint::new(samples.len()),
            columns: samples.len() as u64,
            samples,
            seen: [NamesSeen::default(), seen],
            told: 0,
            read: is_file.then(|| reader.bytes_read_counter()),
        };
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
    pub(crate) fn take_names(&mut self, block: &matrix::Block, report: &mut dyn Report) {
        for name in block.genes.iter() {
            self.gene_lint.see(name);
        }
        self.genes.append(&block.genes);
        self.seen[0].extend(block.genes.iter());
        match &block.values {
            Values::F32(values) => self.value_lint.see_rows(values),
            Values::F64(values) => self.value_lint.see_rows(values),
        }
        let read = match &self.read {
            Some(bytes) => bytes.load(Ordering::Relaxed),
            None => self.genes.len() as u64,
        };
        report.advance(read - self.told);
        self.told = read;
    }

    pub(crate) fn finish(self, reader: Reader) -> Result<TextFacts> {
        let dialect = reader.dialect().describe();
        let summary = reader.finish()?;
        let [genes, samples] = self.seen;
        let mut findings = self.gene_lint.findings();
        // The reader reports the same, and what happened to those rows.
        findings.retain(|finding| finding.code != "counter-gene-names");
        findings.extend(self.sample_findings);
        // The reader knows more of the others: their text before it became a number.
        let of_values = self
            .value_lint
            .findings(|column| format!("column {}", column + 1));
        let counts = |finding: &Finding| finding.code == "negative-counts";
        findings.extend(of_values.into_iter().filter(counts));
        findings.extend(
            summary
                .findings
                .into_iter()
                .map(|it| Finding::new(&it.code, it.detail)),
        );
        Ok(TextFacts {
            shape: [summary.rows, self.columns],
            dtype: format!("<f{}", self.item),
            dialect,
            genes,
            samples,
            findings,
        })
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
