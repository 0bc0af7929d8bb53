"""What h5py reads of a file to get the facts that `h5lift audit` reports: layout, storage, counts, names."""

import h5py


def facts(path):
    with h5py.File(path, "r") as file:
        expr = file["expr"]
        return {
            "path": str(path),
            "shape": expr.shape,
            "dtype": expr.dtype.str,
            "chunks": expr.chunks,
            "filters": [expr.compression, expr.compression_opts, expr.shuffle, expr.fletcher32],
            "n_genes": int(expr.attrs["n_genes"]),
            "n_samples": int(expr.attrs["n_samples"]),
            "genes": names(file, expr, "gene_names"),
            "samples": names(file, expr, "sample_names"),
        }


def names(file, expr, name):
    """Where they are and how many. Unlike h5lift, it does not read and compare them."""
    found = {}
    if name in expr.attrs:
        found["attribute"] = expr.attrs.get_id(name).shape
    if name in file:
        found["dataset"] = file[name].shape
    return found
