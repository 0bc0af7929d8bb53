"""Shared by the interop tests: the binary, and fixtures to work on.

h5py is needed to read what h5lift wrote, and the binary to write it. Neither is skipped
quietly when it is missing: a suite that tested nothing must not pass.
"""

import os
import shutil
import sys

import pytest

import manifest
import tool

sys.path.insert(0, str(manifest.TESTDATA))

try:
    import h5py  # noqa: F401
except ImportError as error:
    raise pytest.UsageError(f"the interop tests read files with h5py, which is not installed: {error}") from error


@pytest.fixture(scope="session")
def h5lift():
    binary = tool.binary()
    if not os.access(binary, os.X_OK):
        pytest.fail(f"{binary} is not there: build it with `cargo build --release`, or name another in H5LIFT", pytrace=False)
    return tool.Tool(binary.resolve())


@pytest.fixture
def old(tmp_path):
    """A function that puts a copy of a fixture into the test's own folder."""
    def place(name, at=None):
        target = tmp_path / (at or name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(manifest.path(name), target)
        return target
    return place


@pytest.fixture
def new(tmp_path):
    """A destination alone in a folder, so that anything left beside it is seen."""
    folder = tmp_path / "new"
    folder.mkdir()
    return folder / "out.h5"


@pytest.fixture
def text(tmp_path):
    """A function that writes a text; it is called run7, which some samples are named after."""
    def write(data, name="run7.tsv"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name
    return write

from accounts import account, archive_of, ground, other_mount, program, root, user  # noqa: E402, F401
