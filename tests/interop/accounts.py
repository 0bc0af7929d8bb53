"""The users that run h5lift in the tests about rights, and folders that each of them can reach.

Run by root, the suite plays both root and an ordinary user. Run by an ordinary user, it plays him;
what takes root to set up is skipped, and says so.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import file_metadata
import manifest
import tool

NAME = "hybrid-40x8.h5"
AS_ROOT = os.geteuid() == 0
ORDINARY = 65534 if AS_ROOT else os.geteuid()
# Neither root nor the ordinary user, and no group of his.
STRANGER, STRANGERS = 12345, 12346
BACKUP = ".h5lift-orig"


class Account(tool.Tool):
    """h5lift, run by one user."""

    def __init__(self, binary, uid, groups=()):
        super().__init__(binary)
        self.uid = uid
        self.gid = uid if AS_ROOT else os.getegid()
        self.identity = {"user": uid, "group": uid, "extra_groups": list(groups)} if AS_ROOT else {}

    def joined(self, group):
        return Account(self.binary, self.uid, (group,))

    def run(self, *arguments, umask=0o022, cwd="/"):
        command = [self.binary, *(os.fspath(argument) for argument in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=tool.PATIENCE, cwd=cwd, umask=umask, **self.identity)
        return tool.Run(done.returncode, done.stdout, done.stderr)


class Archive:
    """A folder of one account, alone in the ground, where new trees go beside it."""

    def __init__(self, ground, account):
        self.ground, self.account = ground, account
        os.chown(ground, account.uid, account.gid)
        self.folder = self.subfolder(ground / "archive")

    def subfolder(self, path, mode=0o755):
        path.mkdir()
        os.chown(path, self.account.uid, self.account.gid)
        path.chmod(mode)
        return path

    def file(self, name="x.h5", owner=None, group=None, mode=0o644):
        file = self.folder / name
        shutil.copyfile(manifest.path(NAME), file)
        os.chown(file, self.account.uid if owner is None else owner, self.account.gid if group is None else group)
        file.chmod(mode)
        return file

    def state(self):
        return file_metadata.tree(self.ground)

    def left(self):
        """Temporary files, anywhere."""
        return [path.name for path in self.ground.rglob(".h5lift-*")]


def must_be_kept(account, run, before, written):
    """All metadata, except for set-id bits from root, which leaves a note."""
    expected = file_metadata.without_set_id(before) if account.uid == 0 else before
    assert file_metadata.kept(written) == expected
    assert len(notes(run)) == (expected != before), notes(run)
    assert all("set-id" in note for note in notes(run)), notes(run)


def kept_original(file):
    return file.with_name(file.name + BACKUP)


def must_tell(run, outcome, path, cause, step):
    """The one row of a file that was left alone: which, why, and what to do."""
    run.must(tool.FAILED)
    record = run.record
    assert record["outcome"] == outcome, record
    assert str(path) in record["error"]["message"] and cause in record["error"]["message"], record["error"]
    assert step in record["error"]["hint"], record["error"]
    assert (record["output"], record.get("backup")) == (None, None), record


def notes(run):
    return [finding["detail"] for finding in run.record["findings"] if finding["code"] == "metadata"]


@pytest.fixture(scope="session")
def program(h5lift):
    """A copy of the binary that every user may run; a build folder can be in a private home folder."""
    with tempfile.TemporaryDirectory(prefix="h5lift-program-") as folder:
        os.chmod(folder, 0o755)
        yield shutil.copy(h5lift.binary, folder)


@pytest.fixture
def root(program):
    if not AS_ROOT:
        pytest.skip("needs root")
    return Account(program, 0)


@pytest.fixture
def user(program):
    account = Account(program, ORDINARY)
    try:
        account.run("--version").must(tool.DONE)
    except PermissionError as error:
        pytest.skip(f"the folder for temporary files is closed to other users: {error}")
    return account


@pytest.fixture(params=["root", "user"])
def account(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def ground():
    with tempfile.TemporaryDirectory(prefix="h5lift-rights-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        for path in [Path(folder), *Path(folder).rglob("*")]:
            if path.is_dir() and not path.is_symlink() and not AS_ROOT:
                path.chmod(0o755)


@pytest.fixture
def other_mount(ground):
    """A folder on another mount, where a hard link cannot reach."""
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(ground).st_dev:
        pytest.skip("no other mount at /dev/shm")
    with tempfile.TemporaryDirectory(prefix="h5lift-rights-", dir="/dev/shm") as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


@pytest.fixture
def archive_of(ground):
    return lambda account: Archive(ground, account)
