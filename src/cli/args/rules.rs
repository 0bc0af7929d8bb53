//! The places of matrix and names in archives with other names.

use crate::cli::exit::Failure;
use crate::model::names::place::NamesPlace;
use crate::model::names::rules::{Rules, absolute_path};
use clap::Args;
use std::path::{Path, PathBuf};

/// Options for the places of matrix and names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Places")]
pub(crate) struct RuleOptions {
    /// Path of the matrix in the files, if it is not /expr
    #[arg(long, value_name = "PATH", value_parser = matrix)]
    pub matrix: Option<String>,

    /// Place of the gene names: /path/of/dataset or /path/of/object@attribute
    #[arg(long, value_name = "PLACE")]
    pub genes_from: Option<NamesPlace>,

    /// Place of the sample names, in the same form
    #[arg(long, value_name = "PLACE")]
    pub samples_from: Option<NamesPlace>,

    /// Read matrix, genes-from and samples-from from a file
    #[arg(long, value_name = "FILE.toml")]
    pub rules: Option<PathBuf>,
}

impl RuleOptions {
    /// The options of the command line take precedence over those of the file.
    pub(crate) fn rules(&self) -> Result<Rules, Failure> {
        let mut rules = match &self.rules {
            Some(path) => read(path)?,
            None => Rules::default(),
        };
        if self.matrix.is_some() {
            rules.matrix.clone_from(&self.matrix);
        }
        if let Some(place) = &self.genes_from {
            rules.genes_from = vec![place.clone()];
        }
        if let Some(place) = &self.samples_from {
            rules.samples_from = vec![place.clone()];
        }
        Ok(rules)
    }
}

fn matrix(text: &str) -> Result<String, String> {
    match absolute_path(text) {
        path if path == "/" => {
            Err("expected the path of a dataset, such as /expression".to_string())
        }
        path => Ok(path),
    }
}

fn read(path: &Path) -> Result<Rules, Failure> {
    let unreadable = |why: String| {
        Failure::usage(
            format!("{}: the rules cannot be read: {why}", path.display()),
            "write matrix, genes-from and samples-from, such as genes-from = \"/meta/genes\"",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    toml::from_str(&text).map_err(|error| unreadable(error.to_string()))
}
