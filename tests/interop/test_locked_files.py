"""Files and folders that `chattr` has locked, +i against every change and +a against all but appending."""

import pytest

import file_metadata as metadata
import tool
from accounts import AS_ROOT, must_tell

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="needs root to lock files with chattr")
EITHER = pytest.mark.parametrize("flag", ["i", "a"], ids=["immutable", "append-only"])


@EITHER
@pytest.mark.parametrize("keep", [["--backup-suffix", ".old"], ["--no-backup"]], ids=["kept", "no-backup"])
def test_a_locked_file_is_left_alone_and_reported(account, archive_of, flag, keep):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(file, flag):
        before = archive.state()
        run = account.migrate("--in-place", file, *keep).must(tool.FAILED)
        assert archive.state() == before
    assert str(file) in run.record["error"]["message"]


@EITHER
def test_a_locked_file_is_refused_before_the_work_and_chattr_is_the_next_step(account, archive_of, flag):
    file = archive_of(account).file()
    with metadata.flagged(file, flag):
        must_tell(account.migrate("--in-place", file), "refused", file, {"i": "immutable", "a": "append-only"}[flag], f"chattr -{flag}")


@EITHER
def test_a_locked_file_is_migrated_elsewhere_and_the_new_one_is_not_locked(account, archive_of, flag):
    archive = archive_of(account)
    file, written = archive.file(), archive.ground / "new.h5"
    with metadata.flagged(file, flag):
        account.migrate(file, "-o", written).must(tool.DONE)
        assert metadata.kept(written) == metadata.kept(file)
        assert flag not in metadata.flags(written)


def test_an_immutable_folder_is_left_alone_and_reported(account, archive_of):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(archive.folder, "i"):
        before = archive.state()
        run = account.migrate("--in-place", file).must(tool.FAILED)
        assert archive.state() == before
    assert str(archive.folder) in run.record["error"]["message"]


def test_chattr_is_the_next_step_for_an_immutable_folder(account, archive_of):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(archive.folder, "i"):
        assert "chattr -i" in account.migrate("--in-place", file).must(tool.FAILED).record["error"]["hint"]


@pytest.mark.parametrize("keep", [["--backup-suffix", ".old"], ["--no-backup"]], ids=["kept", "no-backup"])
def test_nothing_is_made_in_an_append_only_folder(account, archive_of, keep):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(archive.folder, "a"):
        before = archive.state()
        account.migrate("--in-place", file, *keep).must(tool.FAILED)
        assert archive.state() == before


def test_nothing_is_left_in_an_append_only_destination(account, archive_of):
    archive = archive_of(account)
    file, new = archive.file(), archive.subfolder(archive.ground / "new")
    with metadata.flagged(new, "a"):
        run = account.migrate(file, "-o", new / "y.h5")
        assert run.code == tool.FAILED and list(new.iterdir()) == []


def test_the_next_run_clears_up_once_the_folder_is_unlocked(account, archive_of):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(archive.folder, "a"):
        account.migrate("--in-place", file).must(tool.FAILED)
    run = account.migrate("--in-place", file).must(tool.DONE)
    assert (run.record["outcome"], archive.left()) == ("migrated", [])
