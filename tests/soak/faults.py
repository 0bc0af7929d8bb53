"""Each step of a run that changes a disk fails: once, from then on, or after half of a write."""

import errno
from collections import Counter
from dataclasses import dataclass

from archive_in_place import Archive
from sweep import Context, Outcome, Sweep
from system_calls import PARENT, WORKER, Call, Fail, Half, unable
from ways import ELSEWHERE, IN_PLACE, SHARDS, WITH_COPIES, Way, disturbed

ONCE, FROM_THEN_ON, AFTER_HALF = "once", "from then on", "after half of it"
ERRORS = {
    IN_PLACE: (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    WITH_COPIES: (errno.ENOSPC,),
    ELSEWHERE: (errno.ENOSPC,),
    SHARDS: (errno.ENOSPC,),
}


@dataclass(frozen=True)
class Fault:
    way: Way
    by: str
    """The parent or a worker."""
    number: int
    """Counted for the parent and for all workers together, from 0."""
    name: str
    error: int
    how: str

    def __str__(self) -> str:
        error = errno.errorcode[self.error]
        return f"{self.way.name}: {error} at step {self.number} of the {self.by}, a {self.name}, {self.how}"


def sweep(context: Context) -> Outcome:
    if why := unable():
        return Outcome(skipped=why)
    outcome = Outcome()
    archives = {way: way.archive(context) for way in ERRORS}
    faults = [fault for way, archive in archives.items() for fault in faults_of(way, archive)]
    chosen = [faults[number * len(faults) // 40] for number in range(40)] if context.sample else faults
    codes: Counter[int] = Counter()
    for fault in chosen:
        outcome.tried += 1
        found = broken_by(fault, archives[fault.way], codes)
        outcome.failures += [f"{fault}: {sentence}" for sentence in found]
    outcome.notes.append(", ".join(f"{count} ended with {code}" for code, count in sorted(codes.items())))
    return outcome


def faults_of(way: Way, archive: Archive) -> list[Fault]:
    """Every step, as an undisturbed run makes them, with every error and in every manner."""
    faults = []
    seen = {PARENT: 0, WORKER: 0}

    def watch(call: Call) -> Fail | None:
        if way.counts(call):
            manners = [ONCE, FROM_THEN_ON, *([AFTER_HALF] if call.writes_a_file() else [])]
            step = (way, call.by, seen[call.by], call.name)
            faults.extend(Fault(*step, error, how) for error in ERRORS[way] for how in manners)
            seen[call.by] += 1
        return way.world(call)

    disturbed(archive, watch, archive.report)
    return faults


def broken_by(fault: Fault, archive: Archive, codes: Counter[int]) -> list[str]:
    seen, half = -1, None

    def decide(call: Call) -> Fail | Half | None:
        nonlocal seen, half
        if half == call.process and call.name == fault.name:
            half = None
            return Fail(fault.error)
        if fault.way.counts(call) and call.by == fault.by:
            seen += 1
            if seen == fault.number and fault.how == AFTER_HALF:
                half = call.process
                return Half()
            again = seen > fault.number and fault.how == FROM_THEN_ON and call.name == fault.name
            if seen == fault.number or again:
                return Fail(fault.error)
        return fault.way.world(call)

    ended = disturbed(archive, decide, archive.report)
    codes[ended.code] += 1
    found = ["it hung"] if ended.hung else archive.wrong_end(ended.code, ended.stderr)
    return [*found, *archive.lying_rows(), *archive.broken_after()]


SWEEP = Sweep(
    name="faults",
    what="ENOSPC, EIO and EDQUOT at each write, sync, rename, link, creation and removal: once, half, or from then on; also of one of two shards",
    promise="the run ends by itself and reports correctly; originals are whole; without faults it completes; undo",
    run=sweep,
)
