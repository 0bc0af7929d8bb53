"""Thousands of damaged files, each looked at twice: read as a plain file, and by the library."""

import shutil
from collections import Counter
from itertools import product

from bases import FORMATS, LAYOUTS, SHAPES, STORAGES, base, write
from checksums import blocks, repaired_mutant
from mutations import mutant
from program import check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files

ALL, FEW, BATCH = 20_000, 500, 500
TIMEOUT = 2
# An option for the place of the matrix, even the usual place, makes h5lift ask the library.
LIBRARY = ("--matrix", "/expr")
TOLD = ("state", "reason", "expr", "genes", "samples", "findings", "plan")


def plain_bases(folder):
    """Files with nothing besides matrix and names: any group sends all of a file to the library."""
    for layout, storage, version, size in product(LAYOUTS, STORAGES, FORMATS, SHAPES):
        path = folder / f"{layout}-{storage}-{version}-{size}.h5"
        write(path, layout, storage, FORMATS[version], SHAPES[size], more=False)
        yield base(path.stem, path)


def sweep(context: Context) -> Outcome:
    outcome, states = Outcome(), Counter()
    origin = context.scratch / "bases"
    origin.mkdir()
    bases = list(plain_bases(origin))
    summed = [(base, found) for base in bases if (found := list(blocks(base.data)))]
    random = context.random()
    count = context.rounds(ALL, FEW)
    for first in range(0, count, BATCH):
        archive = context.scratch / f"{first:05d}"
        archive.mkdir()
        for number in range(first, min(first + BATCH, count)):
            name, data = mutant(bases, context.seed, number)
            # Damage in a new header ends at its checksum, unless that is right.
            if number % 4 == 0:
                data = repaired_mutant(*random.choice(summed), random)
            (archive / name).write_bytes(data)
        paths = list(files(archive))
        # If all of them hung twice, one after the other, this is when it would end.
        limit = 60 + len(paths) * 2 * (TIMEOUT + 1)
        looks = []
        for more in ((), LIBRARY):
            ended = run(context.binary, "audit", archive, "--format", "json", "--timeout", TIMEOUT, "-j2", *more, limit=limit)
            check_end(outcome, ended, str(archive))
            check_rows(outcome, ended, str(archive), paths)
            looks.append({row["path"]: {key: row[key] for key in TOLD} for row in ended.rows})
        plain, library = looks
        different = [path for path in plain if plain[path] != library.get(path)]
        for path in different:
            outcome.check(False, f"{path}: {plain[path]['state']}, but to the library {library.get(path)}")
        states.update(row["state"] for row in plain.values())
        outcome.tried += len(paths)
        if not different:
            shutil.rmtree(archive)
    outcome.notes += [f"{number:,} {state}" for state, number in states.most_common(4)]
    return outcome


SWEEP = Sweep(
    "plain",
    "damaged files read without the library, and by it",
    "the same row",
    sweep,
)
