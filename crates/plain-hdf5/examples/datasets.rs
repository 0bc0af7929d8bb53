//! Lists the datasets of a simple HDF5 file without the library:
//! `cargo run -p h5lift-plain-hdf5 --example datasets -- FILE`.

use plain_hdf5::plain::file::open;
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: datasets FILE")?;
    let stored = std::fs::read(path)?;
    let datasets = open(&stored, |file, _heaps| {
        let datasets = file.datasets.iter();
        Ok(datasets
            .map(|(link, dataset)| (link.name.clone(), dataset.extent.shape.clone()))
            .collect::<Vec<_>>())
    });
    let mut stdout = std::io::stdout().lock();
    match datasets {
        Ok(datasets) => {
            for (name, shape) in datasets {
                writeln!(stdout, "/{}  {shape:?}", String::from_utf8_lossy(&name))?;
            }
        }
        Err(error) => writeln!(stdout, "not in the simple subset: {error:?}")?,
    }
    Ok(())
}
