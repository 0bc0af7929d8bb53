"""A disk with almost no free space: a file system in memory, filled up to a few bytes."""

import errno
import os
from pathlib import Path

from archive_in_place import Archive
from disks import CannotMount, free_bytes, tmpfs
from sweep import Context, Outcome, Sweep

MIB_OF_THE_DISK = 4
PAGE = 4096
FILES = 8


def sweep(context: Context) -> Outcome:
    outcome = Outcome()
    try:
        for shards in (1, 2):
            with tmpfs(context.scratch / f"disk-{shards}", MIB_OF_THE_DISK * shards) as disk:
                fill_levels(context, Archive(context, disk, FILES * shards, shards=shards), outcome)
    except CannotMount as why:
        outcome.skipped = str(why)
    return outcome


def fill_levels(context: Context, archive: Archive, outcome: Outcome) -> None:
    archive.learn()
    archive.report = context.scratch / "report.json"
    needed = room_for_a_run(archive)
    levels = context.rounds(50 if archive.shards == 1 else 25, 5)
    completed = 0
    for level in range(levels):
        room = needed * level // max(levels - 1, 1)
        outcome.tried += 1
        archive.refill()
        found, code = with_room(archive, room)
        completed += code == 0
        for sentence in [*found, *archive.broken_after()]:
            outcome.failures.append(f"{archive.shards} shards, {room} bytes free: {sentence}")
    outcome.notes.append(f"{archive.shards} at once: 0 to {needed} bytes, {completed} were enough")


def room_for_a_run(archive: Archive) -> int:
    """What its new files need, which lie beside the originals, twice: two are in work at the same time, and a file that is being
    written is longer than it will be."""
    archive.refill()
    archive.migrate()
    # Counted by files: a file system in memory says what is free only to a few pages.
    made = sum(archive.destination(name).stat().st_blocks * 512 for name in archive.names)
    return 2 * made // PAGE * PAGE


def with_room(archive: Archive, room: int) -> tuple[list[str], int]:
    filler = archive.home / "filler"
    # A run that cannot even begin leaves the report of the one before.
    archive.report.unlink(missing_ok=True)
    fill(filler, free_bytes(archive.home) - room)
    try:
        # Both need the space.
        with archive.other_shard("-j2", codes=(0, 1, 2)):
            ended = archive.run(archive.command("-j2", "--report", str(archive.report)))
        found = [*archive.wrong_end(ended.returncode, ended.stderr), *archive.lying_rows(), *archive.broken()]
    finally:
        filler.unlink()
    return found, ended.returncode


def fill(path: Path, size: int) -> None:
    """What a file system in memory says is free is right to a few pages only."""
    with path.open("wb") as file:
        while size > 0:
            try:
                return os.posix_fallocate(file.fileno(), 0, size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            size -= PAGE


SWEEP = Sweep(
    name="full-disk",
    what="a disk with any amount of free space between nothing and all that a run, or two shards at once, need",
    promise="the run reports correctly; originals are whole; with enough space it completes; undo restores everything",
    run=sweep,
)
