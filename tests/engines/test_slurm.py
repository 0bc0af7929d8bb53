"""An array on a cluster of one node: tasks that are killed, preempted and cancelled, and a report that holds each file once.

Needs root and Debian's slurm-wlm and munge. H5LIFT names the binary (default: target/release/h5lift).
"""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("H5LIFT", REPOSITORY / "target/release/h5lift")).resolve()
SCRIPT = REPOSITORY / "contrib/slurm/lift.sbatch"
FIXTURE = REPOSITORY / "testdata/legacy/square.h5"
FILES = int(os.environ.get("FILES", "2000"))
TASKS, SLOTS, PATIENCE = 8, 2, 90

MISSING = [name for name in ["slurmctld", "slurmd", "munged", "sbatch"] if not shutil.which(name, path=os.defpath + ":/usr/sbin:/sbin")]
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


def call(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_for(what, met):
    deadline = time.monotonic() + PATIENCE
    while not (value := met()):
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(0.05)
    return value


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    assert BINARY.exists(), f"{BINARY} is not there: set H5LIFT, or run make build"
    state = tmp_path_factory.mktemp("slurm")
    started = subprocess.run(
        [REPOSITORY / "tests/engines/start_slurm.sh", state, str(SLOTS)], capture_output=True, text=True
    )
    if started.returncode != 0:
        pytest.skip(f"Slurm does not start here: {started.stdout[-2000:]}{started.stderr[-2000:]}")
    os.environ["SLURM_CONF"] = str(state / "slurm.conf")
    yield state
    for name in ["slurmctld", "slurmd"]:
        number = int((state / f"{name}.pid").read_text())
        os.kill(number, signal.SIGTERM)


class Array:
    """Tasks of `lift.sbatch` over a tree."""

    def __init__(self, folder):
        self.folder = folder
        self.tree = folder / "archive"
        for number in range(FILES):
            path = self.tree / f"batch-{number % 20}" / f"{number}.h5"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(FIXTURE, path)

    def submit(self, ids, *arguments, options=()):
        path = f"{BINARY.parent}:{os.environ['PATH']}"
        submitted = call(
            "sbatch", "--parsable", f"--array={ids}", "--cpus-per-task=1", "--mem-per-cpu=0", *options, SCRIPT, self.tree, *arguments,
            cwd=self.folder, env={**os.environ, "PATH": path},
        )
        return submitted.strip()

    def ledger(self, task):
        return self.folder / f"lift.{task}-of-{TASKS}.jsonl"

    def begun(self, task, least=5):
        """Waits until a task has finished some of its files, and no more than half."""
        lines = lambda: self.ledger(task).exists() and self.ledger(task).read_bytes().count(b"\n") > 2 * least
        return wait_for(f"task {task}", lines)

    def process(self, task):
        """The process of h5lift that is this task."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                is_parent = b"\0migrate\0" in (entry / "cmdline").read_bytes() and (entry / "exe").resolve() == BINARY
                if is_parent and f"SLURM_ARRAY_TASK_ID={task}\0".encode() in (entry / "environ").read_bytes():
                    return int(entry.name)
            except OSError:
                continue
        return None

    def report(self):
        ledgers = sorted(self.folder.glob("lift.*-of-*.jsonl"))
        done = subprocess.run(
            [BINARY, "report", *ledgers, "--format", "json"], capture_output=True, text=True, cwd=self.folder
        )
        return done.returncode, json.loads(done.stdout), done.stderr


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


def check_all_proved(array):
    code, report, stderr = array.report()
    assert code == 0, stderr
    rows = report["files"]
    paths = [row["path"] for row in rows]
    assert len(paths) == len(set(paths)) == FILES
    assert {(row["outcome"], row["verified"]) for row in rows} == {("migrated", "full")}
    left = [path for path in array.tree.rglob("*") if path.name.startswith(".h5lift")]
    assert not left
    assert sum(path.name.endswith(".h5lift-orig") for path in array.tree.rglob("*")) == FILES


def test_killed_preempted_and_cancelled_tasks_go_on_and_nothing_is_lost(cluster, tmp_path):
    array = Array(tmp_path)
    job = array.submit(f"1-{TASKS}")

    # Two at a time: one is killed, one preempted with TERM and TERM again.
    for task in [1, 2]:
        array.begun(task)
    os.kill(array.process(1), signal.SIGKILL)
    for _ in range(2):
        # It may have ended before the second one.
        subprocess.run(["scancel", "--batch", "--signal=TERM", f"{job}_2"], capture_output=True)
    for task in [1, 2]:
        assert ended(f"{job}_{task}") == "FAILED"
    log = (tmp_path / "lift.2.log").read_text()
    assert "what is finished is skipped if you go on: h5lift migrate" in log, log
    for task in [1, 2]:
        requeue(f"{job}_{task}")

    # Cancelled: its part is missing until it is submitted again.
    array.begun(3)
    call("scancel", f"{job}_3")
    assert ended(f"{job}_3") == "CANCELLED"

    for task in [1, 2, 4, 5, 6, 7, 8]:
        assert ended(f"{job}_{task}") == "COMPLETED", (tmp_path / f"lift.{task}.log").read_text()
    code, _, stderr = array.report()
    assert code == 1 and "shard 3 of 8 not finished" in stderr, stderr
    again = array.submit("3", f"auto/{TASKS}")
    assert ended(f"{again}_3") == "COMPLETED", (tmp_path / "lift.3.log").read_text()
    check_all_proved(array)


def test_a_job_with_more_priority_only_delays_the_others(cluster, tmp_path):
    array = Array(tmp_path)
    job = array.submit(f"1-{TASKS}")
    array.begun(1)
    urgent = call("sbatch", "--parsable", "--partition=high", "--cpus-per-task=2", "--output=/dev/null", "--wrap=sleep 2", cwd=tmp_path).strip()
    assert ended(urgent) == "COMPLETED"
    for task in range(1, TASKS + 1):
        state = ended(f"{job}_{task}")
        if state != "COMPLETED":
            requeue(f"{job}_{task}")
            assert ended(f"{job}_{task}") == "COMPLETED", (tmp_path / f"lift.{task}.log").read_text()
    check_all_proved(array)


def test_tasks_of_a_step_are_shards(cluster, tmp_path):
    array = Array(tmp_path)
    command = f"srun --ntasks={SLOTS} --output=step.%t.log {BINARY} migrate archive --in-place --ledger lift.jsonl --shard auto --quiet"
    job = call(
        "sbatch", "--parsable", f"--ntasks={SLOTS}", "--output=batch.log", f"--wrap={command}", cwd=tmp_path
    ).strip()
    assert ended(job) == "COMPLETED", [path.read_text() for path in tmp_path.glob("*.log")]
    check_all_proved(array)


def test_a_job_without_an_array_is_a_usage_error(cluster, tmp_path):
    array = Array(tmp_path)
    command = f"{BINARY} migrate archive --in-place --shard auto"
    job = call("sbatch", "--parsable", "--ntasks=2", "--output=batch.log", f"--wrap={command}", cwd=tmp_path).strip()
    assert ended(job) == "FAILED"
    assert "no array task" in (tmp_path / "batch.log").read_text()
    assert not list(array.tree.rglob("*.h5lift-orig"))
