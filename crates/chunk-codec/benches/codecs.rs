//! What each encoder of a chunk costs and saves, in processor time: `cargo bench --bench codecs`.
//!
//! The order of `sampling::candidates` comes from here, and so does `docs/codecs.md`.

#![expect(clippy::print_stdout, reason = "its table is its purpose")]
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

use chunk_codec::sampling::candidates;
use chunk_codec::shuffle::shuffle;
use chunk_codec::{Decoder, Level, Pipeline, ShuffleChoice};
use cpu_time::{CpuTime, in_cpu_time};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// 625 x 64 float32, a chunk of a usual matrix.
const CHUNK: usize = 160_000;
const CHUNKS: usize = 100;
/// Uniform numbers in (0, 1), the same at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// Expression of a synthetic gene in a sample: many low values, a long tail.
fn expression(random: &mut Random) -> f64 {
    let depth = -random.next().ln();
    200.0 * depth * -random.next().ln()
}

fn chunks(value: impl Fn(f64) -> f64) -> Vec<Vec<u8>> {
    let mut random = Random(20);
    let mut chunk = || {
        (0..CHUNK / 4)
            .flat_map(|_| (value(expression(&mut random)) as f32).to_le_bytes())
            .collect()
    };
    (0..CHUNKS).map(|_| chunk()).collect()
}

fn codecs(criterion: &mut Criterion<CpuTime>) {
    let log = |x: f64| (x + 1.0).log2();
    let kinds = [
        ("log values", chunks(log)),
        ("counts", chunks(f64::floor)),
        ("3 decimals", chunks(|x| (log(x) * 1000.0).round() / 1000.0)),
    ];
    for (kind, chunks) in &kinds {
        let mut group = criterion.benchmark_group(*kind);
        group.throughput(Throughput::Bytes(CHUNK as u64));
        for encoding in candidates(4, Level::default(), ShuffleChoice::Auto) {
            let mut encoder = encoding.encoder().unwrap();
            let mut decoder = Decoder::new(Pipeline::new(encoding.filters()).unwrap());
            let mut stored = Vec::with_capacity(CHUNKS);
            let mut plain = vec![0; CHUNK];
            for chunk in chunks {
                let bytes = encoder.encode(chunk).unwrap();
                decoder.decode(bytes, 0, &mut plain).unwrap();
                assert_eq!(&plain, chunk);
                stored.push(bytes.to_vec());
            }
            let size = stored.iter().map(Vec::len).sum::<usize>() as f64 / (CHUNK * CHUNKS) as f64;
            let shuffle = if encoding.shuffle { ", shuffled" } else { "" };
            let word = format!("{}{shuffle}", encoding.compressor.word());
            println!("{kind}, {word}: size {size:.3}");
            let mut next = 0;
            group.bench_function(format!("encode, {word}"), |bencher| {
                bencher.iter(|| {
                    next = (next + 1) % CHUNKS;
                    black_box(encoder.encode(&chunks[next]).unwrap());
                });
            });
            group.bench_function(format!("decode, {word}"), |bencher| {
                bencher.iter(|| {
                    next = (next + 1) % CHUNKS;
                    decoder.decode(&stored[next], 0, &mut plain).unwrap();
                });
            });
        }
        group.finish();
    }
    let mut group = criterion.benchmark_group("shuffle");
    group.throughput(Throughput::Bytes(CHUNK as u64));
    let mut planes = vec![0; CHUNK];
    group.bench_function("items of 4 bytes", |bencher| {
        bencher.iter(|| shuffle(&kinds[0].1[0], &mut planes, 4).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = in_cpu_time(1);
    targets = codecs
}
criterion_main!(benches);
