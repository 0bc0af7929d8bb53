"""`undo` that is killed, or fails, at each of its steps."""

import errno

from archive_in_place import Archive
from sweep import Context, Outcome, Sweep
from system_calls import PARENT, Call, Decision, Ended, Fail, Kill, run, unable
from ways import IN_PLACE, SHARDS, WITH_COPIES, Way, disturbed


def sweep(context: Context) -> Outcome:
    if why := unable():
        return Outcome(skipped=why)
    outcome = Outcome()
    for way in (IN_PLACE, WITH_COPIES, SHARDS):
        archive = way.archive(context)
        steps: list[str] = []
        undo(way, archive, lambda call, steps=steps: steps.append(call.name) if is_step(call) else None)
        cuts = [(number, cut) for number in range(len(steps)) for cut in (Kill(), Fail(errno.ENOSPC), Fail(errno.EIO))]
        # Fourteen steps apart, so that both kills and failures are among them.
        for number, cut in cuts[:: 14 if context.sample else 1]:
            outcome.tried += 1
            ended = undo(way, archive, at(number, cut))
            found = wrong_end(ended, cut, archive) + archive.broken_while_undone()
            found += archive.other_ended + archive.not_undone(*archive.ledgers())
            outcome.failures += [f"{way.name}: {cut} at step {number}, a {steps[number]}: {each}" for each in found]
    return outcome


def undo(way: Way, archive: Archive, decide: Decision) -> Ended:
    """Of an undisturbed migration; that of another shard is undone meanwhile."""
    disturbed(archive, way.world)
    first, *others = archive.ledgers()
    with archive.other_shard(command=archive.undo_command(*others)):
        return run(archive.undo_command(first), archive.home, decide)


def is_step(call: Call) -> bool:
    """Of the program itself: what a worker does is look at the file that would be replaced."""
    return call.by == PARENT and call.is_step()


def at(number: int, cut: Kill | Fail) -> Decision:
    seen = -1

    def decide(call: Call) -> Kill | Fail | None:
        nonlocal seen
        counts = is_step(call)
        seen += counts
        return cut if counts and seen == number else None

    return decide


def wrong_end(ended: Ended, cut: Kill | Fail, archive: Archive) -> list[str]:
    allowed = (-9,) if isinstance(cut, Kill) else (0, 1, 2)
    found = []
    if ended.code not in allowed or "panicked" in ended.stderr or ended.hung:
        found.append(f"it ended with {ended}")
    if ended.code == 0 and not archive.all_old():
        found.append("exit code 0, and not all is undone")
    return found


SWEEP = Sweep(
    name="undo-cut-short",
    what="kill -9, ENOSPC and EIO at each write, sync, rename and removal of an undo, also beside that of another shard",
    promise="each path old or whole new; the next undo brings all back",
    run=sweep,
)
