"""Two machines and one tree, on a file system whose locks reach no other machine: every flock succeeds, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from manifest import REPOSITORY
from tool import DONE, FAILED, PATIENCE, binary

LEGACY = REPOSITORY / "testdata" / "legacy" / "square.h5"
FILES = 24


def usable():
    """Whether strace may trace, and host names may be changed."""
    probe = ["strace", "-f", "-e", "trace=flock", "unshare", "--uts", "hostname", "other"]
    return all(shutil.which(name) for name in ["strace", "unshare", "hostname"]) and (
        subprocess.run(probe, capture_output=True).returncode == 0
    )


pytestmark = pytest.mark.skipif(not usable(), reason="needs strace and the right to change host names")


def start(host, *arguments, cwd):
    trace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:retval=0"]
    named = ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', host]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*trace, *named, binary(), *arguments], cwd=cwd, **pipes)


def end(process, *codes):
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode in codes, f"{process.returncode}\n{stderr}"
    return stderr


def parent_of(process):
    """The process number of h5lift itself, below strace."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        todo = [process.pid]
        while todo:
            number = todo.pop()
            try:
                if Path(f"/proc/{number}/exe").resolve() == Path(binary()).resolve():
                    return number
                todo += map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    raise AssertionError("h5lift was not started")


def come_so_far(process, folder, pattern):
    """Waits until such a file is there; the process number of h5lift."""
    number = parent_of(process)
    deadline = time.monotonic() + PATIENCE
    while not list(folder.glob(pattern)):
        assert time.monotonic() < deadline and process.poll() is None, "it has not come so far"
    return number


def stop_with(process, folder, pattern):
    """Stops h5lift while such a file is there."""
    while True:
        number = come_so_far(process, folder, pattern)
        os.kill(number, signal.SIGSTOP)
        while any(state not in "tT" for state in states_of_threads(number)):
            time.sleep(0.01)
        if list(folder.glob(pattern)):
            return number
        os.kill(number, signal.SIGCONT)


def states_of_threads(number):
    return [task.read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{number}/task").glob("*/stat")]


def kill_with(process, folder, pattern):
    """Kills h5lift when such a file is there. A stop before it would confuse strace."""
    os.kill(come_so_far(process, folder, pattern), signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    for number in range(FILES):
        shutil.copy(LEGACY, folder / f"{number}.h5")
    return folder


def kept(tree):
    return len(list(tree.glob("*.h5lift-orig")))


def test_a_second_run_on_another_host_is_refused_and_names_the_first(tree):
    first = start("node-1", "migrate", "tree", "--in-place", cwd=tree.parent)
    stopped = stop_with(first, tree, "*.h5lift-orig")
    try:
        for arguments in [[], ["--shard", "1/2"]]:
            second = start("node-2", "migrate", "tree", "--in-place", *arguments, cwd=tree.parent)
            stderr = end(second, FAILED)
            assert f"process {stopped} on node-1" in stderr, stderr
    finally:
        os.kill(stopped, signal.SIGCONT)
    end(first, DONE)
    assert kept(tree) == FILES
    assert not list(tree.glob(".h5lift-*"))


def test_shards_of_two_hosts_run_together(tree):
    runs = [
        start(f"node-{shard}", "migrate", "tree", "--in-place", "--shard", f"{shard}/2", cwd=tree.parent)
        for shard in [1, 2]
    ]
    for run in runs:
        end(run, DONE)
    assert kept(tree) == FILES
    assert not list(tree.glob(".h5lift-*"))
    end(start("node-1", "verify", "tree", cwd=tree.parent), DONE)


def test_no_host_removes_the_temporary_file_of_another(tree):
    new = tree.parent / "new"
    arguments = ["migrate", "tree", "--out-dir", "new"]
    first = start("node-1", *arguments, cwd=tree.parent)
    stopped = stop_with(first, new, ".h5lift-*.tmp")
    temporaries = set(new.glob(".h5lift-*.tmp"))
    try:
        end(start("node-2", *arguments, cwd=tree.parent), DONE)
        assert temporaries and temporaries == set(new.glob(".h5lift-*.tmp"))
    finally:
        os.kill(stopped, signal.SIGCONT)
    # What the other host has made meanwhile is there already.
    end(first, DONE, FAILED)
    assert len(list(new.iterdir())) == FILES
    end(start("node-1", "verify", "tree", "new", cwd=tree.parent), DONE)


def test_a_killed_run_of_the_same_host_hinders_no_other(tree):
    first = start("node-1", "migrate", "tree", "--in-place", "--ledger", "lift.jsonl", cwd=tree.parent)
    kill_with(first, tree, "*.h5lift-orig")
    assert (tree / ".h5lift-lock").exists()
    elsewhere = start("node-2", "migrate", "tree", "--in-place", cwd=tree.parent)
    assert "on node-1" in end(elsewhere, FAILED)
    end(start("node-1", "migrate", "tree", "--in-place", "--ledger", "lift.jsonl", cwd=tree.parent), DONE)
    assert kept(tree) == FILES
    assert not list(tree.glob(".h5lift-*"))
    assert not (tree.parent / "lift.jsonl.lock").exists()


def test_a_task_that_is_started_again_on_another_host_takes_over(tree, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    first = start("node-1", "migrate", "tree", "--in-place", cwd=tree.parent)
    kill_with(first, tree, "*.h5lift-orig")
    again = ["migrate", "tree", "--in-place"]
    end(start("node-2", *again, cwd=tree.parent), FAILED)
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    end(start("node-2", *again, cwd=tree.parent), DONE)
    assert kept(tree) == FILES
