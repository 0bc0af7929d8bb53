"""Files that are one of several, and files that only older versions of HDF5 read: named, with the command that helps."""

import h5py
import numpy as np
import pytest

import tool


def fill(file):
    file["expr"] = np.arange(4000, dtype="f8").reshape(400, 10)
    file["expr"].attrs["gene_names"] = [f"g{row}" for row in range(400)]
    file["expr"].attrs["sample_names"] = [f"s{column}" for column in range(10)]


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_the_first_member_of_a_family(h5lift, tmp_path, version):
    with h5py.File(tmp_path / "part_%d.h5", "w", driver="family", memb_size=16384, libver=version) as file:
        fill(file)
    record = h5lift.audit(tmp_path / "part_0.h5").must(tool.DONE).record
    assert record["state"] == "unsupported" and "family driver" in record["reason"], record
    assert "h5repart -family_to_single" in record["plan"]["hint"]


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_the_metadata_of_a_split_file(h5lift, tmp_path, version):
    with h5py.File(tmp_path / "halves", "w", driver="split", libver=version) as file:
        fill(file)
    record = h5lift.audit(tmp_path / "halves-m.h5").must(tool.DONE).record
    assert record["state"] == "unsupported" and "split or multi driver" in record["reason"], record
    assert "h5repack --src-vfd-name split" in record["plan"]["hint"]


def test_a_chunk_layout_that_hdf5_2_refuses(h5lift, tmp_path):
    from chunk_indexes import with_other_element_size

    path = tmp_path / "pure.h5"
    with_other_element_size(path)
    record = h5lift.audit(path).must(tool.DONE).record
    assert record["state"] == "unsupported" and "PureHDF" in record["reason"], record
    assert "h5repack" in record["plan"]["hint"]
