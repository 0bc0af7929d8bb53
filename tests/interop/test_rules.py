"""One rules file for an archive with files of many programs: examples/rules/archive.toml."""

import json
import os
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest

import foreign_archive
import manifest
import tool

EXAMPLES = manifest.REPOSITORY / "examples" / "rules"
GENES = [f"TP{n}" for n in range(6)]
SAMPLES = [f"S{n}" for n in range(4)]
VALUES = np.random.default_rng(11).normal(5, 2, (6, 4)).astype("f4")
SQUARE = VALUES[:4]
TEXT = h5py.string_dtype()


def text(names):
    return np.array(names, dtype=TEXT)


def h5ad(file, values, genes, samples):
    file["X"] = values.T
    file["var/_index"], file["obs/_index"] = text(genes), text(samples)
    file.attrs["encoding-type"] = "anndata"


def old_h5ad(file, values, genes, samples):
    file["X"] = values.T
    for name, names in ("var", genes), ("obs", samples):
        table = np.zeros(len(names), [("index", "S9"), ("batch", "S3"), ("n", "i4")])
        table["index"] = names
        file[name] = table


def loom(file, values, genes, samples):
    file["matrix"] = values
    file["row_attrs/Gene"], file["col_attrs/CellID"] = text(genes), text(samples)


def gctx(file, values, genes, samples):
    file["0/DATA/0/matrix"] = values.T
    file["0/META/ROW/id"], file["0/META/COL/id"] = np.array(genes, "S"), np.array(samples, "S")


def hdf5r(file, values, genes, samples):
    # As its `create_dataset` does by default: doubles, gzip 4, text of variable length that is declared ASCII.
    matrix = file.create_dataset("expression", data=values.T.astype("f8"), chunks=True, compression="gzip")
    text_type = h5py.string_dtype("ascii")
    matrix.attrs.create("rownames", genes, dtype=text_type)
    matrix.attrs.create("colnames", samples, dtype=text_type)


def atlas(file, values, genes, samples):
    # As workflow/scripts/combine_gene_coverages.py does: a row for each sample.
    data = file.create_dataset("data", shape=values.T.shape, dtype="f4", fillvalue=0, compression="gzip")
    data[...] = values.T
    data.attrs["sample_names"] = np.array(samples, "S")


def open_st(file, values, genes, samples):
    h5ad(file, values, genes, samples)
    file.move("obs/_index", "obs/cell_bc")


def own(file, values, genes, samples):
    file["cells/counts"] = values.T
    file["cells/gene"], file["cells/cell"] = np.array([b"M\xfcller", *[g.encode() for g in genes[1:]]]), np.array(samples, "S")


def edited(file, values, genes, samples):
    expr = file.create_dataset("expr", data=values)
    expr.attrs["gene_names"], expr.attrs["sample_names"] = list(reversed(genes)), samples
    file["gene_names"], file["sample_names"] = text(genes), text(samples)


def pipeline(file, values, genes, samples):
    expr = file.create_dataset("expr", data=values)
    expr.attrs["gene_names"], expr.attrs["sample_names"] = genes, samples


FILES = {"a.h5ad": h5ad, "deep/old.h5ad": old_h5ad, "b.loom": loom, "c.gctx": gctx, "hdf5r/d.h5": hdf5r, "atlas/e.h5": atlas,
         "open-st/f.h5ad": open_st, "own/i.h5": own, "edited/g.h5": edited, "h.h5": pipeline}


@pytest.mark.parametrize("square", [False, True])
def test_one_run_for_all_of_an_archive(h5lift, tmp_path, square):
    values, genes = (SQUARE, GENES[:4]) if square else (VALUES, GENES)
    for name, write in FILES.items():
        path = tmp_path / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            write(file, values, genes, SAMPLES)
    rules = tmp_path / "archive.toml"
    shutil.copyfile(EXAMPLES / "archive.toml", rules)
    # Paths in a rules file are relative to it.
    (tmp_path / "genes.txt").write_text("\n".join(genes) + "\n")
    if square:
        # A list says nothing about a matrix whose axes are equally long, unless the other axis has names.
        assert h5lift.audit(tmp_path / "archive/atlas/e.h5", "--rules", rules).record["plan"]["action"] == "migrate"
    run = h5lift.migrate(tmp_path / "archive", "--out-dir", tmp_path / "new", "--rules", rules).must(tool.DONE)
    assert len(run.files) == len(FILES)
    for name in FILES:
        with h5py.File(tmp_path / "new" / name) as file:
            assert np.array_equal(file["expr"][:], values), name
            found = [gene.decode() for gene in file["gene_names"]]
            assert found == (["Müller", *genes[1:]] if name.startswith("own/") else genes), name
            assert [sample.decode() for sample in file["sample_names"]] == SAMPLES, name
        if "atlas" not in name:
            h5lift.verify(tmp_path / "archive" / name, tmp_path / "new" / name, "--rules", rules).must(tool.DONE)


def test_files_of_the_programs_themselves(h5lift, tmp_path):
    """`H5LIFT_FOREIGN_PYTHON` names an interpreter with anndata, loompy and cmapPy (`make foreign`)."""
    archive, new = tmp_path / "archive", tmp_path / "new"
    python = os.environ.get("H5LIFT_FOREIGN_PYTHON") or sys.executable
    done = subprocess.run([python, foreign_archive.__file__, archive], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout.splitlines()[-1])
    dense = [name for name in foreign_archive.FILES if outcomes[name] == "written"]
    if not dense:
        pytest.skip(str(outcomes))
    # Beside them what cannot be written here.
    values, genes, samples = foreign_archive.values(), foreign_archive.gene_ids(), foreign_archive.sample_ids()
    for name, write in {"hdf5r/e.h5": hdf5r, "atlas/median_coverage.h5": atlas, "f.h5": pipeline}.items():
        (archive / name).parent.mkdir(exist_ok=True)
        with h5py.File(archive / name, "w") as file:
            write(file, values, genes, samples)
        dense.append(name)
    rules = tmp_path / "archive.toml"
    shutil.copyfile(EXAMPLES / "archive.toml", rules)
    (tmp_path / "genes.txt").write_text("\n".join(genes) + "\n")
    run = h5lift.migrate(archive, "--out-dir", new, "--rules", rules)
    rows = {os.path.relpath(row["path"], archive): row for row in run.files}
    assert {name: rows[name]["outcome"] for name in dense} == dict.fromkeys(dense, "migrated")
    for name in dense:
        with h5py.File(new / name) as file:
            assert np.array_equal(file["expr"][:], values), name
            assert [gene.decode() for gene in file["gene_names"]] == genes, name
            assert [sample.decode() for sample in file["sample_names"]] == samples, name
    for name in foreign_archive.SPARSE:
        if outcomes[name] == "written":
            assert (rows[name]["state"], rows[name]["outcome"]) == ("foreign", "skipped"), rows[name]["reason"]
            assert not (new / name).exists()


def test_one_rule_for_all_files(h5lift, tmp_path):
    path, new = tmp_path / "lab.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        file["run/expression"], file["meta/symbols"] = VALUES, text(GENES)
        file.attrs["wells"] = SAMPLES
    h5lift.migrate(path, "-o", new, "--rules", EXAMPLES / "one-lab.toml").must(tool.DONE)
    with h5py.File(new) as file:
        assert np.array_equal(file["expr"][:], VALUES)


def test_keys_for_all_files_and_what_is_typed(h5lift, tmp_path):
    path, new, rules = tmp_path / "lab.h5", tmp_path / "new.h5", tmp_path / "lab.toml"
    with h5py.File(path, "w") as file:
        file["x"], file["a"], file["b"] = VALUES, text(GENES), text([f"other {n}" for n in range(6)])
        file["s"] = text(SAMPLES)
    rules.write_text('samples-from = "/s"\n[[rule]]\nfiles = "lab.*"\nmatrix = "/x"\ngenes-from = "/b"\n[[rule]]\nmatrix = "/y"\n')
    h5lift.migrate(path, "-o", new, "--rules", rules, "--genes-from", "/a").must(tool.DONE)
    with h5py.File(new) as file:
        assert [gene.decode() for gene in file["gene_names"]] == GENES


@pytest.mark.parametrize("rule", ["[[rule]]\nfile = 'x'\n", "[[rule]]\nfiles = '['\n", "[[rule]]\nencoding = 'ebcdic'\n",
                                  "[[rule]]\nnames-from = 'nowhere.txt'\n", "[[rules]]\n"])
def test_rules_that_mean_nothing_touch_nothing(h5lift, tmp_path, rule):
    rules = tmp_path / "lab.toml"
    rules.write_text(rule)
    h5lift.migrate(manifest.path("hybrid.h5"), "-o", tmp_path / "new.h5", "--rules", rules).must(tool.USAGE)
    assert not (tmp_path / "new.h5").exists()


@pytest.mark.parametrize("name", ["foreign.loom", "foreign.gctx", "foreign.h5ad"])
def test_files_of_the_fixtures(h5lift, tmp_path, name):
    """They are as the programs write them; where the matrix is sparse, it is no dataset and stays foreign."""
    path = tmp_path / name
    shutil.copyfile(manifest.path(name), path)
    rules = tmp_path / "archive.toml"
    rules.write_text((EXAMPLES / "archive.toml").read_text().replace('names-from = "genes.txt"\n', ""))
    record = h5lift.audit(path, "--rules", rules).must(tool.DONE).record
    assert record["plan"]["action"] == "migrate", record["reason"]
