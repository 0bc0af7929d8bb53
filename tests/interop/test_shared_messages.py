"""Files that share object header messages (`H5Pset_shared_mesg_nindexes`, `h5repack -s`): the library copies the parts of such a file
so that they refer to its heap."""

import ctypes
from pathlib import Path

import h5py
import numpy as np
import pytest

import tool
from compare import differences

DATASPACE, DATATYPE, FILL, PIPELINE, ATTRIBUTE = 1 << 1, 1 << 3, 1 << 5, 1 << 11, 1 << 12


def library():
    """The HDF5 that h5py has loaded; h5py itself has no such call."""
    maps = Path("/proc/self/maps")
    loaded = {line.split()[-1] for line in maps.read_text().splitlines()} if maps.exists() else set()
    libraries = sorted(path for path in loaded if "libhdf5" in path and "_hl" not in path)
    # PyTables brings another one.
    for path in [path for path in libraries if "h5py" in path] or libraries:
        return ctypes.CDLL(path)
    pytest.skip("h5py's libhdf5 was not found")


@pytest.fixture
def shared(tmp_path):
    path, hdf5 = tmp_path / "shared.h5", library()
    properties = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    identifier = ctypes.c_int64(properties.id)
    assert hdf5.H5Pset_shared_mesg_nindexes(identifier, 1) >= 0
    everything = DATASPACE | DATATYPE | FILL | PIPELINE | ATTRIBUTE
    assert hdf5.H5Pset_shared_mesg_index(identifier, 0, everything, 10) >= 0
    with h5py.File(h5py.h5f.create(str(path).encode(), fcpl=properties)) as file:
        values = np.random.default_rng(3).normal(size=(40, 6)).astype("f4")
        expr = file.create_dataset("expr", data=values, chunks=(10, 6), compression="gzip", fillvalue=-1.0)
        expr.attrs["gene_names"] = [f"gene {n}" for n in range(40)]
        expr.attrs["sample_names"] = [f"sample {n}" for n in range(6)]
        for number in range(3):
            other = file.create_dataset(f"more/{number}", data=values, chunks=(10, 6), compression="gzip", fillvalue=-1.0)
            other.attrs["unit"] = np.full(8, b"log2 of counts per million")
    return path


def test_a_file_with_shared_messages_is_migrated(h5lift, shared, new):
    assert b"SMTB" in shared.read_bytes(), "the file shares nothing"
    assert h5lift.migrate(shared, "-o", new).must(tool.DONE).record["outcome"] == "migrated"
    h5lift.verify(shared, new).must(tool.DONE)
    assert differences(shared, new) == []
