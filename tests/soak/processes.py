"""The processes of a run, as Linux lists them."""

import os
import signal
import time
from pathlib import Path


def children(process: int) -> list[int]:
    """Those that it started and that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if (fields := stat_of(folder)) and int(fields[1]) == process and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def stop(process: int) -> None:
    """Stops it and its workers; when this returns, none of their threads is in a system call."""
    stop_one(process)
    # It starts no others any more.
    for worker in children(process):
        stop_one(worker)


def stop_one(process: int) -> None:
    os.kill(process, signal.SIGSTOP)
    while not all(state in "TtZX" for state in states(process)):
        time.sleep(0.0005)


def go_on(process: int) -> None:
    for each in [*children(process), process]:
        os.kill(each, signal.SIGCONT)


def wait_for_end(processes: list[int], seconds: float = 10) -> list[int]:
    """Those that are still there afterwards."""
    until = time.monotonic() + seconds
    while alive := [process for process in processes if any(state not in "ZX" for state in states(process))]:
        if time.monotonic() > until:
            break
        time.sleep(0.001)
    return alive


def states(process: int) -> list[str]:
    """One letter for each thread; none when it has ended."""
    threads = Path(f"/proc/{process}/task").glob("*")
    return [fields[0] for thread in threads if (fields := stat_of(thread))]


def stat_of(folder: Path) -> list[str] | None:
    """State, parent and so on; the name before them may hold anything."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
