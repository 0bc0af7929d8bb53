"""The power goes: what had reached the disk by then is all there is.

The archive lies on an ext4 image. At random moments all processes of the run are stopped, and the image is
copied: it holds what was written to the block device, and nothing of what only the page cache knew. A mount of
the copy replays its journal, as after a cut. What this is not: a disk that loses or reorders what it has
accepted and was told to flush.

A run of a tenth of a second is over before the kernel would write anything by itself, so before every other
cut another user syncs a file. That brings the names in all folders to the disk, but not the bytes
of files that were not synced: what an early rename shows.
"""

import os
import subprocess
import time
from pathlib import Path
from random import Random

from archive_in_place import SECONDS, Archive
from disks import CannotMount, image, make_image, writes
from processes import go_on, stop
from sweep import Context, Outcome, Sweep

MIB_OF_THE_DISK = 64
FILES = 12
CUTS_OF_ONE_RUN = 10


def sweep(context: Context) -> Outcome:
    outcome = Outcome()
    for shards in (1, 2):
        scratch = context.scratch / f"shards-{shards}"
        scratch.mkdir()
        # Ledgers name absolute paths, so live image and copies are mounted at the same place.
        archive = Archive(context, scratch / "disk", FILES, shards=shards)
        cut_power(context, archive, scratch, outcome)
    return outcome


def cut_power(context: Context, archive: Archive, scratch: Path, outcome: Outcome) -> None:
    master, live = scratch / "master.ext4", scratch / "live.ext4"
    random = context.random()
    half_done = 0
    try:
        duration = prepare(archive, master)
        cuts = outcome.tried + context.rounds(200 if archive.shards == 1 else 100, 6)
        while outcome.tried < cuts:
            copy(master, live)
            wanted = min(CUTS_OF_ONE_RUN, cuts - outcome.tried)
            copies = cut_off(archive, live, wanted, duration, random)
            for cut in copies:
                outcome.tried += 1
                # The image of the cut itself stays as it was, for the investigation.
                copy(cut, live)
                with image(live, archive.home):
                    half_done += not archive.all_new() and not archive.all_old()
                    lost = cut == copies[-1] and not all(map(archive.is_new, archive.names))
                    found = [*(["the run had ended, and not all is new"] if lost else []), *archive.broken_after()]
                if found:
                    cut = cut.rename(cut.with_name(f"broken-{outcome.tried}.ext4"))
                outcome.failures += [f"{cut.name}: {sentence}" for sentence in found]
        outcome.notes.append(f"{half_done} with work half done by {archive.shards} at once")
    except CannotMount as why:
        outcome.skipped = str(why)


def prepare(archive: Archive, master: Path) -> float:
    """The archive on a disk, all written; and how long a run takes there."""
    make_image(master, MIB_OF_THE_DISK)
    with image(master, archive.home):
        archive.learn()
        archive.refill()
        began = time.monotonic()
        archive.migrate()
        duration = time.monotonic() - began
        archive.refill()
    return duration


def cut_off(archive: Archive, live: Path, cuts: int, duration: float, random: Random) -> list[Path]:
    """Copies of the image at a number of moments of one run; the last is the moment after its end."""
    copies = []

    def cut() -> None:
        copies.append(live.with_name(f"cut-{len(copies)}.ext4"))
        if len(copies) % 2 == 0:
            sync_a_file(archive.home / "of-another-user")
        copy_of_one_moment(archive.home, live, copies[-1])

    with image(live, archive.home):
        runs = archive.start_all("-j2")
        try:
            while len(copies) < cuts - 1 and (alive := [run for run in runs if run.poll() is None]):
                time.sleep(random.uniform(0, 2 * duration / cuts))
                for run in alive:
                    stop(run.pid)
                try:
                    cut()
                finally:
                    for run in alive:
                        go_on(run.pid)
            for run in runs:
                run.communicate(timeout=SECONDS)
        finally:
            for run in runs:
                run.kill()
                run.wait()
        cut()
    return copies


def sync_a_file(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")
        os.fsync(file.fileno())


def copy_of_one_moment(disk: Path, live: Path, to: Path) -> None:
    """Of a run that stands still; the kernel may still write on its own account, so: until it did not."""
    for _ in range(100):
        before = writes(disk)
        copy(live, to)
        if before == writes(disk):
            return
    raise RuntimeError("the disk does not come to rest")


def copy(image: Path, to: Path) -> None:
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", str(image), str(to)], check=True)


SWEEP = Sweep(
    name="power-cut",
    what="an ext4 disk cut off at random moments of a run, and of two shards at once",
    promise="each path old or whole new; every `done` of the ledger is true; the next run completes; undo",
    run=sweep,
)
