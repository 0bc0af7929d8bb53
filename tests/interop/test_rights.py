"""What survives a migration of one's own file, by root and by an ordinary user alike."""

import os

import h5py
import pytest

import file_metadata as metadata
import manifest
import tool
from accounts import STRANGER, STRANGERS, kept_original, must_be_kept, notes

LONG_AGO = 1_560_000_000_123_456_789
DESTINATIONS = pytest.mark.parametrize("where", ["in-place", "out-dir", "output"])


def migrate(account, archive, file, where, **options):
    """Migrates one file and gives the path of the new one."""
    new = archive.ground / "new"
    arguments, written = {"in-place": (["--in-place", file], file),
                          "out-dir": ([archive.folder, "--out-dir", new], new / file.name),
                          "output": ([file, "-o", new / "y.h5"], new / "y.h5")}[where]
    run = account.migrate(*arguments, **options).must(tool.DONE)
    assert (run.record["outcome"], run.stderr, archive.left()) == ("migrated", "", [])
    return run, written


@DESTINATIONS
@pytest.mark.parametrize("mode", [0o444, 0o640, 0o604, 0o4755, 0o2755, 0o1644, 0o7777], ids=oct)
def test_modes(account, archive_of, where, mode):
    archive = archive_of(account)
    file = archive.file(mode=mode)
    before = metadata.kept(file)
    run, written = migrate(account, archive, file, where)
    must_be_kept(account, run, before, written)
    if where == "in-place":
        assert metadata.kept(kept_original(file)) == before


@DESTINATIONS
@pytest.mark.parametrize("umask", [0o000, 0o077], ids=oct)
def test_the_umask_is_for_folders_only(account, archive_of, where, umask):
    archive = archive_of(account)
    file = archive.file(mode=0o664)
    _, written = migrate(account, archive, file, where, umask=umask)
    assert written.stat().st_mode & 0o7777 == 0o664
    if where != "in-place":
        assert written.parent.stat().st_mode & 0o7777 == 0o777 & ~umask


@DESTINATIONS
@pytest.mark.parametrize("moment", [LONG_AGO, 0, -5_500_000_001], ids=["nanoseconds", "1970", "before-1970"])
def test_modification_times(account, archive_of, where, moment):
    archive = archive_of(account)
    file = archive.file()
    os.utime(file, ns=(LONG_AGO, moment))
    if file.stat().st_mtime_ns != moment:
        pytest.skip("the file system cannot keep this time")
    _, written = migrate(account, archive, file, where)
    assert written.stat().st_mtime_ns == moment
    if where == "in-place":
        assert kept_original(file).stat().st_mtime_ns == moment


def test_the_access_time_is_that_of_the_original_which_reading_moves(account, archive_of):
    archive = archive_of(account)
    file = archive.file()
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    migrate(account, archive, file, "in-place")
    assert LONG_AGO <= file.stat().st_atime_ns <= kept_original(file).stat().st_atime_ns


@DESTINATIONS
@pytest.mark.parametrize("mode", [0o644, 0o444], ids=oct)
def test_the_users_own_attributes(account, archive_of, where, mode):
    archive = archive_of(account)
    file = archive.file()
    metadata.set_attribute(file, "user.origin", b"tape 7\0")
    metadata.set_attribute(file, "user.empty", b"")
    file.chmod(mode)
    before = metadata.kept(file)
    _, written = migrate(account, archive, file, where)
    assert metadata.kept(written) == before


@DESTINATIONS
def test_access_lists(account, archive_of, where):
    archive = archive_of(account)
    file = archive.file(mode=0o640)
    metadata.set_attribute(file, metadata.ACCESS_LIST, metadata.list_for(STRANGER, 4))
    before = metadata.kept(file)
    _, written = migrate(account, archive, file, where)
    assert metadata.kept(written) == before
    assert metadata.rights_of(written, STRANGER) == 4


@pytest.mark.parametrize("who", ["root", "user"])
def test_access_lists_and_attributes_of_a_read_only_file(request, archive_of, who):
    account = request.getfixturevalue(who)
    archive = archive_of(account)
    file = archive.file()
    metadata.set_attribute(file, metadata.ACCESS_LIST, metadata.list_for(STRANGER, 4))
    metadata.set_attribute(file, "user.origin", b"tape 7")
    file.chmod(0o444)
    if list(metadata.attributes(file)) != [metadata.ACCESS_LIST, "user.origin"]:
        pytest.skip("this file system lists attributes in another order")
    before = metadata.kept(file)
    migrate(account, archive, file, "in-place")
    assert metadata.kept(file) == before


@DESTINATIONS
def test_a_default_list_of_a_folder_gives_no_rights(account, archive_of, where):
    archive = archive_of(account)
    file = archive.file(mode=0o640)
    for folder in (archive.folder, archive.subfolder(archive.ground / "new")):
        metadata.set_attribute(folder, metadata.DEFAULT_LIST, metadata.list_for(STRANGER, 7, owner=7))
    _, written = migrate(account, archive, file, where)
    assert (metadata.attributes(written), written.stat().st_mode & 0o7777) == ({}, 0o640)


def test_an_original_on_another_mount_is_a_copy_with_everything(account, archive_of, other_mount):
    archive = archive_of(account)
    file = archive.file(mode=0o640)
    metadata.set_attribute(file, "user.origin", b"tape 7")
    metadata.set_attribute(file, metadata.ACCESS_LIST, metadata.list_for(STRANGER, 4))
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    before, ledger = metadata.kept(file), archive.ground / "ledger.jsonl"
    metadata.set_attribute(other_mount, metadata.DEFAULT_LIST, metadata.list_for(STRANGER + 1, 7, owner=7))
    run = account.migrate("--in-place", file, "--backup-dir", other_mount / "kept", "--ledger", ledger).must(tool.DONE)
    kept = other_mount / "kept/x.h5"
    assert run.record["backup"] == str(kept)
    assert metadata.kept(file) == metadata.kept(kept) == before
    assert manifest.sha256(kept) == manifest.sha256(manifest.path("hybrid-40x8.h5"))
    account.run("undo", ledger).must(tool.DONE)
    assert metadata.kept(file) == before and not kept.exists()
    assert manifest.sha256(file) == manifest.sha256(manifest.path("hybrid-40x8.h5"))


def with_holes(file):
    """A matrix of 4 MB that takes a few kB of disk: its space was given out early and never written."""
    with h5py.File(file, "w") as made:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        h5py.h5d.create(made.id, b"expr", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((1000, 1000)), properties)
        made["expr"][999, 999] = 1
        made["expr"].attrs.update(n_genes=1000, n_samples=1000, gene_names=[f"g{n}" for n in range(1000)], sample_names=[f"s{n}" for n in range(1000)])


def test_a_copy_of_a_sparse_original_is_sparse(account, archive_of, other_mount):
    archive = archive_of(account)
    file = archive.file()
    with_holes(file)
    on_disk = file.stat().st_blocks * 512
    if on_disk > file.stat().st_size // 2:
        pytest.skip("this file system makes no holes")
    account.migrate("--in-place", file, "--backup-dir", other_mount / "kept").must(tool.DONE)
    assert (other_mount / "kept/x.h5").stat().st_blocks * 512 < 2 * on_disk


@pytest.mark.parametrize("option", ["--out-dir", "--backup-dir"])
def test_a_private_folder_stays_private_in_a_new_tree(account, archive_of, option):
    archive = archive_of(account)
    private = archive.subfolder(archive.folder / "private", mode=0o700)
    archive.file("private/x.h5")
    if account.uid == 0:
        os.chown(private, STRANGER, STRANGERS)
    options = ["--in-place"] if option == "--backup-dir" else []
    account.migrate(*options, archive.folder, option, archive.ground / "new").must(tool.DONE)
    old, new = private.stat(), (archive.ground / "new/private").stat()
    assert (new.st_mode, new.st_uid, new.st_gid) == (old.st_mode, old.st_uid, old.st_gid)


@pytest.mark.parametrize("flag", ["d", "A"])
def test_flags_of_the_inode_are_kept_or_reported(account, archive_of, flag):
    archive = archive_of(account)
    file = archive.file()
    with metadata.flagged(file, flag):
        run, _ = migrate(account, archive, file, "in-place")
        assert flag in metadata.flags(file) or notes(run) != []


