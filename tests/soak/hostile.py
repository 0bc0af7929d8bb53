"""Files that once broke the HDF5 library, among healthy ones that must not notice."""

import csv
import shutil
from collections import Counter
from pathlib import Path

from judge import Judge, check_migrated
from program import Ended, check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files, sums

HEALTHY = 20
TIMEOUT = 3
# Of one run over some 140 files, however many of them hang.
LIMIT = 130


def hostile(context: Context) -> Outcome:
    collection = context.corpus / "cve" if context.corpus else None
    if collection is None or not collection.is_dir():
        return Outcome(skipped="no hostile files here (H5LIFT_CORPUS)")
    archive, new = context.scratch / "archive", context.scratch / "new"
    shutil.copytree(collection, archive / "hostile")
    healthy = place_healthy(context.fixtures, archive / "healthy")
    before = sums(archive)
    outcome = Outcome(tried=len(before))

    # Some of them have no ending, or another one.
    every = ("--include", "*", "--timeout", TIMEOUT, "--format", "json")
    audit = run(context.binary, "audit", archive, *every, limit=2 * LIMIT)
    migration = run(context.binary, "migrate", archive, "--out-dir", new, *every, limit=2 * LIMIT)
    for ended in (audit, migration):
        check_end(outcome, ended, str(archive))
        check_rows(outcome, ended, str(archive), files(archive))
        outcome.check(ended.seconds <= LIMIT, f"{ended.what} took {ended.seconds:.0f} s")
        outcome.notes.append(f"{ended.what} {ended.seconds:.0f} s, {len(ended.hit_the_deadline())} at the deadline")
    outcome.check(sums(archive) == before, f"{archive}: originals have changed")
    check_outcomes(outcome, migration, healthy)
    return outcome


def place_healthy(fixtures: Path, folder: Path) -> set[str]:
    """Copies legacy files that have to migrate, from all over the list of fixtures."""
    folder.mkdir()
    with open(fixtures.parent / "fixtures.tsv", encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    legacy = [row["file"] for row in rows if (row["state"], row["action"]) == ("legacy", "migrate")]
    chosen = legacy[:: len(legacy) // HEALTHY][:HEALTHY]
    for name in chosen:
        shutil.copyfile(fixtures / name, folder / name)
    return {str(folder / name) for name in chosen}


def check_outcomes(outcome: Outcome, migration: Ended, healthy: set[str]) -> None:
    migrated = {row["path"] for row in migration.rows if row["outcome"] == "migrated"}
    outcome.check(healthy <= migrated, f"healthy files are not migrated: {sorted(healthy - migrated)}")
    with Judge() as judge:
        unreadable = check_migrated(outcome, judge, migration.rows)
    outcome.check(not any(line.startswith(tuple(healthy)) for line in unreadable), f"h5py cannot read: {unreadable}")
    outcome.notes.append(f"{len(migrated - healthy)} hostile ones migrated, {len(unreadable)} of them unreadable by h5py")
    states = Counter(row["state"] for row in migration.rows if row["path"] not in healthy)
    outcome.notes.append(", ".join(f"{number} {state}" for state, number in states.most_common()))


SWEEP = Sweep(
    name="hostile",
    what="audit and migrate files of public CVE reports among healthy ones",
    promise=f"a row for each within {LIMIT} s; healthy ones migrate and are equal by h5py; no original changes",
    run=hostile,
)
