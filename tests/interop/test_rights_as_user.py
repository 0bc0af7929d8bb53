"""What an ordinary user cannot do: what h5lift then leaves alone, and what it reports."""

import os
import subprocess

import pytest

import file_metadata as metadata
import manifest
import tool
from accounts import AS_ROOT, ORDINARY, STRANGER, STRANGERS, kept_original, must_tell, notes

GIVES_FILES_AWAY = pytest.mark.skipif(not AS_ROOT, reason="needs root to give files to others first")
CHECK = "check the rights of it"


@pytest.fixture
def archive(user, archive_of):
    return archive_of(user)


def test_a_folder_that_may_not_be_written_to(user, archive):
    file = archive.file()
    archive.folder.chmod(0o555)
    before = archive.state()
    must_tell(user.migrate("--in-place", file), "failed", archive.folder, "Permission denied", CHECK)
    assert archive.state() == before
    user.audit(archive.folder).must(tool.DONE)
    user.migrate(archive.folder, "--out-dir", archive.ground / "new").must(tool.DONE)
    assert metadata.kept(archive.ground / "new/x.h5") == metadata.kept(file)


@pytest.mark.parametrize("option", ["--out-dir", "-o", "--backup-dir"])
def test_a_destination_that_may_not_be_written_to(user, archive, option):
    file = archive.file()
    closed = archive.subfolder(archive.ground / "closed", mode=0o555)
    before = archive.state()
    arguments = {"--out-dir": [closed / "new"], "-o": [closed / "x.h5"], "--backup-dir": [closed / "kept", "--in-place"]}[option]
    must_tell(user.migrate(file, option, *arguments), "failed", closed, "Permission denied", CHECK)
    assert archive.state() == before


def test_a_folder_that_may_not_be_listed(user, archive):
    file = archive.file()
    archive.folder.chmod(0o333)
    run = user.migrate("--in-place", file).must(tool.DONE)
    archive.folder.chmod(0o755)
    assert run.record["outcome"] == "migrated" and kept_original(file).exists() and archive.left() == []
    assert any("cannot be synced" in note for note in notes(run))


def test_a_file_that_may_not_be_read_costs_one_row(user, archive):
    closed = archive.file("closed.h5", mode=0o000)
    archive.file("open.h5")
    before = metadata.tree(archive.ground) if AS_ROOT else None
    run = user.migrate("--in-place", archive.folder).must(tool.FAILED)
    row, healthy = run.files
    assert (row["outcome"], row["state"], healthy["outcome"]) == ("refused", "unsupported", "migrated")
    assert (row["error"]["kind"], row["error"]["hint"]) == ("open", "check the rights of it and of its folder, or run as its owner")
    assert f"{closed}: cannot open it: Permission denied" in row["error"]["message"]
    if before:
        assert metadata.whole(closed) == before["archive/closed.h5"]
    for options in [(), ("--format", "tsv"), ("--format", "jsonl"), ("--format", "json"), ("--quiet",), ("--check",)]:
        user.run("audit", closed, *options).must(tool.FAILED)
    user.run("migrate", closed, "--in-place", "--dry-run").must(tool.FAILED)
    verified = user.run("verify", closed, "--format", "json").must(tool.FAILED).record
    assert (verified["state"], verified["error"]["kind"]) == ("unsupported", "open")


def test_a_folder_that_may_not_be_read_is_reported(user, archive):
    archive.file("open.h5")
    closed = archive.subfolder(archive.folder / "closed")
    archive.file("closed/x.h5")
    closed.chmod(0o000)
    run = user.migrate("--in-place", archive.folder).must(tool.FAILED)
    closed.chmod(0o755)
    (problem,) = run.document["problems"]
    assert (problem["path"], run.record["outcome"]) == (str(closed), "migrated")
    assert "Permission denied" in problem["message"] and CHECK in problem["hint"]
    assert kept_original(closed / "x.h5").exists() is False


@GIVES_FILES_AWAY
@pytest.mark.parametrize("mode", [0o644, 0o666, 0o4755], ids=oct)
def test_a_strangers_file_in_ones_own_folder_is_not_taken_over(user, archive, mode):
    file = archive.file(owner=STRANGER, mode=mode)
    before = archive.state()
    must_tell(user.migrate("--in-place", file), "refused", file, f"owner {STRANGER}", "--out-dir")
    assert archive.state() == before


@GIVES_FILES_AWAY
def test_a_strangers_file_elsewhere_becomes_the_users_and_this_is_reported(user, archive):
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=0o6754)
    run = user.migrate(file, "-o", archive.ground / "new.h5").must(tool.DONE)
    now = (archive.ground / "new.h5").stat()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o7777) == (ORDINARY, ORDINARY, 0o744), "no set-id, and no more for the group than for others"
    owner, group = notes(run)
    assert f"its owner {STRANGER} could not be kept" in owner and f"its group {STRANGERS} could not be kept" in group


@GIVES_FILES_AWAY
def test_a_file_of_a_foreign_group_is_not_taken_from_it(user, archive):
    file = archive.file(group=STRANGERS, mode=0o664)
    before = archive.state()
    must_tell(user.migrate("--in-place", file), "refused", file, f"group {STRANGERS}", "--out-dir")
    assert archive.state() == before


@GIVES_FILES_AWAY
def test_the_group_survives_when_the_user_is_in_it(user, archive):
    file = archive.file(group=STRANGERS, mode=0o2664)
    before = metadata.kept(file)
    run = user.joined(STRANGERS).migrate("--in-place", file).must(tool.DONE)
    assert metadata.kept(file) == before and notes(run) == []


@GIVES_FILES_AWAY
def test_a_set_group_bit_that_the_kernel_takes_away_is_reported(user, archive):
    os.chown(archive.folder, user.uid, STRANGERS)
    archive.folder.chmod(0o2755)
    file = archive.file(group=STRANGERS, mode=0o2750)
    run = user.migrate("--in-place", file)
    assert file.stat().st_mode & 0o7777 == 0o2750 or "2750" in str(notes(run)) or run.code == tool.FAILED


@GIVES_FILES_AWAY
def test_a_lost_group_takes_no_rights_from_a_named_user(user, archive):
    file, written = archive.file(group=STRANGERS, mode=0o640), archive.ground / "new.h5"
    metadata.set_attribute(file, metadata.ACCESS_LIST, metadata.list_for(STRANGER, 4))
    user.migrate(file, "-o", written).must(tool.DONE)
    assert metadata.rights_of(written, STRANGER) == 4


@GIVES_FILES_AWAY
@pytest.mark.parametrize("name", ["security.lab", "trusted.lab"])
def test_attributes_of_the_system_are_lost_and_reported_where_they_can_be_seen(user, archive, name):
    file = archive.file()
    metadata.set_attribute(file, name, b"7")
    run = user.migrate("--in-place", file).must(tool.DONE)
    assert metadata.attributes(file) == {} and metadata.attributes(kept_original(file)) == {name: b"7"}
    assert [name in note for note in notes(run)] == ([True] if name.startswith("security") else [])


@GIVES_FILES_AWAY
@pytest.mark.parametrize("mode", [0o644, 0o666], ids=oct)
def test_a_strangers_file_in_a_sticky_folder_is_left_alone(user, archive, mode):
    os.chown(archive.folder, 0, 0)
    archive.folder.chmod(0o1777)
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=mode)
    before = archive.state()
    run = user.migrate("--in-place", file).must(tool.FAILED)
    assert archive.state() == before
    assert str(file) in run.record["error"]["message"]


@GIVES_FILES_AWAY
def test_ones_own_file_in_a_sticky_folder(user, archive):
    os.chown(archive.folder, 0, 0)
    archive.folder.chmod(0o1777)
    file = archive.file()
    before = metadata.kept(file)
    user.migrate("--in-place", file).must(tool.DONE)
    assert metadata.kept(file) == before
    assert manifest.sha256(kept_original(file)) == manifest.sha256(manifest.path("hybrid-40x8.h5"))


@pytest.mark.parametrize("processes", [3, 6, 9, 12, 20])
@pytest.mark.parametrize("command", [["audit", "--lint"], ["migrate", "--in-place"]], ids=lambda command: command[0])
def test_too_few_threads_are_no_damage(user, archive, command, processes):
    """The limit counts the threads of a user; it does not hold for root."""
    for number in range(6):
        archive.file(f"{number}.h5")
    limited = ["sh", "-c", f'ulimit -u {processes}; exec "$@"', "sh", user.binary, *command, archive.folder, "-j", "8"]
    done = subprocess.run([*limited, "--format", "json"], capture_output=True, text=True, timeout=tool.PATIENCE, **user.identity)
    run = tool.Run(done.returncode, done.stdout, done.stderr)
    assert run.code in (tool.DONE, tool.FAILED) and "panicked" not in run.stderr, run
    states = {row["state"] for row in run.files} if run.stdout else set()
    assert states <= {"hybrid", "unsupported"}, run
    assert archive.left() == []
