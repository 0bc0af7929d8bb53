//! `h5lift licenses`: the licences of the software inside.

use crate::cli::exit::{Exit, Failure, written};
use std::io;
use std::io::Write;

/// Written by `make notices`; `make deny` compares it with the dependencies.
const NOTICES: &str = include_str!("../../../THIRD-PARTY-NOTICES.txt");

pub(crate) fn licenses() -> Result<Exit, Failure> {
    written(io::stdout().lock().write_all(NOTICES.as_bytes()))?;
    Ok(Exit::Done)
}
