"""Groups are made anew with the properties of the old ones, and not with the addresses that these have in the old file."""

import h5py
import numpy as np
import pytest

import tool
from compare import differences


def matrix(file):
    file["expr"] = np.arange(20, dtype="f4").reshape(5, 4)
    file["expr"].attrs["gene_names"] = list("abcde")
    file["expr"].attrs["sample_names"] = list("wxyz")


def many_links(file):
    """More than 8 links lie in a heap of their own, whose address HDF5 hands out with the group's properties."""
    deep = file.create_group("quality/a/b/c")
    for number in range(9):
        deep.create_dataset(f"x{number}", data=np.full((200, 30), number, "f4"), chunks=(50, 8), compression="gzip")


def one_link_of_many(file):
    """A group that was dense and shrank stays dense down to 6 links."""
    many_links(file)
    for number in (0, 1):
        del file[f"quality/a/b/c/x{number}"]


def tracked(file):
    group = file.create_group("quality", track_order=True)
    for name in "zyxwvutsrqponm":
        group[name] = np.arange(3)


@pytest.mark.parametrize("version", ["earliest", "v108", "latest"])
@pytest.mark.parametrize("write", [many_links, one_link_of_many, tracked])
def test_groups_of_many_links_are_carried_over(h5lift, tmp_path, new, write, version):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w", libver=version) as file:
        matrix(file)
        write(file)
    h5lift.migrate(path, "-o", new).must(tool.DONE)
    assert differences(path, new) == []
    with h5py.File(path) as old, h5py.File(new) as file:
        assert list(file["quality"]) == list(old["quality"])
