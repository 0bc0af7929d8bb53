"""Answers questions about HDF5 files by h5py alone, one a line on stdin: what `judge.py` starts.

h5py hangs and crashes on damaged files as any program on the HDF5 library does, so only a
process that may be killed asks it. The comparison is that of the interop tests.
"""

import json
import os
import resource
import sys
from pathlib import Path

INTEROP = Path(__file__).absolute().parent.parent / "interop"
sys.path.insert(0, str(INTEROP))

import h5py
import numpy as np
from h5py import h5a, h5s

import compare
from expected_names import ATTRIBUTE, names

# What one damaged length makes the library ask for must not take the machine along.
ADDRESS_SPACE = 5 << 30
PIECE = 64 << 20
# With many open at the same time, or opened by their number, the library searches through all of them.
MANY = 1_000


class Comparison(compare.Comparison):
    """The same, for matrices larger than memory and a million attributes as well."""

    def attributes(self, path):
        sides = [inventory.objects[path] for inventory in (self.old, self.new)]
        if max(map(h5a.get_num_attrs, sides)) <= MANY:
            super().attributes(path)
            return
        old, new = map(attribute_names, sides)
        gone = {name.encode() for name in compare.NAME_ATTRIBUTES} if self.migration and path == compare.EXPR else set()
        self.equal(path, "attributes", sorted(set(old) - gone), sorted(new))
        for name in set(old) & set(new):
            self.item(f"{path}@{name.decode(errors='replace')}", *(h5a.open(side, name) for side in sides))

    def item(self, where, old, new):
        large = where == compare.EXPR and old.get_space().get_simple_extent_npoints() * old.get_type().get_size() > PIECE
        if not large or compare.extent(old) != compare.extent(new):
            super().item(where, old, new)
            return
        self.equal(where, "type", *(compare.describe(side.get_type()) for side in (old, new)))
        rows, columns = old.shape
        height = max(1, PIECE // (columns * old.get_type().get_size()))
        for first in range(0, rows, height):
            pieces = [piece(side, first, min(height, rows - first)) for side in (old, new)]
            if not np.array_equal(*pieces):
                self.found.append(f"{where}: content: differs in rows {first} to {first + height}")


def attribute_names(identifier):
    found = []
    h5a.iterate(identifier, found.append)
    return found


def piece(dataset, first, height):
    """The bytes of some rows, in the file's own type."""
    kind, (_, columns) = dataset.get_type(), dataset.shape
    data = np.zeros((height, columns), dtype=f"V{kind.get_size()}")
    wanted = dataset.get_space()
    wanted.select_hyperslab((first, 0), data.shape)
    dataset.read(h5s.create_simple(data.shape), wanted, data, mtype=kind)
    return data.view("u1")


def differences(old: str, new: str, migration: bool) -> list[str]:
    # A chunk cache that holds the largest chunk, else each piece decodes it again.
    cache = {"rdcc_nbytes": 3 << 29}
    with h5py.File(old, "r", locking=False, **cache) as old_file, h5py.File(new, "r", locking=False, **cache) as new_file:
        return Comparison(old_file, new_file, migration, "attributes", "utf-8").run()


def migrated(old: str, new: str) -> list[str]:
    """What differs beyond what a migration is for."""
    return differences(old, new, migration=True)


def changed(old: str, new: str) -> list[str]:
    """What differs at all."""
    return differences(old, new, migration=False)


def readable(path: str) -> list[str]:
    """Reads everything that a comparison reads; an error says what cannot be read."""
    found = changed(path, path)
    with h5py.File(path, "r", locking=False) as file:
        for axis in ATTRIBUTE:
            names(file, axis)
    return found


def unwritten(path: str) -> list[str]:
    """How many chunks of /expr are read as zeros throughout, as those are that no index names."""
    with h5py.File(path, "r", locking=False) as file:
        expr = file[compare.EXPR]
        return [str(sum(not expr[chunk].any() for chunk in expr.iter_chunks()))]


QUESTIONS = {"migrated": migrated, "changed": changed, "readable": readable, "unwritten": unwritten}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The library may print; answers go to a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        question, *paths = json.loads(line)
        try:
            answer = {"found": QUESTIONS[question](*paths)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
