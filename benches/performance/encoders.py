"""What the encoders alone do, in memory and on all cores: the least time that writing a matrix can take."""

import json
import subprocess

from values import KINDS, values

NAME = "encoders"
# Genes and samples, and of a quick run.
SHAPES = ((20_000, 500), (600, 60))


def alone(repository, folder, genes, samples):
    """MB/s of values by kind."""
    measured = {"cores": None, "encoding": {}, "megabytes_per_second": {}}
    path = folder / "values.f32"
    for kind in KINDS:
        values(kind, genes, samples, 20).astype("<f4").tofile(path)
        command = ["cargo", "bench", "--quiet", "--bench", "encoders", "--", str(path), str(genes), str(samples)]
        done = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True)
        line = json.loads(done.stdout.strip().splitlines()[-1])
        measured["cores"] = line["cores"]
        for key in ("encoding", "megabytes_per_second"):
            measured[key][kind] = line[key]
    path.unlink()
    return measured
