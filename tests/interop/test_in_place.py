"""`migrate --in-place`: what is replaced, what is kept of the original, and what of the file's own."""

import os
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import manifest
import tool
from compare import differences

NAME = "hybrid-40x8.h5"
ORIGINAL = manifest.sha256(manifest.path(NAME))
LONG_AGO = 1_560_000_000_123_456_789


def copies_of_the_original(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and manifest.sha256(path) == ORIGINAL]


def state(file):
    return file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino


def test_the_file_is_migrated_and_the_original_kept(h5lift, old, tmp_path):
    file = old(NAME)
    run = h5lift.migrate("--in-place", file).must(tool.DONE)
    assert run.record["outcome"] == "migrated"
    assert differences(manifest.path(NAME), file) == []
    assert len(copies_of_the_original(tmp_path)) == 1


def test_a_second_run_does_nothing(h5lift, old, tmp_path):
    file = old(NAME)
    h5lift.migrate("--in-place", file).must(tool.DONE)
    before = state(file)
    run = h5lift.migrate("--in-place", file).must(tool.DONE)
    assert run.record["outcome"] == "skipped"
    assert state(file) == before
    assert len(copies_of_the_original(tmp_path)) == 1


def test_a_second_run_over_the_folder_takes_no_backup_for_a_candidate(h5lift, old, tmp_path):
    folder = old(NAME, "archive/a.h5").parent
    h5lift.migrate("--in-place", folder).must(tool.DONE)
    run = h5lift.migrate("--in-place", folder).must(tool.DONE)
    assert [os.path.basename(record["path"]) for record in run.files] == ["a.h5"]


def test_backup_suffix(h5lift, old):
    file = old(NAME)
    h5lift.migrate("--in-place", "--backup-suffix", ".old", file).must(tool.DONE)
    assert manifest.sha256(file.with_name(file.name + ".old")) == ORIGINAL


def test_backup_folder(h5lift, old, tmp_path):
    file = old(NAME, "archive/a.h5")
    kept = tmp_path / "kept"
    h5lift.migrate("--in-place", "--backup-dir", kept, file).must(tool.DONE)
    assert [path for path in copies_of_the_original(tmp_path) if kept in path.parents] == copies_of_the_original(tmp_path)
    assert len(copies_of_the_original(kept)) == 1


def test_no_backup(h5lift, old, tmp_path):
    file = old(NAME)
    h5lift.migrate("--in-place", "--no-backup", file).must(tool.DONE)
    assert differences(manifest.path(NAME), file) == []
    assert copies_of_the_original(tmp_path) == []


@pytest.mark.parametrize("row", **manifest.named(manifest.with_action("refuse") + manifest.with_action("skip")))
def test_what_is_refused_or_skipped_stays(h5lift, old, tmp_path, row):
    file = old(row["file"])
    before = state(file)
    h5lift.migrate("--timeout", "5", "--in-place", file).must(tool.FAILED if row["action"] == "refuse" else tool.DONE)
    assert state(file) == before
    assert [path.name for path in tmp_path.glob("*.h5*")] in ([file.name], []), "something was left beside the file"


def give_metadata(file):
    os.chmod(file, 0o640)
    attributed = True
    try:
        os.setxattr(file, "user.origin", b"tape 7")
    except OSError:
        attributed = False
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    return attributed


def has_metadata(file, attributed):
    status = file.stat()
    assert status.st_mode & 0o777 == 0o640
    assert status.st_mtime_ns == LONG_AGO
    if attributed:
        assert os.getxattr(file, "user.origin") == b"tape 7"


def test_mode_time_and_extended_attributes_survive_in_place(h5lift, old):
    file = old(NAME)
    attributed = give_metadata(file)
    h5lift.migrate("--in-place", file).must(tool.DONE)
    has_metadata(file, attributed)


def test_mode_time_and_extended_attributes_survive_elsewhere(h5lift, old, tmp_path):
    file = old(NAME, "archive/a.h5")
    attributed = give_metadata(file)
    h5lift.migrate(file.parent, "--out-dir", tmp_path / "new").must(tool.DONE)
    (written,) = (tmp_path / "new").rglob("a.h5")
    has_metadata(written, attributed)
    has_metadata(file, attributed)


def test_a_symlinked_file_is_not_replaced(h5lift, old, tmp_path):
    target = old(NAME, "real/a.h5")
    link = tmp_path / "link.h5"
    link.symlink_to(target)
    h5lift.run("migrate", "--in-place", link)
    assert link.is_symlink()
    assert manifest.sha256(target) == ORIGINAL


def test_a_hard_linked_file_is_not_replaced(h5lift, old, tmp_path):
    first = old(NAME, "first.h5")
    second = tmp_path / "second.h5"
    os.link(first, second)
    h5lift.run("migrate", "--in-place", first)
    assert (manifest.sha256(first), manifest.sha256(second)) == (ORIGINAL, ORIGINAL)
    assert first.samefile(second)


def has_unnamed_files(folder):
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
    except (AttributeError, OSError):
        return False
    return True


def is_writing_without_a_name(process, folder):
    links = []
    for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            links.append(os.readlink(descriptor))
        except FileNotFoundError:
            # It was closed meanwhile.
            continue
    return any(link.startswith(str(folder)) and link.endswith(" (deleted)") for link in links)


def test_a_run_that_is_killed_leaves_no_temporary_file(tmp_path):
    if not has_unnamed_files(tmp_path):
        pytest.skip("no unnamed files here")
    folder = tmp_path / "archive"
    folder.mkdir()
    with h5py.File(folder / "large.h5", "w") as file:
        values = np.random.default_rng(3).normal(size=(20_000, 200))
        expr = file.create_dataset("expr", data=values)
        file["gene_names"] = np.array([f"g{row}" for row in range(20_000)], "S6")
        expr.attrs["sample_names"] = [f"s{column}" for column in range(200)]
    before = state(folder / "large.h5")
    process = subprocess.Popen([tool.binary(), "migrate", folder, "--in-place"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not is_writing_without_a_name(process, folder):
        assert time.monotonic() < deadline and process.poll() is None, "it has no unnamed file"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert {path.name for path in folder.iterdir()} <= {"large.h5", ".h5lift-lock"}
    assert state(folder / "large.h5") == before
