"""Storage for names that was made and never filled: no list of empty names comes of it."""

import h5py
import numpy as np
import pytest

import tool

GENES = [f"ENSG{row:011d}" for row in range(60)]
TEXT = h5py.string_dtype()


def matrix(file):
    file["expr"] = np.arange(180, dtype="f4").reshape(60, 3)
    file["expr"].attrs["sample_names"] = ["a", "b", "c"]
    return file["expr"]


def null_attribute(file):
    space = h5py.h5s.create_simple((60,))
    h5py.h5a.create(matrix(file).id, b"gene_names", h5py.h5t.py_create(TEXT, logical=1), space)


def chunks(file):
    matrix(file)
    file.create_dataset("gene_names", (60,), TEXT, chunks=(20,))[:20] = GENES[:20]


def fixed_chunks(file):
    matrix(file)
    file.create_dataset("gene_names", (60,), "S15", chunks=(20,))[40:] = GENES[40:]


def half_contiguous(file):
    matrix(file)
    file.create_dataset("gene_names", (60,), TEXT)[:20] = GENES[:20]


def never(file):
    matrix(file)
    file.create_dataset("gene_names", (60,), "S15")


@pytest.mark.parametrize(
    ("write", "state", "says"),
    [
        (null_attribute, "nameless", "never written"),
        (chunks, "incomplete", "2 of 3 chunks"),
        (fixed_chunks, "incomplete", "2 of 3 chunks"),
        (half_contiguous, "incomplete", "40 of 60 names"),
        (never, "incomplete", "never written"),
    ],
)
def test_unwritten_names_are_told(h5lift, tmp_path, new, write, state, says):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        write(file)
    record = h5lift.migrate(path, "-o", new, "--allow-missing-chunks").must(tool.FAILED).record
    assert (record["state"], record["outcome"]) == (state, "refused"), record
    assert says in record["reason"] and not new.exists()
    assert "--names-from" in record["plan"]["hint"]


@pytest.mark.parametrize("write", [null_attribute, chunks, half_contiguous])
def test_they_can_be_given(h5lift, tmp_path, new, write):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        write(file)
    (tmp_path / "genes.txt").write_text("\n".join(GENES) + "\n")
    h5lift.migrate(path, "-o", new, "--names-from", tmp_path / "genes.txt").must(tool.DONE)
    with h5py.File(new) as file:
        assert file["gene_names"].asstr()[:].tolist() == GENES


def test_one_empty_name_is_a_name(h5lift, tmp_path, new):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        matrix(file).attrs["gene_names"] = [*GENES[:-1], ""]
    h5lift.migrate(path, "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["gene_names"][-1] == b""
