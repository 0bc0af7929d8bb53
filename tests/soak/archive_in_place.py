"""A small archive that is migrated again and again, and everything that must hold of it at any moment.

What is broken comes back as a list of sentences, empty when all holds.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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

    def __init__(
        self, context: Context, home: Path, files: int = len(FIXTURES), elsewhere: bool = False, shards: int = 1
    ) -> None:
        self.binary, self.fixtures, self.home = context.binary, context.fixtures, home
        self.folder, self.out = home / "archive", home / "out"
        self.ledger, self.report = home / "lift.jsonl", home / "report.json"
        self.elsewhere = elsewhere
        self.shards = shards
        """Of two, the first one is disturbed while the second one runs."""
        self.mine: list[str] = []
        """The files of the run that is disturbed."""
        self.other_ended: list[str] = []
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
        self.mine = self.names if self.shards == 1 else self._sources(self.ledgers()[0])
        if self.shards > 1 and not 0 < len(self.mine) < len(self.names):
            raise RuntimeError(f"a shard is empty: {self.mine}")

    def refill(self) -> None:
        """As it was before the first run."""
        self.other_ended = []
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

    def command(self, *more: str, ledger: Path | None = None, shard: int = 1) -> list[str]:
        way = ["--out-dir", "out"] if self.elsewhere else ["--in-place", "--ledger", str(ledger or self.ledger)]
        part = [] if self.shards == 1 else ["--shard", f"{shard}/{self.shards}"]
        return [str(self.binary), "migrate", "-q", self.folder.name, *way, *part, *more]

    def ledgers(self) -> list[Path]:
        """One for each shard."""
        if self.shards == 1:
            return [self.ledger]
        numbers = range(1, self.shards + 1)
        return [self.ledger.with_suffix(f".{number}-of-{self.shards}.jsonl") for number in numbers]

    def undo_command(self, *ledgers: Path) -> list[str]:
        return [str(self.binary), "undo", *map(str, ledgers)]

    def start(self, command: list[str]) -> subprocess.Popen:
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        return subprocess.Popen(command, cwd=self.home, stdin=null, stdout=null, stderr=pipe, text=True)

    def start_all(self, *more: str) -> list[subprocess.Popen]:
        """A run, or all shards at once."""
        return [self.start(self.command(*more, shard=number)) for number in range(1, self.shards + 1)]

    def migrate(self) -> subprocess.CompletedProcess:
        """All shards at once; the worst exit code."""
        runs = self.start_all()
        texts = [run.communicate(timeout=SECONDS)[1] for run in runs]
        return subprocess.CompletedProcess([], max(run.returncode for run in runs), "", "".join(texts))

    @contextmanager
    def other_shard(self, *more: str, command: list[str] | None = None, codes: tuple = (0,)) -> Iterator[None]:
        """Runs the second shard, if there is one, meanwhile; nothing that happens to the first one concerns it."""
        if self.shards == 1:
            yield
            return
        other = self.start(command or self.command(*more, shard=2))
        try:
            yield
            _, stderr = other.communicate(timeout=SECONDS)
        finally:
            other.kill()
            other.wait()
        if other.returncode not in codes or "panicked" in stderr:
            self.other_ended.append(f"the other shard ended with {other.returncode}: {stderr}")

    def run(self, command: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(command, cwd=self.home, capture_output=True, text=True, timeout=SECONDS)

    def destination(self, name: str) -> Path:
        return (self.out if self.elsewhere else self.folder) / name

    def is_new(self, name: str) -> bool:
        path = self.destination(name)
        return path.is_file() and sha256(path) == self.new[name]

    def all_new(self) -> bool:
        return all(map(self.is_new, self.mine))

    def all_old(self) -> bool:
        return not any(map(self.is_new, self.mine))

    def broken(self) -> list[str]:
        """What must hold at any moment."""
        return [*self._torn_paths(), *[line for ledger in self.ledgers() for line in self.untrue_lines(ledger)]]

    def broken_while_undone(self) -> list[str]:
        """The ledger is written afterwards, so its `done` may be late."""
        return list(self._torn_paths())

    def broken_after(self) -> list[str]:
        """The same, and that the next run completes the work, and that `undo` takes it back."""
        found = [*self.other_ended, *self.broken(), *self.incomplete()]
        return [*found, *([] if self.elsewhere else self.not_undone(*self.ledgers()))]

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
            source = Path(begun[number]["source"])
            # The second line has it only if it is another one than planned. A bare name is beside the source.
            backup = entry.get("backup", begun[number].get("backup"))
            backup = backup and source.parent / backup
            if sum_of(source) != begun[number]["new"]["sha256"]:
                found.append(f"{ledger.name} says done of {source.name}, and its new file is not in place")
            if backup is None or sum_of(Path(backup)) != begun[number]["source_sha256"]:
                found.append(f"{ledger.name} says done of {source.name}, and its original is not kept")
        return found

    def _sources(self, ledger: Path) -> list[str]:
        """Names of the files that a ledger has begun with."""
        entries = [entry for _, entry in whole_lines(ledger) if entry]
        return [Path(entry["source"]).name for entry in entries if entry.get("entry") == "begun"]

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
