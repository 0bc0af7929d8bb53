"""Files as other libraries write them: python tests/interop/foreign_files.py FOLDER

Prints, as JSON, what became of each: `written`, or why not (a library that is not installed). Run by
an interpreter of its own, since anndata and loompy want other releases of pandas than the tests do.
"""

import json
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

GENES, SAMPLES = 12, 5
R_PATIENCE = 120


def values():
    import numpy as np

    return np.random.RandomState(3).poisson(3, size=(GENES, SAMPLES)).astype("f4")


def gene_ids():
    return [f"FBgn{31208 + 7 * index:07d}" for index in range(GENES)]


def sample_ids():
    return [f"DGRP_{21 + 5 * index:03d}_F" for index in range(SAMPLES)]


@dataclass(frozen=True)
class Writer:
    """A file, the state that `audit` has to give it, and words that its reason has to hold."""

    file: str
    state: str
    says: str
    write: Callable[[Path], None]


WRITERS: list[Writer] = []


def writes(file, state, says):
    def declare(write):
        WRITERS.append(Writer(file, state, says, write))
        return write

    return declare


def annotated(matrix):
    import anndata
    import pandas

    if int(pandas.__version__.partition(".")[0]) > 2:
        raise ImportError(f"anndata wants a pandas before 3, and this is {pandas.__version__}")
    return anndata.AnnData(matrix, obs=pandas.DataFrame(index=sample_ids()), var=pandas.DataFrame(index=gene_ids()))


@writes("anndata-dense.h5ad", "foreign", "AnnData")
def anndata_dense(path):
    annotated(values().T).write_h5ad(path)


@writes("anndata-sparse.h5", "foreign", "AnnData")
def anndata_sparse(path):
    import scipy.sparse

    annotated(scipy.sparse.csr_matrix(values().T)).write_h5ad(path)


@writes("anndata-layers.h5", "foreign", "AnnData")
def anndata_layers(path):
    import scipy.sparse

    table = annotated(scipy.sparse.csc_matrix(values().T))
    table.layers["expr"] = values().T
    table.uns["gene_names"] = gene_ids()
    table.raw = table.copy()
    table.write_h5ad(path, compression="gzip")


@writes("loompy.loom", "foreign", "Loom")
def loom(path):
    import loompy
    import numpy as np

    loompy.create(str(path), values(), {"Gene": np.array(gene_ids())}, {"CellID": np.array(sample_ids())})


def frame():
    import pandas
    import tables  # noqa: F401  pandas writes through it

    return pandas.DataFrame(values(), index=gene_ids(), columns=sample_ids())


@writes("hdfstore-fixed.h5", "foreign", "HDFStore")
def hdfstore_fixed(path):
    frame().to_hdf(path, key="expression", format="fixed")


@writes("hdfstore-fixed-expr.h5", "foreign", "HDFStore")
def hdfstore_fixed_expr(path):
    frame().to_hdf(path, key="expr", format="fixed")


@writes("hdfstore-table-expr.h5", "foreign", "HDFStore")
def hdfstore_table_expr(path):
    frame().to_hdf(path, key="expr", format="table", complib="zlib", complevel=4)


@writes("hdfstore-two-keys.h5", "foreign", "HDFStore")
def hdfstore_two_keys(path):
    frame().to_hdf(path, key="counts/raw", format="table")
    frame().iloc[:, 0].to_hdf(path, key="gene_names", format="fixed")


def pytables(path, expr, names):
    """A matrix by PyTables, with whatever `names` does to it."""
    import tables

    with tables.open_file(str(path), "w") as file:
        array = file.create_array("/", expr, values())
        names(file, array)


@writes("pytables-no-expr.h5", "foreign", "PyTables")
def pytables_no_expr(path):
    pytables(path, "matrix", lambda file, array: None)


@writes("pytables-pickled.h5", "nameless", "gene_names")
def pytables_pickled(path):
    def names(_, array):
        # PyTables pickles what numpy cannot hold.
        array.attrs.gene_names, array.attrs.sample_names = gene_ids(), sample_ids()

    pytables(path, "expr", names)


@writes("pytables-numpy-names.h5", "legacy", "gene_names")
def pytables_numpy(path):
    import numpy as np

    def names(_, array):
        array.attrs.gene_names = np.array(gene_ids(), dtype="S")
        array.attrs.sample_names = np.array(sample_ids(), dtype="S")

    pytables(path, "expr", names)


@writes("pytables-arrays.h5", "legacy", "gene_names")
def pytables_arrays(path):
    import numpy as np

    def names(file, _):
        file.create_array("/", "gene_names", np.array(gene_ids(), dtype="S"))
        file.create_array("/", "sample_names", np.array(sample_ids(), dtype="S"))

    pytables(path, "expr", names)


@writes("pytables-carray.h5", "legacy", "gene_names")
def pytables_carray(path):
    import numpy as np
    import tables

    with tables.open_file(str(path), "w") as file:
        filters = tables.Filters(complevel=5, complib="zlib", shuffle=True)
        array = file.create_carray("/", "expr", obj=values(), filters=filters)
        array.attrs.gene_names = np.array(gene_ids(), dtype="S")
        array.attrs.sample_names = np.array(sample_ids(), dtype="S")


def dataset(genes, samples):
    import xarray

    matrix = xarray.DataArray(values(), dims=(genes, samples), coords={genes: gene_ids(), samples: sample_ids()})
    return xarray.Dataset({"expr": matrix})


@writes("xarray-own-names.h5", "current", "names are datasets")
def xarray_own_names(path):
    dataset("gene_names", "sample_names").to_netcdf(path, engine="h5netcdf")


@writes("xarray-no-expr.h5", "not-expression", "netCDF")
def xarray_no_expr(path):
    dataset("gene", "sample").rename(expr="temperature").to_netcdf(path, engine="h5netcdf")


def by_r(path, script):
    if not shutil.which("Rscript"):
        raise ImportError("no Rscript")
    lines = [
        "suppressMessages(library(rhdf5))",
        f"m <- matrix(as.numeric(seq_len({GENES * SAMPLES})), nrow={GENES})",
        f"rownames(m) <- sprintf('FBgn%07d', 31208 + 7 * (seq_len({GENES}) - 1))",
        f"colnames(m) <- sprintf('DGRP_%03d_F', 21 + 5 * (seq_len({SAMPLES}) - 1))",
        f"path <- '{path}'",
        "invisible(h5createFile(path))",
        *script,
        "h5closeAll()",
    ]
    done = subprocess.run(["Rscript", "-e", "\n".join(lines)], capture_output=True, text=True, timeout=R_PATIENCE)
    if "there is no package called" in done.stderr:
        raise ImportError("no rhdf5 in R")
    if done.returncode:
        raise RuntimeError(done.stderr)


@writes("rhdf5-datasets.h5", "transposed", "12 gene names")
def rhdf5_datasets(path):
    by_r(path, ["h5write(m, path, 'expr')", "h5write(rownames(m), path, 'gene_names')", "h5write(colnames(m), path, 'sample_names')"])


@writes("rhdf5-attributes.h5", "transposed", "12")
def rhdf5_attributes(path):
    by_r(path, [
        "h5write(m, path, 'expr')",
        "file <- H5Fopen(path)",
        "expr <- H5Dopen(file, 'expr')",
        "h5writeAttribute(rownames(m), expr, 'rownames')",
        "h5writeAttribute(colnames(m), expr, 'colnames')",
        "H5Dclose(expr)",
        "H5Fclose(file)",
    ])


@writes("rhdf5-untransposed.h5", "legacy", "gene_names")
def rhdf5_untransposed(path):
    by_r(path, ["h5write(t(m), path, 'expr')", "h5write(rownames(m), path, 'gene_names')", "h5write(colnames(m), path, 'sample_names')"])


@writes("rhdf5-list.h5", "not-expression", "no /expr")
def rhdf5_list(path):
    by_r(path, ["h5write(list(a=1:3, b='text'), path, 'results')"])


def write_all(folder):
    outcomes = {}
    for writer in WRITERS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                writer.write(folder / writer.file)
            outcomes[writer.file] = "written"
        except ImportError as error:
            outcomes[writer.file] = f"not here: {error}"
    return outcomes


if __name__ == "__main__":
    print(json.dumps(write_all(Path(sys.argv[1]))))
