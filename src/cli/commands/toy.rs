//! `h5lift toy`: data with a known co-expression design, as HDF5 and as TSV.

use crate::cli::args::options::{OutputOptions, RunChoices, WorkOptions};
use crate::cli::batch::collect::collect_from;
use crate::cli::batch::roles::report_roles;
use crate::cli::batch::text::run_made;
use crate::cli::exit::{Exit, Failure};
use crate::files::path_error::AtPath;
use crate::files::{
    Commit, Output, PermissionSource, RunLock, Sought, Temporary, WalkOptions, commit,
};
use crate::jobs::steps::convert::TextInput;
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout};
use crate::model::names::form::NamesForm;
use crate::model::plan::policy::{Chunks, Shuffle};
use crate::model::toy::{ToyDesign, toy, tsv_lines};
use clap::{Args, ValueEnum};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use text_matrix::options::ReadOptions;

/// Options of `toy`.
#[derive(Debug, Args)]
pub(crate) struct Toy {
    /// HDF5 file; a TSV with the same data is written beside it
    #[arg(short, long = "output", value_name = "FILE")]
    out: PathBuf,
    /// Number of genes: gene 0 rises over the samples, 1 to 8 are pairs, the others are noise
    #[arg(long, value_name = "N", default_value_t = 10)]
    genes: usize,
    #[arg(long, value_name = "N", default_value_t = 60)]
    samples: usize,
    /// The same seed gives the same bytes everywhere
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Place of the names
    #[arg(long, value_name = "LAYOUT", default_value = "current")]
    layout: LayoutName,
    /// Replace files that exist
    #[arg(long)]
    overwrite: bool,
    /// How /expr is stored instead of as its layout has it, and at which level.
    #[arg(skip)]
    stored: Option<(Compression, u8)>,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayoutName {
    /// In datasets, /expr in gzip
    Current,
    /// In attributes of /expr, which is not compressed
    Legacy,
    /// In both, as the old pipeline wrote them
    Hybrid,
}

impl Toy {
    pub(crate) fn of(
        out: PathBuf,
        overwrite: bool,
        stored: (Compression, u8),
        work: WorkOptions,
        output: OutputOptions,
    ) -> Self {
        let design = ToyDesign::default();
        Toy {
            out,
            genes: design.genes,
            samples: design.samples,
            seed: design.seed,
            layout: LayoutName::Current,
            overwrite,
            stored: Some(stored),
            work,
            output,
        }
    }

    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let design = ToyDesign {
            genes: self.genes,
            samples: self.samples,
            seed: self.seed,
        };
        let matrix = toy(design).map_err(|error| {
            Failure::usage(error.to_string(), "choose other --genes or --samples")
        })?;
        let text = self.out.with_extension("tsv");
        if text == self.out {
            return Err(Failure::usage(
                format!("{} is the name of the TSV", text.display()),
                "end -o FILE in .h5",
            ));
        }
        self.refuse_to_replace(&text)?;
        let mut roles = report_roles(&self.output)?;
        roles.write("the matrix", &self.out)?;
        roles.write("the table", &text)?;
        self.convert(&text, || write(&text, self.overwrite, tsv_lines(&matrix)))
    }

    fn refuse_to_replace(&self, text: &Path) -> Result<(), Failure> {
        let taken = [&self.out, text]
            .into_iter()
            .find(|path| path.symlink_metadata().is_ok());
        match taken {
            Some(path) if !self.overwrite => Err(Failure::usage(
                format!("{} is already there", path.display()),
                "use --overwrite to replace it",
            )),
            _ => Ok(()),
        }
    }

    /// `make` writes the text when nothing can be wrong with the command line any more.
    fn convert(
        &self,
        text: &Path,
        make: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let settings = self.work.settings(RunChoices {
            overwrite: self.overwrite,
            ..RunChoices::default()
        })?;
        let options = WalkOptions {
            sought: Sought::Text,
            ..WalkOptions::default()
        };
        let names = match self.layout {
            LayoutName::Current => NamesLayout::Current,
            LayoutName::Legacy => NamesLayout::Legacy,
            LayoutName::Hybrid => NamesLayout::Hybrid,
        };
        let stored = self.stored.unwrap_or(match names {
            NamesLayout::Current => (Compression::Gzip, 4),
            NamesLayout::Legacy | NamesLayout::Hybrid => (Compression::None, 4),
        });
        let conversion = Conversion {
            stem: String::new(),
            options: ReadOptions::default(),
            compression: stored.0,
            level: stored.1,
            shuffle: Shuffle::Auto,
            chunks: Chunks::Auto,
            names,
            form: NamesForm::default(),
        };
        let output = Output::named(self.out.clone(), self.overwrite);
        let input = |candidate| TextInput {
            candidate,
            pipe: false,
            conversion: conversion.clone(),
            output: Some(output.clone()),
            rival: None,
        };
        run_made(&settings, &self.output, false, || {
            make()?;
            collect_from(vec![text.to_path_buf()], &options)?
                .with(|candidates| Ok(candidates.into_iter().map(input).collect()))
        })
    }
}

/// Writes a text as any other new file: whole, or not at all.
fn write(path: &Path, overwrite: bool, lines: impl Iterator<Item = String>) -> Result<(), Failure> {
    let temporary = Temporary::create_beside(path, PermissionSource::default())
        .map_err(|error| Failure::error(&error))?;
    let mut out = BufWriter::new(temporary.file());
    let written = lines
        .into_iter()
        .try_for_each(|line| out.write_all(line.as_bytes()))
        .and_then(|()| out.flush());
    drop(out);
    written
        .at(path, "write it")
        .map_err(|error| Failure::error(&error))?;
    let request = Commit {
        output: Output::named(path.to_path_buf(), overwrite),
        original: None,
    };
    commit(&request, temporary, &RunLock::default())
        .map(drop)
        .map_err(|error| Failure::error(&error))
}
