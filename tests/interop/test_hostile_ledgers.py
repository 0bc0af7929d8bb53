"""Ledgers of strangers: what `undo` and `purge` leave alone, whatever a ledger says. Anyone can compute its sums."""

import hashlib
import json
import os
import shutil

import pytest

import file_metadata as metadata
import manifest
import tool
from accounts import AS_ROOT, NAME, STRANGER, kept_original

LONGEST_LINE = 16 << 20


def seal(entry):
    text = json.dumps(entry, separators=(",", ":")) if isinstance(entry, dict) else entry
    total = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f'{text[:-1]},"sum":"{total}"}}\n'


def entries(ledger):
    found = [json.loads(line) for line in ledger.read_text().splitlines()]
    for entry in found:
        del entry["sum"]
    return found


class Forgery:
    """An archive migrated with a ledger, something precious outside of it, and the ledger to be changed."""

    def __init__(self, account, archive):
        self.account, self.archive = account, archive
        self.file = archive.file()
        self.ledger = archive.ground / "l.jsonl"
        account.migrate(archive.folder, "--in-place", "--ledger", self.ledger).must(tool.DONE)
        self.outside = archive.subfolder(archive.ground / "outside")
        # What h5lift has made, and the original of it: their bytes are known, and they look like its own.
        self.new, self.old = self.outside / "x.h5", self.outside / "x.h5.h5lift-orig"
        shutil.copyfile(self.file, self.new)
        shutil.copyfile(manifest.path(NAME), self.old)
        self.before = metadata.tree(archive.ground)

    def write(self, lines):
        self.ledger.write_text("".join(lines))
        self.before = metadata.tree(self.archive.ground)

    def change(self, change):
        """Forges in place: the file and its recorded folders stay what they are."""
        changed = entries(self.ledger)
        for entry in changed:
            change(entry)
        self.write(seal(entry) for entry in changed)

    def refused(self, command, *arguments, code=tool.FAILED, says=""):
        run = self.account.run(command, self.ledger, *arguments).must(code)
        assert says in run.stderr, run
        assert "help: " in run.stderr and "panicked" not in run.stderr, run
        after = metadata.tree(self.archive.ground)
        # The ledger itself may note what it found.
        assert {**after, "l.jsonl": None} == {**self.before, "l.jsonl": None}
        return run


@pytest.fixture
def forged(account, archive_of):
    return lambda: Forgery(account, archive_of(account))


@pytest.mark.parametrize("command", ["undo", "purge"])
@pytest.mark.parametrize("path", ["outside/x.h5", "archive/../outside/x.h5", "archive/link/x.h5"])
def test_files_outside_of_the_folders_are_left_alone(forged, command, path):
    scene = forged()
    (scene.archive.folder / "link").symlink_to("../outside")
    target = os.fspath(scene.archive.ground / path)

    def change(entry):
        if entry.get("entry") == "begun":
            entry["source"], entry["backup"] = target, target + ".h5lift-orig"
        if entry.get("entry") == "done":
            entry["backup"] = target + ".h5lift-orig"

    scene.change(change)
    scene.refused(command)
    scene.refused(command, "--root", scene.archive.folder)
    scene.refused(command, "--root", scene.archive.folder, "--dry-run")


@pytest.mark.parametrize("command", ["undo", "purge"])
def test_a_relative_path_is_refused(forged, command):
    scene = forged()

    def change(entry):
        if "source" in entry:
            entry["source"] = "archive/x.h5"
            entry["row"]["tail"] = len(entry["source"])

    scene.change(change)
    scene.refused(command, "--root", scene.archive.ground, says="relative")


@pytest.mark.parametrize("command", ["undo", "purge"])
def test_a_copy_of_a_ledger_needs_a_folder(forged, command):
    scene = forged()
    copy = scene.archive.ground / "copy.jsonl"
    shutil.copyfile(scene.ledger, copy)
    os.chown(copy, scene.account.uid, scene.account.gid)
    copy.chmod(0o600)
    scene.ledger.unlink()
    scene.ledger, scene.before = copy, metadata.tree(scene.archive.ground)
    scene.refused(command, code=tool.USAGE, says="--root DIR")
    scene.account.run(command, copy, "--root", scene.archive.folder).must(tool.DONE)


def test_a_folder_that_was_replaced_is_refused(forged):
    scene = forged()
    scene.archive.folder.rename(scene.archive.ground / "moved")
    shutil.copytree(scene.archive.ground / "moved", scene.archive.folder)
    scene.before = metadata.tree(scene.archive.ground)
    scene.refused("undo", code=tool.USAGE, says="not the one that the ledger records")


def test_only_files_of_h5lift_are_replaced(forged):
    scene = forged()
    notes = scene.archive.folder / "notes.txt"
    notes.write_bytes(b"precious notes")
    digest = hashlib.sha256(b"precious notes").hexdigest()
    original = kept_original(scene.file)

    def change(entry):
        if entry.get("entry") == "begun":
            entry["source"] = os.fspath(notes)
            entry["new"].update(bytes=14, sha256=digest)
            entry["backup"] = os.fspath(original)

    scene.change(change)
    scene.refused("undo", says="does not look like a file that h5lift made")
    scene.refused("purge")


def test_purge_deletes_only_what_was_kept_for_the_file(forged):
    scene = forged()
    other = scene.archive.folder / "other-original.h5"
    shutil.copyfile(manifest.path(NAME), other)

    def change(entry):
        if "backup" in entry:
            entry["backup"] = os.fspath(other)

    scene.change(change)
    scene.refused("purge", says="does not say that it was kept")


@pytest.mark.parametrize("command", ["undo", "purge", "report"])
def test_a_huge_line_is_an_error(forged, command):
    scene = forged()
    lines = scene.ledger.read_text().splitlines(keepends=True)
    scene.write([*lines, "{" + "a" * LONGEST_LINE + "}\n", lines[-1]])
    scene.refused(command, code=tool.USAGE, says="longer than")


@pytest.mark.parametrize("command", ["undo", "purge", "report"])
def test_deep_and_repeated_lines_are_errors(forged, command):
    scene = forged()
    lines = scene.ledger.read_text().splitlines(keepends=True)
    deep = '{"entry":"row","record":' + "[" * 100_000 + "]" * 100_000 + "}"
    scene.write([*lines, seal(deep), lines[-1]])
    scene.refused(command, code=tool.USAGE, says="not an entry")
    begun = next(number for number, line in enumerate(lines) if '"begun"' in line)
    scene.write([*lines, lines[begun]])
    scene.refused(command, code=tool.USAGE, says="begins twice")


def test_a_torn_line_is_not_written_through_a_link(forged):
    scene = forged()
    torn = scene.ledger.with_name("l.jsonl.torn")
    torn.symlink_to(scene.outside / "x.h5")
    scene.write([scene.ledger.read_text(), '{"entry":"row"'])
    for command in (["undo", scene.ledger], ["purge", scene.ledger], ["migrate", scene.archive.folder, "--in-place", "--ledger", scene.ledger]):
        run = scene.account.run(*command).must(tool.USAGE)
        assert "symbolic link" in run.stderr, run
        assert metadata.tree(scene.archive.ground) == scene.before


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666], ids=oct)
def test_a_ledger_that_others_can_write_needs_trust(forged, mode):
    scene = forged()
    scene.ledger.chmod(mode)
    scene.before = metadata.tree(scene.archive.ground)
    for command in ("undo", "purge"):
        scene.refused(command, code=tool.USAGE, says="--trust-ledger")
        scene.refused(command, "--dry-run", code=tool.USAGE, says="--trust-ledger")
    again = scene.account.run("migrate", scene.archive.folder, "--in-place", "--ledger", scene.ledger).must(tool.USAGE)
    assert "--trust-ledger" in again.stderr
    scene.account.run("undo", scene.ledger, "--trust-ledger").must(tool.DONE)


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_a_ledger_of_another_user_needs_trust(forged):
    scene = forged()
    os.chown(scene.ledger, STRANGER, STRANGER)
    scene.ledger.chmod(0o644)
    scene.before = metadata.tree(scene.archive.ground)
    for command in ("undo", "purge"):
        scene.refused(command, "--dry-run", code=tool.USAGE, says=f"user {STRANGER} owns it")


def test_a_ledger_and_what_lies_beside_it_are_private(forged):
    scene = forged()
    assert scene.ledger.stat().st_mode & 0o777 == 0o600
    scene.write([scene.ledger.read_text(), '{"entry":"row"'])
    scene.account.run("undo", scene.ledger).must(tool.DONE)
    assert scene.ledger.with_name("l.jsonl.torn").stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_no_ledger(account, archive_of):
    archive = archive_of(account)
    pipe = archive.ground / "pipe.jsonl"
    os.mkfifo(pipe)
    os.chown(pipe, account.uid, account.gid)
    for arguments in (["undo", pipe], ["undo", pipe, "--dry-run"], ["migrate", archive.folder, "--in-place", "--ledger", pipe]):
        account.run(*arguments).must(tool.USAGE)
