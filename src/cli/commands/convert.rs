//! `h5lift convert`: text matrices in, proved HDF5 files out.

use crate::cli::args::choices::{ShuffleName, VerifyLevel};
use crate::cli::args::names::NamesOptions;
use crate::cli::args::options::{FileOptions, OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::text::TextOptions;
use crate::cli::args::tmp_dir::TmpDirOption;
use crate::cli::batch::collect::{Collected, collect_from};
use crate::cli::batch::roles::{read_by_options, report_roles};
use crate::cli::batch::text::run;
use crate::cli::commands::toy::Toy;
use crate::cli::exit::{Exit, Failure, warn};
use crate::files::{Candidate, Destination, Output, Sought, plan_outputs, rivals, text_stem};
use crate::jobs::steps::convert::{STDIN, TextInput};
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout};
use crate::model::plan::policy::{Chunks, Verification};
use clap::{Args, ValueEnum};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use text_matrix::options::ReadOptions;

/// Options of `convert`.
#[derive(Debug, Args)]
#[command(mut_arg("paths", |paths| paths
    .value_name("MATRIX")
    .help("Text matrices, - for stdin, or folders that are searched for .tsv, .csv, .txt, .gct and .tab, \
           also .gz and .zst")))]
pub(crate) struct Convert {
    #[command(flatten)]
    files: FileOptions,
    /// The same as MATRIX, for compatibility with an older script
    #[arg(long, value_name = "MATRIX", hide_short_help = true,
          aliases = ["e", "ex", "exp", "expr", "expr-", "expr-t", "expr-ts"])]
    expr_tsv: Option<PathBuf>,
    #[command(flatten)]
    destination: DestinationOptions,
    /// Show how each text would be read and what is suspicious about it, and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Write toy data instead: the same as h5lift toy -o OUT
    #[arg(long, hide_short_help = true, requires = "out", conflicts_with = "dry_run", aliases = ["t", "to"])]
    toy: bool,
    #[command(flatten)]
    text: TextOptions,
    #[command(flatten)]
    layout: LayoutOptions,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Destination")]
struct DestinationOptions {
    /// Write new files below this folder, in the same tree as the texts
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    out_dir: Option<PathBuf>,
    /// Write the new file here, for one text (also --out-h5)
    #[arg(
        short,
        long = "output",
        value_name = "OUT",
        id = "out",
        conflicts_with = "shard",
        aliases = ["out-h5", "o", "ou", "out", "out-", "out-h"]
    )]
    out: Option<PathBuf>,
    /// Replace outputs that exist
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    tmp_dir: TmpDirOption,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "New files")]
struct LayoutOptions {
    /// How /expr is stored
    #[arg(long, value_name = "HOW", default_value = "gzip")]
    compression: CompressionName,
    /// Deflate level of /expr (also --compression-level)
    #[arg(long, value_name = "0..9", default_value_t = 4, aliases = ["compression-level", "compression-", "compression-l", "compression-le",
                     "compression-lev", "compression-leve"],
          value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip_level: u8,
    /// Shuffle bytes before compression; auto compares samples with and without
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    shuffle: ShuffleName,
    /// Chunk shape of /expr: auto, or genes x samples such as 512x64
    #[arg(long, value_name = "SHAPE", default_value = "auto")]
    chunks: Chunks,
    #[command(flatten)]
    names: NamesOptions,
    /// What is verified before a new file is put in place
    #[arg(long, value_name = "LEVEL", default_value = "full")]
    verify: VerifyLevel,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CompressionName {
    /// Chunks of gzip, which every HDF5 reads
    Gzip,
    /// Chunks of LZF, which h5py and PyTables read
    Lzf,
    /// One block, not compressed
    None,
}

impl From<CompressionName> for Compression {
    fn from(name: CompressionName) -> Self {
        match name {
            CompressionName::Gzip => Compression::Gzip,
            CompressionName::Lzf => Compression::Lzf,
            CompressionName::None => Compression::None,
        }
    }
}

impl DestinationOptions {
    fn is_given(&self) -> bool {
        self.out_dir.is_some() || self.out.is_some()
    }

    fn destination(&self) -> Result<Destination, Failure> {
        match (&self.out_dir, &self.out) {
            (Some(folder), _) => Ok(Destination::Tree(folder.clone())),
            (_, Some(file)) => Ok(Destination::File(file.clone())),
            _ => Err(Failure::usage(
                "no destination is given",
                "choose -o OUT (one file) or --out-dir DIR (a new tree)",
            )),
        }
    }
}

/// Where a text goes, or the output that another text claims as well.
type OutputOrRival = (Option<Output>, Option<PathBuf>);

impl Convert {
    pub(crate) fn run(mut self) -> Result<Exit, Failure> {
        self.output.take_null(&self.files)?;
        if self.toy {
            // `requires` has seen to it that there is one.
            let out = self.destination.out.clone().unwrap_or_default();
            if let Some(unread) = self.expr_tsv.iter().chain(&self.files.paths).next() {
                warn(&format!(
                    "{} is not read: --toy makes data of its own",
                    unread.display()
                ));
            }
            let stored = (self.layout.compression.into(), self.layout.gzip_level);
            let overwrite = self.destination.overwrite;
            return Toy::of(out, overwrite, stored, self.work, self.output).run();
        }
        let settings = self.work.settings(RunChoices {
            verification: Verification::from(self.layout.verify),
            overwrite: self.destination.overwrite,
            tmp_dir: self.destination.tmp_dir.folder()?,
            ..RunChoices::default()
        })?;
        let collected = self.collect()?;
        let options = self.text.read_options(self.work.encoding)?;
        let destination = match self.dry_run && !self.destination.is_given() {
            true => None,
            false => Some(self.destination.destination()?),
        };
        let is_dry = self.dry_run;
        let collected = collected.with(|candidates| {
            let outputs = match &destination {
                Some(destination) => self.outputs(&candidates, destination)?,
                None => vec![(None, None); candidates.len()],
            };
            Ok(self.texts(candidates, outputs, &options))
        })?;
        let collected = collected.of_shard(self.files.shard.shard()?);
        let mut roles = report_roles(&self.output)?;
        read_by_options(&mut roles, Some(&self.files), None, &settings)?;
        run(&settings, collected, &self.output, &roles, is_dry)
    }

    /// The new file of a text has another ending.
    fn outputs(
        &self,
        candidates: &[Candidate],
        destination: &Destination,
    ) -> Result<Vec<OutputOrRival>, Failure> {
        let renamed = |candidate: &Candidate| Candidate {
            relative: h5_name(&candidate.relative),
            ..candidate.clone()
        };
        let renamed: Vec<Candidate> = candidates.iter().map(renamed).collect();
        let outputs = plan_outputs(&renamed, destination, self.destination.overwrite)?;
        let mut rivals = rivals(candidates, &outputs);
        let outputs = outputs.into_iter().enumerate();
        Ok(outputs
            .map(|(index, output)| (Some(output), rivals.remove(&index)))
            .collect())
    }

    fn collect(&self) -> Result<Collected, Failure> {
        let mut options = self.files.walk_options();
        options.sought = Sought::Text;
        let mut given = self.files.paths.clone();
        given.extend(self.expr_tsv.clone());
        if let [path] = &given[..]
            && is_pipe(path)
        {
            return Ok(Collected {
                candidates: vec![pipe(path)],
                roots: given,
                problems: Vec::new(),
            });
        }
        if given.iter().any(|path| is_pipe(path)) {
            return Err(Failure::usage(
                "a pipe can only be converted alone",
                "give it as the only input, with -o OUT",
            ));
        }
        let roots = match (&self.expr_tsv, given.is_empty()) {
            (Some(_), _) => given,
            (None, _) => self.files.roots()?,
        };
        collect_from(roots, &options)
    }

    fn texts(
        &self,
        candidates: Vec<Candidate>,
        outputs: Vec<(Option<Output>, Option<PathBuf>)>,
        options: &ReadOptions,
    ) -> Vec<TextInput> {
        let conversion = |candidate: &Candidate| Conversion {
            stem: stem(&candidate.relative),
            options: options.clone(),
            compression: self.layout.compression.into(),
            level: self.layout.gzip_level,
            shuffle: self.layout.shuffle.into(),
            chunks: self.layout.chunks,
            names: NamesLayout::Current,
            form: self.layout.names.form(),
        };
        let text = |(candidate, (output, rival)): (Candidate, (_, _))| TextInput {
            pipe: candidate.links == 0,
            conversion: conversion(&candidate),
            candidate,
            output,
            rival,
        };
        candidates.into_iter().zip(outputs).map(text).collect()
    }
}

/// Whether a path can be read only once: stdin, or a pipe with a name.
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path == Path::new(STDIN)
        || path
            .metadata()
            .is_ok_and(|there| there.file_type().is_fifo())
}

/// A candidate of no length and no names.
fn pipe(path: &Path) -> Candidate {
    Candidate {
        path: path.to_path_buf(),
        relative: PathBuf::from("stdin"),
        root: 0,
        named: true,
        symlink: false,
        bytes: 0,
        modified: SystemTime::now(),
        links: 0,
        device: 0,
        inode: 0,
        follow_links: true,
    }
}

/// What names the sample of a text that does not, and the new file.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    let stem = text_stem(name).or_else(|| Path::new(name).file_stem());
    stem.unwrap_or_default().to_string_lossy().into_owned()
}

fn h5_name(relative: &Path) -> PathBuf {
    let name = relative.file_name().unwrap_or_default();
    let stem = text_stem(name)
        .or_else(|| Path::new(name).file_stem())
        .unwrap_or_else(|| OsStr::new("matrix"));
    let mut name = stem.to_os_string();
    name.push(".h5");
    relative.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_file_is_called_like_the_text() {
        for (text, new) in [
            ("a/b.tsv", "a/b.h5"),
            ("b.TSV.gz", "b.h5"),
            ("GTEx.gct.gz", "GTEx.h5"),
            ("v1.2.counts.txt.zst", "v1.2.counts.h5"),
            ("ReadsPerGene.out.tab", "ReadsPerGene.out.h5"),
            ("matrix", "matrix.h5"),
        ] {
            assert_eq!(h5_name(Path::new(text)), Path::new(new));
        }
        assert_eq!(stem(Path::new("x/S1.htseq.txt")), "S1.htseq");
    }
}
