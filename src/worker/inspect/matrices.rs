//! Matrices that are not `/expr`, in a file that has none.

use crate::model::names::rules::Rules;
use crate::model::plan::policy::Charset;
use crate::worker::error::Result;
use crate::worker::names::place::{Checked, Matrix};
use crate::worker::names::search::{Found, find};
use h5::dataset::Dataset;
use h5::file::File;
use h5::object::Kind;
use h5::tree::{Node, Tree};

/// Datasets of two dimensions are looked at up to so many: the rest of an archive is not read for a list.
const MOST: usize = 256;

/// Path and shape of each matrix that has names of both axes around it. Others are just arrays.
pub(crate) fn elsewhere(file: &File, charset: Charset) -> Result<Vec<(String, Vec<u64>)>> {
    let tree = Tree::of(file, &[])?;
    let datasets = tree
        .entries
        .iter()
        .filter(|entry| entry.node == Node::Object(Kind::Dataset));
    let (mut matrices, mut looked_at) = (Vec::new(), 0);
    for entry in datasets {
        let Ok(path) = std::str::from_utf8(&entry.path) else {
            continue;
        };
        let dataset = Dataset::new(file.object(&entry.path)?);
        let shape = dataset.extent()?.shape().to_vec();
        let (&[genes, samples], true) = (&shape[..], dataset.dtype()?.is_numeric()) else {
            continue;
        };
        looked_at += 1;
        if looked_at > MOST {
            break;
        }
        let matrix = Matrix {
            file,
            tree: &tree,
            path,
            shape: Some([genes, samples]),
            charset,
            checked: &Checked::default(),
        };
        let found = find(matrix, &Rules::default())?;
        let fit = |lengths: [u64; 2]| {
            let has = |lists: &[Found], length| {
                lists
                    .iter()
                    .any(|list| list.names.texts.len() as u64 == length)
            };
            has(&found[0], lengths[0]) && has(&found[1], lengths[1])
        };
        if fit([genes, samples]) || fit([samples, genes]) {
            matrices.push((path.to_string(), shape));
        }
    }
    Ok(matrices)
}
