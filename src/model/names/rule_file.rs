//! A file of rules: what a laboratory says of the files of its archive. Pure.
//!
//! Keys before the first `[[rule]]` hold for all files. Of the rules, the first one whose `files` match a file holds for
//! it, and its keys win over those before.

use crate::model::names::place::NamesPlace;
use crate::model::names::rules::{Rules, absolute, one_or_some};
use crate::model::plan::policy::{Charset, Preference};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::PathBuf;

/// A file of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RuleFile {
    /// Path of the matrix in the files, if it is not `/expr`.
    #[serde(deserialize_with = "absolute")]
    matrix: Option<String>,
    /// Place of the gene names: `/path/of/dataset`, `/path/of/object@attribute` or `/path/of/table@field`. Of several, the first that a file has.
    #[serde(deserialize_with = "one_or_some")]
    #[schemars(with = "OneOrSome")]
    genes_from: Vec<NamesPlace>,
    /// Place of the sample names, in the same form.
    #[serde(deserialize_with = "one_or_some")]
    #[schemars(with = "OneOrSome")]
    samples_from: Vec<NamesPlace>,
    /// Whether genes are the columns, and become rows.
    transpose: Option<bool>,
    /// Encoding of names that are not UTF-8.
    encoding: Option<Charset>,
    /// Which names win where attribute and dataset differ.
    prefer: Option<Preference>,
    /// Files that have the names which others have lost, relative to the rules file.
    #[serde(deserialize_with = "paths")]
    #[schemars(with = "OneOrSome")]
    names_from: Vec<PathBuf>,
    /// What holds for some of the files; the first rule that matches a file counts.
    rule: Vec<FileRule>,
}

/// What is said of some files.
// The keys are those of `RuleFile` once more: with `serde(flatten)`, an unknown key would be no error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct FileRule {
    /// Globs of the files; none: all files.
    #[serde(alias = "paths", deserialize_with = "globs")]
    #[schemars(with = "OneOrSome")]
    pub(crate) files: Vec<String>,
    /// Path of the matrix in the files, if it is not `/expr`.
    #[serde(deserialize_with = "absolute")]
    matrix: Option<String>,
    /// Place of the gene names: `/path/of/dataset`, `/path/of/object@attribute` or `/path/of/table@field`. Of several, the first that a file has.
    #[serde(deserialize_with = "one_or_some")]
    #[schemars(with = "OneOrSome")]
    genes_from: Vec<NamesPlace>,
    /// Place of the sample names, in the same form.
    #[serde(deserialize_with = "one_or_some")]
    #[schemars(with = "OneOrSome")]
    samples_from: Vec<NamesPlace>,
    /// Whether genes are the columns, and become rows.
    transpose: Option<bool>,
    /// Encoding of names that are not UTF-8.
    encoding: Option<Charset>,
    /// Which names win where attribute and dataset differ.
    prefer: Option<Preference>,
    /// Files that have the names which others have lost, relative to the rules file.
    #[serde(deserialize_with = "paths")]
    #[schemars(with = "OneOrSome")]
    names_from: Vec<PathBuf>,
}

/// What holds for a file that a rule is for, defaults of the rules file included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directives {
    /// Where matrix and names are.
    pub(crate) rules: Rules,
    /// Genes become rows.
    pub(crate) transpose: bool,
    /// How names are decoded.
    pub(crate) encoding: Option<Charset>,
    /// Which names win a conflict.
    pub(crate) prefer: Option<Preference>,
    /// Files that names are taken from, as they are written in the rules file.
    pub(crate) names_from: Vec<PathBuf>,
}

impl RuleFile {
    /// Reads a file of rules. The error says what is wrong and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|at| text.as_bytes().get(..at.start));
            let line = before.map(|text| text.iter().filter(|it| **it == b'\n').count() + 1);
            match line {
                Some(line) => format!("line {line}: {}", error.message()),
                None => error.message().to_string(),
            }
        })
    }

    /// What holds for files that no rule is for.
    pub(crate) fn defaults(&self) -> Directives {
        self.completed(&FileRule::default())
    }

    /// The rules, each with the globs of its files and what holds for them.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&[String], Directives)> {
        self.rule
            .iter()
            .map(|rule| (&rule.files[..], self.completed(rule)))
    }

    fn completed(&self, rule: &FileRule) -> Directives {
        let list = |own: &Vec<NamesPlace>, default: &Vec<NamesPlace>| match own.is_empty() {
            true => default.clone(),
            false => own.clone(),
        };
        Directives {
            rules: Rules {
                matrix: rule.matrix.clone().or_else(|| self.matrix.clone()),
                genes_from: list(&rule.genes_from, &self.genes_from),
                samples_from: list(&rule.samples_from, &self.samples_from),
                transpose: false,
            },
            transpose: rule.transpose.or(self.transpose).unwrap_or(false),
            encoding: rule.encoding.or(self.encoding),
            prefer: rule.prefer.or(self.prefer),
            names_from: match rule.names_from.is_empty() {
                true => self.names_from.clone(),
                false => rule.names_from.clone(),
            },
        }
    }
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum OneOrSome {
    /// One of them.
    One(String),
    /// Several.
    Some(Vec<String>),
}

fn globs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match OneOrSome::deserialize(deserializer)? {
        OneOrSome::One(glob) => vec![glob],
        OneOrSome::Some(globs) => globs,
    })
}

fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    Ok(globs(deserializer)?
        .into_iter()
        .map(PathBuf::from)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_for_all_files_stands_alone() {
        let file = RuleFile::parse("matrix = \"run/x\"\ngenes-from = [\"/a\", \"/b\"]\n").unwrap();
        let all = file.defaults();
        assert_eq!(all.rules.matrix(), "/run/x");
        assert_eq!(all.rules.genes_from.len(), 2);
        assert_eq!(file.rules().count(), 0);
    }

    #[test]
    fn keys_of_a_rule_win_over_those_for_all_files() {
        let file = RuleFile::parse(
            r#"
            encoding = "latin1"
            prefer = "attributes"

            [[rule]]
            files = "*.gctx"
            matrix = "/0/DATA/0/matrix"
            genes-from = "/0/META/ROW/id"
            samples-from = "/0/META/COL/id"
            transpose = true

            [[rule]]
            files = ["*.loom", "loom/**"]
            encoding = "utf8"
            names-from = "names.txt"
            "#,
        )
        .unwrap();
        let rules: Vec<_> = file.rules().collect();
        let (files, gctx) = &rules[0];
        assert_eq!(*files, ["*.gctx"]);
        assert!(gctx.transpose);
        assert_eq!(gctx.encoding, Some(Charset::Latin1));
        let (files, loom) = &rules[1];
        assert_eq!(files.len(), 2);
        assert_eq!(loom.encoding, Some(Charset::Utf8));
        assert_eq!(loom.prefer, Some(Preference::Attributes));
        assert_eq!(loom.names_from, [PathBuf::from("names.txt")]);
        assert!(!loom.transpose);
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        for text in [
            "matrx = \"/a\"\n",
            "[[rule]]\nfile = \"*.h5\"\n",
            "[[rule]]\nencoding = \"ebcdic\"\n",
            "[[rule]]\ngenes-from = \"/a@\"\n",
            "[[rules]]\nfiles = \"*.h5\"\n",
        ] {
            assert!(RuleFile::parse(text).is_err(), "{text}");
        }
    }
}
