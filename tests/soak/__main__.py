"""Runs the sweeps and prints their table: python tests/soak BINARY [--sample] [--only NAME]..."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from all_sweeps import SWEEPS
from sweep import Context, Outcome

HERE = Path(__file__).resolve().parent


def main() -> int:
    options = arguments()
    chosen = [sweep for sweep in SWEEPS if not options.only or sweep.name in options.only]
    corpus = os.environ.get("H5LIFT_CORPUS")
    if options.scratch:
        options.scratch.mkdir(parents=True, exist_ok=True)
    rows, failed = [], False
    for sweep in chosen:
        scratch = Path(tempfile.mkdtemp(prefix=f"h5lift-soak-{sweep.name}-", dir=options.scratch))
        context = Context(
            binary=options.binary.resolve(),
            fixtures=HERE.parent.parent / "testdata" / "legacy",
            corpus=Path(corpus) if corpus else None,
            scratch=scratch,
            sample=options.sample,
            seed=options.seed,
        )
        print(f"{sweep.name}: {sweep.what} ...", file=sys.stderr, flush=True)
        began = time.monotonic()
        outcome = sweep.run(context)
        seconds = time.monotonic() - began
        rows.append((sweep, outcome, seconds))
        failed |= bool(outcome.failures)
        for failure in outcome.failures[:20]:
            print(f"  FAILED {failure}", file=sys.stderr)
        if outcome.failures:
            print(f"  what it left is in {scratch}", file=sys.stderr)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
        print(f"  {verdict(outcome)} in {seconds:.0f} s", file=sys.stderr, flush=True)
    print(table(rows, options))
    passed = sum(not outcome.failures and outcome.skipped is None for _, outcome, _ in rows)
    skipped = sum(outcome.skipped is not None for _, outcome, _ in rows)
    print(f"\n{passed} passed, {len(rows) - passed - skipped} failed, {skipped} skipped")
    return int(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--sample", action="store_true", help="a few rounds of each")
    parser.add_argument("--only", action="append", choices=[sweep.name for sweep in SWEEPS])
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--scratch", type=Path, help="a folder for scratch files")
    return parser.parse_args()


def table(rows: list, options: argparse.Namespace) -> str:
    kind = "sample" if options.sample else "whole"
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    lines = [
        f"{kind} soak, {date.today()}, {where}",
        "",
        "| sweep | what was done | what must hold | tried | broken | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for sweep, outcome, seconds in rows:
        notes = f" ({'; '.join(outcome.notes)})" if outcome.notes else ""
        broken = outcome.skipped or str(len(outcome.failures))
        lines.append(
            f"| {sweep.name} | {sweep.what} | {sweep.promise} "
            f"| {outcome.tried:,}{notes} | {broken} | {seconds:.0f} |"
        )
    return "\n".join(lines)


def verdict(outcome: Outcome) -> str:
    if outcome.skipped:
        return f"skipped: {outcome.skipped}"
    broken = f"{len(outcome.failures)} broken" if outcome.failures else "all held"
    return f"{outcome.tried:,} tried, {broken}"


if __name__ == "__main__":
    sys.exit(main())
