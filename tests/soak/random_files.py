"""Random old files whose truth is known: python tests/soak/random_files.py SEED NUMBER FILE writes one again."""

import sys
from collections import Counter
from pathlib import Path

import h5py

import old_files
from program import Ended, check_end, check_rows, run
from sweep import Context, Outcome, Sweep, files, sums

sys.path.append(str(Path(__file__).absolute().parent.parent / "interop"))

import compare

ALL, FEW = 2_000, 150
DATASETS = ("gene_names", "sample_names")


class Lifted(compare.Comparison):
    """What differs beyond what a migration is for, where names may come from anywhere."""

    def __init__(self, old, new, truth):
        super().__init__(old, new, True, "attributes", "utf-8")
        self.truth = truth

    def expected_attributes(self, path, old, new):
        for where, name in self.truth.gone:
            if where == path:
                old.pop(name.encode(), None)
        for where, name in self.truth.free:
            if where == path and name.encode() not in new:
                old.pop(name.encode(), None)
        super().expected_attributes(path, old, new)

    def name_dataset(self, path, axis):
        identifier = self.new.objects.get(path)
        if identifier is None:
            self.found.append(f"{path}: is missing")
            return
        kind = identifier.get_type()
        if not (isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str() and kind.get_cset() == h5py.h5t.CSET_UTF8):
            self.found.append(f"{path}: type: not variable-length UTF-8")
        wanted = [name.encode() for name in self.truth.names[path[1:]]]
        held = [bytes(name) for name in h5py.Dataset(identifier)[:]]
        self.equal(path, "names", wanted, held)


def differences(old: Path, new: Path, truth) -> list[str]:
    with h5py.File(old, locking=False) as before, h5py.File(new, locking=False) as after:
        found = Lifted(before, after, truth).run()
        # What the comparison takes out on both sides, said once more in the words of the layout.
        layout = sorted({"expr", *DATASETS} | set(before))
        if sorted(after) != layout:
            found.append(f"the root holds {sorted(after)} and not {layout}")
        left = [f"{where}@{name}" for where, name in truth.gone if name in after[where].attrs]
        return found + [f"{attribute} is still there" for attribute in left]


class RandomFiles:
    def __init__(self, context: Context):
        self.context = context
        self.outcome = Outcome()
        self.archive, self.new = context.scratch / "archive", context.scratch / "new"
        self.truths = {}

    def run(self) -> Outcome:
        self.archive.mkdir()
        for number in range(self.context.rounds(ALL, FEW)):
            path = self.archive / f"{number:05d}.h5"
            self.truths[str(path)] = old_files.write(path, self.context.seed, number)
        self.outcome.tried = len(self.truths)
        before = sums(self.archive)
        audit = self.started("audit", self.archive, codes=[0])
        migration = self.started("migrate", self.archive, "--out-dir", self.new, codes=[1])
        self.outcome.check(sums(self.archive) == before, "originals have changed")
        self.judge(audit, lambda truth: truth.states)
        self.judge(migration, lambda truth: truth.migrated_states or truth.states)
        self.outcomes(audit, migration)
        return self.outcome

    def started(self, command: str, *arguments: object, codes: list[int]) -> Ended:
        ended = run(self.context.binary, command, *arguments, "--format", "json", limit=600)
        check_end(self.outcome, ended, str(self.archive), codes)
        check_rows(self.outcome, ended, str(self.archive), files(self.archive))
        return ended

    def judge(self, ended: Ended, states) -> None:
        for row in ended.rows:
            truth = self.truths[row["path"]]
            self.outcome.check(
                row["state"] in states(truth),
                f"{ended.what} says {row['state']} ({row['reason']}) and not {' or '.join(sorted(states(truth)))}: {truth.recipe}",
            )

    def outcomes(self, audit: Ended, migration: Ended) -> None:
        actions = {row["path"]: row["plan"]["action"] for row in audit.rows}
        for row in migration.rows:
            truth, path = self.truths[row["path"]], Path(row["path"])
            self.outcome.check(row["outcome"] in truth.outcomes, f"{row['outcome']}, not {truth.outcomes}: {row['error'] or row['reason']}: {truth.recipe}")
            # Damage among the values is detected when they are read.
            if truth.migrated_states is None:
                planned = {"migrated": "migrate", "skipped": "skip"}.get(row["outcome"], "refuse")
                self.outcome.check(actions[row["path"]] == planned, f"audit plans {actions[row['path']]}, migrate has {row['outcome']}: {truth.recipe}")
            new = self.new / path.name
            is_there = new.exists()
            self.outcome.check(is_there == (row["outcome"] == "migrated"), f"{new} is {'' if is_there else 'not '}there: {truth.recipe}")
            if is_there and truth.outcomes == {"migrated"}:
                found = differences(path, new, truth)
                self.outcome.check(not found, f"{found[:3]}: {truth.recipe}")
        for what, number in Counter(row["outcome"] for row in migration.rows).most_common():
            self.outcome.notes.append(f"{number:,} {what}")


SWEEP = Sweep(
    name="random-files",
    what="audit and migrate old files made at random, the truth about each known",
    promise="every state and outcome is the true one; every name, value and other object arrives, by h5py",
    run=lambda context: RandomFiles(context).run(),
)

if __name__ == "__main__":
    seed, number, file = sys.argv[1:]
    print(old_files.write(Path(file), int(seed), int(number)))
