"""The release binary, run as a user runs it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from manifest import REPOSITORY

DONE, FAILED, USAGE, WORK_FOUND = 0, 1, 2, 3
# Generous for a busy machine; a run that takes longer has lost its own deadline.
PATIENCE = 120


@dataclass(frozen=True)
class Run:
    code: int
    stdout: str
    stderr: str

    @property
    def document(self):
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise AssertionError(f"stdout is no JSON document ({error})\n{self}") from error

    @property
    def files(self):
        return self.document["files"]

    @property
    def record(self):
        """The only row of a run over one file."""
        assert len(self.files) == 1, f"one file, {len(self.files)} rows\n{self}"
        return self.files[0]

    def must(self, code):
        assert self.code == code, f"exit code {self.code} where {code} was expected\n{self}"
        return self

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout[-4000:]}\n--- stderr\n{self.stderr[-4000:]}"


class Tool:
    def __init__(self, binary):
        self.binary = str(binary)

    def run(self, *arguments, timeout=PATIENCE, cwd=None, stdin=b""):
        command = [self.binary, *(os.fspath(argument) for argument in arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, cwd=cwd)
        return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace"))

    def audit(self, *arguments, **options):
        return self.run("audit", "--format", "json", *arguments, **options)

    def migrate(self, *arguments, **options):
        return self.run("migrate", "--format", "json", *arguments, **options)

    def verify(self, *arguments, **options):
        return self.run("verify", *arguments, **options)


def binary():
    """The binary under test, from the environment or where cargo puts it."""
    return Path(os.environ.get("H5LIFT") or REPOSITORY / "target" / "release" / "h5lift")


def by_name(records):
    """Records by their file's name; a name may come up only once."""
    found = {}
    for record in records:
        name = os.path.basename(record["path"])
        assert name not in found, f"two rows for {name}"
        found[name] = record
    return found
