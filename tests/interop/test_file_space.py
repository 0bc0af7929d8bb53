"""Files of HDF5 1.10 and later manage their free space in several ways: that is no damage."""

import h5py
import numpy as np
import pytest

import tool
from compare import differences

STRATEGIES = [("page", False), ("page", True), ("aggregate", False), ("none", False), ("fsm", False), ("fsm", True)]


def write(path, strategy, persist, **options):
    with h5py.File(path, "w", fs_strategy=strategy, fs_persist=persist, fs_threshold=1, **options) as file:
        file["expr"] = np.arange(60, dtype="f4").reshape(20, 3)
        file["expr"].attrs["gene_names"] = [f"g{row}" for row in range(20)]
        file["expr"].attrs["sample_names"] = ["a", "b", "c"]
        file["gone"] = np.ones(5000)
        file["kept"] = np.arange(7)
        # Leaves free space behind, which a persistent strategy writes into the file.
        del file["gone"]


@pytest.mark.parametrize("version", ["earliest", "latest"])
@pytest.mark.parametrize(("strategy", "persist"), STRATEGIES)
def test_every_strategy_is_read(h5lift, tmp_path, new, strategy, persist, version):
    path = tmp_path / "old.h5"
    write(path, strategy, persist, libver=version)
    record = h5lift.migrate(path, "-o", new).must(tool.DONE).record
    assert (record["state"], record["outcome"], record["verified"]) == ("legacy", "migrated", "full")
    assert differences(path, new) == []


def test_the_new_file_is_one_of_hdf5_1_8(h5lift, tmp_path, new):
    write(tmp_path / "old.h5", "page", True, fs_page_size=4096)
    h5lift.migrate(tmp_path / "old.h5", "-o", new).must(tool.DONE)
    with h5py.File(new) as file:
        assert file.id.get_create_plist().get_file_space_strategy()[0] == h5py.h5f.FSPACE_STRATEGY_FSM_AGGR
    # Superblock 2 came with HDF5 1.8, superblock 3 with 1.10.
    assert new.read_bytes()[8] <= 2
