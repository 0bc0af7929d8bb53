//! Matrices that are not `/expr`, in a file that has none.

use crate::model::facts::MatrixElsewhere;
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::last_part;
use crate::model::plan::policy::Charset;
use crate::worker::error::Result;
use crate::worker::names::index::NamesCache;
use crate::worker::names::place::Matrix;
use crate::worker::names::search::{has_list, has_own_list};
use crate::worker::serve::progress::ProgressSink;
use h5::dataset::Dataset;
use h5::file::File;
use h5::object::ObjectKind;
use h5::tree::{Node, Tree};

/// Each matrix that has names of both axes around it, and each that is called like one or has names of its own and lacks
/// those of one axis. Others are just arrays: the results of a later stage have the names of all genes, too.
pub(crate) fn elsewhere(
    file: &File,
    charset: Charset,
    report: &mut dyn ProgressSink,
) -> Result<Vec<MatrixElsewhere>> {
    let tree = Tree::of(file, &[])?;
    let cache = NamesCache::default();
    let datasets = tree
        .entries
        .iter()
        .filter(|entry| entry.node == Node::Object(ObjectKind::Dataset));
    let mut matrices = Vec::new();
    for entry in datasets {
        let Ok(path) = std::str::from_utf8(&entry.path) else {
            continue;
        };
        report.live();
        let dataset = Dataset::new(file.object(&entry.path)?);
        let shape = dataset.extent()?.shape().to_vec();
        let (&[rows, columns], true) = (&shape[..], dataset.dtype()?.is_numeric()) else {
            continue;
        };
        let matrix = Matrix {
            file,
            tree: &tree,
            path,
            shape: Some([rows, columns]),
            charset,
            cache: &cache,
        };
        if let Some(lacks) = lacking(matrix, [rows, columns], report)? {
            matrices.push(MatrixElsewhere {
                path: path.to_string(),
                shape,
                lacks,
            });
        }
    }
    Ok(matrices)
}

/// The axis of a matrix that has no names, if there is one; `None` where this is no matrix of the kind that is looked
/// for.
fn lacking(
    matrix: Matrix<'_>,
    [rows, columns]: [u64; 2],
    report: &mut dyn ProgressSink,
) -> Result<Option<Option<Axis>>> {
    let is_called_so = last_part(matrix.path) == layout::EXPR;
    let mut lacks = None;
    for lengths in [[rows, columns], [columns, rows]] {
        let mut named = Vec::new();
        for axis in Axis::BOTH {
            if has_list(matrix, axis, lengths[axis.index()], report)? {
                named.push(axis);
            }
        }
        match named[..] {
            [_, _] => return Ok(Some(None)),
            [axis] if lacks.is_none() => {
                let own = || has_own_list(matrix, axis, lengths[axis.index()]);
                if is_called_so || (rows != columns && own()?) {
                    lacks = Some(Some(axis.other()));
                }
            }
            _ => {}
        }
    }
    Ok(lacks)
}
