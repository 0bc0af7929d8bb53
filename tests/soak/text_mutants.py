"""Arbitrary and mutated texts through the reader of text matrices: `tests/matrix` makes them up."""

import os
import shutil
import subprocess
from pathlib import Path

from sweep import Context, Outcome, Sweep

REPOSITORY = Path(__file__).resolve().parents[2]


def sweep(context: Context) -> Outcome:
    if not shutil.which("cargo"):
        return Outcome(skipped="needs cargo")
    cases = context.rounds(20_000, 500)
    command = ["cargo", "test", "--release", "--locked", "--target-dir", "target", "--workspace", "--test", "matrix"]
    ended = subprocess.run(
        [*command, "--", "identity"],
        cwd=REPOSITORY,
        env={**os.environ, "PROPTEST_CASES": str(cases)},
        capture_output=True,
        text=True,
    )
    outcome = Outcome(tried=cases)
    outcome.check(ended.returncode == 0 and "0 passed" not in ended.stdout, ended.stdout[-500:] + ended.stderr[-500:])
    return outcome


SWEEP = Sweep(
    name="text-mutants",
    what="arbitrary bytes, and matrices in every dialect, through the reader of texts",
    promise="an error, or rows that add up; what was written comes back; never a panic",
    run=sweep,
)
