"""Damaged and hostile files in a batch: each costs its own row and its own deadline, nothing else."""

import os
import time
from pathlib import Path

import pytest

import manifest
import tool
from compare import differences

TIMEOUT = 2
# A file that killed its worker is tried once more alone: at worst two deadlines for each bad
# file, one after the other, and a minute for the healthy ones on a busy machine.
BAD, ALL = 15, 100
BOUND = BAD * 2 * TIMEOUT + 60


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    import batch as writer
    folder = tmp_path_factory.mktemp("batch") / "archive"
    # Which files hang the library was settled when the writer was written; asking again takes a second each.
    bad = writer.write(folder, check=False)
    assert (len(list(folder.iterdir())), len(bad)) == (ALL, BAD)
    return folder, {path.name for path in bad}


@pytest.fixture(scope="module")
def migrated(h5lift, batch, tmp_path_factory):
    folder, bad = batch
    before = {path.name: manifest.sha256(path) for path in folder.iterdir()}
    new = tmp_path_factory.mktemp("new")
    start = time.monotonic()
    run = h5lift.migrate(folder, "--out-dir", new, "--timeout", str(TIMEOUT), timeout=4 * BOUND)
    return run, new, time.monotonic() - start, before


def test_a_batch_ends_in_time(migrated):
    run, _, seconds, _ = migrated
    run.must(tool.FAILED)
    assert seconds < BOUND


def test_the_bad_files_are_damaged_and_nothing_else_is(migrated, batch):
    records = tool.by_name(migrated[0].files)
    assert len(records) == ALL
    assert {name for name, record in records.items() if record["state"] == "damaged"} == batch[1]
    assert {name for name, record in records.items() if record["outcome"] == "migrated"} == records.keys() - batch[1]


def test_healthy_files_of_the_batch_are_whole(migrated, batch):
    run, new, _, _ = migrated
    outputs = {path.name: path for path in new.rglob("*.h5")}
    assert outputs.keys() == {path.name for path in batch[0].iterdir()} - batch[1]
    for name in sorted(outputs)[::10]:
        assert differences(batch[0] / name, outputs[name]) == []


def test_no_original_of_the_batch_changed(migrated, batch):
    assert {path.name: manifest.sha256(path) for path in batch[0].iterdir()} == migrated[3]


def test_the_summary_of_the_batch_adds_up(migrated):
    summary = migrated[0].document["summary"]
    assert summary["files"] == ALL
    assert summary["by_state"]["damaged"] == BAD
    assert sum(summary["by_outcome"].values()) == ALL
    assert summary["by_outcome"]["migrated"] == ALL - BAD


@pytest.fixture(scope="module")
def corpus():
    named = os.environ.get("H5LIFT_CORPUS")
    if not named:
        pytest.skip("H5LIFT_CORPUS names no folder of hostile files")
    files = sorted(path for path in Path(named).rglob("*") if path.is_file())
    assert files, f"{named} holds no files"
    return Path(named), files


def deadline(files):
    return len(files) * 2 * TIMEOUT + 60


def test_every_hostile_file_has_a_row(h5lift, corpus, tmp_path):
    _, files = corpus
    listed = tmp_path / "files"
    healthy = [manifest.path("hybrid.h5"), manifest.path("names-vlen-utf8.h5")]
    listed.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in [healthy[0], *files, healthy[1]]))
    run = h5lift.audit("--timeout", str(TIMEOUT), "--files-from", listed, "--null", timeout=deadline(files)).must(tool.DONE)
    assert sorted(record["path"] for record in run.files) == sorted(map(str, [*healthy, *files]))
    states = {record["path"]: record["state"] for record in run.files}
    assert (states[str(healthy[0])], states[str(healthy[1])]) == ("hybrid", "legacy")


def test_hostile_files_do_not_keep_healthy_ones_from_migrating(h5lift, corpus, old, tmp_path):
    folder, files = corpus
    before = {path: manifest.sha256(path) for path in files}
    healthy = [old("hybrid.h5", "healthy/a.h5"), old("names-vlen-utf8.h5", "healthy/b.h5"), old("storage-contiguous.h5", "healthy/c.h5")]
    run = h5lift.migrate(folder, tmp_path / "healthy", "--out-dir", tmp_path / "new", "--timeout", str(TIMEOUT), timeout=deadline(files))
    assert run.code in (tool.DONE, tool.FAILED), run
    outcomes = {record["path"]: record["outcome"] for record in run.files}
    assert [outcomes[str(path)] for path in healthy] == ["migrated"] * 3
    assert None not in outcomes.values()
    assert {path: manifest.sha256(path) for path in files} == before
