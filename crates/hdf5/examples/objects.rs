//! Lists every object of an HDF5 file: `cargo run -p h5lift-hdf5 --example objects -- FILE`.

use h5::file::File;
use h5::tree::Tree;
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: objects FILE")?;
    let file = File::open(std::fs::File::open(path)?)?;
    let mut stdout = std::io::stdout().lock();
    for entry in &Tree::of(&file, &[])?.entries {
        writeln!(
            stdout,
            "{}  {:?}",
            String::from_utf8_lossy(&entry.path),
            entry.node
        )?;
    }
    Ok(())
}
