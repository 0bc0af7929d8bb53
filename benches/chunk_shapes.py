"""What chunk shapes cost their readers: the table that src/model/chunking.rs was chosen by.

    python benches/chunk_shapes.py [ROWSxCOLUMNS...]

Counts with many zeros as float32, shuffle and gzip 4, read by h5py with its default cache of
1 MB. CPU time, the least of some alternating runs, against the chunks that h5py would guess:
all of the matrix, one gene, one sample, 100 genes far from each other. Below 1 is better.
"""

import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from h5py._hl.filters import guess_chunk

SHAPES = ["20000x500", "20000x5000", "60000x200"]
TARGETS = [64, 128, 256, 512, 1000]
# Rows of a chunk against its columns.
RATIOS = [10, 30]
RUNS = 3


def matrix(genes, samples):
    """Negative binomial counts: means of genes span decades, a third is nearly silent."""
    random = np.random.default_rng(20)
    silent = random.random(genes) < 0.3
    mean = np.where(silent, random.gamma(0.3, 0.3, genes), np.exp(random.normal(4.5, 2, genes)))
    block = random.poisson(mean[:, None] * random.gamma(3, 1 / 3, (genes, min(samples, 500))))
    return np.tile(block.astype("<f4"), (1, -(-samples // block.shape[1])))[:, :samples]


def chunk(shape, kilobytes, ratio):
    """A chunk of about this many bytes, cut so that the last ones of the matrix are nearly whole."""
    genes, samples = shape
    elements = kilobytes * 1000 / 4
    wide = min(samples, max(1, (elements / ratio) ** 0.5))
    columns = -(-samples // max(1, round(samples / wide)))
    rows = min(genes, max(1, elements / columns))
    return -(-genes // max(1, round(genes / rows))), columns


def reads(path, shape, chosen):
    def timed(read, times):
        began = time.process_time()
        for at in range(times):
            # A new file each time: nothing is cached.
            with h5py.File(path) as file:
                read(file["expr"], at)
        return (time.process_time() - began) / times

    scattered = np.random.default_rng(7).permutation(shape[0])
    return {
        "all": timed(lambda expr, at: expr[:], 1),
        "gene": timed(lambda expr, at: expr[int(scattered[at])], 10),
        "sample": timed(lambda expr, at: expr[:, int(scattered[at]) % shape[1]], 4),
        "100 genes": timed(lambda expr, at: [expr[int(row)] for row in scattered[:100]], 1),
    }


def main():
    for text in sys.argv[1:] or SHAPES:
        shape = tuple(int(n) for n in text.split("x"))
        values = matrix(*shape)
        guessed = guess_chunk(shape, (None, None), 4)
        # What src/model/chunking.rs chooses: as many rows, twice the columns.
        shapes = [guessed, (guessed[0], min(shape[1], 2 * guessed[1]))]
        for kilobytes in TARGETS:
            shapes += [chunk(shape, kilobytes, ratio) for ratio in RATIOS]
        shapes = list(dict.fromkeys(shapes))
        with tempfile.TemporaryDirectory() as folder:
            paths, least = {}, {}
            for chosen in shapes:
                paths[chosen] = Path(folder, "{}x{}.h5".format(*chosen))
                with h5py.File(paths[chosen], "w") as file:
                    file.create_dataset("expr", data=values, chunks=chosen, compression=4, shuffle=True)
            for _ in range(RUNS):
                for chosen in shapes:
                    for what, taken in reads(paths[chosen], shape, chosen).items():
                        key = chosen, what
                        least[key] = min(taken, least.get(key, taken))
            print(f"\n{text}, h5py guesses {guessed[0]} x {guessed[1]}\n")
            print("| chunk | kB | all | gene | sample | 100 genes | size |\n|---|---|---|---|---|---|---|")
            for chosen in shapes:
                ratios = [least[chosen, what] / least[guessed, what] for what in ("all", "gene", "sample", "100 genes")]
                size = paths[chosen].stat().st_size / paths[guessed].stat().st_size
                cells = " | ".join(f"{ratio:.2f}" for ratio in [*ratios, size])
                print(f"| {chosen[0]} x {chosen[1]} | {chosen[0] * chosen[1] * 4 / 1000:.0f} | {cells} |", flush=True)


main()
