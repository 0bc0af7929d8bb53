"""The programs that are measured: h5lift, and what people use today."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

BENCHES = Path(__file__).resolve().parent.parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LEVELS = ("full", "fast", "none")
# Where a copy could share blocks with the original it would not be a copy.
COPY = ("cp", "--reflink=never") if sys.platform == "linux" else ("cp",)


@dataclass(frozen=True)
class Contestant:
    name: str
    # From the paths of the old and of the new file or tree.
    command: Callable[[Path, Path], list]
    # Its processes start and import before the time begins.
    is_loop: bool = False
    writes: bool = True
    # Has fewer turns in large cases.
    is_slow: bool = False
    # Why it cannot run here.
    missing: str | None = None

    @property
    def is_ours(self):
        return self.name.startswith("h5lift")


def on_a_file(binary):
    return [
        Contestant("h5py", lambda old, new: [sys.executable, BENCHES / "ten_lines.py", old, new], is_slow=True),
        Contestant("h5repack -f GZIP=4", lambda old, new: [repack(), "-f", "GZIP=4", old, new], is_slow=True,
                   missing=repack_missing()),
        Contestant("cp + fsync", lambda old, new: shell('"${@:3}" "$1" "$2" && sync "$2"', old, new, *COPY)),
        *(migration(binary, level) for level in LEVELS),
    ]


def on_an_archive(binary):
    each = 'cd "$1" && find . -name "*.h5" -print0 | xargs -0 -P "$3" -I{} "$4" -f GZIP=4 {} "$2"/{}'
    folders = '(cd "$1" && find . -type d -print0) | (mkdir -p "$2" && cd "$2" && xargs -0 mkdir -p)'
    return [
        *(loop("migrate", processes) for processes in sorted({1, 2, CORES})),
        Contestant(f"h5repack -f GZIP=4, {CORES} at a time",
                   lambda old, new: shell(f"{folders} && {each}", old, new, CORES, repack()), is_slow=True,
                   missing=repack_missing()),
        Contestant("cp + fsync", lambda old, new: shell(
            '"${@:3}" -R "$1" "$2" && find "$2" -type f -exec sync {} +', old, new, *COPY)),
        *(migration(binary, level) for level in LEVELS),
    ]


def on_an_audit(binary):
    return [
        *(loop("audit", processes) for processes in sorted({1, 2, CORES})),
        Contestant("h5lift audit", lambda old, new: [binary, "audit", old, "--format", "jsonl"], writes=False),
    ]


def on_a_text(binary):
    return [
        *(reader(name) for name in ("pandas", "polars")),
        *(conversion(binary, level) for level in LEVELS),
    ]


def without_lzf(those):
    """h5repack warns of a filter that it has not, and passes the values on as they are."""
    return [replace(each, missing=each.missing or "has no lzf") if each.name.startswith("h5repack") else each for each in those]


def migration(binary, level):
    def command(old, new):
        where = ["--out-dir", new] if old.is_dir() else ["-o", new]
        return [binary, "migrate", old, *where, "-q", "--verify", level]
    return Contestant(f"h5lift --verify {level}", command)


def conversion(binary, level):
    return Contestant(f"h5lift --verify {level}",
                      lambda old, new: [binary, "convert", old, "-o", new, "-q", "--verify", level])


def loop(job, processes):
    def command(old, new):
        return [sys.executable, BENCHES / "h5py_loop.py", job, processes, old, *([new] if job == "migrate" else [])]
    plural = "es" if processes > 1 else ""
    return Contestant(f"h5py, {processes} process{plural}", command, is_loop=True, writes=job == "migrate", is_slow=True)


def reader(name):
    missing = None if importlib.util.find_spec(name) else "not installed"
    return Contestant(f"{name} + h5py", lambda old, new: [sys.executable, BENCHES / "pandas_lines.py", name, old, new],
                      missing=missing)


def shell(script, *arguments):
    return ["bash", "-c", f"set -o pipefail; {script}", "bash", *arguments]


def repack():
    return os.environ.get("H5REPACK") or shutil.which("h5repack")


def repack_missing():
    return None if repack() else "not installed"
