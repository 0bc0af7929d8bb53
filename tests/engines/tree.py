"""A tree of small files that the tasks of an array share, and what is expected of it at the end."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("H5LIFT", REPOSITORY / "target/release/h5lift")).resolve()
FIXTURE = REPOSITORY / "testdata/legacy/square.h5"
PATIENCE = 90


def call(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_for(what, met, interval=0.05):
    deadline = time.monotonic() + PATIENCE
    while not (value := met()):
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(interval)
    return value


class Tree:
    """`variable` is the one in which the scheduler gives the number of a task."""

    def __init__(self, folder, files, tasks, variable):
        self.folder, self.files, self.tasks, self.variable = folder, files, tasks, variable
        self.processes = []
        self.tree = folder / "archive"
        for number in range(files):
            path = self.tree / f"batch-{number % 20}" / f"{number}.h5"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(FIXTURE, path)

    def submit(self, *command):
        """What a scheduler prints when it takes this command, with the program under test first on the path."""
        path = f"{BINARY.parent}:{os.environ['PATH']}"
        return call(*command, cwd=self.folder, env={**os.environ, "PATH": path}).strip()

    def ledger(self, task):
        return self.folder / f"lift.{task}-of-{self.tasks}.jsonl"

    def begun(self, task, least=5):
        """Whether a task has finished some of its files."""
        return self.ledger(task).exists() and self.ledger(task).read_bytes().count(b"\n") > 2 * least

    def stopped(self, *tasks):
        """Stops these tasks in the middle of their files, however fast they are; their processes."""
        processes = {}

        def stop():
            for task in tasks:
                if task not in processes and self.begun(task) and (number := self.process(task)):
                    os.kill(number, signal.SIGSTOP)
                    processes[task] = number
                    self.processes.append(number)
            return len(processes) == len(tasks)

        wait_for(f"tasks {tasks}", stop, interval=0.005)
        return [processes[task] for task in tasks]

    def kill_stopped(self):
        """Those that a test which failed has left."""
        for number in filter(self.runs, self.processes):
            os.kill(number, signal.SIGKILL)

    def runs(self, number):
        """Whether a process is h5lift, and no worker."""
        entry = Path(f"/proc/{number}")
        try:
            return b"\0migrate\0" in (entry / "cmdline").read_bytes() and (entry / "exe").resolve() == BINARY
        except OSError:
            return False

    def process(self, task):
        """The process of h5lift that is this task."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if self.runs(entry.name) and f"\0{self.variable}={task}\0".encode() in b"\0" + (entry / "environ").read_bytes():
                    return int(entry.name)
            except OSError:
                continue
        return None

    def log(self, task):
        return (self.folder / f"lift.{task}.log").read_text()

    def report(self):
        ledgers = sorted(self.folder.glob("lift.*-of-*.jsonl"))
        done = subprocess.run(
            [BINARY, "report", *ledgers, "--format", "json"], capture_output=True, text=True, cwd=self.folder
        )
        return done.returncode, json.loads(done.stdout), done.stderr

    def check_all_proved(self):
        code, report, stderr = self.report()
        assert code == 0, stderr
        rows = report["files"]
        paths = [row["path"] for row in rows]
        assert len(paths) == len(set(paths)) == self.files
        assert {(row["outcome"], row["verified"]) for row in rows} == {("migrated", "full")}
        left = [path for path in self.tree.rglob("*") if path.name.startswith(".h5lift")]
        assert not left
        assert sum(path.name.endswith(".h5lift-orig") for path in self.tree.rglob("*")) == self.files
