"""A disk that takes long for each sync: files that only wait for it hold nothing that others need."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from manifest import REPOSITORY
from tool import PATIENCE, binary

LEGACY = REPOSITORY / "testdata" / "legacy"
FILES = 40
pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "a").mkdir()
    for number in range(FILES):
        shutil.copy(LEGACY / "square.h5", tmp_path / "a" / f"{number:02}.h5")
    return tmp_path


def started(folder, milliseconds, *arguments):
    """Each sync takes this long, whatever else happens meanwhile."""
    injected = f"inject=fsync,fdatasync:delay_enter={1000 * milliseconds}"
    strace = ["strace", "-f", "--seccomp-bpf", "-o", "trace", "-e", "trace=fsync,fdatasync", "-e", injected]
    return subprocess.Popen([*strace, binary(), *arguments], cwd=folder, text=True, stdout=-1, stderr=-1)


def ended(process):
    stdout, stderr = process.communicate(timeout=PATIENCE)
    if "ptrace" in stderr and "Operation not permitted" in stderr:
        pytest.skip("strace may not trace here")
    return process.returncode, stdout, stderr


def most_at_once(trace):
    """How many syncs were waited for at the same time."""
    waiting, most = set(), 0
    for line in trace.splitlines():
        thread, _, call = line.partition(" ")
        if re.match(r"\s*f(data)?sync\(.*<unfinished", call):
            waiting.add(thread)
        elif "sync resumed" in call:
            waiting.discard(thread)
        most = max(most, len(waiting))
    return most


@pytest.mark.parametrize("arguments", [["--out-dir", "out"], ["--in-place", "--ledger", "lift.jsonl"]], ids=str)
def test_one_job_waits_for_many_syncs_at_once(tree, arguments):
    code, _, stderr = ended(started(tree, 200, "migrate", "a", *arguments, "--jobs", "1", "-q"))
    assert code == 0, stderr
    trace = (tree / "trace").read_text()
    assert most_at_once(trace) >= 8
    if "--ledger" in arguments:
        # A line of each file has to be on the disk before its commit, but not one after the other.
        assert trace.count(" fdatasync(") < FILES
        assert (tree / "lift.jsonl").read_text().count('"entry":"done"') == FILES


def test_few_open_files_leave_room_for_fewer_waits(tree):
    command = ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", binary(), "migrate", "a", "--out-dir", "out", "-q"]
    run = subprocess.run([*command, "--jobs", "1"], cwd=tree, capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    assert len(list((tree / "out").iterdir())) == FILES


def test_what_waits_when_the_run_is_stopped_is_finished(tree):
    process = started(tree, 400, "migrate", "a", "--in-place", "--ledger", "lift.jsonl", "--jobs", "1", "--format", "tsv")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while not (tree / "trace").exists() or most_at_once((tree / "trace").read_text()) < 4:
        assert time.monotonic() < deadline and process.poll() is None, ended(process)
        time.sleep(0.01)
    subprocess.run(["kill", f"-{signal.SIGTERM}", children.read_text().split()[0]], check=True)
    code, stdout, stderr = ended(process)
    assert code == 130, stderr
    done = [line.split("\t")[0] for line in stdout.splitlines() if "\tmigrated\t" in line]
    names = sorted(path.name for path in (tree / "a").iterdir())
    kept = [name for name in names if name.endswith(".h5lift-orig")]
    assert kept and not [name for name in names if name.endswith(".tmp")]
    ledger = (tree / "lift.jsonl").read_text()
    assert len(kept) == ledger.count('"entry":"begun"') == ledger.count('"entry":"done"') >= len(done)
    for name in names:
        audit = subprocess.run([binary(), "audit", tree / "a" / name, "--check"], capture_output=True)
        assert audit.returncode == (0 if f"{name}.h5lift-orig" in kept else 3), name
