//! Lists of text as long as an axis that has no names: they may be the names, under a name of their own.

use crate::model::layout::{Axis, is_mark};
use crate::model::names::place::NamesPlace;
use crate::worker::error::Result;
use crate::worker::names::place::Matrix;
use crate::worker::names::stored_form::StoredForm;
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype::{Dtype, TypeClass};
use h5::object::ObjectKind;
use h5::tree::Node;

/// A hint names a few of them.
const MOST: usize = 4;

/// Datasets, fields of tables and attributes that are lists of so many texts. They are not read.
pub(crate) fn lists(
    matrix: Matrix<'_>,
    axis: Axis,
    report: &mut dyn ProgressSink,
) -> Result<Vec<NamesPlace>> {
    let mut found = Vec::new();
    let Some(length) = matrix.length(axis).filter(|length| *length > 1) else {
        return Ok(found);
    };
    for entry in &matrix.tree.entries {
        let Node::Object(kind) = entry.node else {
            continue;
        };
        let Ok(path) = std::str::from_utf8(&entry.path) else {
            continue;
        };
        report.live();
        let mut object = matrix.file.object(&entry.path)?;
        if kind == ObjectKind::Dataset && path != matrix.path {
            let dataset = Dataset::new(object);
            let (dtype, extent) = (dataset.dtype()?, dataset.extent()?);
            found.extend(in_dataset(path, &dtype, extent.shape(), length));
            object = dataset.into_object();
        }
        for name in Attribute::sorted_names(&object)? {
            let Ok(name) = name.to_str() else { continue };
            if path == "/" && is_mark(name.as_bytes()) {
                continue;
            }
            report.live();
            let Some(attribute) = Attribute::find(&object, &crate::model::layout::c_name(name))?
            else {
                continue;
            };
            if is_list(&attribute.dtype()?, attribute.extent()?.shape(), length) {
                found.push(NamesPlace::Attribute {
                    object: path.to_string(),
                    name: name.to_string(),
                });
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    Ok(found)
}

fn in_dataset(path: &str, dtype: &Dtype, shape: &[u64], length: u64) -> Vec<NamesPlace> {
    match &dtype.kind {
        TypeClass::Compound(members) if shape == [length] => members
            .iter()
            .filter(|member| matches!(member.dtype.kind, TypeClass::Text(_)))
            .map(|member| NamesPlace::Field {
                path: path.to_string(),
                field: String::from_utf8_lossy(&member.name).into_owned(),
            })
            .collect(),
        _ if is_list(dtype, shape, length) => vec![NamesPlace::Dataset {
            path: path.to_string(),
        }],
        _ => Vec::new(),
    }
}

/// Whether these are as many texts. One string and numbers may be anything.
fn is_list(dtype: &Dtype, shape: &[u64], length: u64) -> bool {
    let is_text = matches!(dtype.kind, TypeClass::Text(_));
    let form = StoredForm::of(dtype, shape, length);
    is_text && form != Ok(StoredForm::OneString) && StoredForm::may_hold(dtype, shape, length)
}
