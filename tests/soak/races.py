"""Races of an ordinary user against root, at least 10,000 tries of each kind."""

import os
import sys
import tempfile
from pathlib import Path

from sweep import Context, Outcome, Sweep

sys.path.insert(0, str(Path(__file__).parents[1] / "interop"))

import root_races  # noqa: E402

FIXTURE = "hybrid-40x8.h5"


def sweep(context: Context) -> Outcome:
    if os.geteuid() != 0:
        return Outcome(skipped="needs root")
    outcome = Outcome()
    least = context.rounds(10_000, 500)
    for race in root_races.RACES:
        tries = runs = 0
        # Outside of private home folders: the attacker has to reach it.
        with tempfile.TemporaryDirectory(prefix="h5lift-races-") as ground:
            scene = root_races.Scene(Path(ground), context.binary, context.fixtures / FIXTURE, files=context.rounds(120, 24))
            while tries < least and runs < 200:
                try:
                    tries += race(scene)
                except RuntimeError as error:
                    outcome.failures.append(f"{race.__name__}: {error}")
                    break
                runs += 1
                if won := scene.won():
                    outcome.failures += [f"{race.__name__}: {line}" for line in won]
                    break
        outcome.tried += tries
        outcome.notes.append(f"{race.__name__}: {tries} in {runs} runs")
    return outcome


SWEEP = Sweep(
    name="races",
    what="an ordinary user swaps files, folders, links and temporary names in a loop while root migrates and reports",
    promise="nothing outside of the given folders changes; nothing gets a set-id bit",
    run=sweep,
)
