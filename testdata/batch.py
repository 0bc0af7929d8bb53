#!/usr/bin/env python3
"""Write 100 old files, 15 of which have a zeroed sector among their names.

    python testdata/batch.py DIR      writes DIR/*.h5 and prints the names of the bad ones

The library loops for ever on most of them, so each is read once in a process that is killed
after a second: a file that can still be read gets another sector zeroed instead.
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fixtures.expression import gene_ids, legacy_file, log_expression, sample_ids, write_datasets  # noqa: E402
from fixtures.heap import zero_sector  # noqa: E402
from fixtures.probe import verdict  # noqa: E402

FILES, BAD, EVERY = 100, 15, 7
GENES, SAMPLES = 300, 24


def bad_numbers():
    """15 numbers, spread over the whole batch so that every worker meets some."""
    return [1 + EVERY * turn for turn in range(BAD)]


def write_file(path, number):
    values = log_expression(GENES, SAMPLES, seed=1000 + number)
    with legacy_file(path, values=values) as file:
        # Every other file is a hybrid, as most real ones are.
        if number % 2:
            write_datasets(file, gene_ids(GENES), sample_ids(SAMPLES))


def spoil(path, number, check):
    healthy = path.read_bytes()
    for attempt in range(8):
        path.write_bytes(healthy)
        zero_sector(path, choice=number + attempt)
        if not check or verdict(path, seconds=1.0) != "reads":
            return
    raise RuntimeError(f"{path.name} could not be damaged so that the library notices")


def write(directory, check=True):
    """All files; returns the bad ones. Without `check` the library is not asked about them."""
    directory.mkdir(parents=True, exist_ok=True)
    bad = []
    for number in range(FILES):
        path = directory / f"expression_{number:03d}.h5"
        path.unlink(missing_ok=True)
        write_file(path, number)
        if number in bad_numbers():
            spoil(path, number, check)
            bad.append(path)
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR", type=Path)
    for path in write(parser.parse_args().directory):
        print(path)


if __name__ == "__main__":
    main()
