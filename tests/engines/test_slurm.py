"""An array on a cluster of one node: tasks that are killed, preempted and cancelled, and a report that holds each file once.

Needs root and Debian's slurm-wlm and munge. H5LIFT names the binary (default: target/release/h5lift).
"""

import os
import signal
import subprocess
from threading import Thread

import pytest

from tree import BINARY, REPOSITORY, Tree, call, wait_for

SCRIPT = REPOSITORY / "contrib/slurm/lift.sbatch"
FILES = int(os.environ.get("FILES", "2000"))
TASKS = 8


class Array(Tree):
    """Tasks of `lift.sbatch` over a tree."""

    def __init__(self, folder):
        super().__init__(folder, FILES, TASKS, "SLURM_ARRAY_TASK_ID")

    def submit(self, ids, *arguments, options=()):
        limits = "--cpus-per-task=1", "--mem-per-cpu=0"
        return super().submit("sbatch", "--parsable", f"--array={ids}", *limits, *options, SCRIPT, self.tree, *arguments)


def state_of(job):
    lines = call("scontrol", "show", "job", job).split()
    return next(word.removeprefix("JobState=") for word in lines if word.startswith("JobState="))


def ended(job):
    return wait_for(f"end of {job}", lambda: state_of(job) not in {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"}) and state_of(job)


def requeue(task):
    call("scontrol", "requeue", task)
    # Slurm would wait for two minutes.
    wait_for(task, lambda: state_of(task) == "PENDING")
    call("scontrol", "update", f"JobId={task}", "StartTime=now")


@pytest.fixture
def array(slurm, tmp_path):
    array = Array(tmp_path)
    yield array
    array.kill_stopped()


def test_an_array_lifts_each_file_once(array):
    job = array.submit(f"1-{TASKS}")
    for task in range(1, TASKS + 1):
        assert ended(f"{job}_{task}") == "COMPLETED", array.log(task)
    array.check_all_proved()


def test_killed_preempted_and_cancelled_tasks_go_on_and_nothing_is_lost(array):
    job = array.submit(f"1-{TASKS}")

    # Two at a time: one is killed, one preempted with TERM and TERM again.
    killed, preempted = array.stopped(1, 2)
    # The next task gets the first slot that is free, and is not to end before it is cancelled.
    third = Thread(target=array.stopped, args=(3,))
    third.start()
    os.kill(killed, signal.SIGKILL)
    for _ in range(2):
        # It may have ended before the second one.
        subprocess.run(["scancel", "--batch", "--signal=TERM", f"{job}_2"], capture_output=True)
        if array.runs(preempted):
            os.kill(preempted, signal.SIGCONT)
    third.join()
    for task in [1, 2]:
        assert ended(f"{job}_{task}") == "FAILED"
    log = array.log(2)
    assert "what is finished is skipped if you go on: h5lift migrate" in log, log
    for task in [1, 2]:
        requeue(f"{job}_{task}")

    # Cancelled: its part is missing until it is submitted again.
    call("scancel", f"{job}_3")
    assert ended(f"{job}_3") == "CANCELLED"

    for task in [1, 2, 4, 5, 6, 7, 8]:
        assert ended(f"{job}_{task}") == "COMPLETED", array.log(task)
    code, _, stderr = array.report()
    assert code == 1 and "shard 3 of 8 not finished" in stderr, stderr
    again = array.submit("3", f"auto/{TASKS}")
    assert ended(f"{again}_3") == "COMPLETED", array.log(3)
    array.check_all_proved()


def test_a_job_with_more_priority_only_delays_the_others(array, tmp_path):
    job = array.submit(f"1-{TASKS}")
    wait_for("task 1", lambda: array.begun(1))
    urgent = call("sbatch", "--parsable", "--partition=high", "--cpus-per-task=2", "--output=/dev/null", "--wrap=sleep 2", cwd=tmp_path).strip()
    assert ended(urgent) == "COMPLETED"
    for task in range(1, TASKS + 1):
        state = ended(f"{job}_{task}")
        if state != "COMPLETED":
            requeue(f"{job}_{task}")
            assert ended(f"{job}_{task}") == "COMPLETED", array.log(task)
    array.check_all_proved()


def test_tasks_of_a_step_are_shards(array, tmp_path):
    command = f"srun --ntasks=2 --output=step.%t.log {BINARY} migrate archive --in-place --ledger lift.jsonl --shard auto --quiet"
    job = call(
        "sbatch", "--parsable", f"--ntasks=2", "--output=batch.log", f"--wrap={command}", cwd=tmp_path
    ).strip()
    assert ended(job) == "COMPLETED", [path.read_text() for path in tmp_path.glob("*.log")]
    array.check_all_proved()


def test_a_job_without_an_array_is_a_usage_error(array, tmp_path):
    command = f"{BINARY} migrate archive --in-place --shard auto"
    job = call("sbatch", "--parsable", "--ntasks=2", "--output=batch.log", f"--wrap={command}", cwd=tmp_path).strip()
    assert ended(job) == "FAILED"
    assert "no array task" in (tmp_path / "batch.log").read_text()
    assert not list(array.tree.rglob("*.h5lift-orig"))
