"""h5py in a loop over a tree: `h5py_loop.py migrate PROCESSES OLD NEW` or `h5py_loop.py audit PROCESSES OLD`.

Its processes are there and have imported all they need before it says `ready`. Then it waits for a
line, works, and says `done`, so that nothing is timed but the loop.
"""

import json
import multiprocessing
import sys
from pathlib import Path

from same_facts import facts
from ten_lines import migrate_h5_file


def migrate(old, new):
    paths = sorted(old.rglob("*.h5"))
    for folder in {path.parent for path in paths}:
        (new / folder.relative_to(old)).mkdir(parents=True, exist_ok=True)
    return paths, lambda path: migrate_h5_file(path, new / path.relative_to(old))


def audit(old):
    return sorted(old.rglob("*.h5")), lambda path: json.dumps(facts(path))


def take_turns(paths, work, following, together):
    """Each process takes the next file that no process has taken."""
    try:
        together.wait()
        while True:
            with following.get_lock():
                index, following.value = following.value, following.value + 1
            if index >= len(paths):
                break
            work(paths[index])
        together.wait()
    except BaseException:
        together.abort()
        raise


def main():
    job, processes, *folders = sys.argv[1:]
    paths, work = {"migrate": migrate, "audit": audit}[job](*map(Path, folders))
    fork = multiprocessing.get_context("fork")
    following, together = fork.Value("q", 0), fork.Barrier(int(processes))
    helpers = [fork.Process(target=take_turns, args=(paths, work, following, together), daemon=True)
               for _ in range(int(processes) - 1)]
    for helper in helpers:
        helper.start()
    print("ready", flush=True)
    sys.stdin.readline()
    take_turns(paths, work, following, together)
    print("done", flush=True)
    for helper in helpers:
        helper.join()


main()
