#!/usr/bin/env python3
"""Write an archive of many small studies, as the pictures of the HTML report show one.

    python testdata/studies.py DIR
"""

import os
import sys
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fixtures.expression import TEXT, gene_ids, legacy_file, log_expression, sample_ids, write_datasets  # noqa: E402

FILES, FILES_OF_STUDY, STUDIES_OF_LAB = 400, 20, 4
STORAGE = ({"compression": "gzip", "compression_opts": 4}, {"compression": "lzf"}, {"chunks": None})
# All files carry this time: the report shows it.
MODIFIED = 1_771_000_000


def write(root):
    random = np.random.RandomState(11)
    for number in range(FILES):
        study = number // FILES_OF_STUDY
        path = root / f"lab-{study // STUDIES_OF_LAB:02}" / f"GSE{100_000 + 37 * study}" / f"expression_GSM{3_000_000 + 1_013 * number}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        one(path, random.randint(100), random.randint(300, 1_200), random.randint(8, 90), STORAGE[study % 3], number)
        os.utime(path, (MODIFIED + 86_400 * number, MODIFIED + 86_400 * number))


def one(path, chance, rows, columns, storage, seed):
    values = log_expression(rows, columns, seed)
    if chance < 3:
        with h5py.File(path, "w") as file:
            file.create_dataset("corr", data=values)
    elif chance < 8:
        with h5py.File(path, "w") as file:
            expr = file.create_dataset("expr", data=values, **storage)
            expr.attrs["n_genes"], expr.attrs["n_samples"] = rows, columns
            if chance < 7:
                write_datasets(file, gene_ids(rows), sample_ids(columns))
    else:
        genes = gene_ids(rows)
        if chance < 12:
            genes[3:5] = ["1-Mar", "1-Mar"]
        with legacy_file(path, values=values, gene_names=genes, **storage) as file:
            if chance < 55:
                write_datasets(file, genes, sample_ids(columns))
            if chance == 13:
                del file["gene_names"]
                file.create_dataset("gene_names", data=["renamed", *genes[1:]], dtype=TEXT)
        if chance == 14:
            path.write_bytes(path.read_bytes()[:-2_000])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
