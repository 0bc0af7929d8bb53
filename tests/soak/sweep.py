"""What every sweep is given, and what it gives back."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """Where a sweep works, and how long it may go on."""

    binary: Path
    fixtures: Path
    """The folder of committed legacy files."""
    corpus: Path | None
    """A folder of hostile files, when there is one."""
    scratch: Path
    """An empty folder of the sweep's own."""
    sample: bool
    """A few rounds instead of all."""
    seed: int

    def rounds(self, all_of_them: int, a_few: int) -> int:
        return a_few if self.sample else all_of_them

    def random(self) -> random.Random:
        return random.Random(self.seed)


@dataclass
class Outcome:
    """How a sweep ended. `failures` has one line for each broken promise."""

    tried: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Figures worth a place in the table, such as `317 of them migrated`."""
    skipped: str | None = None
    """Why it could not run here at all."""

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.failures.append(otherwise)


@dataclass(frozen=True)
class Sweep:
    name: str
    what: str
    """One line for the table: what is done to the program."""
    promise: str
    """One line for the table: what must hold."""
    run: Callable[[Context], Outcome]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sums(folder: Path) -> dict[Path, str]:
    """SHA-256 of every file below a folder, by its path in it."""
    return {path.relative_to(folder): sha256(path) for path in files(folder)}


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
