"""Files that mean far more than their size, under the default cap on memory."""

from collections import Counter
from pathlib import Path

import bomb_files
from judge import Judge, check_migrated
from peak_memory import PeakMemory
from program import Ended, check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files, sums

ALL, FEW = 1_000_000, 100_000
TIMEOUT, JOBS = 20, 2
# The default of `--memory`, and what a chunk of 1 GiB needs: one eighth is the largest chunk.
CAP, AMPLE = 2 << 30, 9 << 30


def bombs(context: Context) -> Outcome:
    archive = context.scratch / "archive"
    archive.mkdir()
    bomb_files.write_all(archive, many=context.rounds(ALL, FEW))
    before = sums(archive)
    outcome = Outcome(tried=len(before))
    with Judge(patience=600) as judge:
        watched(context, outcome, archive, JOBS, CAP, "audit")
        migration = watched(context, outcome, archive, JOBS, CAP, "migrate", "--out-dir", context.scratch / "new")
        unreadable = check_migrated(outcome, judge, migration.rows)
        # The default limit refuses a chunk of 1 GiB; users with enough memory may raise it.
        one = watched(context, outcome, archive / bomb_files.ONE_CHUNK, 1, AMPLE, "migrate", "--out-dir", context.scratch / "one")
        outcome.check([row["outcome"] for row in one.rows] == ["migrated"], f"with {AMPLE >> 30} GiB: {one.rows}")
        unreadable += check_migrated(outcome, judge, one.rows)
    unreadable = [line for line in unreadable if bomb_files.HUGE_ELEMENT not in line]
    outcome.check(not unreadable, f"h5py cannot read: {unreadable}")
    outcome.check(sums(archive) == before, f"{archive}: originals have changed")
    told = Counter(f"{row['state']} {row['outcome']}" for row in migration.rows)
    outcome.notes.append(", ".join(f"{number} {what}" for what, number in told.most_common()))
    return outcome


def watched(context: Context, outcome: Outcome, path: Path, jobs: int, cap: int, *arguments: object) -> Ended:
    """Runs it, and checks how it ended, what it reported and its peak memory."""
    memory, inputs = PeakMemory(), [path] if path.is_file() else list(files(path))
    work = ("--timeout", TIMEOUT, "--jobs", jobs, "--memory", cap, "--format", "json")
    limit = 300 + len(inputs) * 2 * TIMEOUT
    ended = run(context.binary, *arguments, path, *work, limit=limit, started=memory.watch)
    where = f"{path} with {cap >> 30} GiB"
    check_end(outcome, ended, where)
    check_rows(outcome, ended, where, inputs)
    outcome.check(memory.bytes <= jobs * cap, f"{where}: {ended.what} held {memory.bytes >> 20} MiB of memory")
    outcome.notes.append(f"{ended.what} at {jobs} x {cap >> 30} GiB took {ended.seconds:.0f} s and at most {memory.bytes >> 20:,} MiB")
    return ended


SWEEP = Sweep(
    name="bombs",
    what="audit and migrate files that declare, decode to or nest far more than their size",
    promise=f"a row for each; all processes together stay below {JOBS} x {CAP >> 30} GiB; what is migrated is equal by h5py",
    run=bombs,
)
