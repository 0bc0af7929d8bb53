"""--transpose with explicit places, with names from outside, and what it leaves alone."""

import h5py
import numpy as np
import pytest

import tool

GENES = [f"TP{n}" for n in range(5)]
SAMPLES = [f"S{n}" for n in range(5)]
SQUARE = np.arange(25, dtype="f4").reshape(5, 5)
GCTX = ("--matrix", "/0/DATA/0/matrix", "--genes-from", "/0/META/ROW/id", "--samples-from", "/0/META/COL/id")


def gctx(path, values, genes, samples):
    """As cmapPy writes it: columns of the matrix are rows of the dataset."""
    with h5py.File(path, "w") as file:
        file["0/DATA/0/matrix"] = values.T
        file["0/META/ROW/id"] = np.array(genes, "S")
        file["0/META/COL/id"] = np.array(samples, "S")


def holds(path, values, genes, samples):
    with h5py.File(path) as file:
        assert np.array_equal(file["expr"][:], values)
        assert [name.decode() for name in file["gene_names"]] == genes
        assert [name.decode() for name in file["sample_names"]] == samples


def test_explicit_places_turn_every_matrix(h5lift, tmp_path):
    wide = np.arange(15, dtype="f4").reshape(3, 5)
    (tmp_path / "in").mkdir()
    gctx(tmp_path / "in/square.h5", SQUARE, GENES, SAMPLES)
    gctx(tmp_path / "in/wide.h5", wide, GENES[:3], SAMPLES)
    run = h5lift.migrate(tmp_path / "in", "--out-dir", tmp_path / "out", "--transpose", *GCTX).must(tool.DONE)
    for record in run.files:
        assert any("transposed" in step for step in record["plan"]["steps"]), record
    holds(tmp_path / "out/square.h5", SQUARE, GENES, SAMPLES)
    holds(tmp_path / "out/wide.h5", wide, GENES[:3], SAMPLES)
    for name in "square.h5", "wide.h5":
        h5lift.verify(tmp_path / "in" / name, tmp_path / "out" / name, "--transpose", *GCTX).must(tool.DONE)
    # Without the option, a square matrix does not match.
    h5lift.verify(tmp_path / "in/square.h5", tmp_path / "out/square.h5", *GCTX).must(tool.FAILED)


def test_a_matrix_that_lies_right_is_not_turned_in_silence(h5lift, tmp_path):
    path = tmp_path / "straight.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["g"], file["s"] = np.arange(15, dtype="f4").reshape(5, 3), np.array(GENES, "S"), np.array(SAMPLES[:3], "S")
    places = ("--matrix", "/x", "--genes-from", "/g", "--samples-from", "/s")
    refused = h5lift.migrate(path, "-o", tmp_path / "new.h5", "--transpose", *places).must(tool.FAILED).record
    assert "transposed, has 3 genes" in refused["error"]["message"] and "leave out --transpose" in refused["error"]["hint"]
    h5lift.migrate(path, "-o", tmp_path / "new.h5", *places).must(tool.DONE)


@pytest.mark.parametrize("transpose", [False, True])
def test_names_that_fit_as_they_are_say_how_a_matrix_lies(h5lift, tmp_path, transpose):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    values = np.arange(15, dtype="f4").reshape(3, 5)
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values)
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES[:3], SAMPLES
    h5lift.migrate(path, "-o", new, *(["--transpose"] if transpose else [])).must(tool.DONE)
    holds(new, values, GENES[:3], SAMPLES)


def test_square_matrices_are_turned(h5lift, tmp_path):
    path, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=SQUARE.T)
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
    h5lift.migrate(path, "-o", new, "--transpose").must(tool.DONE)
    holds(new, SQUARE, GENES, SAMPLES)
    # What h5lift wrote is not turned again.
    h5lift.migrate(new, "--in-place", "--no-backup", "--transpose").must(tool.DONE)
    holds(new, SQUARE, GENES, SAMPLES)


@pytest.mark.parametrize("known", [(), ("sample_names",)])
def test_names_from_a_list_and_transpose(h5lift, tmp_path, known):
    path, new = tmp_path / "lost.h5", tmp_path / "new.h5"
    values = np.arange(15, dtype="f4").reshape(5, 3)
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values.T)
        if known:
            expr.attrs["sample_names"] = SAMPLES[:3]
    sources = []
    for name, names in ("genes.txt", GENES), ("samples.txt", SAMPLES[:3]):
        (tmp_path / name).write_text("\n".join(names) + "\n")
        sources += ["--names-from", tmp_path / name]
    h5lift.migrate(path, "-o", new, "--transpose", *sources).must(tool.DONE)
    holds(new, values, GENES, SAMPLES[:3])


def test_names_from_a_matrix_and_transpose(h5lift, tmp_path):
    path, new, text = tmp_path / "lost.h5", tmp_path / "new.h5", tmp_path / "m.tsv"
    values = np.arange(15, dtype="f4").reshape(5, 3)
    with h5py.File(path, "w") as file:
        file["expr"] = values.T
    rows = [[gene, *map(str, row)] for gene, row in zip(GENES, values)]
    text.write_text("\n".join("\t".join(row) for row in [["gene", *SAMPLES[:3]], *rows]) + "\n")
    h5lift.migrate(path, "-o", new, "--transpose", "--names-from", text).must(tool.DONE)
    holds(new, values, GENES, SAMPLES[:3])
    text.write_text(text.read_text().replace("\t7.0\t", "\t7.5\t"))
    refused = h5lift.migrate(path, "-o", tmp_path / "other.h5", "--transpose", "--names-from", text).must(tool.FAILED).record
    assert "values differ" in refused["error"]["message"]


def test_references_to_parts_of_datasets_are_not_turned_in_silence(h5lift, tmp_path, new):
    before = tmp_path / "old.h5"
    with h5py.File(before, "w") as file:
        expr = file.create_dataset("expr", data=np.arange(35.0, dtype="f4").reshape(5, 7))
        expr.attrs["gene_names"], expr.attrs["sample_names"] = [f"g{n}" for n in range(7)], [f"s{n}" for n in range(5)]
        file["region"] = np.array([expr.regionref[0:2, 1:3]], dtype=h5py.regionref_dtype)
    record = h5lift.migrate(before, "-o", new, "--transpose").must(tool.FAILED).record
    assert "/region refers to parts of datasets" in record["error"]["message"], record
    assert not new.exists()
    with h5py.File(before, "r+") as file:
        del file["region"]
        file["expr"].attrs["marked"] = file["expr"].regionref[0:1, 0:1]
    assert "/expr refers" in h5lift.migrate(before, "-o", new, "--transpose").must(tool.FAILED).record["error"]["message"]
