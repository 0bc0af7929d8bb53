"""Symbolic and hard links: the same for every user."""

import os

import pytest

import manifest
import tool
from compare import differences
from file_metadata import tree

NAME = "hybrid-40x8.h5"


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def must_be_refused(run, cause, step):
    record = run.must(tool.FAILED).record
    assert (record["outcome"], record["error"]["kind"]) == ("refused", "linked"), record
    assert cause in record["error"]["message"] and step in record["error"]["hint"], record["error"]
    return record["error"]


def test_a_link_to_a_file_that_is_named_is_not_replaced(h5lift, old, tmp_path):
    target = old(NAME, "real/a.h5")
    named = link(tmp_path / "tree/link.h5", target)
    before = tree(tmp_path)
    must_be_refused(h5lift.migrate("--in-place", named), f"{named}: it is a symbolic link to {target}", f"name the file itself, {target}")
    assert tree(tmp_path) == before


def test_the_next_step_of_a_relative_link_leads_to_the_file(h5lift, old, tmp_path):
    old(NAME, "real/a.h5")
    link(tmp_path / "tree/link.h5", "../real/a.h5")
    error = must_be_refused(h5lift.migrate("--in-place", "tree/link.h5", cwd=tmp_path), "symbolic link", "name the file itself")
    proposed = error["hint"].removeprefix("name the file itself, ").removesuffix(", or use --out-dir")
    assert (tmp_path / proposed).is_file(), error["hint"]


def test_a_link_to_a_file_that_is_named_is_read_for_a_new_file(h5lift, old, new, tmp_path):
    named = link(tmp_path / "tree/link.h5", old(NAME, "real/a.h5"))
    h5lift.migrate(named, "-o", new).must(tool.DONE)
    assert new.is_file() and not new.is_symlink()
    assert differences(manifest.path(NAME), new) == []


def test_a_walk_passes_links_over(h5lift, old, tmp_path):
    link(tmp_path / "tree/file.h5", old(NAME, "real/a.h5"))
    link(tmp_path / "tree/folder", tmp_path / "real")
    link(tmp_path / "tree/dangling.h5", "nowhere.h5")
    link(tmp_path / "tree/loop.h5", "loop.h5")
    before = tree(tmp_path)
    run = h5lift.migrate("--in-place", tmp_path / "tree").must(tool.DONE)
    assert (run.files, run.document["problems"]) == ([], [])
    assert tree(tmp_path) == before


def test_a_followed_link_to_a_file_is_not_replaced(h5lift, old, tmp_path):
    link(tmp_path / "tree/link.h5", old(NAME, "real/a.h5"))
    before = tree(tmp_path)
    must_be_refused(h5lift.migrate("--in-place", "--follow-symlinks", tmp_path / "tree"), "symbolic link", "name the file itself")
    assert tree(tmp_path) == before


def test_a_followed_link_to_a_file_becomes_a_file_elsewhere(h5lift, old, tmp_path):
    link(tmp_path / "tree/link.h5", old(NAME, "real/a.h5"))
    h5lift.migrate("--follow-symlinks", tmp_path / "tree", "--out-dir", tmp_path / "new").must(tool.DONE)
    written = tmp_path / "new/link.h5"
    assert written.is_file() and not written.is_symlink()
    assert manifest.sha256(tmp_path / "real/a.h5") == manifest.sha256(manifest.path(NAME))


def test_a_file_and_its_link_in_one_tree_are_one_file(h5lift, old, tmp_path):
    link(tmp_path / "tree/a-link.h5", old(NAME, "tree/z.h5"))
    run = h5lift.migrate("--in-place", "--follow-symlinks", tmp_path / "tree").must(tool.DONE)
    assert [os.path.basename(record["path"]) for record in run.files] == ["z.h5"]
    assert (tmp_path / "tree/a-link.h5").is_symlink()


NOWHERE = pytest.mark.parametrize("name, target, cause", [("dangling.h5", "nowhere.h5", "a symbolic link to nothing"),
                                                         ("loop.h5", "loop.h5", "leads back to itself")], ids=["dangling", "loop"])


@NOWHERE
def test_a_link_to_nowhere_that_is_named_is_reported(h5lift, tmp_path, name, target, cause):
    broken = link(tmp_path / "tree" / name, target)
    (problem,) = h5lift.migrate("--in-place", broken).must(tool.FAILED).document["problems"]
    assert problem["path"] == str(broken) and cause in problem["message"] and "remove the link" in problem["hint"]


@NOWHERE
def test_a_followed_link_to_nowhere_is_reported_and_holds_nothing_up(h5lift, old, tmp_path, name, target, cause):
    broken = link(old(NAME, "tree/a.h5").with_name(name), target)
    run = h5lift.migrate("--in-place", "--follow-symlinks", tmp_path / "tree").must(tool.FAILED)
    (problem,) = run.document["problems"]
    assert problem["path"] == str(broken) and cause in problem["message"]
    assert run.record["outcome"] == "migrated"


def test_a_followed_link_to_a_folder_above_is_reported_and_not_entered(h5lift, old, tmp_path):
    up = link(old(NAME, "tree/sub/a.h5").with_name("up"), "..")
    run = h5lift.migrate("--in-place", "--follow-symlinks", tmp_path / "tree").must(tool.FAILED)
    (problem,) = run.document["problems"]
    assert problem["path"] == str(up) and "leads back to itself" in problem["message"]
    assert run.record["outcome"] == "migrated"


def test_a_link_to_a_folder_that_is_named_is_entered(h5lift, old, tmp_path):
    file = old(NAME, "real/a.h5")
    named = link(tmp_path / "link", "real")
    assert h5lift.migrate("--in-place", named).must(tool.DONE).record["outcome"] == "migrated"
    assert named.is_symlink() and differences(manifest.path(NAME), file) == []


def test_a_followed_link_to_a_folder_is_entered(h5lift, old, tmp_path):
    file = old(NAME, "real/a.h5")
    link(tmp_path / "tree/link", "../real")
    assert h5lift.migrate("--in-place", "--follow-symlinks", tmp_path / "tree").must(tool.DONE).record["outcome"] == "migrated"
    assert (tmp_path / "tree/link").is_symlink() and differences(manifest.path(NAME), file) == []


def test_an_output_that_is_a_link_is_not_replaced(h5lift, old, tmp_path):
    source, precious = old(NAME, "a.h5"), old(NAME, "precious.h5")
    output = link(tmp_path / "out.h5", precious)
    before = tree(tmp_path)
    h5lift.migrate(source, "-o", output).must(tool.USAGE)
    error = h5lift.migrate(source, "-o", output, "--overwrite").must(tool.FAILED).record["error"]
    assert f"{output}: it is a symbolic link" in error["message"] and "another destination" in error["hint"]
    assert tree(tmp_path) == before


def test_the_advice_about_an_output_that_is_a_link_works(h5lift, old, tmp_path):
    output = link(tmp_path / "out.h5", old(NAME, "precious.h5"))
    run = h5lift.migrate(old(NAME, "a.h5"), "-o", output).must(tool.USAGE)
    assert "use --overwrite" not in run.stderr


@pytest.mark.parametrize("where", ["one-tree", "name-elsewhere"])
def test_a_file_with_two_names_is_not_replaced(h5lift, old, tmp_path, where):
    first = old(NAME, "tree/a.h5")
    os.link(first, tmp_path / ("tree/b.h5" if where == "one-tree" else "b.h5"))
    before = tree(tmp_path)
    run = h5lift.migrate("--in-place", tmp_path / "tree").must(tool.FAILED)
    for record in run.files:
        assert (record["outcome"], record["error"]["kind"]) == ("refused", "linked")
        assert f"{record['path']}: the file has 2 names (hard links)" in record["error"]["message"]
        assert "--out-dir" in record["error"]["hint"]
    assert len(run.files) == (2 if where == "one-tree" else 1)
    assert tree(tmp_path) == before


def test_a_file_with_two_names_becomes_two_files_elsewhere(h5lift, old, tmp_path):
    first = old(NAME, "tree/a.h5")
    os.link(first, tmp_path / "tree/b.h5")
    h5lift.migrate(tmp_path / "tree", "--out-dir", tmp_path / "new").must(tool.DONE)
    written = [tmp_path / "new" / name for name in ("a.h5", "b.h5")]
    assert [path.stat().st_nlink for path in written] == [1, 1]
    assert written[0].read_bytes() == written[1].read_bytes()
    assert first.samefile(tmp_path / "tree/b.h5")


@pytest.mark.parametrize("make", [os.link, os.symlink], ids=["hard-link", "symbolic-link"])
def test_a_dry_run_says_that_a_link_is_refused(h5lift, old, tmp_path, make):
    named = tmp_path / "tree/b.h5"
    named.parent.mkdir()
    make(old(NAME, "a.h5"), named)
    (record,) = h5lift.migrate("--in-place", "--dry-run", named).files
    assert record["plan"]["action"] == "refuse", record["plan"]
