"""What migrate and convert say: plans, names from elsewhere, salvage, destinations, texts."""

import os
import zlib

import h5py
import numpy as np

import chunk_indexes
import manifest
from messages.found import GENES, SAMPLES, matrix


def plans(scene):
    scene.fixture("storage-chunked.h5", "old/chunked.h5")
    scene.fixture("storage-gzip1.h5", "old/gzip.h5")
    scene.fixture("dimension-scales.h5", "old/scales.h5")
    scene.fixture("values-0xN.h5", "old/no-values.h5")
    scene.fixture("user-block.h5", "old/user-block.h5")
    scene.fixture("names-integers.h5", "old/integers.h5")
    scene.fixture("missing-chunks.h5", "old/missing.h5")
    scene.fixture("transposed.h5", "old/transposed.h5")
    scene.fixture("hybrid-fixed-datasets.h5", "old/fixed.h5")
    for options in (["--dimension-scales", "--string-type", "fixed"], ["--chunks", "4x4", "--allow-missing-chunks"],
                    ["--transpose"], ["--chunks", "keep"], ["--prefer", "datasets", "--transpose"]):
        scene.case(f"What would be done with {' '.join(options)}", "migrate", "-v", "--dry-run", "old", "--out-dir", "new", *options)
    with h5py.File(scene.path("own-scales.h5"), "w") as file:
        matrix(file)
        for axis, name in enumerate(("gene_names", "sample_names")):
            file[name] = np.array([f"x{n}" for n in range((12, 5)[axis])], "S")
            file[name].make_scale("own")
    scene.case("Names that are scales already, of nothing", "migrate", "own-scales.h5", "-o", "new.h5", "--dimension-scales", "--prefer", "attributes")
    scene.case("A matrix without values", "migrate", "old/no-values.h5", "-o", "new.h5", "--transpose")
    with h5py.File(scene.path("huge-chunk.h5"), "w") as file:
        expr = chunked(file, (1 << 14, 1 << 15))
        expr.id.write_direct_chunk((0, 0), b"x")
    scene.case("A chunk that is larger than the memory of a worker", "migrate", "huge-chunk.h5", "-o", "huge.h5", "--memory", "1G")
    with h5py.File(scene.path("missing.h5"), "w") as file:
        expr = file.create_dataset("expr", (12, 5), "f4", chunks=(5, 3))
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
        expr[0] = 1
    scene.case("Missing chunks, which are rewritten", "migrate", "-v", "--dry-run", "missing.h5", "-o", "kept.h5", "--allow-missing-chunks")
    with h5py.File(scene.path("attribute.h5"), "w") as file:
        matrix(file)
        file["gene_names"] = np.array(GENES, h5py.string_dtype())
        file["gene_names"].attrs["NAME"] = "mine"
    scene.case("Names with an attribute that scales need", "migrate", "attribute.h5", "-o", "new2.h5", "--dimension-scales")
    with h5py.File(scene.path("turned.h5"), "w") as file:
        matrix(file)
        file["gene_names"], file["sample_names"] = np.array(SAMPLES, "S"), np.array(GENES, "S")
    for options in (["--transpose", "--prefer", "attributes"], ["--prefer", "datasets"], ["--transpose", "--prefer", "datasets"]):
        scene.case(f"Names that fit either way: {' '.join(options)}", "migrate", "turned.h5", "-o", "new3.h5", "--dry-run", *options)
    with h5py.File(scene.path("turned-empty.h5"), "w") as file:
        expr = file.create_dataset("expr", (0, 5), "f4")
        expr.attrs["gene_names"], expr.attrs["sample_names"] = SAMPLES, np.array([], "S1")
    scene.case("A matrix without values, transposed", "migrate", "turned-empty.h5", "-o", "new4.h5", "--transpose")
    with h5py.File(scene.path("odd.h5"), "w") as file:
        floats = h5py.h5t.IEEE_F32LE.copy()
        floats.set_ebias(100)
        matrix(file)
        attributes = dict(file["expr"].attrs)
        del file["expr"]
        expr = h5py.Dataset(h5py.h5d.create(file.id, b"expr", floats, h5py.h5s.create_simple((12, 5))))
        expr.attrs.update(attributes)
    scene.case("Floats of another bias", "audit", "-v", "--lint", "odd.h5", scene.fixture("storage-nbit.h5").name)


def chunked(file, chunks):
    """A matrix with names in chunks that h5py does not make."""
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk(chunks)
    creation.set_deflate(1)
    space = h5py.h5s.create_simple((12, 5), (h5py.h5s.UNLIMITED,) * 2)
    expr = h5py.Dataset(h5py.h5d.create(file.id, b"expr", h5py.h5t.IEEE_F32LE, space, creation))
    expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
    return expr


def names(scene):
    with h5py.File(scene.path("lost.h5"), "w") as file:
        values = np.arange(60, dtype="f4").reshape(12, 5)
        file["expr"] = values
    with h5py.File(scene.path("square.h5"), "w") as file:
        file["expr"] = np.ones((5, 5), "f4")
    texts = {
        "genes.txt": GENES, "heading.txt": ["Approved", *GENES], "few.txt": GENES[:3], "samples.txt": SAMPLES,
        "other-genes.txt": [f"X{n}" for n in range(12)],
        "matrix.tsv": ["\t".join(["gene", *SAMPLES]), *("\t".join([gene, *map(str, row)]) for gene, row in zip(GENES, values))],
        "changed.tsv": ["\t".join(["gene", *SAMPLES]), *("\t".join([gene, *map(str, row + 1)]) for gene, row in zip(GENES, values))],
        "small.tsv": ["gene\ta", "TP1\t1"],
    }
    for name, lines in texts.items():
        scene.path(name).write_text("\n".join(lines) + "\n")
    for sources in (["genes.txt"], ["heading.txt"], ["few.txt"], ["genes.txt", "other-genes.txt"], ["small.tsv"], ["changed.tsv"],
                    ["genes.txt", "samples.txt"], ["/dev/null"], ["lost.h5"], ["no-such.txt"]):
        options = [option for source in sources for option in ("--names-from", source)]
        scene.case(f"Names from {' and '.join(sources)}", "migrate", "-v", "--dry-run", "lost.h5", "-o", "new.h5", *options)
    scene.case("Names from a matrix, with its values", "migrate", "-v", "lost.h5", "-o", "named.h5", "--names-from", "matrix.tsv")
    scene.case("Names that fit both axes", "migrate", "square.h5", "-o", "new.h5", "--names-from", "samples.txt")
    os.mkfifo(scene.path("pipe.tsv"))
    scene.case("Names from a pipe to which nothing writes", "migrate", "lost.h5", "-o", "new.h5", "--names-from", "pipe.tsv", "--timeout", "1")
    scene.case("A matrix with names from a pipe", "migrate", "lost.h5", "-o", "new.h5", "--names-from", "/dev/stdin",
               stdin=scene.path("matrix.tsv").read_bytes())
    with h5py.File(scene.path("list.h5"), "w") as file:
        file["expr"] = np.ones(12, "f4")
    scene.case("Names for one dimension", "migrate", "list.h5", "-o", "new.h5", "--names-from", "genes.txt")
    with h5py.File(scene.path("bits.h5"), "w") as file:
        file["expr"] = np.ones((12, 5), bool)
    scene.case("Names for values that are not compared", "migrate", "bits.h5", "-o", "new.h5", "--names-from", "matrix.tsv")
    with h5py.File(scene.path("nul.h5"), "w") as file:
        expr = file.create_dataset("expr", data=values)
        expr.attrs["gene_names"] = np.array([b"T\0P", *(gene.encode() for gene in GENES[1:])])
        expr.attrs["sample_names"] = SAMPLES
    scene.case("A name with a NUL", "migrate", "nul.h5", "-o", "new.h5")
    with h5py.File(scene.path("regions.h5"), "w") as file:
        expr = file.create_dataset("expr", data=values.T)
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
        expr.attrs["first"] = expr.regionref[0:1, 0:2]
    scene.case("A part of a transposed matrix", "migrate", "regions.h5", "-o", "new.h5", "--transpose")
    scene.case("Two inputs that are one file", "migrate", "lost.h5", "./lost.h5", "--out-dir", "new", "--names-from", "genes.txt")


def salvage(scene):
    for name in ("chunk-flipped-gzip.h5", "chunk-flipped-twice.h5", "chunk-flipped-int32.h5", "chunk-flipped-fletcher32.h5"):
        old = scene.fixture(name)
        scene.case(name, "migrate", "-v", old.name, "-o", "new.h5")
        scene.case(f"{name}, as far as it can be decoded", "migrate", "-v", "--salvage", old.name, "-o", f"saved-{name}")
        scene.case(f"{name}, whose values are read", "audit", "-v", "--lint", old.name)
    with h5py.File(scene.path("bool.h5"), "w") as file:
        expr = file.create_dataset("expr", data=np.ones((12, 5), bool), compression="gzip")
        expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES
        expr.id.write_direct_chunk((0, 0), b"x")
    scene.case("Booleans that cannot be decoded", "migrate", "--salvage", "bool.h5", "-o", "bool-new.h5")
    with h5py.File(scene.path("three.h5"), "w") as file:
        expr = matrix(file, chunks=(3, 5), compression="gzip")
        for row in (0, 3, 6):
            expr.id.write_direct_chunk((row, 0), b"x")
    scene.case("Three chunks that cannot be decoded", "migrate", "--salvage", "three.h5", "-o", "three-new.h5")
    scene.case("A file with losses, compared", "verify", "-v", "chunk-flipped-twice.h5", "saved-chunk-flipped-twice.h5")
    scene.case("A file with losses, by itself", "verify", "-v", "saved-chunk-flipped-twice.h5")
    for what, change in CHUNKS.items():
        with h5py.File(scene.path(f"{what.replace(' ', '-')}.h5"), "w") as file:
            expr = matrix(file, chunks=(6, 5), compression=None if "lzf" in what else "gzip", **({"fletcher32": True} if "checksum" in what else {}))
            expr.id.write_direct_chunk((0, 0), change)
        scene.case(f"A chunk that is {what}", "migrate", f"{what.replace(' ', '-')}.h5", "-o", "new.h5")
    data = chunk_indexes.written(scene.folder, "extensible")
    header = data.index(b"EAHD")
    block = next(block for block in chunk_indexes.blocks(data, (b"EAHD",)))
    endless = chunk_indexes.Change("endless", header + 44, b"\xff" * 7 + b"\x7f", block).of(data)
    scene.path("endless.h5").write_bytes(endless)
    scene.case("A chunk index that would be listed for ever", "audit", "-v", "endless.h5")
    data = bytearray(manifest.path("storage-gzip1.h5").read_bytes())
    with h5py.File(manifest.path("storage-gzip1.h5")) as file:
        tree = data.index(b"TREE\x01")
        chunk = file["expr"].id.get_chunk_info(0)
    at = data.index(chunk.byte_offset.to_bytes(8, "little"), tree)
    data[at:at + 8] = (len(data) - 4).to_bytes(8, "little")
    scene.path("beyond.h5").write_bytes(data)
    scene.case("A chunk that ends beyond the file", "migrate", "beyond.h5", "-o", "new.h5")


CHUNKS = {
    "too short": zlib.compress(bytes(10)),
    "too long": zlib.compress(bytes(100_000)),
    "cut off": zlib.compress(np.random.RandomState(1).bytes(120))[:40],
    "not deflated": b"\xff" * 50,
    "without its checksum": b"\0\0",
    "of a wrong checksum": zlib.compress(bytes(120)) + b"\1\2\3\4",
}


def destinations(scene):
    scene.fixture("hybrid.h5", "old/a.h5")
    scene.fixture("hybrid.h5", "old/sub/a.h5")
    scene.case("A suffix with a slash", "migrate", "old/a.h5", "--in-place", "--backup-suffix", "/x")
    scene.path("file.h5").write_bytes(b"data")
    scene.case("A destination that is there", "migrate", "old/a.h5", "-o", "file.h5")
    os.mkfifo(scene.path("pipe.h5"))
    scene.case("A destination that is a pipe", "migrate", "old/a.h5", "-o", "pipe.h5", "--overwrite")
    scene.case("A destination in a folder that is a file", "migrate", "old/a.h5", "-o", "file.h5/new.h5")
    scene.case("A folder for temporary files that is not there", "migrate", "old/a.h5", "-o", "new.h5", "--tmp-dir", "nowhere")
    scene.path("links/real").mkdir(parents=True)
    scene.path("out").symlink_to("links")
    scene.case("A destination below a link to a folder", "migrate", "old", "--out-dir", "out/real")
    scene.path("old/sub/b.h5").symlink_to("a.h5")
    os.link(scene.path("old/a.h5"), scene.path("old/c.h5"))
    scene.case("In place: links", "migrate", "old", "--in-place")
    scene.case("In place, through links", "migrate", "old/sub/b.h5", "--in-place", "--follow-symlinks")
    scene.case("In place: a suffix of which a backup is there", "migrate", scene.fixture("hybrid.h5", "d.h5").name, "--in-place",
               "--backup-suffix", ".bak")
    scene.fixture("hybrid.h5", "d.h5")
    scene.case("In place: a backup is there", "migrate", "d.h5", "--in-place", "--backup-suffix", ".bak")


def texts(scene):
    scene.path("a.tsv").write_text("gene\tS1\tS2\nTP53\t1\t2\n")
    scene.path("sub/a.tsv").write_text("gene\tS1\tS2\nTP53\t1\t2\n")
    scene.case("A text", "convert", "-v", "a.tsv", "-o", "a.h5")
    scene.case("A text, again", "convert", "-v", "a.tsv", "-o", "a.h5")
    scene.case("Two texts with one destination", "convert", "-v", "a.tsv", "sub/a.tsv", "--out-dir", "flat")
    os.mkfifo(scene.path("pipe.tsv"))
    scene.case("A pipe to which nothing writes", "convert", "pipe.tsv", "-o", "b.h5", "--timeout", "1")
    with h5py.File(scene.path("long.h5"), "w") as file:
        file["expr"] = np.ones((40_000, 1), "f4")
        file["gene_names"] = np.array(["x" * 1_000_000, *map(str, range(39_999))], h5py.string_dtype())
        file["expr"].attrs["sample_names"] = ["S1"]
    scene.case("Long names, as text of fixed length", "migrate", "long.h5", "-o", "c.h5", "--string-type", "fixed", "--dimension-scales")
    scene.path("same/a.tsv").write_text("gene\tS1\nTP53\t1\n")
    scene.path("same/a.csv").write_text("gene,S1\nTP53,1\n")
    scene.case("Two texts of one folder with one destination", "convert", "same", "--out-dir", "flat2")
    scene.path("bad.tsv").write_text("gene\tS1\tS2\nTP53\t1\n")
    scene.case("A text with a short line", "convert", "bad.tsv", "-o", "d.h5")
