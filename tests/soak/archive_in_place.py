"""A small archive that is migrated again and again, and everything that must hold of it at any moment.

What is broken comes back as a list of sentences, empty when all holds.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sweep import Context, sha256

FIXTURES = ("storage-contiguous.h5", "hybrid-40x8.h5", "extra-groups.h5", "names-vlen-utf8.h5")
"""Rewritten, its gzip chunks copied, with groups and links of its own, and with the longest names."""
BACKUP = ".h5lift-orig"
MODIFIED, MODE = 1_500_000_000_123_456_789, 0o640
"""Of every original; the new file gets them before its name."""
SECONDS = 60


class Archive:
    """Lies in `home`, which may be another disk; the ledger and the report beside it."""

    def __init__(self, context: Context, home: Path, files: int = len(FIXTURES), elsewhere: bool = False) -> None:
        self.binary, self.fixtures, self.home = context.binary, context.fixtures, home
        self.folder, self.out = home / "archive", home / "out"
        self.ledger, self.report = home / "lift.jsonl", home / "report.json"
        self.elsewhere = elsewhere
        self.names = [f"{number:02}-{FIXTURES[number % len(FIXTURES)]}" for number in range(files)]
        self.old: dict[str, str] = {}
        self.new: dict[str, str] = {}

    def learn(self) -> None:
        """The same file always becomes the same bytes: those of an undisturbed run."""
        self.refill()
        self.old = {name: sha256(self.folder / name) for name in self.names}
        ended = self.migrate()
        if ended.returncode:
            raise RuntimeError(f"an undisturbed run ended with {ended.returncode}: {ended.stderr}")
        self.new = {name: sha256(self.destination(name)) for name in self.names}

    def refill(self) -> None:
        """As it was before the first run."""
        for path in [self.folder, self.out]:
            shutil.rmtree(path, ignore_errors=True)
        for path in self.home.glob("*.json*"):
            path.unlink()
        self.folder.mkdir(parents=True)
        for name in self.names:
            copy = self.folder / name
            shutil.copyfile(self.fixtures / name[3:], copy)
            copy.chmod(MODE)
            os.utime(copy, ns=(MODIFIED, MODIFIED))

    def command(self, *more: str, ledger: Path | None = None) -> list[str]:
        way = ["--out-dir", "out"] if self.elsewhere else ["--in-place", "--ledger", str(ledger or self.ledger)]
        return [str(self.binary), "migrate", "-q", self.folder.name, *way, *more]

    def undo_command(self, ledger: Path) -> list[str]:
        return [str(self.binary), "undo", str(ledger)]

    def migrate(self) -> subprocess.CompletedProcess:
        return self.run(self.command())

    def run(self, command: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(command, cwd=self.home, capture_output=True, text=True, timeout=SECONDS)

    def destination(self, name: str) -> Path:
        return (self.out if self.elsewhere else self.folder) / name

    def is_new(self, name: str) -> bool:
        path = self.destination(name)
        return path.is_file() and sha256(path) == self.new[name]

    def all_new(self) -> bool:
        return all(map(self.is_new, self.names))

    def all_old(self) -> bool:
        return not any(map(self.is_new, self.names))

    def broken(self) -> list[str]:
        """What must hold at any moment."""
        return [*self._torn_paths(), *self.untrue_lines(self.ledger)]

    def broken_while_undone(self) -> list[str]:
        """The ledger is written afterwards, so its `done` may be late."""
        return list(self._torn_paths())

    def broken_after(self) -> list[str]:
        """The same, and that the next run completes the work, and that `undo` takes it back."""
        return [*self.broken(), *self.incomplete(), *([] if self.elsewhere else self.not_undone(self.ledger))]

    def incomplete(self) -> list[str]:
        """Of the next run."""
        ended = self.migrate()
        found = [f"the next run ended with {ended.returncode}: {ended.stderr}"] if ended.returncode else []
        found += [f"{name} is not migrated by the next run" for name in self.names if not self.is_new(name)]
        backups = [] if self.elsewhere else [name + BACKUP for name in self.names]
        return [*found, *self.broken(), *self._left_over(self.names + backups)]

    def not_undone(self, *ledgers: Path) -> list[str]:
        found = []
        for ledger in ledgers:
            ended = self.run(self.undo_command(ledger))
            if ended.returncode:
                found.append(f"undo {ledger.name} ended with {ended.returncode}: {ended.stderr}")
        found += [f"{name} is not the original after undo" for name in self.names if not self._is_original(name)]
        return [*found, *self._left_over(self.names)]

    def wrong_end(self, code: int, stderr: str) -> Iterator[str]:
        """Of a run that was not killed."""
        if code not in (0, 1, 2) or "panicked" in stderr:
            yield f"the run ended with {code}: {stderr}"
        if code == 0 and not self.all_new():
            yield "exit code 0, and not all is migrated"
        if code == 2 and not self.all_old():
            yield f"exit code 2, and something is migrated: {stderr}"

    def lying_rows(self) -> list[str]:
        """Rows of the report, when there is a whole one, that say `migrated` of what is not in place."""
        try:
            rows = json.loads(self.report.read_bytes())["files"]
        except (FileNotFoundError, json.JSONDecodeError):
            return []
        return [
            f"the row of {row['path']} says migrated, and it is not"
            for row in rows
            if row["outcome"] == "migrated" and not self.is_new(Path(row["path"]).name)
        ]

    def untrue_lines(self, ledger: Path) -> list[str]:
        """`done` in the ledger: the new file is there, and its original under the backup's name."""
        if self.elsewhere or not ledger.exists():
            return []
        begun: dict[int, dict] = {}
        done: dict[int, dict] = {}
        found = []
        for line, entry in whole_lines(ledger):
            if entry is None:
                found.append(f"line {line} of {ledger.name} is damaged")
            elif entry.get("entry") == "begun":
                begun[entry["id"]] = entry
            elif entry.get("entry") == "done":
                done[entry["id"]] = entry
            elif entry.get("entry") == "undone":
                done.pop(entry["id"], None)
        for number, entry in done.items():
            source, backup = Path(begun[number]["source"]), entry["backup"]
            if sum_of(source) != begun[number]["new"]["sha256"]:
                found.append(f"{ledger.name} says done of {source.name}, and its new file is not in place")
            if backup is None or sum_of(Path(backup)) != begun[number]["source_sha256"]:
                found.append(f"{ledger.name} says done of {source.name}, and its original is not kept")
        return found

    def _is_original(self, name: str) -> bool:
        path = self.folder / name
        return sum_of(path) == self.old[name] and same_metadata(path)

    def _torn_paths(self) -> Iterator[str]:
        """Neither the old nor the whole new file; a new one whose original is lost or that lacks its metadata."""
        for name in self.names:
            new, destination = self.is_new(name), self.destination(name)
            if not new and (destination.exists() if self.elsewhere else not self._is_original(name)):
                yield f"{name} is neither the old nor the new file"
            if new and not same_metadata(destination):
                yield f"{name} is new and has not the time and mode of its original"
            kept = self.folder / (name if self.elsewhere else name + BACKUP)
            if new and sum_of(kept) != self.old[name]:
                yield f"{name} is new and its original is not kept"

    def _left_over(self, expected: list[str]) -> Iterator[str]:
        for folder in [self.folder, self.out]:
            for path in sorted(folder.rglob("*")):
                # A lock of the whole tree may stay.
                if path.is_file() and path.name not in expected and not path.name.endswith(".lock"):
                    yield f"{path.relative_to(self.home)} is left over"


def whole_lines(ledger: Path) -> Iterator[tuple[int, dict | None]]:
    """The entries, as docs/design.md checks them; None for a damaged line, a last line without end is none."""
    for number, line in enumerate(ledger.read_bytes().splitlines(keepends=True), 1):
        if line.endswith(b"\n"):
            seal = hashlib.sha256(line[:-27] + b"}").hexdigest()[:16]
            whole = line[-27:] == f',"sum":"{seal}"}}\n'.encode()
            yield number, json.loads(line) if whole else None


def sum_of(path: Path) -> str | None:
    return sha256(path) if path.is_file() else None


def same_metadata(path: Path) -> bool:
    stat = path.stat()
    return stat.st_mtime_ns == MODIFIED and stat.st_mode & 0o7777 == MODE
