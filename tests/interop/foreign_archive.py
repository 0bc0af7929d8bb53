"""An archive that several programs wrote, all with the same matrix: python tests/interop/foreign_archive.py FOLDER

Prints, as JSON, what became of each file: `written`, or why not (a library that is not installed). Run by an interpreter of its
own, as foreign_files.py is. Open-ST needs a microscope: its object is made by anndata in the way of its
openst/utils/spacemake.py. Files of hdf5r and metagenome-atlas are imitated in test_rules.py.
"""

import json
import sys
import warnings
from pathlib import Path

from foreign_files import annotated, gene_ids, sample_ids, values


def h5ad(path):
    annotated(values().T).write_h5ad(path)


def h5ad_compressed(path):
    table = annotated(values().T)
    # Columns and a named index, as most tables have.
    table.var["symbol"], table.obs["batch"] = gene_ids()[::-1], "a"
    table.var.index.name, table.obs.index.name = "index", "index"
    table.layers["counts"], table.raw = table.X.copy(), table.copy()
    table.write_h5ad(path, compression="gzip")


def open_st(path):
    cells(dense=True).write_h5ad(path)


def open_st_sparse(path):
    cells(dense=False).write_h5ad(path)


def cells(dense):
    import numpy as np
    import scipy.sparse

    table = annotated(values().T if dense else scipy.sparse.csc_matrix(values().T))
    table.obs["x_pos"] = table.obs["y_pos"] = np.arange(len(sample_ids())).astype(float)
    table.obs["cell_ID_mask"] = range(len(sample_ids()))
    table.obsm["spatial"] = table.obs[["x_pos", "y_pos"]].to_numpy()
    table.obs.index.name = "cell_bc"
    table.uns["spatial_units_obs_names"] = np.array(sample_ids())
    return table


def loom(path):
    import loompy
    import numpy as np

    loompy.create(str(path), values(), {"Gene": np.array(gene_ids())}, {"CellID": np.array(sample_ids())})


def gctx(path):
    import numpy as np
    import pandas

    # The newest cmapPy, of 2019, calls it by a name that numpy 2 does not have any more.
    np.string_ = np.bytes_
    from cmapPy.pandasGEXpress import GCToo, write_gctx

    rows = pandas.DataFrame({"pr_gene_symbol": gene_ids()[::-1]}, index=pandas.Index(gene_ids(), name="rid"))
    columns = pandas.DataFrame({"pert": ["DMSO"] * len(sample_ids())}, index=pandas.Index(sample_ids(), name="cid"))
    matrix = pandas.DataFrame(values(), index=rows.index, columns=columns.index)
    write_gctx.write(GCToo.GCToo(matrix, row_metadata_df=rows, col_metadata_df=columns), str(path))


FILES = {"a.h5ad": h5ad, "deep/b.h5ad": h5ad_compressed, "open-st/dense.h5ad": open_st, "c.loom": loom, "d.gctx": gctx}
SPARSE = {"open-st/sparse.h5ad": open_st_sparse}


def main(folder):
    outcomes = {}
    for name, write in {**FILES, **SPARSE}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(path)
            outcomes[name] = "written"
        except (ImportError, AttributeError) as error:
            # cmapPy uses names that newer releases of numpy and pandas do not have.
            path.unlink(missing_ok=True)
            outcomes[name] = f"not written: {error}"
    print(json.dumps(outcomes))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
