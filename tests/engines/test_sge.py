"""An array job of Grid Engine on one node: tasks that are killed, deleted and rescheduled, and a report that holds each file once.

Needs root and Debian's gridengine-master, -exec and -client. H5LIFT names the binary (default: target/release/h5lift).
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tree import BINARY, REPOSITORY, Tree, call, wait_for

SCRIPT = REPOSITORY / "contrib/sge/lift.sh"
FILES = int(os.environ.get("FILES", "400"))
TASKS = 4


class Array(Tree):
    """Tasks of `lift.sh` over a tree."""

    def __init__(self, folder):
        super().__init__(folder, FILES, TASKS, "SGE_TASK_ID")

    def submit(self, ids, *arguments):
        job = super().submit("qsub", "-terse", "-t", ids, "-pe", "smp", "1", SCRIPT, self.tree, *arguments)
        return job.split(".")[0]

    def ended(self, job):
        wait_for(f"end of job {job}", lambda: subprocess.run(["qstat", "-j", job], capture_output=True).returncode != 0)


@pytest.fixture
def array(sge, tmp_path):
    array = Array(tmp_path)
    yield array
    array.kill_stopped()


def is_pending(process, number):
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("ShdPnd"))
    return int(line.split()[1], 16) >> (number - 1) & 1


def test_killed_deleted_and_rescheduled_tasks_go_on_and_nothing_is_lost(array):
    job = array.submit(f"1-{TASKS}")

    # Two at a time: one is killed; one is deleted, which SIGUSR2 announces.
    killed, process = array.stopped(1, 2)
    os.kill(killed, signal.SIGKILL)
    call("qdel", job, "-t", "2")
    wait_for("SIGUSR2", lambda: is_pending(process, signal.SIGUSR2))
    os.kill(process, signal.SIGCONT)

    # Rescheduled: Grid Engine starts it again, and it takes over its own locks.
    [process] = array.stopped(3)
    call("qmod", "-rj", f"{job}.3")
    wait_for("SIGUSR2", lambda: is_pending(process, signal.SIGUSR2))
    os.kill(process, signal.SIGKILL)

    array.ended(job)
    assert "what is finished is skipped if you go on: h5lift migrate" in array.log(2), array.log(2)
    code, _, stderr = array.report()
    assert code == 1 and "shards 1-2 of 4 not finished" in stderr, stderr
    for task in [1, 2]:
        array.ended(array.submit(str(task), f"auto/{TASKS}"))
    array.check_all_proved()


def test_a_job_without_an_array_is_a_usage_error(array):
    options = ["-terse", "-cwd", "-j", "y", "-o", "job.log", "-b", "y"]
    submitted = call("qsub", *options, BINARY, "migrate", array.tree, "--in-place", "--shard", "auto", cwd=array.folder)
    array.ended(submitted.strip())
    assert "no array task" in (array.folder / "job.log").read_text()
    assert not list(array.tree.rglob("*.h5lift-orig"))
