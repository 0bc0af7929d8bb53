"""Every number of every key of a chunk index, changed in three ways: `damaged`, or read as H5Dread reads it."""

import shutil
import sys
from collections import Counter
from pathlib import Path

from judge import Judge, check_migrated
from program import check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))

import chunk_indexes

BATCH, TIMEOUT = 500, 10
# Of each kind, in a sample.
FEW = 30


def sweep(context: Context) -> Outcome:
    outcome, states = Outcome(), Counter()
    with Judge() as judge:
        for name in chunk_indexes.KINDS:
            data = chunk_indexes.written(context.scratch, name)
            changes = chunk_indexes.changes(name, data)
            if context.sample:
                changes = changes[:: max(1, len(changes) // FEW)]
            for first in range(0, len(changes), BATCH):
                folder = context.scratch / f"{name}-{first:06d}"
                batch(folder, data, changes[first : first + BATCH], context, outcome, judge, states)
            outcome.notes.append(f"{len(changes):,} of {name}")
    outcome.notes += [f"{number:,} {state}" for state, number in states.most_common()]
    return outcome


def batch(folder: Path, data: bytes, changes: list, context: Context, outcome: Outcome, judge: Judge, states: Counter) -> None:
    archive, failed = folder / "archive", len(outcome.failures)
    archive.mkdir(parents=True)
    for change in changes:
        (archive / f"{change.what}.h5").write_bytes(change.of(data))
    paths = list(files(archive))
    limit = 60 + len(paths) * 2 * (TIMEOUT + 1)
    arguments = ("migrate", archive, "--out-dir", folder / "new", "--format", "json", "--timeout", TIMEOUT, "-j2")
    ended = run(context.binary, *arguments, limit=limit)
    check_end(outcome, ended, str(archive))
    check_rows(outcome, ended, str(archive), paths)
    for unreadable in check_migrated(outcome, judge, ended.rows):
        outcome.check(False, f"migrated, but H5Dread fails: {unreadable}")
    for row in ended.rows:
        if row["outcome"] != "migrated" and row["state"] != "damaged":
            check_refused(outcome, judge, row)
    states.update(row["outcome"] if row["outcome"] == "migrated" else row["state"] for row in ended.rows)
    outcome.tried += len(paths)
    if len(outcome.failures) == failed:
        shutil.rmtree(folder)


def check_refused(outcome: Outcome, judge: Judge, row: dict) -> None:
    """An index can lose chunks and stay whole: it is then one of chunks that were never written. What HDF5 2 cannot open for the
    size of its elements alone, other programs have written, and HDF5 1.14 reads it."""
    refusal = f"{row['path']}: {row['state']}, not damaged: {row['reason']}; {(row['error'] or {}).get('message')}"
    if row["state"] == "incomplete":
        read = judge.ask("unwritten", row["path"])
        outcome.check(read.found == [row["reason"].split()[0]], f"{refusal}; H5Dread finds {read.found or read.trouble} chunks unwritten")
        return
    is_of_hdf5 = row["state"] == "unsupported" and "HDF5 2 refuses it" in row["reason"]
    outcome.check(is_of_hdf5 and judge.ask("readable", row["path"]).found is None, refusal)


SWEEP = Sweep(
    "indexes",
    "change every number of every key of a chunk index in three ways, and migrate",
    "damaged, or equal to what H5Dread reads",
    sweep,
)
