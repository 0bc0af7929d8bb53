"""One large file through h5lift and through ten lines of h5py, in turn: `make bench`.

Whole processes, alternating, medians and ratios: a shared machine drifts, ratios do not. h5lift
syncs its file to the disk and proves it; the ten lines do neither.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

GENES, SAMPLES, RUNS = 20_000, 500, 7
TEN_LINES = Path(__file__).with_name("ten_lines.py")


def kinds():
    """What expression matrices hold: measured values, counts, values rounded by an export."""
    random = np.random.default_rng(20)
    log = np.log2(random.gamma(0.5, 200, size=(GENES, SAMPLES)) + 1)
    counts = random.negative_binomial(0.6, 0.004, size=(GENES, SAMPLES))
    return {"log values": log, "counts": counts, "3 decimals": np.round(log, 3)}


def write(path, values, **storage):
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=values.astype(np.float32), **storage)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = GENES, SAMPLES
        expr.attrs["sample_names"] = [f"DGRP_{i:03}" for i in range(SAMPLES)]
        text = h5py.string_dtype()
        file.create_dataset("gene_names", data=[f"FBgn{i:07}" for i in range(GENES)], dtype=text)
        file.create_dataset("sample_names", data=expr.attrs["sample_names"], dtype=text)


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main():
    binary = sys.argv[1]
    print(f"one file of {GENES:,} x {SAMPLES} float32, medians of {RUNS} alternating runs\n")
    print("| values, storage | ten lines of h5py | `--verify full` | `fast` | `none` | size against h5py's |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        folder = Path(folder)
        cases = [(kind, {}) for kind in kinds()] + [("log values", {"compression": "gzip"})]
        values = kinds()
        for kind, storage in cases:
            old, theirs, ours = folder / "old.h5", folder / "theirs.h5", folder / "ours.h5"
            write(old, values[kind], **storage)
            commands = {"h5py": [sys.executable, TEN_LINES, old, theirs]}
            for level in ("full", "fast", "none"):
                commands[level] = [binary, "migrate", old, "-o", ours, "--overwrite", "-q", "--verify", level]
            times = {name: [] for name in commands}
            for run in range(RUNS + 1):
                for name, command in commands.items():
                    taken = seconds(command)
                    if run > 0:
                        times[name].append(taken)
            median = {name: statistics.median(taken) for name, taken in times.items()}
            ratios = [f"{median[name]:.2f} s, {median['h5py'] / median[name]:.1f} x" for name in ("full", "fast", "none")]
            size = ours.stat().st_size / theirs.stat().st_size
            stored = "gzip" if storage else "contiguous"
            print(f"| {kind}, {stored} | {median['h5py']:.2f} s | {' | '.join(ratios)} | {size:.2f} |", flush=True)


main()
