//! `h5lift --version --verbose`: the libraries and features inside.

use crate::cli::exit::{Exit, Failure, written};
use clap::error::ErrorKind;
use std::ffi::OsString;
use std::io;
use std::io::Write;

/// Prints one line for each thing that decides what this build can do.
pub(crate) fn verbose() -> Result<Exit, Failure> {
    written(io::stdout().lock().write_all(details().as_bytes()))?;
    Ok(Exit::Done)
}

fn details() -> String {
    let zlib = crate::zlib_version().unwrap_or_else(|| "that of HDF5".to_owned());
    let features = crate::features().join(" ");
    let libc = if cfg!(target_feature = "crt-static") {
        "C library inside"
    } else {
        "installed C library"
    };
    format!(
        "h5lift {}\nhdf5: {} ({})\nzlib: {zlib}\nfeatures: {}\ntarget: {}-{} ({libc})\n",
        env!("CARGO_PKG_VERSION"),
        crate::hdf5_version(),
        if cfg!(feature = "static") {
            "inside"
        } else {
            "installed"
        },
        if features.is_empty() {
            "none"
        } else {
            &features
        },
        std::env::consts::ARCH,
        std::env::consts::OS,
    )
}

/// Whether the answer to these arguments is the version with its details: clap ends at `--version`, whatever follows.
pub(crate) fn is_asked(kind: ErrorKind, arguments: impl Iterator<Item = OsString>) -> bool {
    let spellings = ["--verbose", "-v", "-Vv", "-vV"];
    kind == ErrorKind::DisplayVersion
        && arguments
            .skip(1)
            .any(|argument| spellings.iter().any(|spelling| argument == *spelling))
}

/// Says on stderr that the HDF5 inside has faults that later versions do not have.
pub(crate) fn warn() {
    if crate::hdf5_is_known_faulty() {
        let text = faulty(&crate::hdf5_version());
        // If stderr is closed, nobody is there to be warned.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

pub(crate) fn faulty(hdf5: &str) -> String {
    format!(
        "warning: this h5lift was built with HDF5 {hdf5}; damaged files can reach faults of it that HDF5 2.1 corrected\n  \
         help: build h5lift with its default features, which contain a newer HDF5\n"
    )
}
