"""A bit of a new file that flips between writing and proof; `tests/flips.rs` flips it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from sweep import Context, Outcome, Sweep

REPOSITORY = Path(__file__).resolve().parents[2]


def sweep(context: Context) -> Outcome:
    if not shutil.which("cargo"):
        return Outcome(skipped="needs cargo")
    flips = context.rounds(1000, 60)
    command = ["cargo", "test", "--release", "--locked", "--target-dir", "target", "--workspace", "--test", "flips"]
    ended = subprocess.run(
        [*command, "--", "--nocapture"],
        cwd=REPOSITORY,
        env={**os.environ, "H5LIFT_FLIPS": str(flips)},
        capture_output=True,
        text=True,
    )
    told = re.search(r"(\d+) bits flipped, (\d+) not found", ended.stdout)
    outcome = Outcome(tried=int(told[1]) if told else 0)
    outcome.check(ended.returncode == 0 and outcome.tried == flips, ended.stdout[-500:] + ended.stderr[-500:])
    return outcome


SWEEP = Sweep(
    name="flips-before-proof",
    what="a bit of the new file flipped before it is read back",
    promise="the new file is refused, the old one stays",
    run=sweep,
)
