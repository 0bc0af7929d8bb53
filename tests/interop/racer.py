"""An ordinary user who swaps names in a loop while root works, as a process of its own.

`python racer.py COUNTER KIND PATH...` runs until it is killed, and counts its tries in the first 8 bytes of COUNTER.
"""

import contextlib
import ctypes
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def swap_files(folder: str, target: str) -> Iterator[None]:
    """Each file of a folder is a link to the target for a moment."""
    names = [entry.path for entry in os.scandir(folder) if entry.name.endswith(".h5")]
    away = folder + "/.away"
    while True:
        for name in names:
            with contextlib.suppress(OSError):
                os.rename(name, away)
                os.symlink(target, name)
                yield
                os.rename(away, name)


def swap_folders(folder: str, twin: str) -> Iterator[None]:
    """A folder is another one for a moment; the files in both keep all of their times."""
    exchange = ctypes.CDLL(None, use_errno=True).renameat2
    here, both, flag = -100, (folder.encode(), twin.encode()), 2
    while True:
        if exchange(here, both[0], here, both[1], flag) != 0:
            raise OSError(ctypes.get_errno(), "renameat2 with RENAME_EXCHANGE")
        yield


def plant_links(folder: str, target: str) -> Iterator[None]:
    """Whatever appears in a tree becomes a link to the target: folders, temporary files, new files, kept originals."""
    number = 0
    while True:
        found = False
        for above, folders, files in os.walk(folder):
            for name in folders + files:
                path = os.path.join(above, name)
                with contextlib.suppress(OSError):
                    if not os.path.islink(path):
                        number += 1
                        os.rename(path, f"{folder}/.away-{number}")
                        os.symlink(target, path)
                        found = True
                yield
        if not found:
            yield


def plant_ahead(folder: str, target: str, *names: str) -> Iterator[None]:
    """Names that root is about to create are links to the target, now and then."""
    paths = [os.path.join(folder, name) for name in names]
    while True:
        for path in paths:
            with contextlib.suppress(OSError):
                os.symlink(target, path)
            yield
            with contextlib.suppress(OSError):
                if os.path.islink(path):
                    os.unlink(path)


KINDS = {"swap-files": swap_files, "swap-folders": swap_folders, "plant-links": plant_links, "plant-ahead": plant_ahead}


def main(counter: str, kind: str, *arguments: str) -> None:
    with Path(counter).open("r+b") as file, mmap.mmap(file.fileno(), 8) as memory:
        for tries, _ in enumerate(KINDS[kind](*arguments), start=1):
            memory[:] = tries.to_bytes(8, "little")


if __name__ == "__main__":
    main(*sys.argv[1:])
