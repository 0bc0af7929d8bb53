"""What only root can do: keep what belongs to others."""

import os
import shutil
import subprocess

import pytest

import file_metadata as metadata
import tool
from accounts import ORDINARY, STRANGER, STRANGERS, kept_original, must_be_kept, must_tell, notes
from test_rights import DESTINATIONS, migrate

# VFS_CAP_REVISION_2 with cap_net_raw, from <linux/capability.h>.
CAPABILITY = bytes.fromhex("0100000200200000" + "00" * 12)


@DESTINATIONS
@pytest.mark.parametrize("mode", [0o640, 0o600, 0o4755, 0o2750, 0o6711], ids=oct)
def test_owner_group_and_mode_of_a_strangers_file(root, archive_of, where, mode):
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=mode)
    before = metadata.kept(file)
    run, written = migrate(root, archive, file, where)
    must_be_kept(root, run, before, written)
    if where == "in-place":
        assert metadata.kept(kept_original(file)) == before


def test_undo_brings_the_owner_back(root, archive_of):
    archive = archive_of(root)
    file, ledger = archive.file(owner=STRANGER, group=STRANGERS, mode=0o4750), archive.ground / "ledger.jsonl"
    before = metadata.kept(file)
    root.migrate("--in-place", file, "--ledger", ledger).must(tool.DONE)
    root.run("undo", ledger).must(tool.DONE)
    assert metadata.kept(file) == before and not kept_original(file).exists()


def test_the_owner_survives_on_another_mount(root, archive_of, other_mount):
    archive = archive_of(root)
    file, ledger = archive.file(owner=STRANGER, group=STRANGERS, mode=0o6750), archive.ground / "ledger.jsonl"
    before = metadata.kept(file)
    root.migrate("--in-place", file, "--backup-dir", other_mount / "kept", "--ledger", ledger).must(tool.DONE)
    # A copy is a new file, and root gives set-id bits to none.
    before = metadata.without_set_id(before)
    assert metadata.kept(file) == metadata.kept(other_mount / "kept/x.h5") == before
    root.run("undo", ledger).must(tool.DONE)
    assert metadata.kept(file) == before


@DESTINATIONS
@pytest.mark.parametrize("name, value", [("security.lab", b"7"), ("trusted.lab", b"7")])
def test_attributes_of_the_system(root, archive_of, where, name, value):
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS)
    metadata.set_attribute(file, name, value)
    before = metadata.kept(file)
    run, written = migrate(root, archive, file, where)
    assert metadata.kept(written) == before
    assert notes(run) == []


@DESTINATIONS
def test_file_capabilities_are_given_to_no_file(root, archive_of, where):
    """A program with them has rights of root, and the bytes come from whoever could write to the original."""
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=0o755)
    metadata.set_attribute(file, "security.capability", CAPABILITY)
    run, written = migrate(root, archive, file, where)
    assert "security.capability" not in os.listxattr(written)
    assert any("security.capability" in note for note in notes(run)), notes(run)
    if where == "in-place":
        # The original itself keeps what it has.
        assert os.getxattr(kept_original(file), "security.capability") == CAPABILITY


def test_file_capabilities_are_not_copied_to_another_mount(root, archive_of, other_mount):
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=0o755)
    metadata.set_attribute(file, "security.capability", CAPABILITY)
    root.migrate("--in-place", file, "--backup-dir", other_mount / "kept")
    for copy in (file, other_mount / "kept/x.h5"):
        assert copy.exists() and "security.capability" not in os.listxattr(copy), copy


def test_a_file_that_no_user_may_read(root, archive_of):
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS, mode=0o000)
    before = metadata.kept(file)
    migrate(root, archive, file, "in-place")
    assert metadata.kept(file) == metadata.kept(kept_original(file)) == before


@pytest.mark.parametrize("mode", [0o555, 0o000, 0o1777], ids=oct)
def test_a_folder_that_no_user_may_write_to_and_one_where_all_may(root, archive_of, mode):
    archive = archive_of(root)
    file = archive.file(owner=STRANGER, group=STRANGERS)
    os.chown(archive.folder, ORDINARY, ORDINARY)
    archive.folder.chmod(mode)
    before, folder = metadata.kept(file), archive.folder.stat()
    migrate(root, archive, file, "in-place")
    assert metadata.kept(file) == before
    now = archive.folder.stat()
    assert (now.st_mode, now.st_uid, now.st_gid) == (folder.st_mode, folder.st_uid, folder.st_gid)


@pytest.fixture
def read_only_mount(root, archive_of):
    """An archive whose folder is a disk of its own, mounted read-only."""
    archive = archive_of(root)
    done = subprocess.run(["mount", "-t", "tmpfs", "none", archive.folder], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    archive.file()
    subprocess.run(["mount", "-o", "remount,ro", archive.folder], check=True)
    yield archive
    subprocess.run(["umount", archive.folder], check=True)


def test_in_place_on_a_read_only_mount(root, read_only_mount):
    before = read_only_mount.state()
    must_tell(root.migrate("--in-place", read_only_mount.folder), "failed", read_only_mount.folder, "Read-only file system", "mounted read-only")
    assert read_only_mount.state() == before


def test_from_a_read_only_mount(root, read_only_mount):
    before = metadata.kept(read_only_mount.folder / "x.h5")
    root.migrate(read_only_mount.folder, "--out-dir", read_only_mount.ground / "new").must(tool.DONE)
    assert metadata.kept(read_only_mount.ground / "new/x.h5") == before


@pytest.mark.parametrize("option", ["--out-dir", "-o", "--backup-dir"])
def test_to_a_read_only_mount(root, read_only_mount, option):
    closed = read_only_mount.folder
    source = read_only_mount.subfolder(read_only_mount.ground / "writable") / "x.h5"
    shutil.copyfile(closed / "x.h5", source)
    before = read_only_mount.state()
    arguments = {"--out-dir": [closed / "new"], "-o": [closed / "y.h5"], "--backup-dir": [closed / "kept", "--in-place"]}[option]
    must_tell(root.migrate(source, option, *arguments), "failed", closed, "Read-only file system", "choose another destination")
    assert read_only_mount.state() == before
