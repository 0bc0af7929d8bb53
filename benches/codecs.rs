//! What each way of writing a chunk costs and saves, on one core: `cargo bench --bench codecs`.
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

use h5lift::codec::sampling::candidates;
use h5lift::codec::{Decoder, Level, Pipeline, ShuffleChoice};
use std::time::Instant;

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

/// Expression of a made-up gene in a sample: many low values, a long tail.
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

fn main() {
    let log = |x: f64| (x + 1.0).log2();
    let kinds = [
        ("log values", chunks(log)),
        ("counts", chunks(f64::floor)),
        ("3 decimals", chunks(|x| (log(x) * 1000.0).round() / 1000.0)),
    ];
    println!("| values | encoder | shuffle | encode MB/s | size | decode MB/s |");
    println!("|---|---|---|---|---|---|");
    for (kind, chunks) in &kinds {
        let megabytes = (CHUNK * CHUNKS) as f64 / 1e6;
        for encoding in candidates(4, Level::default(), ShuffleChoice::Auto) {
            let mut encoder = encoding.encoder().unwrap();
            let mut stored = vec![Vec::new(); CHUNKS];
            let began = Instant::now();
            for (chunk, out) in chunks.iter().zip(&mut stored) {
                encoder.encode(chunk, out).unwrap();
            }
            let encode = megabytes / began.elapsed().as_secs_f64();
            let mut decoder = Decoder::new(Pipeline::new(encoding.filters()).unwrap());
            let mut plain = vec![0; CHUNK];
            let began = Instant::now();
            for (out, chunk) in stored.iter().zip(chunks) {
                decoder.decode(out, 0, &mut plain).unwrap();
                assert_eq!(&plain, chunk);
            }
            let decode = megabytes / began.elapsed().as_secs_f64();
            let size = stored.iter().map(Vec::len).sum::<usize>() as f64 / 1e6 / megabytes;
            let shuffle = if encoding.shuffle { "yes" } else { "no" };
            let word = encoding.compressor.word();
            println!("| {kind} | {word} | {shuffle} | {encode:.0} | {size:.3} | {decode:.0} |");
        }
    }
}
