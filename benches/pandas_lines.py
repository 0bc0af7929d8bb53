"""What people convert text with today: `pandas_lines.py pandas|polars TEXT NEW`."""

import sys

import h5py
import numpy as np


def read(reader, text):
    if reader == "pandas":
        import pandas

        table = pandas.read_csv(text, sep="\t", index_col=0)
        return table.index.astype(str).tolist(), table.columns.astype(str).tolist(), table.to_numpy(np.float32)
    import polars

    table = polars.read_csv(text, separator="\t")
    genes, *samples = table.columns
    return table[genes].to_list(), samples, table.select(samples).to_numpy().astype(np.float32)


def main():
    genes, samples, values = read(sys.argv[1], sys.argv[2])
    with h5py.File(sys.argv[3], "w") as file:
        expr = file.create_dataset("expr", data=values, compression="gzip", compression_opts=4)
        expr.attrs["n_genes"], expr.attrs["n_samples"] = values.shape
        file.create_dataset("gene_names", data=genes, dtype=h5py.string_dtype())
        file.create_dataset("sample_names", data=samples, dtype=h5py.string_dtype())


main()
