"""The most memory that a process and all of its descendants held at one time."""

import threading
import time
from pathlib import Path

PROC = Path("/proc")
PAUSE = 0.02


class PeakMemory(threading.Thread):
    """Watches from when it gets the process number until the process has ended."""

    def __init__(self, pause: float = PAUSE) -> None:
        super().__init__(daemon=True)
        self.bytes, self.pause = 0, pause

    def watch(self, process: int) -> None:
        self.process = process
        self.start()

    def run(self) -> None:
        while (PROC / str(self.process)).exists():
            self.bytes = max(self.bytes, sum(map(anonymous, tree(self.process))))
            time.sleep(self.pause)


def tree(process: int) -> list[int]:
    found = [process]
    # It grows while it is walked: children of children.
    for parent in found:
        for thread in listed(PROC / str(parent) / "task"):
            found += map(int, text(thread / "children").split())
    return found


def anonymous(process: int) -> int:
    """Bytes that are the process's own: pages of files belong to the page cache."""
    for line in text(PROC / str(process) / "status").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # It has ended.
        return []


def text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # It has ended.
        return ""
