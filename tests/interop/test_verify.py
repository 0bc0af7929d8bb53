"""`verify` proves a migration, and finds what changes in the new file later."""

import h5py
import numpy as np
import pytest

import manifest
import tool

NAME = "extra-groups.h5"


@pytest.fixture
def migrated(h5lift, new):
    h5lift.migrate(manifest.path(NAME), "-o", new).must(tool.DONE)
    return new


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("migrate")))
def test_every_migration_verifies(h5lift, row, new):
    h5lift.migrate(manifest.path(row), "-o", new).must(tool.DONE)
    h5lift.verify(manifest.path(row), new).must(tool.DONE)
    h5lift.verify(new).must(tool.DONE)


def change_value(file):
    values = file["expr"][...]
    values.view("u4")[3, 2] ^= 1
    file["expr"][...] = values


def negate_zero(file):
    values = file["expr"][...]
    place = tuple(np.argwhere(values == 0)[0])
    values[place] = -0.0
    file["expr"][...] = values


def swap_samples(file):
    names = file["sample_names"][...]
    file["sample_names"][...] = names[[1, 0, *range(2, len(names))]]


CHANGES = {
    "the lowest bit of a value": change_value,
    "the sign of a zero": negate_zero,
    "a gene's name": lambda file: file["gene_names"].__setitem__(5, "FBgn0000000"),
    "two samples swapped": swap_samples,
    "an attribute elsewhere": lambda file: file["quality"].attrs.__setitem__("threshold", 0.9),
    "a value elsewhere": lambda file: file["quality/rin"].__setitem__(0, 1.0),
    "a group removed": lambda file: file.pop("empty"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_later_change_is_found(h5lift, migrated, change):
    with h5py.File(migrated, "r+") as file:
        change(file)
    h5lift.verify(migrated).must(tool.FAILED)
    h5lift.verify(manifest.path(NAME), migrated).must(tool.FAILED)


def test_a_flipped_byte_of_the_values_is_found(h5lift, migrated):
    with h5py.File(migrated) as file:
        chunk = file["expr"].id.get_chunk_info(0)
    data = bytearray(migrated.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    migrated.write_bytes(data)
    h5lift.verify(migrated).must(tool.FAILED)
    h5lift.verify(manifest.path(NAME), migrated).must(tool.FAILED)


def test_a_flipped_byte_of_a_name_is_found(h5lift, migrated):
    data = migrated.read_bytes()
    assert b"FBgn0031229" in data
    migrated.write_bytes(data.replace(b"FBgn0031229", b"FBgn0031228"))
    h5lift.verify(migrated).must(tool.FAILED)
    h5lift.verify(manifest.path(NAME), migrated).must(tool.FAILED)


def test_the_wrong_original_is_found(h5lift, migrated):
    h5lift.verify(manifest.path("hybrid.h5"), migrated).must(tool.FAILED)


def test_a_file_without_a_digest_proves_nothing(h5lift):
    h5lift.verify(manifest.path("current.h5")).must(tool.FAILED)


def test_a_file_without_a_matrix_is_not_called_damaged(h5lift, migrated, tmp_path):
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["counts"] = np.ones((2, 3))
    for arguments in [(other,), (migrated, other), (other, migrated)]:
        record = h5lift.verify(*arguments, "--format", "json").must(tool.FAILED).record
        assert record["state"] == "unsupported" and "no dataset /expr" in record["reason"], record
        assert "h5lift audit" in record["error"]["hint"], record


def test_a_tree_without_one_of_its_files_is_not_verified(h5lift, old, tmp_path):
    old("hybrid.h5", "old/a.h5")
    old("hybrid-40x8.h5", "old/deep/b.h5")
    old("current.h5", "old/c.h5")
    h5lift.migrate(tmp_path / "old", "--out-dir", tmp_path / "new").must(tool.DONE)
    # What a migration leaves out is told, and is no failure.
    rows = h5lift.verify(tmp_path / "old", tmp_path / "new", "--format", "json").must(tool.DONE).files
    outcomes = {row["path"].rpartition("/")[2]: row["outcome"] for row in rows}
    assert outcomes == {"a.h5": "verified", "b.h5": "verified", "c.h5": "skipped"}
    (tmp_path / "new" / "deep" / "b.h5").unlink()
    rows = h5lift.verify(tmp_path / "old", tmp_path / "new", "--format", "json").must(tool.FAILED).files
    failed = [row for row in rows if row["outcome"] == "failed"]
    assert [row["path"] for row in failed] == [str(tmp_path / "old" / "deep" / "b.h5")]
    assert failed[0]["state"] == "hybrid" and "new/deep/b.h5 is not there" in failed[0]["error"]["message"]


def test_an_original_that_is_gone_does_not_make_the_new_file_damaged(h5lift, migrated, tmp_path):
    (tmp_path / "originals").mkdir()
    row = h5lift.verify(tmp_path / "originals", migrated.parent, "--format", "json").must(tool.FAILED).record
    assert (row["state"], row["error"]["kind"]) == ("unsupported", "open")
    assert "originals/out.h5: cannot open it" in row["error"]["message"]
