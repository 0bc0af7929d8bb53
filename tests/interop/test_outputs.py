"""Outputs of `migrate` that two files would have, or that are there already."""

import os
import shutil

import pytest

import manifest
import tool

NAME = "hybrid.h5"


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_two_files_of_one_output_are_two_refused_rows(h5lift, old, tmp_path, options):
    old(NAME, "one/a.h5"), old(NAME, "two/a.h5"), old(NAME, "two/b.h5")
    out = tmp_path / "new"
    run = h5lift.migrate(tmp_path / "one", tmp_path / "two", "--out-dir", out, *options)
    run.must(tool.DONE if options else tool.FAILED)
    rows = {os.path.relpath(row["path"], tmp_path): row for row in run.files}
    for name, rival in (("one/a.h5", "two/a.h5"), ("two/a.h5", "one/a.h5")):
        row = rows[name]
        said = row["reason"] if options else row["error"]["message"]
        assert name in said and rival in said and "would both become" in said
        assert row["plan"]["action"] == "refuse" if options else row["outcome"] == "refused"
    assert rows["two/b.h5"]["outcome"] == (None if options else "migrated")
    assert sorted(os.listdir(out)) == ["b.h5"] if not options else not out.exists()


def test_again_with_o_skips_what_is_finished(h5lift, old, new):
    source = old(NAME)
    h5lift.migrate(source, "-o", new).must(tool.DONE)
    before = new.read_bytes(), new.stat().st_mtime_ns
    for options in ([], ["--dry-run"]):
        row = h5lift.migrate(source, "-o", new, *options).must(tool.DONE).record
        assert row["plan"]["action"] == "skip" and row["outcome"] == (None if options else "skipped")
    assert (new.read_bytes(), new.stat().st_mtime_ns) == before
    h5lift.migrate(source, "-o", new, "--overwrite").must(tool.DONE)


@pytest.mark.parametrize("there", ["text", "other", "older"])
def test_with_o_what_differs_is_refused(h5lift, old, new, there):
    source = old(NAME)
    if there == "text":
        new.write_bytes(b"precious")
    else:
        other = old("hybrid-40x8.h5" if there == "other" else NAME, "other.h5")
        h5lift.migrate(other, "-o", new).must(tool.DONE)
        times = (1, 1) if there == "older" else (source.stat().st_atime, source.stat().st_mtime)
        os.utime(new, times)
    before = new.read_bytes()
    row = h5lift.migrate(source, "-o", new).must(tool.FAILED).record
    assert row["outcome"] == "refused" and row["error"]["kind"] == "exists" and "--overwrite" in row["error"]["hint"]
    row = h5lift.migrate(source, "-o", new, "--dry-run").must(tool.DONE).record
    assert row["plan"]["action"] == "refuse" and "--overwrite" in row["plan"]["hint"]
    assert new.read_bytes() == before


def test_one_file_named_twice_is_one_row(h5lift, old, tmp_path):
    source = old(NAME, "in/a.h5")
    run = h5lift.migrate(source, source.parent, "--out-dir", tmp_path / "new").must(tool.DONE)
    assert [row["outcome"] for row in run.files] == ["migrated"]
    shutil.rmtree(tmp_path / "new")
    assert manifest.path(NAME).exists()
