#!/usr/bin/env python3
"""Write the fixtures of h5lift's tests.

    python testdata/make.py               the committed small files: legacy/ and fixtures.tsv
    python testdata/make.py --large DIR   files too large to commit, with a fixtures.tsv of their own
"""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fixtures import (catalogue, damage, extras, foreign, killed, large, layouts, links, matrices, name_counts,  # noqa: E402,F401
                      name_texts, names, not_hdf5, oddities, places, storage, undecided, unsupported, values)


def write_all(selection, folder, table):
    folder.mkdir(parents=True, exist_ok=True)
    for fixture in selection.fixtures:
        path = folder / fixture.file
        path.unlink(missing_ok=True)
        fixture.write(path)
    table.write_text(selection.table(), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", metavar="DIR", type=Path, help="write the large files into DIR instead")
    arguments = parser.parse_args()
    if arguments.large:
        write_all(large.catalogue, arguments.large, arguments.large / "fixtures.tsv")
        return
    folder = HERE / "legacy"
    write_all(catalogue.committed, folder, HERE / "fixtures.tsv")
    known = {fixture.file for fixture in catalogue.committed.fixtures} | {"external-storage.raw"}
    stray = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if stray:
        sys.exit(f"testdata/legacy holds files that no fixture writes: {', '.join(stray)}")


if __name__ == "__main__":
    main()
