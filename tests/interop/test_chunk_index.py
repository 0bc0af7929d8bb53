"""A chunk counts only if HDF5's own lookup finds it: a damaged index is `damaged`, or read as H5Dread reads it."""

import h5py
import pytest

import chunk_indexes
import tool
from chunk_indexes import KINDS

# Of each kind; the sweep `indexes` of the soak tests tries all.
SAMPLE = 60


def read(path):
    """What H5Dread says, or None where it fails."""
    try:
        with h5py.File(path) as file:
            return file["expr"][()]
    except (OSError, KeyError, RuntimeError):
        return None


def held(records):
    """How many were migrated; each of them has what H5Dread reads in the old one."""
    migrated = [record for record in records if record["outcome"] == "migrated"]
    for record in migrated:
        old, new = read(record["path"]), read(record["output"])
        assert old is not None and (old.shape, old.tobytes()) == (new.shape, new.tobytes()), record["path"]
    return len(migrated)


@pytest.mark.parametrize("name", KINDS)
def test_healthy_indexes_are_read(h5lift, tmp_path, name):
    path = tmp_path / "a.h5"
    chunk_indexes.write(path, KINDS[name])
    record = h5lift.migrate(path, "-o", tmp_path / "b.h5").must(tool.DONE).record
    assert (record["state"], held([record])) == ("legacy", 1)


@pytest.mark.parametrize("name", KINDS)
def test_a_changed_number_is_damage_or_read_as_hdf5_reads_it(h5lift, tmp_path, name):
    archive = tmp_path / "archive"
    archive.mkdir()
    data = chunk_indexes.written(tmp_path, name)
    changes = chunk_indexes.changes(name, data)
    for change in changes[:: max(1, len(changes) // SAMPLE)]:
        (archive / f"{change.what}.h5").write_bytes(change.of(data))
    run = h5lift.migrate(archive, "--out-dir", tmp_path / "new", "--timeout", "20")
    held(run.files)
    assert {record["state"] for record in run.files} & {"damaged"}, "no mutant was damaged: they miss the index"


def test_every_number_of_a_small_tree(h5lift, tmp_path):
    """The offset within an element, and the last key, which only ends the range: both hide chunks from H5Dread."""
    archive = tmp_path / "archive"
    archive.mkdir()
    data = chunk_indexes.written(tmp_path, "b-tree-1-small")
    for change in chunk_indexes.changes("b-tree-1-small", data):
        (archive / f"{change.what}.h5").write_bytes(change.of(data))
    run = h5lift.migrate(archive, "--out-dir", tmp_path / "new", "--timeout", "20")
    migrated = held(run.files)
    refused = [record for record in run.files if record["outcome"] != "migrated"]
    assert migrated and len(refused) > migrated
    told = {(record["error"] or {}).get("message") or record["reason"] for record in refused}
    assert any("chunk index" in message for message in told), told


def test_an_index_that_would_be_listed_for_ever_is_damage(h5lift, tmp_path):
    """The largest index of an extensible array: the library lists chunks by counting up to it."""
    data = chunk_indexes.written(tmp_path, "extensible")
    header = data.index(b"EAHD")
    block = next(block for block in chunk_indexes.blocks(data, (b"EAHD",)))
    path = tmp_path / "endless.h5"
    path.write_bytes(chunk_indexes.Change("endless", header + 44, b"\xff" * 7 + b"\x7f", block).of(data))
    record = h5lift.audit(path).record
    assert record["state"] == "damaged" and "chunk index" in record["reason"], record["reason"]


def test_a_sparse_array_is_no_damage(h5lift, tmp_path):
    """Its largest index is far beyond what was written."""
    path = tmp_path / "sparse.h5"
    with h5py.File(path, "w", libver="latest") as file:
        expr = file.create_dataset("expr", (100_000, 2), "f4", maxshape=(None, 2), chunks=(1, 1))
        expr[-1] = 1
    assert h5lift.audit(path).record["state"] in ("nameless", "incomplete")
