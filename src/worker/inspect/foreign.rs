//! Files without `/expr`: known other layouts, recognised by their content, and what the rest looks like.

use crate::model::facts::Facts;
use crate::model::layout::{Axis, c_name};
use crate::worker::error::Result;
use h5::attribute::{Attribute, read_text};
use h5::file::File;
use h5::object::{Object, ObjectKind};
use std::ffi::CStr;
use std::os::unix::fs::FileExt;

/// The layout of a file without `/expr`, if it is a known one.
pub(crate) fn recognise(file: &File) -> Result<Option<String>> {
    let root = file.root()?;
    let has = |names: &[&CStr]| -> Result<bool> {
        for name in names {
            if !root.has_link(name)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if let Some(matlab) = matlab(file)? {
        return Ok(Some(matlab));
    }
    if read_text(&root, c"encoding-type")?.as_deref() == Some("anndata")
        || has(&[c"X", c"obs", c"var"])?
    {
        return Ok(Some("an AnnData file (h5ad)".to_string()));
    }
    if read_text(&root, c"encoding-type")?.as_deref() == Some("MuData") {
        return Ok(Some("a MuData file (h5mu)".to_string()));
    }
    if has(&[c"assays", c"cell.names", c"meta.data"])? {
        return Ok(Some("a Seurat file (h5Seurat)".to_string()));
    }
    if has(&[c"matrix", c"row_attrs", c"col_attrs"])? {
        return Ok(Some("a Loom file".to_string()));
    }
    if has(&[c"data", c"meta"])? && path_exists(&root, &[c"data", c"expression"])? {
        return Ok(Some("an ARCHS4 file".to_string()));
    }
    if path_exists(&root, &[c"0", c"DATA", c"0", c"matrix"])? {
        return Ok(Some("a GCTX file".to_string()));
    }
    if Attribute::find(&root, c"PYTABLES_FORMAT_VERSION")?.is_some() {
        return Ok(Some("a PyTables file or pandas HDFStore".to_string()));
    }
    if has(&[c"est_counts"])? && path_exists(&root, &[c"aux", c"ids"])? {
        return Ok(Some("abundances of kallisto".to_string()));
    }
    if is_biom(&root)? {
        return Ok(Some("a BIOM table".to_string()));
    }
    if ten_x(&root)? {
        return Ok(Some("a 10x Genomics matrix".to_string()));
    }
    Ok(None)
}

/// What a file without `/expr` looks like, if it has no known layout: only a part of a sentence, never a
/// reason to do anything. The words are the same for all files of a kind, because a report lists thousands of
/// them in one line.
pub(crate) fn resembles(root: &Object) -> Result<Option<String>> {
    if Attribute::find(root, c"_NCProperties")?.is_some() {
        return Ok(Some("a netCDF-4 file".to_string()));
    }
    let mut names = Vec::new();
    for axis in Axis::BOTH {
        if root.has_link(&c_name(axis.names()))? {
            names.push(axis.names());
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let names = names.join(" and ");
    Ok(Some(format!(
        "a result file of a pipeline ({names} beside other data)"
    )))
}

/// BIOM 2: sparse tables of observations and samples, each stored both ways.
fn is_biom(root: &Object) -> Result<bool> {
    for axis in [c"observation", c"sample"] {
        if !path_exists(root, &[axis, c"matrix", c"indptr"])?
            || !path_exists(root, &[axis, c"ids"])?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The layout of a file with `/expr`, if it is a known other one and not all names are text: MATLAB stores text as numbers or
/// references.
pub(crate) fn recognise_with_matrix(file: &File, facts: &Facts) -> Result<Option<String>> {
    let has_text = |axis: Axis| {
        let mut lists = facts.axis(axis).lists();
        lists.any(|list| list.names.is_text())
    };
    match Axis::BOTH.into_iter().all(has_text) {
        true => Ok(None),
        false => matlab(file),
    }
}

fn matlab(file: &File) -> Result<Option<String>> {
    if file.user_block()? < 512 {
        return Ok(None);
    }
    let mut start = [0_u8; 19];
    let is_matlab =
        file.descriptor().read_exact_at(&mut start, 0).is_ok() && &start == b"MATLAB 7.3 MAT-file";
    Ok(is_matlab.then(|| "a MATLAB v7.3 file".to_string()))
}

/// Whether each step of a path is a hard link to a group, and the last one exists.
fn path_exists(root: &Object, steps: &[&CStr]) -> Result<bool> {
    let mut here: Option<Object> = None;
    for (index, step) in steps.iter().enumerate() {
        let group = here.as_ref().unwrap_or(root);
        if !is_hard(group, step)? {
            return Ok(false);
        }
        if index + 1 < steps.len() {
            let child = group.child(step)?;
            if child.kind()? != ObjectKind::Group {
                return Ok(false);
            }
            here = Some(child);
        }
    }
    Ok(true)
}

fn is_hard(group: &Object, name: &CStr) -> Result<bool> {
    Ok(group.has_link(name)? && group.link(name)?.target == h5::link::LinkTarget::Hard)
}

/// Compressed sparse columns with barcodes, under `/matrix` or under the genome's name.
fn ten_x(root: &Object) -> Result<bool> {
    for link in root.links()?.into_iter().take(64) {
        if link.target != h5::link::LinkTarget::Hard {
            continue;
        }
        let child = root.child(&link.name)?;
        if child.kind()? != ObjectKind::Group {
            continue;
        }
        let mut all = true;
        for name in [c"barcodes", c"data", c"indices", c"indptr", c"shape"] {
            all = all && child.has_link(name)?;
        }
        if all {
            return Ok(true);
        }
    }
    Ok(false)
}
