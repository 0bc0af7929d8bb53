//! `h5lift schema`: JSON Schemas of what h5lift writes and of the rules that it reads, made from the types.
//!
//! Outputs stay open: objects may have more keys than their schema names, and where it lists words there may be others in a
//! later version. Of a rules file, only what is listed is accepted, as h5lift itself does.

use crate::cli::exit::{Exit, Failure, written};
use crate::cli::progress::object::ProgressLine;
use crate::files::ledger::LedgerLine;
use crate::model::names::rule_file::RuleFile;
use crate::model::record::Record;
use crate::model::record::report::Report;
use clap::{Args, ValueEnum};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use std::io;
use std::io::Write;

/// Options of `schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaCommand {
    /// Of what
    of: Of,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// The document of --format json and --report FILE.json
    Report,
    /// A line of --format jsonl and --report FILE.jsonl
    Record,
    /// A line of --ledger FILE.jsonl
    Ledger,
    /// A line of --progress json
    Progress,
    /// A file for --rules, read as JSON
    Rules,
}

impl SchemaCommand {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        written(io::stdout().lock().write_all(self.of.text().as_bytes()))?;
        Ok(Exit::Done)
    }
}

impl Of {
    fn text(self) -> String {
        let schema = match self {
            Of::Report => output::<Report>("h5lift report"),
            Of::Record => output::<Record>("h5lift record"),
            Of::Ledger => output::<LedgerLine>("h5lift ledger line"),
            Of::Progress => output::<ProgressLine>("h5lift progress line"),
            Of::Rules => {
                let settings = SchemaSettings::draft2020_12().for_deserialize();
                titled(
                    settings.into_generator().into_root_schema_for::<RuleFile>(),
                    "h5lift rules",
                )
            }
        };
        // A schema is JSON, so this cannot fail.
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text + "\n"
    }
}

fn output<T: JsonSchema>(title: &str) -> Schema {
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(OpenWords);
    titled(settings.into_generator().into_root_schema_for::<T>(), title)
}

fn titled(mut schema: Schema, title: &str) -> Schema {
    schema.insert("title".to_string(), json!(title));
    schema
}

/// Lets lists of words be open: `oneOf` constants or an `enum` of strings becomes `anyOf` these or any string.
#[derive(Debug, Clone)]
struct OpenWords;

impl Transform for OpenWords {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        let any_word = json!({
            "type": "string",
            "description": "A word of a later version."
        });
        if let Some(Value::Array(words)) = object.remove("enum") {
            object.remove("type");
            object.insert(
                "anyOf".to_string(),
                json!([{ "type": "string", "enum": words }, any_word]),
            );
        }
        let is_words = |list: &Value| {
            let is_word = |one: &Value| one.get("const").is_some_and(Value::is_string);
            list.as_array().is_some_and(|list| list.iter().all(is_word))
        };
        if object.get("oneOf").is_some_and(is_words)
            && let Some(Value::Array(mut words)) = object.remove("oneOf")
        {
            words.push(any_word);
            object.insert("anyOf".to_string(), Value::Array(words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json as report_json, sample};
    use std::path::{Path, PathBuf};

    fn committed(of: Of) -> PathBuf {
        let name = of.to_possible_value().unwrap().get_name().to_string();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        folder.join(format!("{name}.schema.json"))
    }

    /// `H5LIFT_UPDATE=1 cargo test schemas` writes them.
    #[test]
    fn the_schemas_in_docs_are_those_of_the_types() {
        for of in Of::value_variants() {
            let path = committed(*of);
            let text = of.text();
            if std::env::var_os("H5LIFT_UPDATE").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                there == text,
                "{}: differs from the types; see CONTRIBUTING.md",
                path.display()
            );
        }
    }

    #[test]
    fn outputs_are_open_and_rules_are_not() {
        for of in [Of::Report, Of::Record, Of::Ledger] {
            let text = of.text();
            assert!(!text.contains("additionalProperties\": false"), "{of:?}");
            let schema: Value = serde_json::from_str(&text).unwrap();
            assert!(lists_of_words(&schema) > 3, "{of:?}");
        }
        assert!(Of::Rules.text().contains("additionalProperties\": false"));
    }

    /// How many lists of words there are, each of which accepts any other.
    fn lists_of_words(schema: &Value) -> usize {
        let Some(children) = schema
            .as_object()
            .map(|object| object.values().collect::<Vec<_>>())
            .or_else(|| schema.as_array().map(|list| list.iter().collect()))
        else {
            return 0;
        };
        let below: usize = children.into_iter().map(lists_of_words).sum();
        assert!(
            schema
                .get("oneOf")
                .is_none_or(|list| list[0].get("const").is_none())
        );
        let is_open = schema
            .get("anyOf")
            .and_then(Value::as_array)
            .and_then(|list| list.last())
            .is_some_and(|last| last["description"] == "A word of a later version.");
        below + usize::from(is_open)
    }

    #[test]
    fn every_key_of_a_row_is_in_the_schema() {
        let schema: Value = serde_json::from_str(&Of::Record.text()).unwrap();
        for record in sample::every_row() {
            let row: Value = serde_json::from_slice(&report_json::line(&record)).unwrap();
            for key in row.as_object().unwrap().keys() {
                assert!(schema["properties"][key].is_object(), "{key}");
            }
        }
    }
}
