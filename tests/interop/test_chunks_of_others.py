"""Chunks that HDF5 reads and that no new file can have: longer than the matrix, or stored without filters at its edges."""

import ctypes

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

import tool
from chunk_indexes import library
from compare import differences

DONT_FILTER_PARTIAL_CHUNKS = 2
ROWS, COLUMNS = 20, 3


def fill(expr):
    expr[...] = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    expr.attrs["gene_names"] = [f"g{row}" for row in range(ROWS)]
    expr.attrs["sample_names"] = ["a", "b", "c"]


def longer_than_their_dataset(path):
    """No call makes them: the dataset may grow until its maximum is replaced by its length. This version has no checksum."""
    options = {"chunks": (32, COLUMNS), "maxshape": (None, COLUMNS), "compression": "gzip"}
    with h5py.File(path, "w", libver="earliest") as file:
        fill(file.create_dataset("expr", (ROWS, COLUMNS), "f4", **options))
        file.create_dataset("kept", data=np.ones((ROWS, COLUMNS)), **options)
    number = [value.to_bytes(8, "little") for value in (ROWS, COLUMNS)]
    grows = number[0] + number[1] + b"\xff" * 8 + number[1]
    data = path.read_bytes()
    assert data.count(grows) == 2
    path.write_bytes(data.replace(grows, number[0] + number[1] + number[0] + number[1]))


@pytest.mark.parametrize("options", [(), ("--chunks", "keep"), ("--verify", "fast")])
def test_chunks_longer_than_their_dataset(h5lift, tmp_path, new, options):
    path = tmp_path / "old.h5"
    longer_than_their_dataset(path)
    with h5py.File(path) as file:
        assert file["expr"].maxshape == (ROWS, COLUMNS) and file["expr"].chunks == (32, COLUMNS)
    record = h5lift.migrate(path, "-o", new, *options).must(tool.DONE).record
    assert record["outcome"] == "migrated", record
    (changed,) = differences(path, new)
    assert changed.startswith("/kept: storage"), changed
    with h5py.File(new) as file:
        assert file["expr"].chunks == file["kept"].chunks == (ROWS, COLUMNS)
    h5lift.verify(path, new).must(tool.DONE)


@pytest.mark.parametrize("options", [(), ("--chunks", "keep"), ("--verify", "fast")])
def test_edges_without_filters(h5lift, tmp_path, new, options):
    path = tmp_path / "old.h5"
    creation = h5p.create(h5p.DATASET_CREATE)
    creation.set_chunk((8, 2))
    creation.set_deflate(4)
    assert library().H5Pset_chunk_opts(ctypes.c_int64(creation.id), ctypes.c_uint(DONT_FILTER_PARTIAL_CHUNKS)) >= 0
    with h5py.File(path, "w", libver="latest") as file:
        # Through h5py's own properties the option is lost.
        h5d.create(file.id, b"expr", h5t.IEEE_F32LE, h5s.create_simple((ROWS, COLUMNS)), creation)
        fill(file["expr"])
        # The chunks of the last rows and of the last column: 8 x 2 values of 4 bytes.
        assert {file["expr"].id.get_chunk_info(index).size for index in range(6)} >= {64}
    planned = h5lift.migrate(path, "-o", new, "--dry-run", *options).must(tool.DONE).record["plan"]["steps"]
    assert "rewrite" in planned[0], planned
    record = h5lift.migrate(path, "-o", new, *options).must(tool.DONE).record
    assert record["outcome"] == "migrated", record
    assert differences(path, new) == []
