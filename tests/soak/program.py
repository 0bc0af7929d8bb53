"""The program under test, run to its end or to a limit, with the rows of its report."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sweep import Outcome


@dataclass(frozen=True)
class Ended:
    what: str
    """The subcommand, for sentences about it."""
    code: int | None
    """The exit code, negative for a signal; None when it had to be killed at the limit."""
    rows: list[dict]
    """Those of `--format json`; none when there was no whole document."""
    seconds: float
    stderr: str

    def hit_the_deadline(self) -> list[dict]:
        """Rows of files that were given up: each may cost two deadlines, the second one alone."""
        return [row for row in self.rows if "no progress within" in ((row["error"] or {}).get("message") or row["reason"])]


def run(binary: Path, *arguments: object, limit: float, started: Callable[[int], None] | None = None) -> Ended:
    """`started` gets the process number."""
    command = [os.fspath(binary), *map(str, arguments)]
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if started:
            started(process.pid)
        try:
            stdout, stderr = process.communicate(timeout=limit)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            code = None
    seconds = time.monotonic() - began
    return Ended(str(arguments[0]), code, rows_of(stdout), seconds, stderr.decode(errors="replace"))


def rows_of(stdout: bytes) -> list[dict]:
    try:
        return json.loads(stdout)["files"]
    except (ValueError, KeyError, TypeError):
        return []


def check_end(outcome: Outcome, ended: Ended, where: str, codes: Iterable[int] = (0, 1)) -> None:
    """The run ended by itself, with a code that it may have."""
    outcome.check(
        ended.code in codes,
        f"{where}: {ended.what} ended with {ended.code} after {ended.seconds:.0f} s: {ended.stderr[-300:]!r}",
    )


def check_rows(outcome: Outcome, ended: Ended, where: str, paths: Iterable[Path]) -> None:
    """One row for each file, and none calls itself a defect of the program."""
    wanted, told = sorted(map(str, paths)), sorted(row["path"] for row in ended.rows)
    outcome.check(told == wanted, f"{where}: {ended.what} has {len(told)} rows for {len(wanted)} files")
    for row in ended.rows:
        error = row["error"] or {}
        outcome.check(error.get("kind") != "internal", f"{row['path']}: {ended.what} calls it a defect of its own: {error.get('message')}")
