//! Only the encoder calls of a migration, on all cores, in memory: `cargo bench --bench encoders -- VALUES
//! ROWS COLUMNS`, with a file of float32 in rows.
//!
//! It prints one line of JSON, for `benches/performance`. The difference to a whole migration is the cost of
//! reading, writing and verification.

#![expect(clippy::print_stdout, reason = "its line is its purpose")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should stop"
)]
#![expect(clippy::cast_precision_loss, reason = "rates")]

use chunk_codec::sampling::{by_zlib, candidates, measure, pick};
use chunk_codec::{Encoding, Level, ShuffleChoice};
use h5lift::model::plan::chunking;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const ITEM: usize = 4;
/// The samples of a large matrix in a migration.
const SAMPLE_BYTES: u64 = 64 << 10;
const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [values, rows, columns] = arguments.as_slice() else {
        println!("skipped: it wants VALUES ROWS COLUMNS");
        return;
    };
    let (rows, columns): (usize, usize) = (rows.parse().unwrap(), columns.parse().unwrap());
    let values = std::fs::read(values).unwrap();
    assert_eq!(values.len(), rows * columns * ITEM);
    let tiles = tiles(&values, rows, columns);
    let encoding = choose(&tiles);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| encode(&tiles, encoding, cores)).collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "{{\"cores\": {cores}, \"encoding\": \"{encoding}\", \"megabytes_per_second\": {:.1}}}",
        values.len() as f64 / 1e6 / seconds[RUNS / 2]
    );
}

/// All chunks of the matrix, of the shape that a migration gives them; edge chunks are full of zeros.
fn tiles(values: &[u8], rows: usize, columns: usize) -> Vec<Vec<u8>> {
    let shape = chunking::auto(&[rows as u64, columns as u64], ITEM as u64);
    let [high, wide] = [0, 1].map(|axis| usize::try_from(shape[axis]).unwrap());
    let mut tiles = Vec::new();
    for top in (0..rows).step_by(high) {
        for left in (0..columns).step_by(wide) {
            let width = wide.min(columns - left) * ITEM;
            let mut tile = vec![0; high * wide * ITEM];
            for row in top..(top + high).min(rows) {
                let (from, to) = ((row * columns + left) * ITEM, (row - top) * wide * ITEM);
                tile[to..to + width].copy_from_slice(&values[from..from + width]);
            }
            tiles.push(tile);
        }
    }
    tiles
}

/// As a migration chooses, by samples of a few chunks.
fn choose(tiles: &[Vec<u8>]) -> Encoding {
    let piece = usize::try_from(SAMPLE_BYTES).unwrap();
    let samples: Vec<&[u8]> = [1, 3, 5]
        .map(|at| &tiles[tiles.len() * at / 6])
        .map(|tile| &tile[..tile.len().min(piece)])
        .to_vec();
    let trials: Vec<_> = candidates(ITEM, Level::default(), ShuffleChoice::Auto)
        .into_iter()
        .map(|encoding| measure(encoding, &samples).unwrap())
        .collect();
    pick(&trials, Some(by_zlib(Level::default(), &samples))).unwrap()
}

/// Seconds of all cores.
fn encode(tiles: &[Vec<u8>], encoding: Encoding, cores: usize) -> f64 {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut encoder = encoding.encoder().unwrap();
                while let Some(tile) = tiles.get(next.fetch_add(1, Ordering::Relaxed)) {
                    std::hint::black_box(encoder.encode(tile).unwrap());
                }
            });
        }
    });
    began.elapsed().as_secs_f64()
}
