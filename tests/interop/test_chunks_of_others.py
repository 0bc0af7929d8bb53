"""Chunks that HDF5 reads and that no new file can have: longer than the matrix, or stored without filters at its edges."""

import ctypes

import h5py
import numpy as np
import pytest
from h5py import h5p

import tool
from chunk_indexes import library
from compare import differences

DONT_FILTER_PARTIAL_CHUNKS = 2
ROWS, COLUMNS = 20, 3


def matrix(file, **options):
    expr = file.create_dataset("expr", data=np.arange(ROWS * COLUMNS, dtype="f4").reshape(ROWS, COLUMNS), **options)
    expr.attrs["gene_names"] = [f"g{row}" for row in range(ROWS)]
    expr.attrs["sample_names"] = ["a", "b", "c"]


def longer_than_their_dataset(path, version):
    """No call makes them: the dataset may grow until its maximum is replaced by its length. Version 1 has no checksum."""
    with h5py.File(path, "w", libver=version) as file:
        for name in ("kept", "expr"):
            options = {"chunks": (32, 3), "maxshape": (None, COLUMNS), "compression": "gzip"}
            if name == "expr":
                matrix(file, **options)
            else:
                file.create_dataset(name, data=np.ones((ROWS, COLUMNS)), **options)
    number = [value.to_bytes(8, "little") for value in (ROWS, COLUMNS)]
    grows = number[0] + number[1] + b"\xff" * 8 + number[1]
    data = path.read_bytes()
    assert data.count(grows) == 2
    path.write_bytes(data.replace(grows, number[0] + number[1] + number[0] + number[1]))


@pytest.mark.parametrize("options", [(), ("--chunks", "keep"), ("--verify", "fast")])
def test_chunks_longer_than_their_dataset(h5lift, tmp_path, new, options):
    path = tmp_path / "old.h5"
    longer_than_their_dataset(path, "earliest")
    with h5py.File(path) as file:
        assert file["expr"].maxshape == (ROWS, COLUMNS) and file["expr"].chunks == (32, COLUMNS)
    record = h5lift.migrate(path, "-o", new, *options).must(tool.DONE).record
    assert record["outcome"] == "migrated", record
    assert differences(path, new) == []
    with h5py.File(new) as file:
        assert file["expr"].chunks[0] <= ROWS and file["kept"].chunks == (ROWS, COLUMNS)


@pytest.mark.parametrize("options", [(), ("--chunks", "keep"), ("--verify", "fast")])
def test_edges_without_filters(h5lift, tmp_path, new, options):
    path = tmp_path / "old.h5"
    creation = h5p.create(h5p.DATASET_CREATE)
    creation.set_chunk((8, 2))
    assert library().H5Pset_chunk_opts(ctypes.c_int64(creation.id), ctypes.c_uint(DONT_FILTER_PARTIAL_CHUNKS)) >= 0
    with h5py.File(path, "w", libver="latest") as file:
        matrix(file, chunks=(8, 2), compression="gzip", dcpl=creation)
        # The chunk of the last rows and of the last column: 8 x 2 values of 4 bytes.
        assert {file["expr"].id.get_chunk_info(index).size for index in range(6)} >= {64}
    planned = h5lift.audit(path, *options[:2] if "--chunks" in options else ()).record["plan"]["steps"]
    assert "rewrite" in planned[0], planned
    record = h5lift.migrate(path, "-o", new, *options).must(tool.DONE).record
    assert record["outcome"] == "migrated", record
    assert differences(path, new) == []
