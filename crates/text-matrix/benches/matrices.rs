//! What reading a text matrix costs, in CPU time of all threads: `cargo bench --bench matrices`.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should stop"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "made-up values and rates"
)]

#[path = "../../../benches/cpu_time/mod.rs"]
mod cpu_time;

use cpu_time::{CpuTime, in_cpu_time};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write as _;
use std::fs::File;
use text_matrix::{ReadOptions, Reader};

const GENES: u32 = 2000;
const SAMPLES: u32 = 200;

/// A matrix whose cells are what `cell` makes of numbers that differ.
fn table(cell: impl Fn(u32) -> String) -> String {
    let mut text = String::from("gene_id");
    for sample in 0..SAMPLES {
        write!(text, "\tsample_{sample}").unwrap();
    }
    let mut state = 7_u32;
    for gene in 0..GENES {
        write!(text, "\nFBgn{gene:07}").unwrap();
        for _ in 0..SAMPLES {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            write!(text, "\t{}", cell(state >> 8)).unwrap();
        }
    }
    text.push('\n');
    text
}

fn read(path: &std::path::Path) -> u64 {
    let mut reader =
        Reader::open(File::open(path).unwrap(), "matrix", &ReadOptions::default()).unwrap();
    let mut rows = 0;
    while let Some(block) = reader.next_block().unwrap() {
        rows += block.genes.len() as u64;
        reader.recycle(block.values);
    }
    reader.finish().unwrap();
    rows
}

fn matrices(criterion: &mut Criterion<CpuTime>) {
    let kinds = [
        ("counts", table(|n| (n & 0xfff).to_string())),
        (
            "3 decimals",
            table(|n| format!("{:.3}", f64::from(n & 0xffff) / 4000.0)),
        ),
        ("17 digits", table(|n| (f64::from(n) / 7919.0).to_string())),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut group = criterion.benchmark_group("read a table");
    for (kind, text) in kinds {
        let path = folder.path().join("matrix.tsv");
        std::fs::write(&path, &text).unwrap();
        assert_eq!(read(&path), u64::from(GENES));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(kind, |bencher| bencher.iter(|| read(&path)));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = in_cpu_time(2);
    targets = matrices
}
criterion_main!(benches);
