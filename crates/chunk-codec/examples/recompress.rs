//! Shuffles and deflates float32 values as one chunk, with each encoder, and prints the sizes:
//! `cargo run -p h5lift-chunk-codec --example recompress -- VALUES.bin`, or without a file for made-up values.

use chunk_codec::{Compressor, Decoder, Encoding, Level, Pipeline};
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let values = match std::env::args_os().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => (0..50_000_u16)
            .flat_map(|n| f32::from(n % 997).to_le_bytes())
            .collect(),
    };
    let mut stdout = std::io::stdout().lock();
    for shuffle in [false, true] {
        let encoding = Encoding {
            compressor: Compressor::Libdeflate,
            level: Level::try_from(4)?,
            shuffle,
            item_size: 4,
        };
        let mut encoder = encoding.encoder()?;
        let chunk = encoder.encode(&values)?;
        let mut decoded = vec![0; values.len()];
        Decoder::new(Pipeline::new(encoding.filters())?).decode(chunk, 0, &mut decoded)?;
        let same = if decoded == values {
            "the same"
        } else {
            "OTHER"
        };
        let (before, after) = (values.len(), chunk.len());
        writeln!(
            stdout,
            "shuffle {shuffle}: {before} -> {after} bytes, {same} values after decoding"
        )?;
    }
    Ok(())
}
