"""`kill -9` right before each step of a run that changes a disk, and in the middle of each write to a file."""

from dataclasses import dataclass

from archive_in_place import Archive
from sweep import Context, Outcome, Sweep
from system_calls import PARENT, WORKER, Call, Ended, Fail, Half, Kill, unable
from ways import ELSEWHERE, IN_PLACE, SHARDS, WITH_COPIES, Way, disturbed


@dataclass(frozen=True)
class Place:
    way: Way
    by: str
    number: int
    """Counted for the parent and for all workers together, from 0."""
    name: str
    halfway: bool
    """Not before it but when half of the bytes are written."""

    def __str__(self) -> str:
        where = "in the middle of" if self.halfway else "before"
        return f"{self.way.name}: {self.by} killed {where} its step {self.number}, a {self.name}"


def sweep(context: Context) -> Outcome:
    if why := unable():
        return Outcome(skipped=why)
    outcome = Outcome()
    archives = {way: way.archive(context) for way in (IN_PLACE, WITH_COPIES, ELSEWHERE, SHARDS)}
    places = [place for way, archive in archives.items() for place in places_of(way, archive)]
    chosen = [places[number * len(places) // 40] for number in range(40)] if context.sample else places
    missed = 0
    for place in chosen:
        archive = archives[place.way]
        reached, ended = kill_at(place, archive)
        missed += not reached
        outcome.tried += 1
        allowed = (-9,) if reached and place.by == PARENT else (0, 1)
        outcome.check(ended.code in allowed and not ended.hung, f"{place}: the run ended with {ended}")
        outcome.failures += [f"{place}: {sentence}" for sentence in archive.broken_after()]
    workers = sum(place.by == WORKER for place in places)
    outcome.notes.append(f"of {len(places)} steps, {workers} of them of workers")
    if missed:
        outcome.notes.append(f"{missed} runs came to no such step")
    return outcome


def places_of(way: Way, archive: Archive) -> list[Place]:
    """Every step of an undisturbed run."""
    places: list[Place] = []
    seen = {PARENT: 0, WORKER: 0}

    def watch(call: Call) -> Fail | None:
        if way.counts(call):
            # The parent only: what a worker has written does not count before it is verified.
            halves = [False, True] if call.by == PARENT and call.writes_a_file() else [False]
            places.extend(Place(way, call.by, seen[call.by], call.name, half) for half in halves)
            seen[call.by] += 1
        return way.world(call)

    disturbed(archive, watch)
    return places


def kill_at(place: Place, archive: Archive) -> tuple[bool, Ended]:
    """Whether there was such a step, and how the run ended."""
    seen, doomed = -1, None

    def decide(call: Call) -> Kill | Fail | Half | None:
        nonlocal seen, doomed
        if doomed == call.process:
            return Kill()
        if place.way.counts(call) and call.by == place.by:
            seen += 1
            if seen == place.number:
                doomed = call.process
                return Half() if place.halfway else Kill()
        return place.way.world(call)

    ended = disturbed(archive, decide)
    return seen >= place.number, ended


SWEEP = Sweep(
    name="kills",
    what="kill -9 of the parent or a worker before each write, sync, rename, link, creation and removal of a run, and of one of two shards",
    promise="each path old or whole new; the next run completes, nothing is left over; undo brings all back",
    run=sweep,
)
