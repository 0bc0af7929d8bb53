"""Shared by the tests of the pages: the binary under test, as the interop tests start it."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))

import tool  # noqa: E402


@pytest.fixture(scope="session")
def h5lift():
    binary = tool.binary()
    if not os.access(binary, os.X_OK):
        pytest.fail(f"{binary} is not there: build it with `cargo build --release`, or name another in H5LIFT", pytrace=False)
    return tool.Tool(binary.resolve())
