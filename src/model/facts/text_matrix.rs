//! A text matrix: how it is converted, what was read of it, what is wrong with it.

use crate::model::names::form::NamesForm;
use crate::model::plan::policy::{Chunks, Shuffle};
use crate::model::record::finding::Finding;
use serde::{Deserialize, Serialize};
use text_matrix::options::ReadOptions;

/// How a text matrix is converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// The name of the sample in a file that has none.
    pub stem: String,
    /// How the text is to be read.
    #[serde(rename = "wishes")]
    pub options: ReadOptions,
    pub compression: Compression,
    /// Deflate level, 0-9.
    pub level: u8,
    /// Whether bytes are shuffled before deflate.
    pub shuffle: Shuffle,
    /// The chunk shape of `/expr`.
    pub chunks: Chunks,
    /// Place of the names.
    pub names: NamesLayout,
    /// How they are stored there.
    #[serde(default, skip_serializing_if = "NamesForm::is_default")]
    pub form: NamesForm,
}

impl Conversion {
    /// What a new file records of its conversion: enough to know whether another conversion of the same text
    /// would give the same file.
    pub fn mark(&self) -> String {
        // The same text through a pipe makes the same file.
        let nameless = Conversion {
            stem: String::new(),
            ..self.clone()
        };
        // Plain data; a failure would only make the file differ from any other.
        serde_json::to_string(&nameless).unwrap_or_default()
    }
}

/// How the values of a new file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// In chunks of gzip, which every HDF5 reads.
    #[default]
    Gzip,
    /// In chunks of LZF, which h5py and PyTables read.
    Lzf,
    /// In one block, as they are.
    None,
}

/// Where a new file has its names. The older layouts are for testing a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamesLayout {
    /// In datasets.
    #[default]
    Current,
    /// In attributes of `/expr`.
    Legacy,
    /// In both.
    Hybrid,
}

/// The result of reading a text matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextFacts {
    /// Genes and samples.
    pub shape: [u64; 2],
    /// numpy's spelling of the values' type.
    pub dtype: String,
    /// Its dialect, in plain sentences.
    pub dialect: Vec<String>,
    /// Some names of genes.
    pub genes: NamesSeen,
    /// Some names of samples.
    pub samples: NamesSeen,
    /// Oddities that hinder nothing.
    pub findings: Vec<Finding>,
}

/// Some names of an axis.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesSeen {
    /// The first few.
    pub first: Vec<String>,
    pub last: Option<String>,
}

impl NamesSeen {
    const SHOWN: usize = 5;

    /// Of all names of an axis.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut seen = NamesSeen::default();
        seen.extend(names);
        seen
    }

    /// Adds names that follow.
    pub fn extend<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut last = None;
        for name in names {
            if self.first.len() < Self::SHOWN {
                self.first.push(name.to_string());
            }
            last = Some(name);
        }
        if let Some(last) = last {
            self.last = Some(last.to_string());
        }
    }
}
