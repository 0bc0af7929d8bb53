//! The places of matrix and names in archives with other names.

use crate::cli::args::name_sources::read_sources;
use crate::cli::args::places::PlaceParser;
use crate::cli::exit::Failure;
use crate::files::discover::patterns::{FileGlobs, names_an_ending};
use crate::jobs::file_policy::PolicyRule;
use crate::jobs::settings::Settings;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::names::rule_file::{Directives, RuleFile};
use crate::model::names::rules::absolute_path;
use crate::model::plan::policy::{Charset, Policy};
use clap::Args;
use std::fs::File;
use std::io;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Options for the places of matrix and names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct RuleOptions {
    /// Path of the matrix in the files, if it is not /expr
    #[arg(long, value_name = "PATH", value_parser = matrix)]
    pub matrix: Option<String>,

    /// Place of the gene names: /path/of/dataset or /path/of/object@attribute
    #[arg(long, value_name = "PLACE", value_parser = PlaceParser(Axis::Genes), hide_possible_values = true)]
    pub genes_from: Option<NamesPlace>,

    /// Place of the sample names, in the same form
    #[arg(long, value_name = "PLACE", value_parser = PlaceParser(Axis::Samples), hide_possible_values = true)]
    pub samples_from: Option<NamesPlace>,

    /// Read these options, transpose, encoding, prefer and names-from from a file, for all files or for some
    #[arg(long, value_name = "FILE.toml")]
    pub rules: Option<PathBuf>,
}

impl RuleOptions {
    /// Adds what was typed and what the rules file says to settings that have everything else. Names that a file has lost are
    /// taken from `names_from`, too.
    pub(crate) fn apply(
        &self,
        names_from: &[PathBuf],
        settings: &mut Settings,
    ) -> Result<(), Failure> {
        let file = self.file()?;
        let typed = settings.policy.clone();
        let policy = |directives: &Directives| self.policy(&typed, directives);
        let sources = |policy: &Policy, directives: &Directives| {
            let from_rules = directives
                .names_from
                .iter()
                .map(|path| self.beside_rules(path));
            let all: Vec<PathBuf> = names_from.iter().cloned().chain(from_rules).collect();
            read_sources(&all, policy, settings)
        };
        let mut rules = Vec::new();
        for (globs, directives) in file.rules() {
            let policy = policy(&directives);
            rules.push(PolicyRule {
                files: FileGlobs::new(globs)?,
                sources: sources(&policy, &directives)?,
                policy,
            });
        }
        let others = file.defaults();
        let policy = policy(&others);
        settings.sources = Arc::new(sources(&policy, &others)?);
        settings.policy = policy;
        settings.rules = Arc::new(rules);
        Ok(())
    }

    /// Globs of the rules file that name files by how they end: a walk takes these files, too.
    pub(crate) fn includes(&self) -> Result<Vec<String>, Failure> {
        let file = self.file()?;
        let globs = file.rules().flat_map(|(globs, _)| globs);
        Ok(globs
            .filter(|glob| names_an_ending(glob))
            .cloned()
            .collect())
    }

    fn file(&self) -> Result<RuleFile, Failure> {
        self.rules
            .as_deref()
            .map_or_else(|| Ok(RuleFile::default()), read)
    }

    /// What was typed wins over what the rules file says.
    fn policy(&self, typed: &Policy, directives: &Directives) -> Policy {
        let mut rules = directives.rules.clone();
        if self.matrix.is_some() {
            rules.matrix.clone_from(&self.matrix);
        }
        if let Some(place) = &self.genes_from {
            rules.genes_from = vec![place.clone()];
        }
        if let Some(place) = &self.samples_from {
            rules.samples_from = vec![place.clone()];
        }
        Policy {
            rules,
            transpose: typed.transpose || directives.transpose,
            prefer: typed.prefer.or(directives.prefer),
            charset: match typed.charset {
                Charset::Utf8 => directives.encoding.unwrap_or(Charset::Utf8),
                other => other,
            },
            ..typed.clone()
        }
    }

    /// Paths in a rules file are relative to its folder.
    fn beside_rules(&self, path: &Path) -> PathBuf {
        let folder = self.rules.as_deref().and_then(Path::parent);
        folder.map_or_else(|| path.to_path_buf(), |folder| folder.join(path))
    }
}

/// A thousand rules take a tenth of it.
const LONGEST_RULES: u64 = 1 << 20;

fn matrix(text: &str) -> Result<String, String> {
    match absolute_path(text) {
        path if path == "/" => {
            Err("expected the path of a dataset, such as /expression".to_string())
        }
        path => Ok(path),
    }
}

fn read(path: &Path) -> Result<RuleFile, Failure> {
    let unreadable = |error: io::Error| {
        Failure::usage(
            format!("{}: the rules cannot be read: {error}", path.display()),
            "give a TOML file that is there and readable with --rules",
        )
    };
    let wrong = |why: String| {
        Failure::usage(
            format!("{}: these are no rules: {why}", path.display()),
            "write keys such as genes-from = \"/meta/genes\", for all files or in [[rule]] blocks with files = \"*.gctx\"",
        )
    };
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST_RULES + 1).read_to_string(&mut text))
        .map_err(unreadable)?;
    if text.len() as u64 > LONGEST_RULES {
        return Err(wrong(format!("they are longer than {LONGEST_RULES} bytes")));
    }
    RuleFile::parse(&text).map_err(wrong)
}
