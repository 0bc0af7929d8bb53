#!/usr/bin/env python3
"""Write the demo's archive: a tree of old expression files as a project of some years leaves it.

    python testdata/archive.py DIR
"""

import argparse
import sys
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from fixtures.expression import (PIPELINE, TEXT, gene_ids, legacy_file, log_expression, sample_ids,  # noqa: E402
                                 write_datasets)
from fixtures.name_counts import write_dense  # noqa: E402

GENES, SAMPLES = 4_000, 200


def describe(file, title, seed):
    """What a careful colleague noted beside the values; none of it may be lost."""
    expr = file["expr"]
    expr.attrs["units"] = "log2(TPM + 1)"
    expr.attrs["description"] = title
    expr.attrs["pseudocount"] = np.float32(1.0)
    file.attrs["pipeline"] = "00convert_expr_to_hdf5.py"
    file.attrs["genome"] = "dm6, FlyBase r6.57"
    quality = file.create_group("quality")
    quality.attrs["tool"] = "RSeQC"
    random = np.random.RandomState(seed)
    columns = expr.shape[1]
    quality.create_dataset("rin", data=np.round(random.uniform(6.5, 9.8, columns), 1).astype("f4"))
    quality.create_dataset("mapped_reads", data=random.randint(8_000_000, 40_000_000, columns), **PIPELINE)
    quality["input"] = h5py.SoftLink("/expr")


def hybrid(path, title, seed, rows=GENES, columns=SAMPLES, **storage):
    values = log_expression(rows, columns, seed)
    with legacy_file(path, values=values, **storage) as file:
        write_datasets(file, gene_ids(rows), sample_ids(columns))
        describe(file, title, seed)


def attributes_only(path, title, seed):
    with legacy_file(path, values=log_expression(2_000, 120, seed), chunks=None) as file:
        describe(file, title, seed)


def crashed(path):
    """The pipeline's own order of writing, stopped where it stopped: at 8,763 gene names."""
    rows, columns = 8_763, 60
    with legacy_file(path, values=log_expression(rows, columns, 8), gene_names=None, sample_names=None) as file:
        try:
            file["expr"].attrs["gene_names"] = gene_ids(rows)
        except (OSError, RuntimeError) as error:
            if "object header message is too large" not in str(error):
                raise


def result(path, seed):
    random = np.random.RandomState(seed)
    with h5py.File(path, "w") as file:
        file.create_dataset("gene_names", data=gene_ids(400), dtype=TEXT)
        file.create_dataset("corr_low", data=random.uniform(-1, 1, 79_800).astype("f4"), **PIPELINE)
        file.create_dataset("corr_high", data=random.uniform(-1, 1, 79_800).astype("f4"), **PIPELINE)
        file.attrs["focus_gene"] = gene_ids(400)[seed]


def truncated(path):
    hybrid(path, "copy stopped when the quota was full", 31, 1_000, 60)
    path.write_bytes(path.read_bytes()[:-40_000])


def table(path):
    lines = ["gene\t" + "\t".join(sample_ids(6))]
    lines += [name + "\t" + "\t".join(f"{value:g}" for value in row)
              for name, row in zip(gene_ids(50), log_expression(50, 6, 9))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write(root):
    def place(name):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        return path

    for seed, tissue in enumerate(("whole_body", "head", "ovary", "testis"), start=11):
        hybrid(place(f"dgrp/{tissue}/expression.h5"), f"DGRP, {tissue.replace('_', ' ')}, adult, 3 to 5 days", seed)
    hybrid(place("dgrp/whole_body/expression_lzf.h5"), "DGRP, whole body, quick compression", 15, compression="lzf")
    hybrid(place("toy/expression.h5"), "toy data with a known design", 16, 500, 40, chunks=None)
    attributes_only(place("modencode/development.h5"), "modENCODE, 30 stages of development, four replicates", 17)
    write_dense(place("full/expression_20000x500.h5"), 20_000, 500, libver=h5py.h5f.LIBVER_V18)
    crashed(place("full/expression_8763.h5"))
    for seed in (1, 2):
        result(place(f"results/base_correlations/gene_{seed:05d}.h5"), seed)
    truncated(place("full/expression_copy.h5"))
    table(place("modencode/counts_table.h5"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR", type=Path)
    write(parser.parse_args().directory)


if __name__ == "__main__":
    main()
