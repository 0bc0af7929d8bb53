"""What an audit finds: files that are no HDF5, that others use, that cannot be followed, and what is in them."""

import bz2
import fcntl
import gzip
import lzma
import os
import socket
import time
import zipfile
from dataclasses import replace

import h5py
import numpy as np

import manifest
from chunk_indexes import with_other_element_size

FOREIGN_BYTES = {
    "annex.h5": b"/annex/objects/SHA256E-s1--0000\n",
    "lfs.h5": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
    "text-mode.h5": b"\x89HDF\n\x1a\n" + bytes(99),
    "gzip.h5": gzip.compress(b"data" * 99, mtime=0),
    "zstd.h5": b"\x28\xb5\x2f\xfd" + bytes(99),
    "bzip2.h5": bz2.compress(b"data" * 99),
    "xz.h5": lzma.compress(b"data" * 99),
    "netcdf-1.h5": b"CDF\x01" + bytes(99),
    "netcdf-2.h5": b"CDF\x02" + bytes(99),
    "netcdf-5.h5": b"CDF\x05" + bytes(99),
    "hdf4.h5": b"\x0e\x03\x13\x01" + bytes(99),
    "numpy.h5": b"\x93NUMPY\x01\x00" + bytes(99),
    "empty.h5": b"",
    "zeros.h5": bytes(9000),
    "binary.h5": bytes(range(1, 256)) * 9,
    "page.h5": b"<!DOCTYPE html>\n<html><title>Sign in</title></html>\n",
    "xml.h5": b"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>\n",
    "table.h5": b"gene\tS1\tS2\nTP53\t1\t2\n",
}


def not_hdf5(scene):
    for name, data in FOREIGN_BYTES.items():
        scene.path(f"old/{name}").write_bytes(data)
    with zipfile.ZipFile(scene.path("old/zip.h5"), "w") as archive:
        archive.writestr("a.txt", "data")
    scene.case("Files that are called .h5 and are something else", "audit", "-v", "old")


GENES = [f"TP{n}" for n in range(12)]
SAMPLES = [f"S{n}" for n in range(5)]


def matrix(file, **options):
    expr = file.create_dataset("expr", data=np.arange(60, dtype="f4").reshape(12, 5), **options)
    expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
    return expr


def in_use(scene):
    now = scene.fixture("hybrid.h5", "future.h5")
    os.utime(now, (time.time() + 90_000,) * 2)
    scene.case("A file whose time lies in the future", "audit", "-v", "--min-age", "3600", now)
    held = scene.fixture("hybrid.h5", "held.h5")
    with open(held, "r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        scene.case("A file on which a writer holds a lock", "migrate", held, "-o", "new.h5")
    for name in ("killed-open-for-write.h5", "killed-single-writer.h5"):
        scene.case("A file of a writer that died", "audit", "-v", scene.fixture(name))


def pieces(scene):
    with h5py.File(scene.path("part-%d.h5"), "w", driver="family", memb_size=4096) as file:
        matrix(file)
    scene.case("The first of several files of the family driver", "migrate", "part-0.h5", "-o", "new.h5")
    with h5py.File(scene.path("parts"), "w", driver="split") as file:
        matrix(file)
    scene.case("The metadata of a file of the split driver", "migrate", "parts-m.h5", "-o", "new.h5")


def damaged(scene):
    whole = manifest.path("hybrid.h5").read_bytes()
    scene.path("old/short.h5").write_bytes(whole[:20])
    for name in ("truncated-8.h5", "truncated-96.h5", "truncated-half.h5", "truncated-last-byte.h5", "attribute-header-flipped.h5",
                 "heap-signature-lost.h5", "symbol-table-flipped.h5", "object-header-zeroed.h5", "not-aligned.h5"):
        scene.fixture(name, f"old/{name}")
    scene.case("Files that were cut off or damaged", "audit", "-v", "old")
    scene.case("Names on which the library never comes back", "audit", "-v", "--timeout", "2", scene.fixture("heap-zeroed-sector.h5"))


def paths(scene):
    scene.fixture("hybrid.h5", "tree/hybrid.h5")
    scene.path("tree/nothing.h5").symlink_to("gone.h5")
    scene.path("tree/circle.h5").symlink_to("circle.h5")
    os.mkfifo(scene.path("tree/pipe.h5"))
    here = os.getcwd()
    os.chdir(scene.folder)
    try:
        socket.socket(socket.AF_UNIX).bind("tree/socket.h5")
    finally:
        os.chdir(here)
    scene.case("A tree with links, a pipe and a socket", "audit", "-v", "tree")
    for name in ("nothing.h5", "circle.h5", "pipe.h5", "socket.h5"):
        scene.case(f"The same by its own path: {name}", "audit", f"tree/{name}")
    scene.case("A folder on the path is a file", "audit", "tree/hybrid.h5/a.h5")
    scene.path("list.txt").write_bytes(b"tree/hybrid.h5\nno-such.h5\n\n")
    scene.case("A list with a path that is not there", "audit", "--files-from", "list.txt")
    scene.path("list.txt").write_bytes(b"tree/hybrid.h5\n" + b"x" * 70_000)
    scene.case("A list with an entry that is no path", "audit", "--files-from", "list.txt")
    scene.path("list.txt").write_bytes(b"\n" * ((1 << 20) + 1))
    scene.case("A list of empty lines", "audit", "--files-from", "list.txt")
    scene.case("A pattern that is too long", "audit", "tree", "--exclude", "x" * 5000)
    scene.fixture("hybrid.h5", "tree/.h5lift-0123456789abcdef.tmp")
    scene.case("A temporary file by its own path", "audit", "tree/.h5lift-0123456789abcdef.tmp")


def contents(scene):
    """One file of each kind whose reason the facts of `sentences.txt` do not make."""
    for name in ("extra-committed-type.h5", "user-block.h5", "link-soft.h5", "dimension-scales.h5", "values-0xN.h5", "virtual-expr.h5",
                 "virtual-elsewhere.h5", "external-storage.h5", "external-storage-elsewhere.h5", "filter-blosc.h5", "filter-szip.h5", "expr-is-a-group.h5",
                 "link-expr-external.h5", "result-file.h5", "foreign-archs4.h5", "matrix-several.h5", "matrix-in-group.h5",
                 "square-rownames.h5", "transposed.h5", "killed-before-names.h5", "inconsistent-empty-names.h5", "expr-complex.h5",
                 "expr-compound.h5", "nameless-genes.h5", "pickled.h5", "missing-chunks.h5", "names-vlen-latin1.h5", "names-quantities.h5", "conflict-one-name.h5"):
        scene.fixture(name, f"old/{name}")
    with h5py.File(scene.path("old/kallisto.h5"), "w") as file:
        file["aux/ids"], file["est_counts"] = np.array(["a"], "S"), [1.0]
        file["bootstrap/bs0"] = [1.0]
    with h5py.File(scene.path("old/soft.h5"), "w") as file:
        file["expr"] = h5py.SoftLink("/gone")
    with h5py.File(scene.path("old/soft-out.h5"), "w") as file:
        matrix(file)
        file.move("expr", "counts")
        file["expr"] = h5py.SoftLink("/counts")
    with h5py.File(scene.path("old/external.h5"), "w") as file:
        file["expr"] = h5py.ExternalLink("other.h5", "/data")
    with h5py.File(scene.path("old/names-elsewhere.h5"), "w") as file:
        matrix(file)
        del file["expr"].attrs["gene_names"]
        file["gene_names"] = h5py.ExternalLink("other.h5", "/genes")
    with h5py.File(scene.path("old/names-group.h5"), "w") as file:
        matrix(file)
        file.create_group("gene_names")
    with h5py.File(scene.path("old/count-array.h5"), "w") as file:
        matrix(file).attrs["n_genes"] = [12, 12]
    with h5py.File(scene.path("old/possible.h5"), "w") as file:
        expr = matrix(file)
        del expr.attrs["gene_names"], expr.attrs["sample_names"]
        file["labels"] = np.array(GENES, "S")
        file["table"] = np.array([(b"a", b"b")] * 12, [("id", "S1"), ("symbol", "S1")])
    with h5py.File(scene.path("old/table.h5"), "w") as file:
        del matrix(file).attrs["gene_names"]
        file["gene_names"] = np.array([(b"a", b"b")] * 12, [("id", "S1"), ("symbol", "S1")])
    for name, attribute in (("mudata.h5", {"encoding-type": "MuData"}), ("pytables.h5", {"PYTABLES_FORMAT_VERSION": "2.1"})):
        with h5py.File(scene.path(f"old/{name}"), "w") as file:
            file.attrs.update(attribute)
    with h5py.File(scene.path("old/seurat.h5"), "w") as file:
        for name in ("assays", "cell.names", "meta.data"):
            file.create_group(name)
    with h5py.File(scene.path("old/conflict-lengths.h5"), "w") as file:
        matrix(file)
        file["gene_names"] = np.array(GENES[:11], "S")
    with h5py.File(scene.path("old/unwritten.h5"), "w") as file:
        del matrix(file).attrs["gene_names"]
        file.create_dataset("gene_names", (12,), h5py.string_dtype())
    with h5py.File(scene.path("old/type-without-link.h5"), "w") as file:
        matrix(file)
        file["type"] = np.dtype("f4")
        file.create_dataset("other", (3,), file["type"])
        del file["type"]
    with h5py.File(scene.path("old/beyond-memory.h5"), "w") as file:
        matrix(file)
        file.create_dataset("other", (1 << 50,), "f4", chunks=(1 << 20,))
    with h5py.File(scene.path("matrix-moves.h5"), "w") as file:
        matrix(file)
        file.move("expr", "counts")
        file["expr"] = [1.0]
        file["link"] = h5py.SoftLink("/counts")
    scene.case("Files with everything that a plan can meet", "audit", "-v", "old")
    scene.case("Which of two matrices, and where its names are", "audit", "-v", "old/possible.h5", "old/matrix-in-group.h5", "--genes-from", "/nowhere")
    scene.case("A matrix that no file has", "audit", "-v", "old/possible.h5", "--matrix", "/counts")
    with h5py.File(scene.path("matrix-leaves.h5"), "w") as file:
        matrix(file)
        file.move("expr", "counts")
        file["link"] = h5py.SoftLink("/counts")
    scene.case("A matrix that would become /expr, to which a link leads", "audit", "-v", "matrix-leaves.h5", "--matrix", "/counts")
    scene.case("A type that is used and has no link", "migrate", "old/type-without-link.h5", "-o", "new.h5")
    scene.case("A matrix that would become /expr, where something else is", "audit", "-v", "matrix-moves.h5", "--matrix", "/counts")
    data, change = with_other_element_size(scene.path("pure.h5"))
    scene.path("sum.h5").write_bytes(replace(change, block=None).of(data))
    scene.case("A header whose checksum is wrong", "audit", "-v", "sum.h5")
    scene.case("A layout that HDF5 2 refuses", "audit", "-v", "pure.h5")
