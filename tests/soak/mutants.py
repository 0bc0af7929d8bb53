"""Thousands of damaged files: every one costs its row, and none of them the run or a wrong value."""

import shutil
from collections import Counter
from pathlib import Path

from bases import Base, bases
from judge import Judge, check_migrated
from mutations import mutant
from program import Ended, check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files, sums

ALL, FEW, BATCH = 10_000, 200, 250
# The share of batches that is also migrated in place and taken back.
IN_PLACE_EVERY = 4
TIMEOUT = 2
# Current files that are not gzip have work as well.
WORK = ("--timeout", TIMEOUT, "-j2", "--recompress")


def patience(count: int) -> float:
    """Healthy and quickly refused files take milliseconds; a busy machine takes more."""
    return 60 + count * 0.2


class Mutants:
    def __init__(self, context: Context):
        self.context = context
        self.outcome = Outcome()
        self.counted = Counter()
        self.judge = Judge()
        origin = context.scratch / "bases"
        origin.mkdir()
        self.bases: list[Base] = bases(origin)

    def run(self) -> Outcome:
        count = self.context.rounds(ALL, FEW)
        with self.judge:
            self.healthy()
            for first in range(0, count, BATCH):
                self.batch(first, min(BATCH, count - first))
        self.outcome.notes += [f"{number:,} {what}" for what, number in self.counted.items() if number]
        return self.outcome

    def healthy(self) -> None:
        """What every mutant comes from has to migrate, or the mutants try less than they say."""
        origin, new = self.context.scratch / "bases", self.context.scratch / "healthy"
        ended = self.started(origin, "migrate", origin, "--out-dir", new, "--format", "json", *WORK)
        for row in ended.rows:
            is_finished = "current-gzip" in row["path"]
            wanted = "skipped" if is_finished else "migrated"
            self.outcome.check(row["outcome"] == wanted, f"{row['path']} is healthy, but {row['outcome']}: {row['error']}")
        unreadable = check_migrated(self.outcome, self.judge, ended.rows)
        self.outcome.check(not unreadable, f"h5py cannot read a base: {unreadable}")

    def batch(self, first: int, count: int) -> None:
        failed = len(self.outcome.failures)
        folder = self.context.scratch / f"{first:05d}"
        archive, new = folder / "archive", folder / "new"
        archive.mkdir(parents=True)
        for number in range(first, first + count):
            name, data = mutant(self.bases, self.context.seed, number)
            (archive / name).write_bytes(data)
        before = sums(archive)

        audit = self.started(archive, "audit", archive, "--format", "json", "--timeout", TIMEOUT, "-j2")
        migration = self.started(archive, "migrate", archive, "--out-dir", new, "--format", "json", *WORK)
        self.outcome.check(sums(archive) == before, f"{archive}: originals have changed")
        outputs = sorted(row["output"] for row in migration.rows if row["outcome"] == "migrated")
        left = sorted(map(str, files(new))) if new.exists() else []
        self.outcome.check(left == outputs, f"{new}: holds {len(left)} files where {len(outputs)} were migrated")
        unreadable = check_migrated(self.outcome, self.judge, migration.rows)
        self.count(audit, migration, unreadable)
        if first // BATCH % IN_PLACE_EVERY == 0:
            self.in_place_and_back(folder, archive, before)
        self.outcome.tried += count
        if len(self.outcome.failures) == failed:
            shutil.rmtree(folder)

    def started(self, archive: Path, *arguments: object) -> Ended:
        """Runs it over the archive, and checks how it ended, when, and what it reported."""
        paths = list(files(archive))
        # If all of them hung twice, one after the other, this is when it would end.
        limit = patience(len(paths)) + len(paths) * 2 * (TIMEOUT + 1)
        ended = run(self.context.binary, *arguments, limit=limit)
        check_end(self.outcome, ended, str(archive))
        check_rows(self.outcome, ended, str(archive), paths)
        given_up = len(ended.hit_the_deadline())
        bound = patience(len(paths)) + given_up * 2 * (TIMEOUT + 1)
        self.outcome.check(
            ended.seconds <= bound,
            f"{archive}: {ended.what} took {ended.seconds:.0f} s, {given_up} files hit the deadline",
        )
        return ended

    def in_place_and_back(self, folder: Path, archive: Path, before: dict[Path, str]) -> None:
        copy, ledger = folder / "copy", folder / "ledger.jsonl"
        shutil.copytree(archive, copy)
        replaced = self.started(copy, "migrate", "--in-place", "--ledger", ledger, copy, "--format", "json", *WORK)
        undone = run(self.context.binary, "undo", ledger, limit=patience(len(before)))
        check_end(self.outcome, undone, str(copy), codes=[0])
        self.outcome.check(sums(copy) == before, f"{copy}: undo has not brought every original back")
        self.counted["migrated in place and taken back"] += sum(row["outcome"] == "migrated" for row in replaced.rows)

    def count(self, audit: Ended, migration: Ended, unreadable: list[str]) -> None:
        self.counted["migrated and equal"] += sum(row["outcome"] == "migrated" for row in migration.rows) - len(unreadable)
        self.counted["damaged"] += sum(row["state"] == "damaged" for row in migration.rows)
        self.counted["at the deadline"] += len({row["path"] for ended in (audit, migration) for row in ended.hit_the_deadline()})
        self.counted["stopped by the proof"] += sum((row["error"] or {}).get("kind") == "mismatch" for row in migration.rows)
        self.counted["migrated that h5py cannot read"] += len(unreadable)


SWEEP = Sweep(
    name="mutants",
    what="audit, migrate, migrate in place and undo damaged files",
    promise="the run ends in time with a row for each file; what is migrated is equal by h5py; originals are unchanged, or back after undo",
    run=lambda context: Mutants(context).run(),
)
