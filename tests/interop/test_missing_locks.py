"""A file server that grants no locks: one warning, and the run continues."""

import hashlib
import shutil
import subprocess

import pytest

from manifest import REPOSITORY
from tool import binary

LEGACY = REPOSITORY / "testdata" / "legacy"
NAMES = ["hybrid.h5", "square.h5"]


def without_locks(error, trace, *arguments, cwd):
    """Every flock of the run, in all its processes, fails like this."""
    strace = ["strace", "-f", "-o", trace, "-e", "trace=flock", "-e", f"inject=flock:error={error}"]
    return subprocess.run([*strace, binary(), *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("error", ["ENOLCK", "EOPNOTSUPP", "EIO"])
def test_a_server_without_locks_is_reported_once_and_all_is_done(tmp_path, error):
    (tmp_path / "a").mkdir()
    for name in NAMES:
        shutil.copy(LEGACY / name, tmp_path / "a" / name)
    old = {name: hashlib.sha256((LEGACY / name).read_bytes()).hexdigest() for name in NAMES}
    arguments = ["migrate", "a", "--in-place", "--ledger", "lift.jsonl", "-q"]
    run = without_locks(error, tmp_path / "trace", *arguments, cwd=tmp_path)
    if "Operation not permitted" in run.stderr and "ptrace" in run.stderr:
        pytest.skip("strace may not trace here")
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("warning:") == 1 and "not locked" in run.stderr, run.stderr
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(
        [*NAMES, *(name + ".h5lift-orig" for name in NAMES)]
    ), "nothing that stands for a lock is left"
    run = without_locks(error, tmp_path / "trace", "undo", "lift.jsonl", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    for name in NAMES:
        assert hashlib.sha256((tmp_path / "a" / name).read_bytes()).hexdigest() == old[name]
