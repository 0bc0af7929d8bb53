//! Reads a text matrix and prints how it was read: `cargo run -p h5lift-text-matrix --example summarize -- MATRIX`.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use text_matrix::{ReadOptions, Reader};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: summarize MATRIX")?;
    let mut reader = Reader::open(File::open(&path)?, &path, &ReadOptions::default())?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{:?}", reader.dialect())?;
    writeln!(
        stdout,
        "{} samples, the first: {:?}",
        reader.samples().len(),
        reader.samples().first()
    )?;
    let mut genes = 0;
    while let Some(block) = reader.next_block()? {
        genes += block.genes.len();
    }
    let summary = reader.finish()?;
    writeln!(
        stdout,
        "{genes} genes, {} missing values",
        summary.counts.missing
    )?;
    Ok(())
}
