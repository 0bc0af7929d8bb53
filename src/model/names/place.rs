//! Where a list of names stands in a file. Pure.

use crate::model::layout;
use crate::model::layout::Axis;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a list of names stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in")]
pub enum NamesPlace {
    Attribute {
        /// Path of the object that carries it.
        object: String,
        name: String,
    },
    /// Attributes `stem0`, `stem1`, ... of one object: a way round the limit of 64 KB.
    Numbered {
        /// Path of the object that carries them.
        object: String,
        /// Their names, in order.
        names: Vec<String>,
    },
    Dataset {
        path: String,
    },
    /// One field of a table.
    Field {
        /// Path of the dataset of records.
        path: String,
        /// Name of the field.
        field: String,
    },
    /// Nowhere in the file: in another one, which the user gave.
    Given {
        source: String,
    },
}

impl NamesPlace {
    /// The attribute of the matrix where the legacy layout keeps the names of an axis.
    pub fn legacy(matrix: &str, axis: Axis) -> Self {
        NamesPlace::Attribute {
            object: matrix.to_string(),
            name: axis.names().to_string(),
        }
    }

    /// The root dataset where the current layout keeps the names of an axis.
    pub fn current(axis: Axis) -> Self {
        NamesPlace::Dataset {
            path: format!("/{}", axis.names()),
        }
    }

    /// Whether attributes hold the names.
    pub fn is_attribute(&self) -> bool {
        matches!(
            self,
            NamesPlace::Attribute { .. } | NamesPlace::Numbered { .. }
        )
    }

    /// `attribute` or `dataset`, as reports say it.
    pub fn word(&self) -> &'static str {
        match self {
            NamesPlace::Attribute { .. } | NamesPlace::Numbered { .. } => "attribute",
            NamesPlace::Dataset { .. } | NamesPlace::Field { .. } => "dataset",
            NamesPlace::Given { .. } => "given",
        }
    }

    /// The verb of a sentence about it.
    pub fn is(&self) -> &'static str {
        match self {
            NamesPlace::Numbered { .. } => "are",
            _ => "is",
        }
    }

    /// Path of the object and names of the attributes that hold the names.
    pub fn attributes(&self) -> (&str, &[String]) {
        match self {
            NamesPlace::Attribute { object, name } => (object, std::slice::from_ref(name)),
            NamesPlace::Numbered { object, names } => (object, names),
            NamesPlace::Dataset { .. } | NamesPlace::Field { .. } | NamesPlace::Given { .. } => {
                ("", &[])
            }
        }
    }

    /// Whether R's names for rows and columns are meant: R writes its matrices transposed.
    pub fn is_of_r(&self) -> bool {
        let name = match self {
            NamesPlace::Attribute { name, .. } => name.as_str(),
            NamesPlace::Dataset { path } => last_part(path),
            NamesPlace::Numbered { .. } | NamesPlace::Field { .. } | NamesPlace::Given { .. } => {
                return false;
            }
        };
        matches!(name, "rownames" | "colnames" | "dimnames-1" | "dimnames-2")
    }
}

impl fmt::Display for NamesPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |object: &str| match object {
            layout::EXPR_PATH => String::new(),
            other => format!(" of {other}"),
        };
        match self {
            NamesPlace::Attribute { object, name } => {
                write!(f, "the attribute {name}{}", of(object))
            }
            NamesPlace::Numbered { object, names } => {
                let (first, last) = (names.first(), names.last());
                write!(
                    f,
                    "the attributes {} to {}{}",
                    first.map_or("", String::as_str),
                    last.map_or("", String::as_str),
                    of(object)
                )
            }
            NamesPlace::Dataset { path } => {
                let canonical = Axis::BOTH
                    .into_iter()
                    .find(|axis| path.strip_prefix('/') == Some(axis.names()));
                match canonical {
                    Some(axis) => write!(f, "the dataset {}", axis.names()),
                    None => write!(f, "the dataset {path}"),
                }
            }
            NamesPlace::Field { path, field } => write!(f, "the field {field} of {path}"),
            NamesPlace::Given { source } => f.write_str(source),
        }
    }
}

impl NamesPlace {
    /// The place as it is typed after `--genes-from`, in quotes where a shell needs them; `None` for places that no
    /// option names.
    pub fn typed(&self) -> Option<String> {
        let escaped = |text: &str| text.replace('@', "@@");
        let text = match self {
            NamesPlace::Dataset { path } => escaped(path),
            NamesPlace::Attribute { object: of, name }
            | NamesPlace::Field {
                path: of,
                field: name,
            } => format!("{}@{}", escaped(of), escaped(name)),
            NamesPlace::Numbered { .. } | NamesPlace::Given { .. } => return None,
        };
        let is_plain = |c: char| {
            c.is_alphanumeric() || matches!(c, '/' | '@' | '_' | '-' | '.' | ':' | '+' | ',')
        };
        Some(match text.chars().all(is_plain) {
            true => text,
            false => format!("'{}'", text.replace('\'', r"'\''")),
        })
    }
}

/// `/path/of/dataset`, `/path/of/object@attribute` or `/path/of/table@field`. The last `@` separates; `@@` stands for an
/// `@` that belongs to a path or a name.
impl FromStr for NamesPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let absolute = |path: &str| match path.trim_end_matches('/') {
            "" => "/".to_string(),
            path if path.starts_with('/') => path.to_string(),
            path => format!("/{path}"),
        };
        let unescaped = |text: &str| text.replace("@@", "@");
        match separator(text) {
            Some(at) if at + 1 == text.len() => {
                Err("an attribute's name is missing behind @".to_string())
            }
            Some(at) => Ok(NamesPlace::Attribute {
                object: absolute(&unescaped(&text[..at])),
                name: unescaped(&text[at + 1..]),
            }),
            None if text.trim_matches('/').is_empty() => {
                Err("expected /path/of/dataset or /path/of/object@attribute".to_string())
            }
            None => Ok(NamesPlace::Dataset {
                path: absolute(&unescaped(text)),
            }),
        }
    }
}

/// Where the last `@` is that stands alone.
fn separator(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut last) = (0, None);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'@', Some(b'@')) => at += 1,
            (b'@', _) => last = Some(at),
            _ => {}
        }
        at += 1;
    }
    last
}

/// The last part of a path.
pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(object: &str, name: &str) -> NamesPlace {
        NamesPlace::Attribute {
            object: object.to_string(),
            name: name.to_string(),
        }
    }

    fn dataset(path: &str) -> NamesPlace {
        NamesPlace::Dataset {
            path: path.to_string(),
        }
    }

    #[test]
    fn places_are_spelled_as_paths() {
        let place = |text: &str| text.parse::<NamesPlace>();
        assert_eq!(place("/expr@genes"), Ok(attribute("/expr", "genes")));
        assert_eq!(place("@genes"), Ok(attribute("/", "genes")));
        assert_eq!(place("/@genes"), Ok(attribute("/", "genes")));
        assert_eq!(
            place("meta/genes"),
            Ok(NamesPlace::Dataset {
                path: "/meta/genes".to_string()
            })
        );
        for text in ["", "/", "/expr@"] {
            assert!(place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_at_sign_of_a_path_is_written_twice() {
        for (typed, place) in [
            ("/a@@b/genes", dataset("/a@b/genes")),
            ("/a@@b@genes", attribute("/a@b", "genes")),
            ("/expr@at@@home", attribute("/expr", "at@home")),
            ("/a@@@@b", dataset("/a@@b")),
        ] {
            assert_eq!(typed.parse::<NamesPlace>().unwrap(), place, "{typed}");
            assert_eq!(place.typed().unwrap(), typed);
        }
        // A single one before the last belongs to the path.
        let place: NamesPlace = "/a@b@genes".parse().unwrap();
        assert_eq!(place, attribute("/a@b", "genes"));
        assert_eq!(dataset("/my genes").typed().unwrap(), "'/my genes'");
    }

    #[test]
    fn what_everybody_knows_is_named_without_its_path() {
        assert_eq!(
            NamesPlace::legacy("/expr", Axis::Genes).to_string(),
            "the attribute gene_names"
        );
        assert_eq!(
            NamesPlace::current(Axis::Samples).to_string(),
            "the dataset sample_names"
        );
        assert_eq!(
            "/@genes".parse::<NamesPlace>().unwrap().to_string(),
            "the attribute genes of /"
        );
    }
}
