"""Contestants in turn, A B C A B C, each a whole process on a fresh output.

Before each run the old files are read once, so that all find them in the page cache, and everything
that is still to be written goes to the disk, so that no program pays for the previous one.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inputs import files_below

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "soak"))
from peak_memory import PeakMemory

# Looking often costs a little time, so it is done in runs that are not timed, but for large cases.
CLOSELY, SELDOM = 0.002, 0.05
LONGEST = 3 * 3600
ERRORS_SHOWN = 2_000
# How the folders of outputs begin. They are removed when all is measured; one that is there at the start was left by
# a run that was killed.
OUTPUT = "run-"


class Failed(Exception):
    """A contestant ended with an error, or left less than it had to."""


@dataclass
class Run:
    seconds: float
    memory_bytes: int | None
    output_bytes: int | None


def measure(case, old, folder, tell):
    """By the name of each contestant what it took; and why some took no part."""
    taken = {each.name: [] for each in case.contestants}
    absent = {each.name: each.missing for each in case.contestants if each.missing}
    for number in range(0 if case.is_large else -1, case.runs):
        for contestant in case.contestants:
            name = contestant.name
            if name in absent or number >= case.turns(contestant):
                continue
            if reason := too_large(contestant, case.old):
                absent[name] = reason
                continue
            try:
                run = once(contestant, case, old, folder, watched=number < 0 or case.is_large, closely=number < 0)
            except Failed as why:
                if contestant.is_ours:
                    raise
                absent[name] = f"failed: {why}"
                tell(f"{name} failed: {why}")
                continue
            taken[name].append((number, run))
            tell(f"{name}: {run.seconds:.3f} s{' (not counted)' if number < 0 else ''}")
    return {name: figures(runs) for name, runs in taken.items() if name not in absent}, absent


def figures(runs):
    """Times of the timed runs; memory of those in which it was looked at."""
    return {
        "seconds": [round(run.seconds, 6) for number, run in runs if number >= 0],
        "memory_bytes": max((run.memory_bytes for _, run in runs if run.memory_bytes), default=None),
        "output_bytes": runs[-1][1].output_bytes,
    }


def once(contestant, case, old, folder, watched, closely):
    place = Path(tempfile.mkdtemp(prefix=OUTPUT, dir=folder))
    new = place / ("new" if old.is_dir() else "new.h5")
    memory = PeakMemory(CLOSELY if closely else SELDOM) if watched and Path("/proc/self/task").exists() else None
    try:
        command = [str(word) for word in contestant.command(old, new)]
        seconds = (loop if contestant.is_loop else whole)(command, old, memory)
        if memory:
            memory.join()
        size = written(new, case.old.files) if contestant.writes else None
        return Run(seconds, memory.bytes or None if memory else None, size)
    finally:
        empty(place)


def empty(place):
    """Gives the space back, not the files: ext4 steps over each one that was deleted in the last minutes, one by one,
    when it creates a new one, and a real archive deletes none."""
    for path in files_below(place):
        os.truncate(path, 0)


def whole(command, old, memory):
    warm(old)
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = started(command, errors, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        with ended(process):
            if memory:
                memory.watch(process.pid)
            code = process.wait()
            seconds = time.perf_counter() - began
        check(code, errors)
    return seconds


def loop(command, old, memory):
    """From the line that lets it go to the line that says it is done."""
    with tempfile.TemporaryFile() as errors:
        process = started(command, errors, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with ended(process):
            if memory:
                memory.watch(process.pid)
            if process.stdout.readline() != "ready\n":
                check(process.wait() or 1, errors)
            warm(old)
            began = time.perf_counter()
            process.stdin.write("go\n")
            process.stdin.flush()
            word = process.stdout.readline()
            seconds = time.perf_counter() - began
            code = process.wait()
        check(code or word != "done\n", errors)
    return seconds


def started(command, errors, **streams):
    # In a process group of its own, so that an interrupted run leaves no process.
    return subprocess.Popen(command, stderr=errors, start_new_session=True, **streams)


@contextmanager
def ended(process):
    """A clock of its own ends what never ends: a wait with a time limit would look only now and then."""
    def kill():
        os.killpg(process.pid, signal.SIGKILL)
    clock = threading.Timer(LONGEST, kill)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        if process.poll() is None:
            kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()


def check(code, errors):
    if code:
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
        raise Failed(f"exit code {int(code)}" + f": {said[-ERRORS_SHOWN:]}" * bool(said))


def written(new, files):
    found = [path for path in files_below(new) if path.suffix == ".h5"] if new.exists() else []
    if len(found) != files:
        raise Failed(f"{len(found)} of {files} new files are there")
    return sum(path.stat().st_size for path in found)


def warm(old):
    for path in files_below(old):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 22):
                pass
    os.sync()


def too_large(contestant, old):
    """h5py holds the whole matrix; a machine with too little memory would swap, or end the run."""
    if contestant.is_ours or "h5py" not in contestant.name or old.files > 1:
        return None
    try:
        pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        cached = [line.split() for line in Path("/proc/meminfo").read_text().splitlines()]
        available = next((int(words[1]) * 1024 for words in cached if words[0] == "MemAvailable:"), pages)
    except OSError:
        return None
    needed = old.raw_bytes * 5 // 4
    return None if needed < available else f"needs {needed >> 30} GiB of memory"


def room_for(old, folder):
    """Whether the old files, the new ones and the temporary ones fit on the disk."""
    return shutil.disk_usage(folder).free > 3 * old.raw_bytes + old.files * 100_000
