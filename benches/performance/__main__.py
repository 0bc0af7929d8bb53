"""Measures h5lift beside what people use today, and writes the page about it.

    python benches/performance BINARY [--scale quick|standard|full] [--only CASE]... [--resume]

Each case is saved when it is done; the page and its plots are drawn from what is saved. `--resume` leaves out
cases that this binary has done on this machine. H5LIFT_BENCH_DATA names a folder for the data, on the
disk that is meant; otherwise a temporary one is made, and removed at the end.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import encoders
import page
import plots
import results
from cases import SCALES, all_cases
from inputs import files_below, made, remove
from machine import machine, versions
from measure import OUTPUT, Failed, measure, room_for

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    options = arguments()
    # So that what runs is ended and what was made is removed, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cases = all_cases(options.binary, options.scale)
    # The page shows whatever was measured, also what only a full run measures.
    order = [case.name for case in all_cases(options.binary, "quick" if options.scale == "quick" else "full")]
    names = [case.name for case in cases] + [encoders.NAME]
    if unknown := set(options.only) - set(names):
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    # A quick run shows that all of it works; its figures mean nothing and stay out of the repository's.
    home = REPOSITORY / "target" / "bench" if options.scale == "quick" else REPOSITORY
    saved = home / "benches" / "results"
    failed = []
    if not options.page:
        with data_folder() as folder:
            failed = run(cases, options, saved, folder)
            if not options.only or encoders.NAME in options.only:
                tell(f"{encoders.NAME}: the encoder calls alone, in memory")
                results.save_kernels(encoders.alone(REPOSITORY, folder, *encoders.SHAPES[options.scale == "quick"]), saved)
    found = results.load(saved, order)
    if found:
        drawn = plots.draw(found, home / "docs" / "performance")
        page.write(found, results.kernels(saved), drawn, home / "docs" / "performance.md", saved)
        tell(f"{home / 'docs' / 'performance.md'} is written")
    for name, why in failed:
        tell(f"FAILED {name}: {why}")
    return int(bool(failed))


def run(cases, options, saved, folder):
    failed = []
    load = round(os.getloadavg()[0], 2)
    here = {"machine": machine(folder), "versions": versions(options.binary)}
    done = results.load(saved, [case.name for case in cases])
    chosen = [case for case in cases if not options.only or case.name in options.only]
    if options.resume:
        chosen = [case for case in chosen if case.name not in done or done[case.name].made_by != results.made_by(**here)]
    began = time.monotonic()
    for number, case in enumerate(chosen, 1):
        tell(f"[{number}/{len(chosen)}, {time.monotonic() - began:.0f} s] {case.name}: {case.work}")
        if not room_for(case.old, folder):
            failed.append((case.name, "not enough free space on the disk"))
            continue
        old = made(case.old, folder)
        try:
            contestants, absent = measure(case, old, folder, lambda line: tell(f"    {line}"))
        except Failed as why:
            failed.append((case.name, str(why)))
            continue
        finally:
            stored = sum(path.stat().st_size for path in files_below(old))
            later = any(other.old == case.old for other in chosen[number:])
            if case.is_large and not later:
                remove(old)
        held = {"files": case.old.files, "bytes": stored, "raw_bytes": case.old.raw_bytes}
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        results.save(results.Result(case.name, case.family, case.work, held, contestants, absent,
                                    scale=options.scale, date=date, load=load, **here), saved)
    tell(f"measured in {time.monotonic() - began:.0f} s")
    return failed


@contextmanager
def data_folder():
    named = os.environ.get("H5LIFT_BENCH_DATA")
    if named:
        folder = Path(named).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        remove_outputs(folder)
        try:
            yield folder
        finally:
            remove_outputs(folder)
    else:
        with tempfile.TemporaryDirectory(prefix="h5lift-bench-") as folder:
            yield Path(folder)


def remove_outputs(folder):
    for left in folder.glob(f"{OUTPUT}*"):
        remove(left)


def arguments():
    parser = argparse.ArgumentParser(prog="performance", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda text: Path(text).resolve())
    parser.add_argument("--scale", choices=SCALES, default="standard")
    parser.add_argument("--only", nargs="*", default=[], metavar="CASE", help="measure these cases only")
    parser.add_argument("--resume", action="store_true", help="leave out what is measured already")
    parser.add_argument("--page", action="store_true", help="measure nothing, only draw the page again")
    return parser.parse_args()


def tell(line):
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
