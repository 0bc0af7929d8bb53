"""One text matrix through h5lift and through pandas or polars with h5py, in turn: `make bench`.

Whole processes, alternating, medians and ratios. h5lift syncs its file to the disk and proves it; the
others do neither.
"""

import gzip
import importlib.util
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

GENES, SAMPLES, RUNS = 20_000, 500, 5
LINES = Path(__file__).with_name("pandas_lines.py")


def write(path, values, spelling):
    with path.open("w") as file:
        file.write("\t".join(["gene", *(f"DGRP_{i:03}" for i in range(SAMPLES))]) + "\n")
        for row, line in enumerate(values):
            file.write(f"FBgn{row:07}\t" + "\t".join(map(spelling, line)) + "\n")


def texts(folder):
    random = np.random.default_rng(20)
    log = np.log2(random.gamma(0.5, 200, size=(GENES, SAMPLES)) + 1)
    rounded, full = folder / "rounded.tsv", folder / "full.tsv"
    write(rounded, log.tolist(), "{:.3f}".format)
    write(full, log.tolist(), repr)
    packed = folder / "rounded.tsv.gz"
    with rounded.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as file:
        shutil.copyfileobj(plain, file)
    return {"3 decimals": rounded, "full precision": full, "3 decimals, gzip": packed}


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main():
    binary = sys.argv[1]
    readers = [name for name in ("pandas", "polars") if importlib.util.find_spec(name)]
    print(f"\none text of {GENES:,} x {SAMPLES}, medians of {RUNS} alternating runs\n")
    print(f"| text | h5lift, proved in full | {' | '.join(f'{name} and h5py' for name in readers)} |")
    print("|---|---|" + "---|" * len(readers))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for kind, text in texts(folder).items():
            new = folder / "new.h5"
            commands = {"h5lift": [binary, "convert", text, "-o", new, "--overwrite", "-q"]}
            for name in readers:
                commands[name] = [sys.executable, LINES, name, text, folder / "theirs.h5"]
            times = {name: [] for name in commands}
            for run in range(RUNS + 1):
                for name, command in commands.items():
                    taken = seconds(command)
                    if run > 0:
                        times[name].append(taken)
            median = {name: statistics.median(taken) for name, taken in times.items()}
            others = [f"{median[name]:.2f} s, {median[name] / median['h5lift']:.1f} x" for name in readers]
            size = text.stat().st_size / 1e6
            print(f"| {kind}, {size:.0f} MB | {median['h5lift']:.2f} s | {' | '.join(others)} |", flush=True)


main()
