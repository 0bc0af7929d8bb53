"""Whole folders: the tree is kept, odd names are no obstacle, and the bytes do not depend on chance."""

import json
import os

import pytest

import manifest
import tool
from compare import differences

PLACES = {"a.h5": "hybrid.h5", "b/c.h5": "names-vlen-utf8.h5", "b/d/e.hdf5": "storage-contiguous.h5",
          "b/d/same.h5": "storage-gzip-shuffle.h5", "f/same.h5": "values-f64.h5", "b/result.h5": "result-file.h5"}
TAKEN = {place: name for place, name in PLACES.items() if name != "result-file.h5"}


@pytest.fixture
def archive(old, tmp_path):
    for place, name in PLACES.items():
        old(name, f"archive/{place}")
    return tmp_path / "archive"


def written(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def at(files, place):
    """The only file at a place below the destination, whether or not the root's own name is kept."""
    (found,) = [path for name, path in files.items() if name == place or name == f"archive/{place}"]
    return found


def test_out_dir_keeps_the_tree(h5lift, archive, tmp_path):
    run = h5lift.migrate(archive, "--out-dir", tmp_path / "new").must(tool.DONE)
    files = written(tmp_path / "new")
    assert len(run.files) == len(PLACES)
    for place, name in TAKEN.items():
        assert differences(manifest.path(name), at(files, place)) == []
    for place, name in PLACES.items():
        assert manifest.sha256(archive / place) == manifest.sha256(manifest.path(name))


def test_a_second_run_into_the_same_folder_does_nothing(h5lift, archive, tmp_path):
    new = tmp_path / "new"
    h5lift.migrate(archive, "--out-dir", new).must(tool.DONE)
    before = {place: (at(written(new), place).read_bytes(), at(written(new), place).stat().st_mtime_ns) for place in TAKEN}
    h5lift.migrate(archive, "--out-dir", new).must(tool.DONE)
    assert {place: (at(written(new), place).read_bytes(), at(written(new), place).stat().st_mtime_ns) for place in TAKEN} == before


def test_jobs_do_not_change_the_bytes(h5lift, archive, tmp_path):
    results = []
    for turn, jobs in enumerate(("1", "2", "2")):
        new = tmp_path / f"new{turn}"
        h5lift.migrate(archive, "--out-dir", new, "--jobs", jobs).must(tool.DONE)
        results.append({place: at(written(new), place).read_bytes() for place in TAKEN})
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("name", ["hybrid-40x8.h5", "storage-contiguous.h5", "extra-groups.h5", "dimension-scales.h5", "user-block.h5"])
def test_the_same_input_gives_the_same_bytes(h5lift, name, tmp_path):
    outputs = [tmp_path / "one" / "x.h5", tmp_path / "two" / "y.h5"]
    for output, jobs in zip(outputs, ("1", "2")):
        output.parent.mkdir()
        h5lift.migrate(manifest.path(name), "-o", output, "--jobs", jobs).must(tool.DONE)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


@pytest.fixture
def awkward_tree(tmp_path):
    from fixtures import awkward
    return awkward.build(tmp_path / "awkward", manifest.path("hybrid.h5"))


def test_a_walk_takes_what_it_should(h5lift, awkward_tree):
    run = h5lift.audit(awkward_tree.root).must(tool.DONE)
    states = [record["state"] for record in run.files]
    # Two names of one hard-linked file; links and the pipe are the walk's own affair.
    assert states.count("hybrid") >= len(awkward_tree.wanted) + 2
    taken = {os.path.basename(record["path"]) for record in run.files}
    assert [path for path in awkward_tree.unwanted if os.path.basename(path).decode() in taken] == []


def test_awkward_names_are_migrated(h5lift, awkward_tree, tmp_path):
    new = tmp_path / "new"
    h5lift.run("migrate", "--format", "json", awkward_tree.root, "--out-dir", new)
    found = {os.path.basename(path) for path in map(os.fsencode, new.rglob("*"))}
    missing = [path for path in awkward_tree.wanted if os.path.basename(path) not in found]
    assert missing == []


@pytest.mark.parametrize("format", ["table", "json", "jsonl", "tsv"])
def test_no_control_character_reaches_the_terminal(h5lift, awkward_tree, format):
    run = h5lift.run("audit", "--format", format, "--color", "never", awkward_tree.root).must(tool.DONE)
    assert "red" in run.stdout, "the file whose name holds an escape sequence has no row"
    for stream in (run.stdout, run.stderr):
        assert "\x1b" not in stream and "\u202e" not in stream


def test_rows_that_are_written_as_they_come_are_those_of_the_document(h5lift, archive):
    (archive / "b" / "text.h5").write_bytes(b"no HDF5")
    (archive / "nowhere.h5").symlink_to("gone.h5")
    for options in [(), ("--follow-symlinks",), ("--jobs", "1")]:
        document = h5lift.audit(*options, archive, archive / "f")
        code = tool.FAILED if "--follow-symlinks" in options else tool.DONE
        assert document.code == code, document
        lines = h5lift.run("audit", "--format", "jsonl", *options, archive, archive / "f").must(code)
        assert [json.loads(line) for line in lines.stdout.splitlines()] == document.files
        table = h5lift.run("audit", "--format", "tsv", *options, archive, archive / "f").must(code)
        header, *rows = (line.split("\t") for line in table.stdout.splitlines())
        assert [row[header.index("path")] for row in rows] == [record["path"] for record in document.files]
        assert len(document.files) == len(PLACES) + 1
        told = "a symbolic link to nothing"
        assert (told in lines.stderr, told in document.stderr) == (bool(code), bool(code))


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_root_that_is_not_there_is_reported_before_any_work(h5lift, archive, form):
    run = h5lift.run("audit", "--format", form, archive, archive / "nowhere").must(tool.USAGE)
    assert run.stdout == "" and "no such file or folder" in run.stderr
