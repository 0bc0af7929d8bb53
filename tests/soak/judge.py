"""What h5py, in a process of its own, says of an old and a new file."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sweep import Outcome

PROGRAM = Path(__file__).absolute().parent / "independent.py"
CALM = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Answer:
    found: list[str] | None
    """Differences; None when h5py could not read."""
    trouble: str | None
    """Its error, or that it crashed or hung."""


class Judge:
    """A process that answers for many files, and another one when it dies of one of them."""

    def __init__(self, patience: float = 10):
        self.patience = patience
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, question: str, *paths: object) -> Answer:
        if self.process and self.process.poll() is not None:
            # It died of the last file after it had answered.
            self.end()
        process = self.process or self.begin()
        process.stdin.write(json.dumps([question, *map(str, paths)]).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], self.patience)
        line = process.stdout.readline() if ready else b""
        if not line.endswith(b"\n"):
            code = self.end()
            return Answer(None, f"h5py crashed, exit status {code}" if ready else f"h5py hung for {self.patience} s")
        answer = json.loads(line)
        return Answer(answer.get("found"), answer.get("error"))

    def begin(self) -> subprocess.Popen:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | CALM,
        )
        return self.process

    def end(self) -> int | None:
        process, self.process = self.process, None
        if process is None:
            return None
        try:
            # One that crashed is about to tell how.
            code = process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        process.stdin.close()
        process.stdout.close()
        return code

    def migration(self, old: object, new: object) -> Answer:
        """Asked again of a fresh process when it says no: an earlier file may have spoilt the library."""
        answer = self.ask("migrated", old, new)
        if answer.found == []:
            return answer
        self.end()
        return self.ask("migrated", old, new)


def check_migrated(outcome: Outcome, judge: Judge, rows: Iterable[dict]) -> list[str]:
    """Every new file has to hold what h5py reads in the old one. Returns old ones that it cannot read."""
    unreadable = []
    for row in rows:
        if row["outcome"] != "migrated":
            continue
        answer = judge.migration(row["path"], row["output"])
        if answer.found == []:
            continue
        alone = judge.ask("readable", row["path"])
        if alone.found is None:
            unreadable.append(f"{row['path']}: {alone.trouble}")
        else:
            outcome.failures.append(f"{row['path']} became {row['output']}: {answer.trouble or answer.found[:3]}")
    return unreadable
