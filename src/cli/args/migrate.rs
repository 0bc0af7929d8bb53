//! Options of `migrate` alone: destination, storage, and rescue.

use crate::cli::args::choices::{IfCurrentName, ShuffleName, VerifyLevel};
use crate::cli::args::names::NamesOptions;
use crate::cli::args::tmp_dir::TmpDirOption;
use crate::cli::exit::Failure;
use crate::files::discover::own_names::BACKUP_SUFFIX;
use crate::files::{Backup, Destination};
use crate::model::names::rules::Rules;
use crate::model::plan::policy::{Chunks, Policy, Preference, Verification};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
pub(crate) struct DestinationOptions {
    /// Write new files below this folder, in the same tree
    #[arg(long, value_name = "DIR", conflicts_with_all = ["in_place", "out"])]
    out_dir: Option<PathBuf>,
    /// Replace each file by its new version; originals are kept unless --no-backup is given
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
    /// Write the new version of one file here
    #[arg(
        short,
        long = "output",
        value_name = "OUT",
        id = "out",
        conflicts_with = "shard"
    )]
    out: Option<PathBuf>,
    /// With --in-place: keep originals below this folder, in the same tree
    #[arg(
        long,
        value_name = "DIR",
        requires = "in_place",
        conflicts_with_all = ["backup_suffix", "out_dir", "out"]
    )]
    backup_dir: Option<PathBuf>,
    /// With --in-place: keep originals beside the new files, with this suffix
    #[arg(
        long,
        value_name = "SUFFIX",
        requires = "in_place",
        conflicts_with_all = ["out_dir", "out"],
        default_value = BACKUP_SUFFIX
    )]
    backup_suffix: OsString,
    /// With --in-place: keep no originals
    #[arg(
        long,
        requires = "in_place",
        conflicts_with_all = ["backup_dir", "backup_suffix", "out_dir", "out"]
    )]
    no_backup: bool,
    /// Replace outputs that exist
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// With -o or --out-dir: what to do with a file that is current already
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "skip",
        conflicts_with = "in_place"
    )]
    pub(crate) if_current: IfCurrentName,
    #[command(flatten)]
    pub(crate) tmp_dir: TmpDirOption,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "New files")]
pub(crate) struct LayoutOptions {
    /// Deflate level of /expr
    #[arg(long, value_name = "0..9", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip_level: u8,
    /// Shuffle bytes before compression; auto compares samples with and without
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    shuffle: ShuffleName,
    /// Chunk shape of /expr: auto, keep, or genes x samples such as 512x64
    #[arg(long, value_name = "SHAPE", default_value = "auto")]
    chunks: Chunks,
    /// Rewrite current files whose /expr is not gzip
    #[arg(long)]
    recompress: bool,
    /// Write chunks of /expr that cannot be decoded as NaN, and record that in the new file
    #[arg(long, conflicts_with = "in_place")]
    salvage: bool,
    #[command(flatten)]
    names: NamesOptions,
    /// What is verified before a new file is put in place
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    verify: VerifyLevel,
}

/// What is done with files that would be refused.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rescue")]
pub(crate) struct RescueOptions {
    /// Which names win where attribute and dataset differ
    #[arg(long, value_name = "WHICH")]
    prefer: Option<Prefer>,
    /// Make genes the rows of matrices whose names say that they are the columns
    #[arg(long)]
    transpose: bool,
    /// Accept matrices with chunks that were never written; they stay unwritten
    #[arg(long)]
    allow_missing_chunks: bool,
    /// Add n_genes and n_samples where they are missing
    #[arg(long)]
    set_counts: bool,
}

/// `--prefer`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Prefer {
    /// The attributes of /expr
    Attributes,
    /// The datasets in the root
    Datasets,
}

impl DestinationOptions {
    pub(crate) fn destination(&self) -> Result<Destination, Failure> {
        match (&self.out_dir, &self.out, self.in_place) {
            (Some(folder), _, _) => Ok(Destination::Tree(folder.clone())),
            (_, Some(file), _) => Ok(Destination::File(file.clone())),
            (_, _, true) => Ok(Destination::InPlace(self.backup())),
            _ => Err(Failure::usage(
                "no destination is given",
                "choose --out-dir DIR (a new tree), --in-place (originals are kept beside), or -o OUT (one file)",
            )),
        }
    }

    fn backup(&self) -> Backup {
        match &self.backup_dir {
            _ if self.no_backup => Backup::None,
            Some(folder) => Backup::Folder(folder.clone()),
            None => Backup::Suffix(self.backup_suffix.clone()),
        }
    }
}

impl LayoutOptions {
    pub(crate) fn verification(&self) -> Verification {
        self.verify.into()
    }

    pub(crate) fn policy(&self, rescue: &RescueOptions, rules: Rules) -> Policy {
        Policy {
            transpose: rescue.transpose,
            allow_missing_chunks: rescue.allow_missing_chunks,
            set_counts: rescue.set_counts,
            prefer: rescue.prefer.map(|prefer| match prefer {
                Prefer::Attributes => Preference::Attributes,
                Prefer::Datasets => Preference::Datasets,
            }),
            gzip_level: self.gzip_level,
            shuffle: self.shuffle.into(),
            chunks: self.chunks,
            recompress: self.recompress,
            salvage: self.salvage,
            string_type: self.names.string_type(),
            scales: self.names.scales(),
            rules,
            ..Policy::default()
        }
    }
}
