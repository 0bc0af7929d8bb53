"""Files as other libraries write them: named, skipped, and never touched.

`H5LIFT_FOREIGN_PYTHON` names an interpreter that has those libraries (`make foreign` makes one);
without it, this one writes what it can. The layouts that need a library which is not here are
covered by the committed fixtures, which h5py wrote.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

import foreign_files
import manifest
import tool
from compare import differences

PATIENCE = 300
FIXTURES = [row["file"] for row in manifest.ROWS if row["state"] == "foreign"]
NAMED = {"h5ad": "AnnData", "loom": "Loom", "10x": "10x", "archs4": "ARCHS4", "gctx": "GCTX", "hdfstore": "HDFStore", "matlab": "MATLAB"}


def by_state(*states):
    return [pytest.param(writer, id=writer.file) for writer in foreign_files.WRITERS if writer.state in states]


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """A folder of them, and why some could not be written."""
    folder = tmp_path_factory.mktemp("foreign")
    python = os.environ.get("H5LIFT_FOREIGN_PYTHON") or sys.executable
    done = subprocess.run([python, foreign_files.__file__, folder], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def one(written, tmp_path):
    """A function that copies one of them into the test's own folder, or skips the test."""
    folder, outcomes = written

    def place(writer):
        if outcomes[writer.file] != "written":
            pytest.skip(outcomes[writer.file])
        target = tmp_path / "archive" / Path(writer.file).with_suffix(".h5").name
        target.parent.mkdir()
        target.write_bytes((folder / writer.file).read_bytes())
        return target

    return place


def untouched(h5lift, path, outcome, code):
    """Neither way of migrating changes it or writes anything."""
    before = manifest.sha256(path)
    out = path.parent.parent / "out"
    record = h5lift.audit(path).must(tool.DONE).record
    for way in (["--in-place"], ["--out-dir", out], ["-o", path.parent.parent / "new.h5"]):
        ended = h5lift.migrate(path, *way).must(code).record
        assert (ended["state"], ended["outcome"], ended["output"]) == (record["state"], outcome, None), ended
    assert manifest.sha256(path) == before
    left = sorted(str(path.relative_to(path.parent.parent.parent)) for path in path.parent.parent.rglob("*") if path.is_file())
    assert len(left) == 1, left
    return record


@pytest.mark.parametrize("writer", by_state("foreign", "not-expression", "current"))
def test_other_layouts_are_reported_and_left_alone(h5lift, one, writer):
    record = untouched(h5lift, one(writer), "skipped", tool.DONE)
    assert record["state"] == writer.state, record["reason"]
    assert writer.says in record["reason"]
    assert record["plan"]["action"] == "skip"


@pytest.mark.parametrize("writer", by_state("nameless", "transposed"))
def test_what_needs_a_decision_is_refused(h5lift, one, writer):
    record = untouched(h5lift, one(writer), "refused", tool.FAILED)
    assert record["state"] == writer.state, record["reason"]
    assert writer.says in record["reason"]


@pytest.mark.parametrize("writer", by_state("legacy"))
def test_old_files_by_other_libraries_are_migrated(h5lift, one, writer, new):
    path = one(writer)
    record = h5lift.migrate(path, "-o", new).must(tool.DONE).record
    assert (record["state"], record["outcome"]) == ("legacy", "migrated")
    assert writer.says in record["reason"]
    assert differences(path, new) == []
    with h5py.File(new) as file:
        assert [name.decode() for name in file["gene_names"][:]] == foreign_files.gene_ids()
        assert [name.decode() for name in file["sample_names"][:]] == foreign_files.sample_ids()


@pytest.mark.parametrize("name", FIXTURES)
def test_layouts_in_the_fixtures(h5lift, old, name):
    path = old(name, at=f"archive/{Path(name).stem}.h5")
    record = untouched(h5lift, path, "skipped", tool.DONE)
    assert record["state"] == "foreign"
    words = [word for key, word in NAMED.items() if key in name]
    assert len(words) == 1 and words[0] in record["reason"], record["reason"]


def matrix(file, path):
    file[path] = foreign_files.values()


def names(file, name, values):
    file.create_dataset(name, data=values, dtype=h5py.string_dtype())


def mudata(file):
    file.attrs["encoding-type"] = "MuData"
    matrix(file, "mod/rna/X")
    names(file, "obs/_index", foreign_files.sample_ids())


def seurat(file):
    for group in ("assays/RNA", "meta.data", "reductions"):
        file.create_group(group)
    names(file, "cell.names", foreign_files.sample_ids())
    names(file, "assays/RNA/features", foreign_files.gene_ids())


def archs4_of_2018(file):
    file["data/expression"] = np.ones((3, 2), "i4")
    names(file, "meta/genes", ["A", "B", "C"])
    names(file, "meta/Sample_geo_accession", ["GSM1", "GSM2"])


def kallisto(file):
    file["est_counts"] = np.ones(3)
    file["aux/ids"] = np.array([b"ENST1", b"ENST2", b"ENST3"])
    file["aux/eff_lengths"] = file["aux/lengths"] = np.ones(3)
    file["bootstrap/bs0"] = np.ones(3)


def biom(file):
    file.attrs["format-url"] = "http://biom-format.org"
    for axis in ("observation", "sample"):
        names(file, f"{axis}/ids", ["A", "B", "C"])
        file[f"{axis}/matrix/data"] = np.ones(2)
        file[f"{axis}/matrix/indices"] = np.zeros(2, "i4")
        file[f"{axis}/matrix/indptr"] = np.zeros(4, "i4")


LAYOUTS = [(mudata, "MuData"), (seurat, "Seurat"), (archs4_of_2018, "ARCHS4"), (kallisto, "kallisto"), (biom, "BIOM")]


@pytest.mark.parametrize(("write", "says"), LAYOUTS)
def test_layouts_that_are_written_here(h5lift, tmp_path, write, says):
    path = tmp_path / "archive" / "a.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        write(file)
    record = untouched(h5lift, path, "skipped", tool.DONE)
    assert (record["state"], says in record["reason"]) == ("foreign", True), record["reason"]


def correlations(file):
    names(file, "gene_names", foreign_files.gene_ids())
    file["corr_low"] = file["corr_high"] = np.linspace(-1, 1, 66, dtype="f4")


def square_of_genes(file):
    names(file, "gene_names", foreign_files.gene_ids())
    file["adjacency"] = np.eye(foreign_files.GENES, dtype="u1")


def edges_of_one_gene(file):
    names(file, "gene_names", foreign_files.gene_ids())
    file.attrs["focus_gene"] = foreign_files.gene_ids()[0]
    file["bootstrap/delta"] = np.zeros((50, foreign_files.GENES), "f4")
    file["edges/pairs"] = np.zeros((7, 2), "i4")


@pytest.mark.parametrize("write", [correlations, square_of_genes, edges_of_one_gene])
def test_results_of_a_pipeline_are_skipped_and_called_so(h5lift, tmp_path, write):
    path = tmp_path / "archive" / "a.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        write(file)
    record = untouched(h5lift, path, "skipped", tool.DONE)
    assert record["state"] == "not-expression"
    assert record["reason"] == "no /expr in it: a result file of a pipeline (gene_names beside other data)"


def test_thousands_of_results_are_one_line(h5lift, tmp_path):
    for number in range(30):
        with h5py.File(tmp_path / f"{number:02}.h5", "w") as file:
            names(file, "gene_names", foreign_files.gene_ids())
            file[f"of_gene_{number}"] = np.arange(number)
    told = h5lift.run("audit", tmp_path).must(tool.DONE).stdout
    lines = [line for line in told.splitlines() if "result file" in line]
    assert len(lines) == 1 and lines[0].startswith("30 not-expression"), told


def test_matlab_with_a_variable_called_expr_is_not_guessed_at(h5lift, old):
    """MATLAB stores columns first and names as references: nothing in it may be believed."""
    path = old("foreign-matlab.h5", at="archive/a.h5")
    with h5py.File(path, "r+") as file:
        file.move("X", "expr")
    assert untouched(h5lift, path, "skipped", tool.DONE)["state"] == "foreign"
