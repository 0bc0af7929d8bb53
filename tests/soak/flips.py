"""One bit changes in a migrated file, as years on a disk do it: `verify` has to see it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from flip_sites import NAMES, Sites, sites
from judge import Judge
from program import check_end, run
from sweep import Context, Outcome, Sweep

ALL, FEW, BATCH = 1_000, 60, 50
TIMEOUT, LIMIT = 2, 60
ROWS, COLUMNS = 300, 20
GZIP = {"chunks": (100, COLUMNS), "compression": "gzip"}


@dataclass(frozen=True)
class Base:
    path: Path
    data: bytes
    sites: Sites


@dataclass(frozen=True)
class Flip:
    base: Base
    kind: str
    path: Path


def bases(context: Context, outcome: Outcome) -> list[Base]:
    """Migrated files of every way to store a new /expr."""
    random = np.random.RandomState(7)
    noisy = random.normal(4, 2, size=(ROWS, COLUMNS)).astype("f4")
    counts = random.poisson(40, size=(ROWS, COLUMNS)).astype("i4")
    kinds = {
        "contiguous": (noisy, {}, []),
        "rounded": (np.round(noisy, 2), {}, []),
        "shuffled": (counts, {}, ["--shuffle", "on"]),
        "stored": (noisy, {}, ["--gzip-level", "0"]),
        "verbatim": (noisy, GZIP, []),
        "verbatim-with-checksums": (counts, GZIP | {"fletcher32": True}, []),
    }
    found = []
    for kind, (values, storage, options) in kinds.items():
        old, new = context.scratch / f"{kind}-old.h5", context.scratch / f"{kind}.h5"
        write_hybrid(old, values, storage)
        check_end(outcome, run(context.binary, "migrate", old, "-o", new, *options, limit=LIMIT), kind, codes=[0])
        check_end(outcome, run(context.binary, "verify", new, limit=LIMIT), f"{kind}, not flipped", codes=[0])
        found.append(Base(new, new.read_bytes(), sites(new)))
    return found


def write_hybrid(path: Path, values: np.ndarray, storage: dict) -> None:
    with h5py.File(path, "w", libver="earliest") as file:
        expr = file.create_dataset("expr", data=values, **storage)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = values.shape
        for name, prefix, count in zip(NAMES, ("FBgn", "DGRP_"), values.shape):
            # Lengths differ, so that some end where the heap pads them and some do not.
            text = [f"{prefix}{index:04d}{'-A' * (index % 5)}" for index in range(count)]
            expr.attrs[name] = text
            file.create_dataset(name, data=text, dtype=h5py.string_dtype())


def flips(context: Context) -> Outcome:
    outcome, told, random = Outcome(), Counter(), context.random()
    migrated, wanted, number = bases(context, outcome), context.rounds(ALL, FEW), 0
    with Judge() as judge, ThreadPoolExecutor(2) as two:
        # Some flips change nothing that is ever read: others take their place.
        while outcome.tried < wanted and number < 3 * wanted:
            batch = []
            for number in range(number + 1, number + 1 + min(BATCH, wanted - outcome.tried)):
                base = random.choice(migrated)
                kind, at = base.sites.choose(random)
                bit = random.randrange(8)
                path = context.scratch / f"{number:05d}-{base.path.stem}-{kind}-byte-{at}-bit-{bit}.h5"
                path.write_bytes(base.data[:at] + bytes([base.data[at] ^ 1 << bit]) + base.data[at + 1 :])
                batch.append(Flip(base, kind, path))
            ends = two.map(lambda flip: run(context.binary, "verify", flip.path, "--timeout", TIMEOUT, limit=LIMIT), batch)
            for flip, ended in zip(batch, ends):
                outcome.check(ended.code in (0, 1), f"{flip.path}: verify ended with {ended.code}: {ended.stderr[-200:]!r}")
                changed = judge.ask("changed", flip.base.path, flip.path).found != []
                if changed:
                    outcome.tried += 1
                    told[flip.kind] += 1
                    outcome.check(ended.code == 1, f"{flip.path}: verify has not seen the flip")
                else:
                    told["nothing that h5py reads, found" if ended.code else "nothing that h5py reads"] += 1
                if not changed or ended.code == 1:
                    flip.path.unlink()
    outcome.notes += [f"{count} in {kind}" for kind, count in sorted(told.items())]
    return outcome


SWEEP = Sweep(
    name="flips",
    what="flip one bit of the values or the names of a migrated file, and verify it",
    promise="verify says no (exit code 1) whenever h5py reads anything else than before",
    run=flips,
)
