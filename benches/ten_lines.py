"""The ten lines of h5py that people migrate with today: `ten_lines.py OLD NEW`."""

import sys

import h5py


def migrate_h5_file(input_path, output_path):
    with h5py.File(input_path, "r") as f_in, h5py.File(output_path, "w") as f_out:
        f_out.create_dataset("expr", data=f_in["expr"][:], compression="gzip", compression_opts=4)
        f_out["expr"].attrs["n_genes"] = f_in["expr"].attrs["n_genes"]
        f_out["expr"].attrs["n_samples"] = f_in["expr"].attrs["n_samples"]
        for names in ("gene_names", "sample_names"):
            if names in f_in["expr"].attrs:
                values = f_in["expr"].attrs[names]
            else:
                values = f_in[names][:]
            f_out.create_dataset(names, data=values, dtype=h5py.string_dtype())


if __name__ == "__main__":
    migrate_h5_file(sys.argv[1], sys.argv[2])
