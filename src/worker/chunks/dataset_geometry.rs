//! The geometry of a matrix as its file describes it.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::Geometry;
use h5::dataset::Dataset;
use h5::error::H5Error;
use plain_hdf5::plain::{PlainDataset, PlainElements};

/// The geometry of a dataset with two dimensions; contiguous ones count as one chunk per row.
pub(crate) fn geometry(dataset: &Dataset) -> Result<Geometry, ValuesError> {
    let extent = dataset.extent()?;
    let [rows, columns] = *extent.shape() else {
        return Err(H5Error::found("reading values", "it is not a matrix").into());
    };
    let chunks = dataset.properties()?.chunks()?;
    let (chunk_rows, chunk_columns) = match chunks.as_deref() {
        Some(&[chunk_rows, chunk_columns]) => (chunk_rows, chunk_columns),
        // Compact and contiguous values have no grid; a row is a suitable unit.
        _ => (1, columns.max(1)),
    };
    Ok(Geometry {
        rows,
        columns,
        chunk_rows,
        chunk_columns,
        item: dataset.dtype()?.size,
    })
}

/// The same of the matrix of a plain file.
pub(crate) fn plain_geometry(dataset: &PlainDataset) -> Option<Geometry> {
    let [rows, columns] = dataset.extent.shape[..] else {
        return None;
    };
    let (chunk_rows, chunk_columns) = match &dataset.elements {
        PlainElements::Chunked { lengths, .. } => match lengths[..] {
            [chunk_rows, chunk_columns] => (chunk_rows, chunk_columns),
            _ => return None,
        },
        _ => (1, columns.max(1)),
    };
    Some(Geometry {
        rows,
        columns,
        chunk_rows,
        chunk_columns,
        item: dataset.datatype.size,
    })
}

/// Genes and samples of a new matrix that is made of a dataset.
pub(crate) fn new_shape(expr: &Dataset, transpose: bool) -> Result<[u64; 2], ValuesError> {
    let Geometry { rows, columns, .. } = geometry(expr)?;
    Ok(if transpose {
        [columns, rows]
    } else {
        [rows, columns]
    })
}
