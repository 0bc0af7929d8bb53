//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    h5lift::cli::run().into()
}
