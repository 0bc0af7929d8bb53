"""Signals at random moments of a run with two jobs: `kill -9` of the parent or a worker, SIGTERM, SIGINT twice."""

import os
import signal
import subprocess
import time
from pathlib import Path
from random import Random

from archive_in_place import SECONDS, Archive
from processes import children, wait_for_end
from sweep import Context, Outcome, Sweep

PARENT, WORKER, ASKED, TWICE = "kill -9 of the parent", "kill -9 of a worker", "SIGTERM", "SIGINT twice"
INTERRUPTED = 130
CODES = {
    # It may have ended before, and it may not have come to watch for signals yet.
    PARENT: (0, -signal.SIGKILL),
    WORKER: (0, 1),
    ASKED: (0, INTERRUPTED, -signal.SIGTERM),
    TWICE: (0, INTERRUPTED, -signal.SIGINT),
}


def sweep(context: Context) -> Outcome:
    if not Path("/proc/self/task").exists():
        return Outcome(skipped="needs /proc")
    outcome = Outcome()
    whole, shards = (Archive(context, context.scratch / str(shards), 12 * shards, shards=shards) for shards in (1, 2))
    durations = {archive: duration_of(archive) for archive in (whole, shards)}
    random = context.random()
    unfinished = 0
    for number in range(context.rounds(1_000, 20)):
        kind = list(CODES)[number % len(CODES)]
        # Of four rounds of each kind, one is that of a shard beside another one.
        archive = shards if number // len(CODES) % 4 == 3 else whole
        moment = random.uniform(0, durations[archive])
        archive.refill()
        outcome.tried += 1
        found = signalled(archive, kind, moment, random)
        unfinished += not archive.all_new()
        for sentence in [*found, *archive.broken_after()]:
            outcome.failures.append(f"{archive.shards} shards: {kind} after {moment * 1000:.1f} ms: {sentence}")
    outcome.notes.append(f"{unfinished} of them left something to do")
    return outcome


def duration_of(archive: Archive) -> float:
    archive.learn()
    archive.refill()
    began = time.monotonic()
    with archive.other_shard("-j2"):
        archive.run(archive.command("-j2"))
    return time.monotonic() - began


def signalled(archive: Archive, kind: str, moment: float, random: Random) -> list[str]:
    """Of how the run ended."""
    with archive.other_shard("-j2"):
        return end_of_signalled(archive, kind, moment, random)


def end_of_signalled(archive: Archive, kind: str, moment: float, random: Random) -> list[str]:
    null = subprocess.DEVNULL
    process = subprocess.Popen(archive.command("-j2"), cwd=archive.home, stdin=null, stdout=null, stderr=null)
    try:
        time.sleep(moment)
        workers = children(process.pid)
        send(kind, process, workers, random)
        code = process.wait(SECONDS)
    finally:
        process.kill()
        process.wait()
    found = []
    if code not in CODES[kind]:
        found.append(f"the run ended with {code}")
    if outlived := wait_for_end(workers):
        found.append(f"workers {outlived} outlived the run")
    return found


def send(kind: str, process: subprocess.Popen, workers: list[int], random: Random) -> None:
    # A process that has ended meanwhile needs no signal.
    if kind == PARENT:
        process.kill()
    elif kind == WORKER and workers:
        try:
            os.kill(random.choice(workers), signal.SIGKILL)
        except ProcessLookupError:
            pass
    elif kind == ASKED:
        process.terminate()
    elif kind == TWICE:
        process.send_signal(signal.SIGINT)
        time.sleep(random.uniform(0, 0.005))
        process.send_signal(signal.SIGINT)


SWEEP = Sweep(
    name="random-kills",
    what="kill -9 of the parent or a worker, SIGTERM, or SIGINT twice, at random moments; also of one of two shards",
    promise="each path old or whole new; no worker stays; the next run completes; undo brings all back",
    run=sweep,
)
