"""The ways in which an archive is migrated while its steps are disturbed."""

import errno
from dataclasses import dataclass
from pathlib import Path

from archive_in_place import FIXTURES, Archive
from sweep import Context
from system_calls import PARENT, WORKER, Call, Decision, Ended, Fail, run


FILES = len(FIXTURES)


@dataclass(frozen=True)
class Way:
    name: str
    elsewhere: bool = False
    """With `--out-dir`."""
    world: Decision = lambda call: None
    """What happens all the time, beside the disturbance."""
    by: tuple[str, ...] = (PARENT, WORKER)
    """Whose steps are disturbed."""
    shards: int = 1
    """Of two, the first one is disturbed while the second one runs."""

    def counts(self, call: Call) -> bool:
        return call.by in self.by and call.is_step()

    def archive(self, context: Context) -> Archive:
        """One that knows what its files are to become."""
        home = context.scratch / self.name.replace(" ", "-")
        files = FILES * self.shards
        archive = Archive(context, home, files, elsewhere=self.elsewhere, shards=self.shards)
        archive.learn()
        return archive


def no_hard_links(call: Call) -> Fail | None:
    return Fail(errno.EPERM) if call.name == "linkat" else None


IN_PLACE = Way("in place")
# Workers see nothing of how an original is kept.
WITH_COPIES = Way("originals kept as copies", world=no_hard_links, by=(PARENT,))
ELSEWHERE = Way("out-dir", elsewhere=True)
SHARDS = Way("two shards", by=(PARENT,), shards=2)


def disturbed(archive: Archive, decide: Decision, report: Path | None = None) -> Ended:
    """One job only, so that the steps have the same numbers each time."""
    more = ["--report", str(report)] if report else []
    archive.refill()
    with archive.other_shard("-j1"):
        return run(archive.command("-j1", *more), archive.home, decide)
