"""What docs/object-header-message-is-too-large.md says about files of other programs.

`H5LIFT_FOREIGN_PYTHON` names an interpreter that has anndata, mudata and loompy (`make foreign` makes one).
"""

import json
import os
import subprocess

import h5py
import numpy
import pytest

import page as pages
import tool

# Each column is a dataset, so tables that are written take a while; those that fail do so at once.
COLUMNS = {"anndata": {10: True, 4_092: False, 5_000: False, 5_001: True}, "mudata": {10: True, 4_092: False, 5_000: False}}
MINUTES_ON_A_BUSY_MACHINE = 600
SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import anndata, mudata, numpy, pandas

def table(count):
    rows = [f"cell{number}" for number in range(3)]
    cells = anndata.AnnData(numpy.ones((3, 2), "f4"), obs=pandas.DataFrame(index=rows))
    cells.obsm["scores"] = pandas.DataFrame(numpy.zeros((3, count)), index=rows, columns=[f"c{number}" for number in range(count)])
    return cells

def write(program, count):
    try:
        if program == "anndata":
            table(count).write_h5ad(f"{count}.h5ad")
        else:
            mudata.MuData({"rna": table(count)}).write(f"{count}.h5mu")
    except OSError as error:
        if "object header message is too large" not in str(error):
            raise
        return False
    return True

columns = json.loads(sys.argv[1])
print(json.dumps({program: {count: write(program, int(count)) for count in columns[program]} for program in columns}))
"""
LOOM = """
import loompy, numpy
names = numpy.array([f"FBgn{number:07d}" for number in range(20_000)])
loompy.create("a.loom", numpy.ones((20_000, 2), "f4"), {"Gene": names}, {"CellID": numpy.array(["a", "b"])})
"""


def run(script, folder, *arguments):
    python = os.environ.get("H5LIFT_FOREIGN_PYTHON")
    if not python:
        pytest.skip("make foreign has the libraries for this")
    done = subprocess.run([os.path.abspath(python), "-c", script, *arguments], capture_output=True, text=True, cwd=folder,
                          timeout=MINUTES_ON_A_BUSY_MACHINE)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_anndata_and_mudata_fail_between_4092_and_5000_columns(h5lift, tmp_path):
    found = json.loads(run(SCRIPT, tmp_path, json.dumps(COLUMNS)).splitlines()[-1])
    assert found == json.loads(json.dumps(COLUMNS))
    for name in "10.h5ad", "10.h5mu":
        assert h5lift.audit(tmp_path / name).must(tool.DONE).record["state"] == "foreign"


def test_loompy_writes_as_many_names_as_there_are(h5lift, tmp_path):
    run(LOOM, tmp_path)
    with h5py.File(tmp_path / "a.loom") as h5:
        assert h5["row_attrs/Gene"].shape == (20_000,)
    assert h5lift.audit(tmp_path / "a.loom").must(tool.DONE).record["state"] == "foreign"


def test_a_gene_catalogue_of_metagenome_atlas_gets_names(h5lift, tmp_path):
    path, new = tmp_path / "median_coverage.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as h5:
        h5.create_dataset("data", data=numpy.ones((5_000, 2), "f4"), chunks=(5_000, 1), compression="gzip")
        h5["data"].attrs["sample_names"] = numpy.array(["S1", "S2"], dtype="S")
    genes = [f"Gene{number:05d}" for number in range(1, 5_001)]
    (tmp_path / "genes.txt").write_text("\n".join(genes) + "\n")
    h5lift.migrate(path, "-o", new, "--matrix", "/data", "--names-from", tmp_path / "genes.txt").must(tool.DONE)
    with h5py.File(new) as h5:
        assert list(h5["gene_names"].asstr()[:]) == genes
        assert list(h5["sample_names"].asstr()[:]) == ["S1", "S2"]


def test_row_names_of_hdf5r_are_migrated(h5lift, tmp_path):
    reason = pages.missing_in_r(["hdf5r"])
    if reason:
        pytest.skip(reason)
    path, new = tmp_path / "a.h5", tmp_path / "new.h5"
    script = f"""library(hdf5r)
        m <- matrix(1:60, 12, 5, dimnames = list(sprintf("g%02d", 1:12), sprintf("s%d", 1:5)))
        h5 <- H5File$new("{path}", mode = "w")
        h5$create_group("integrate")
        h5[["integrate/scale.data"]] <- m
        h5attr(h5[["integrate/scale.data"]], "rownames") <- rownames(m)
        h5attr(h5[["integrate/scale.data"]], "colnames") <- colnames(m)
        h5$close_all()"""
    subprocess.run(["Rscript", "-e", script], check=True, capture_output=True, timeout=pages.PATIENCE)
    h5lift.migrate(path, "-o", new, "--matrix", "/integrate/scale.data", "--transpose").must(tool.DONE)
    with h5py.File(new) as h5:
        assert h5["expr"].shape == (12, 5)
        assert h5["expr"][1, 0] == 2
        assert list(h5["gene_names"].asstr()[:2]) == ["g01", "g02"]
