"""Two runs over one tree that begin at the same moment, each with a ledger of its own."""

import subprocess
from collections import Counter
from pathlib import Path

from archive_in_place import SECONDS, Archive, whole_lines
from sweep import Context, Outcome, Sweep


def sweep(context: Context) -> Outcome:
    outcome = Outcome()
    archive = Archive(context, context.scratch, files=12)
    archive.learn()
    ledgers = [archive.home / name for name in ("one.jsonl", "two.jsonl")]
    shared = 0
    for number in range(context.rounds(50, 5)):
        archive.refill()
        outcome.tried += 1
        # A tree that is given as a folder belongs to one run; files that are named belong to none.
        by_name = [(False, False), (False, True), (True, True)][number % 3]
        found, commits = side_by_side(archive, ledgers, by_name)
        shared += all(commits)
        # What one has refused because the other had it is done by the next.
        third = archive.incomplete()
        # One that was turned away at once has not even begun a ledger.
        begun = [ledger for ledger in [*ledgers, archive.ledger] if ledger.exists()]
        for sentence in [*found, *third, *archive.not_undone(*begun)]:
            outcome.failures.append(f"round {number}: {sentence}")
    outcome.notes.append(f"{shared} times both had a part in it")
    return outcome


def side_by_side(archive: Archive, ledgers: list[Path], by_name: tuple) -> tuple[list[str], list[int]]:
    """What is broken, and the number of commits of each."""
    processes = [start(archive, *run) for run in zip(ledgers, by_name, strict=True)]
    found = []
    try:
        for process, ledger in zip(processes, ledgers, strict=True):
            _, stderr = process.communicate(timeout=SECONDS)
            if process.returncode not in (0, 1) or "panicked" in stderr:
                found.append(f"the run of {ledger.name} ended with {process.returncode}: {stderr}")
    finally:
        for process in processes:
            process.kill()
    for ledger in filter(Path.exists, ledgers):
        found += archive.untrue_lines(ledger)
    found += archive.broken()
    if not any(process.returncode for process in processes) and not archive.all_new():
        found.append("both ended with 0, and not all is migrated")
    committed = [done_in(ledger) for ledger in ledgers]
    commits = Counter(source for sources in committed for source in sources)
    found += [f"{source} is committed {times} times" for source, times in commits.items() if times > 1]
    return found, [len(sources) for sources in committed]


def start(archive: Archive, ledger: Path, by_name: bool) -> subprocess.Popen:
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    command = archive.command("-j2", ledger=ledger)
    if by_name:
        at = command.index(archive.folder.name)
        command[at:at + 1] = [f"{archive.folder.name}/{name}" for name in archive.names]
    return subprocess.Popen(command, cwd=archive.home, stdin=null, stdout=null, stderr=pipe, text=True)


def done_in(ledger: Path) -> list[str]:
    """Paths; one that is committed twice comes twice."""
    if not ledger.exists():
        return []
    entries = [entry for _, entry in whole_lines(ledger) if entry]
    source = {entry["id"]: entry["source"] for entry in entries if entry.get("entry") == "begun"}
    return [source[entry["id"]] for entry in entries if entry.get("entry") == "done"]


SWEEP = Sweep(
    name="two-runs",
    what="two runs over one tree at the same moment, each with its own ledger",
    promise="each file is committed once; both ledgers are true; a third run completes; undo brings all back",
    run=sweep,
)
