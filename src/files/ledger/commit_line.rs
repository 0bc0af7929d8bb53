//! The lines of a commit: what is about to be done, and how it ended.
//!
//! A fact is in one of them only. The second line has what was not known before, and of the row what is not as the first line
//! lets expect.

use crate::files::checksum::{Fingerprint, Sha256Sum};
use crate::files::ledger::entry::{Begun, CommitId, LedgerPath, NewFile, Placement};
use crate::files::ledger::stored_row::{Forms, StoredRow};
use crate::model::protocol::path_text;
use crate::model::protocol::path_text::PathText;
use crate::model::record::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::path::{Component, Path, PathBuf};

/// A commit that is about to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BegunLine {
    /// Its number.
    pub(crate) id: CommitId,
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// The original.
    #[serde(with = "path_text")]
    #[schemars(with = "PathText")]
    pub(crate) source: PathBuf,
    /// Its length.
    source_bytes: u64,
    /// Its bytes.
    source_sha256: Sha256Sum,
    #[serde(flatten)]
    placement: Placement,
    /// The new file.
    new: NewFile,
    /// The row as it will be, except for its outcome.
    #[serde(flatten)]
    pub(crate) row: StoredRow,
}

/// A commit that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DoneLine {
    /// Which one.
    pub(crate) id: CommitId,
    /// Where the original is kept, if that is not the planned name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "there"
    )]
    #[schemars(with = "Option<LedgerPath>")]
    backup: Option<Option<LedgerPath>>,
    #[serde(flatten)]
    row: RowChanges,
}

/// What is different in a row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RowChanges {
    /// Keys of the row whose values are not those that the commit lets expect, with the right ones.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    changes: Map<String, Value>,
}

impl BegunLine {
    /// Also the number and text of the row's form, if the ledger does not have that yet.
    pub(crate) fn of(begun: &Begun, forms: &mut Forms) -> (BegunLine, Option<(u32, String)>) {
        let (row, form) = forms.pack(&begun.record, Some(&begun.source));
        let mut placement = begun.placement.clone();
        if let Placement::InPlace {
            backup: Some(backup),
        } = &mut placement
            && let Some(name) = name_beside(&backup.0, &begun.source)
        {
            *backup = LedgerPath(name);
        }
        let line = BegunLine {
            id: begun.id,
            at: begun.at,
            source: begun.source.clone(),
            source_bytes: begun.old.bytes,
            source_sha256: begun.old.sha256,
            placement,
            new: begun.new,
            row,
        };
        (line, form)
    }

    /// The name that the new file gets.
    pub(crate) fn destination(&self) -> &Path {
        match &self.placement {
            Placement::InPlace { .. } => &self.source,
            Placement::Elsewhere { destination } => &destination.0,
        }
    }

    /// Path of the row, and its bytes where the text loses some.
    pub(crate) fn row_path(&self) -> Result<(String, Option<&str>), String> {
        self.row.path(Some(&self.source))
    }

    pub(crate) fn into_begun(self, forms: &Forms) -> Result<Begun, String> {
        let record = forms.unpack(self.row, Some(&self.source))?;
        let mut placement = self.placement;
        if let Placement::InPlace {
            backup: Some(backup),
        } = &mut placement
            && is_name(&backup.0)
        {
            backup.0 = self.source.with_file_name(&backup.0);
        }
        Ok(Begun {
            id: self.id,
            at: self.at,
            old: Fingerprint {
                bytes: self.source_bytes,
                sha256: self.source_sha256,
            },
            placement,
            new: self.new,
            record: Box::new(record),
            source: self.source,
        })
    }
}

impl DoneLine {
    /// `backup` is where the original is kept.
    pub(crate) fn of(begun: &Begun, backup: Option<&Path>, record: &Record) -> DoneLine {
        DoneLine {
            id: begun.id,
            backup: (backup != begun.backup())
                .then(|| backup.map(|path| LedgerPath(path.to_path_buf()))),
            row: RowChanges::between(&expected_row(begun, backup), record),
        }
    }

    /// Where the original is kept, and the row.
    pub(crate) fn ending(self, begun: &Begun) -> Result<(Option<PathBuf>, Record), String> {
        let backup = match self.backup {
            Some(told) => told.map(|path| path.0),
            None => begun.backup().map(Path::to_path_buf),
        };
        let record = self.row.apply(expected_row(begun, backup.as_deref()))?;
        Ok((backup, record))
    }
}

impl RowChanges {
    /// What makes one row another one.
    pub(crate) fn between(expected: &Record, record: &Record) -> RowChanges {
        let mut changes = Map::new();
        if expected != record {
            let expected = keys_of(expected);
            let mut actual = keys_of(record);
            // A key that is left out is null.
            for key in expected.keys() {
                actual.entry(key.clone()).or_insert(Value::Null);
            }
            let differs = |(key, value): &(String, Value)| expected.get(key) != Some(value);
            changes = actual.into_iter().filter(differs).collect();
        }
        RowChanges { changes }
    }

    pub(crate) fn apply(self, record: Record) -> Result<Record, String> {
        if self.changes.is_empty() {
            return Ok(record);
        }
        let mut keys = keys_of(&record);
        keys.extend(self.changes);
        serde_json::from_value(Value::Object(keys)).map_err(|error| format!("its row: {error}"))
    }
}

/// The row of a commit that is done, if there is nothing else to say.
fn expected_row(begun: &Begun, backup: Option<&Path>) -> Record {
    let mut record = (*begun.record).clone();
    record.outcome = Some(record.outcome_in_place());
    record.bytes_after = Some(begun.new.content.bytes);
    match &begun.placement {
        Placement::InPlace { .. } => {
            record.output = Some(record.path.clone());
            let name = backup.and_then(|backup| name_beside(backup, &begun.source));
            let kept = name.map(|name| Path::new(&record.path).with_file_name(name));
            record.backup = kept.map(|kept| kept.to_string_lossy().into_owned());
        }
        Placement::Elsewhere { destination } => {
            // Relative, if the path of the original was given so.
            let source = begun.source.to_str();
            let folder = source.and_then(|source| source.strip_suffix(&record.path));
            let output = folder.and_then(|folder| destination.0.strip_prefix(folder).ok());
            let output = output.unwrap_or(&destination.0);
            record.output = Some(output.to_string_lossy().into_owned());
        }
    }
    record
}

fn keys_of(record: &Record) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(keys)) => keys,
        // A record is an object.
        _ => Map::new(),
    }
}

/// The name of a file, if it is in the folder of another one.
fn name_beside(path: &Path, other: &Path) -> Option<PathBuf> {
    let name = PathBuf::from(path.file_name()?);
    (other.with_file_name(&name) == path && is_name(&name)).then_some(name)
}

fn is_name(path: &Path) -> bool {
    let mut components = path.components();
    matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(_)), None)
    )
}

/// A key that is there is `Some`, also with the value null.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
