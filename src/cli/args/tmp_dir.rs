//! `--tmp-dir`: where new files are written before they come to their destination.

use crate::cli::exit::Failure;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
pub(crate) struct TmpDirOption {
    /// Write and verify each new file in this folder of a local disk, then copy it to its destination and check the copy
    #[arg(long, value_name = "DIR")]
    tmp_dir: Option<PathBuf>,
}

impl TmpDirOption {
    /// The folder, if one is given.
    pub(crate) fn folder(&self) -> Result<Option<PathBuf>, Failure> {
        match &self.tmp_dir {
            Some(folder) if !folder.is_dir() => Err(Failure::usage(
                format!("--tmp-dir {}: this is not a folder", folder.display()),
                "give a folder on a local disk that is there; no file was touched",
            )),
            folder => Ok(folder.clone()),
        }
    }
}
