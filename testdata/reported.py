#!/usr/bin/env python3
"""Files and texts as other programs write them, after public reports: python3 testdata/reported.py FOLDER

reported.tsv says what h5lift has to answer for each. Needs numpy and h5py; the same h5py writes the same bytes every time.
"""
import gzip
import struct
import sys
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(sys.argv[1])
N = 60
GENES = [f"ENSG{i:011d}" for i in range(N)]
SYMBOLS = [f"SYM{i}" for i in range(N)]
SAMPLES = ["S1", "S2", "S3"]
COUNTS = np.array([[(i * 389 + j * 977 + 11) % 1000 for j in range(3)] for i in range(N)])
LOGS = COUNTS / 8 - 20
TEXT = h5py.string_dtype()


# Texts

def write(path, body):
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    body = body if isinstance(body, bytes) else body.encode()
    path.write_bytes(gzip.compress(body, mtime=0) if path.suffix == ".gz" else body)


def table(columns, samples, values, sep="\t", quote="", header=True):
    """columns: (heading, values) of what stands before the samples."""
    q = lambda v: f"{quote}{v}{quote}"
    lines = [[q(h) for h, _ in columns] + [q(s) for s in samples]] if header else []
    lines += [[q(v[i]) for _, v in columns] + [str(v) for v in row] for i, row in enumerate(values)]
    return "".join(sep.join(line) + "\n" for line in lines)


def numbers(start):
    return [str(start + i) for i in range(N)]


def no_header():
    names = ["TSPAN6"] + SYMBOLS[1:]
    counts = table([("", names)], [], COUNTS, header=False)
    special = ["no_feature", "ambiguous", "too_low_aQual", "not_aligned", "alignment_not_unique"]
    write("no-header/ints.tsv", counts)
    write("no-header/ints.csv", counts.replace("\t", ","))
    write("no-header/htseq.tsv", counts + "".join(f"__{s}\t1\t2\t3\n" for s in special))
    write("no-header/htseq_names.tsv", table([("", GENES), ("", names)], [], COUNTS, header=False) + "".join(f"__{s}\t\t1\t2\t3\n" for s in special))
    (ROOT / "no-header").mkdir(exist_ok=True)
    np.savetxt(ROOT / "no-header/savetxt.txt", LOGS)
    np.savetxt(ROOT / "no-header/savetxt.tsv", COUNTS, fmt="%d", delimiter="\t")
    np.savetxt(ROOT / "no-header/dlmwrite.csv", LOGS, fmt="%.5g", delimiter=",")
    write("no-header/numbered.tsv", table([("", SYMBOLS)], ["1", "2", "3"], COUNTS))


def no_genes():
    write("no-genes/counts_gene.tsv", table([], ["SRR1", "SRR2", "SRR3"], COUNTS))
    write("no-genes/norownames.csv", table([], SAMPLES, LOGS, ",", '"'))
    write("no-genes/entrez.csv", table([("", numbers(7001))], SAMPLES, LOGS, ",", '"'))
    write("no-genes/entrez.tsv", table([("gene_id", numbers(7001))], SAMPLES, COUNTS))


def row_numbers():
    write("row-numbers/pandas.csv", table([("", numbers(0)), ("gene_id", GENES)], SAMPLES, COUNTS, ","))
    write("row-numbers/unnamed.csv", table([("Unnamed: 0", numbers(0)), ("Gene", GENES)], SAMPLES, COUNTS, ","))
    write("row-numbers/r.csv", table([("", numbers(1)), ("gene", SYMBOLS)], SAMPLES, COUNTS, ",", '"'))
    write("row-numbers/grein.csv", table([("", numbers(0)), ("V1", GENES)], SAMPLES, COUNTS, ","))
    write("row-numbers/symbols.csv", table([("", GENES), ("symbol", SYMBOLS)], SAMPLES, COUNTS, ","))


def quantities():
    special = ["N_unmapped", "N_multimapping", "N_noFeature", "N_ambiguous"]
    heads = "gene_id gene_name gene_type unstranded stranded_first stranded_second tpm_unstranded fpkm_unstranded fpkm_uq_unstranded"
    gdc = "# gene-model: GENCODE v36\n" + heads.replace(" ", "\t") + "\n" + "".join(f"{n}\t\t\t9\t8\t7\t\t\t\n" for n in special)
    gdc += table([("", GENES), ("", SYMBOLS), ("", ["protein_coding"] * N)], [], [[*c, *l] for c, l in zip(COUNTS, LOGS + 20)], header=False)
    write("quantities/a1b2.rna_seq.augmented_star_gene_counts.tsv", gdc)
    star = "#gene\tunstranded\tstranded_first\tstranded_second\n" + "".join(f"{n}\t9\t8\t7\n" for n in special)
    write("quantities/c3d4.star_gene_counts.tsv", star + table([("", GENES)], [], COUNTS, header=False))
    heads = "tracking_id class_code nearest_ref_id gene_id gene_short_name tss_id locus length coverage FPKM FPKM_conf_lo FPKM_conf_hi FPKM_status"
    rows = [[g, "-", "-", g, s, f"TSS{i}", f"1:{i * 100}-{i * 100 + 50}", "-", "-", *l, "OK"] for i, (g, s, l) in enumerate(zip(GENES, SYMBOLS, LOGS + 20))]
    write("quantities/genes.fpkm_tracking", heads.replace(" ", "\t") + "\n" + "".join("\t".join(map(str, r)) + "\n" for r in rows))
    deseq = ["baseMean", "log2FoldChange", "lfcSE", "stat", "pvalue", "padj"]
    write("quantities/deseq2.csv", table([("", GENES)], deseq, [[*c, *l] for c, l in zip(COUNTS, LOGS)], ","))
    limma = ["logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"]
    write("quantities/limma.tsv", table([("gene", SYMBOLS)], limma, [[*c, *l] for c, l in zip(COUNTS, LOGS)]))


def numbers_about_genes():
    bed = [("chromosome", [i % 5 + 1 for i in range(N)]), ("start", [i * 10 for i in range(N)]), ("end", [i * 10 + 9 for i in range(N)])]
    write("numbers-about-genes/bed.tsv", table([("gene", SYMBOLS), *bed], SAMPLES, LOGS))
    write("numbers-about-genes/length.tsv", table([("gene_id", GENES), ("length", [i * 10 + 100 for i in range(N)])], SAMPLES, COUNTS))
    write("numbers-about-genes/entrez.csv", table([("symbol", SYMBOLS), ("entrez_id", numbers(7001))], SAMPLES, LOGS, ","))
    write("numbers-about-genes/cbioportal.txt", table([("Hugo_Symbol", SYMBOLS), ("Entrez_Gene_Id", numbers(7001))], SAMPLES, LOGS))
    bins = [("#'chr'", ["chr1"] * N), ("'start'", [i * 10 for i in range(N)]), ("'end'", [i * 10 + 9 for i in range(N)])]
    write("numbers-about-genes/deeptools.tab", table(bins, [f"'{s}.bam'" for s in SAMPLES], LOGS))
    write("numbers-about-genes/samples.tsv", table([("gene_id", GENES)], ["Chr1_KO", "End_1", "Length_2h"], LOGS))


def samples_first():
    write("samples-first/depmap.csv", table([("", [f"ACH-{i:06d}" for i in range(N)])], ["TSPAN6 (7105)", "TNMD (64102)", "DPM1 (8813)"], LOGS, ","))
    write("samples-first/cells.csv", table([("", [f"AAACCTGAGGCTCA{i:02d}-1" for i in range(N)])], GENES[:3], COUNTS, ","))
    with h5("samples-first/lost.h5") as f:
        f.create_dataset("expr", data=LOGS.T).attrs["sample_names"] = SAMPLES
    write("samples-first/genes.txt", "\n".join(GENES) + "\n")


def rows_of_separators():
    csv = table([("gene", SYMBOLS)], SAMPLES, LOGS, ",")
    write("rows-of-separators/end.csv", csv + ",,,\n,,,\n")
    write("rows-of-separators/end.tsv", (csv + ",,,\n,,,\n").replace(",", "\t"))
    write("rows-of-separators/end.gct", f"#1.2\n{N}\t3\n" + table([("Name", GENES), ("Description", SYMBOLS)], SAMPLES, LOGS) + "\t\t\t\t\n")
    write("rows-of-separators/no_values.csv", csv + "LAST,,,\n")


def geo():
    def series(about):
        samples = '!Sample_geo_accession\t"GSM1"\t"GSM2"\t"GSM3"\n!series_matrix_table_begin\n'
        return '!Series_title\t"A study"\n' + about + samples + table([("ID_REF", SYMBOLS)], ["GSM1", "GSM2", "GSM3"], LOGS, quote='"') + "!series_matrix_table_end\n"
    write("geo/plain.txt", series('!Series_summary\t"One line."\n'))
    write("geo/summary.txt", series('!Series_summary\t"First sentence.\nSecond sentence of it."\n'))
    write("geo/summary_tabs.txt", series('!Series_summary\t"First\ta 1 2\nSecond\t3\t4\nThird\t5\t6"\n'))
    write("geo/processing_crlf.txt", series('!Sample_data_processing\t"probe group\n"\t"probe group\n"\t"probe group\n"\n').replace("\n", "\r\n"))


def twins():
    for folder, files in {"zipped": ("counts.tsv", "counts.tsv.gz"), "formats": ("matrix.tsv", "matrix.csv")}.items():
        for k, name in enumerate(files):
            write(f"twins/{folder}/{name}", table([("gene", SYMBOLS)], SAMPLES, COUNTS + k * (folder == "formats"), "," if ".csv" in name else "\t"))
        write(f"twins/{folder}/deep/other.tsv", table([("gene", SYMBOLS)], SAMPLES, LOGS))


def hints():
    for name, word in {"dashes": "--", "ind": "-nan(ind)", "minus": "-666"}.items():
        values = LOGS.astype(object)
        values[3, 1] = word
        write(f"hints/{name}.tsv", table([("gene", SYMBOLS)], SAMPLES, values))
    write("hints/comma.csv", "gene,S1,S2\n" + "".join(f'{s},"{1000 + i:,}","{7000 + i:,}"\n' for i, s in enumerate(SYMBOLS)))


def small():
    tsv = table([("gene", SYMBOLS)], SAMPLES, LOGS)
    csv = tsv.replace("\t", ",")
    cells = "".join(f"{s:8s} {a:9.3f}  {b:9.3f} {c:9.3f}\n" for s, (a, b, c) in zip(SYMBOLS, LOGS))
    write("small/aligned.txt", "gene            S1         S2        S3\n" + cells)
    write("small/r_print.txt", "                S1         S2        S3\n" + cells)
    write("small/sep.csv", "sep=,\n" + csv)
    write("small/title.csv", "Table S1. Normalised expression,,,\n,,,\n" + csv)
    write("small/title.tsv", "Table S1. Normalised expression\n\n" + tsv)
    write("small/no_break_space.tsv", tsv.replace("-18.625", "\u00a0-18.625", 1))
    write("small/en_dash.tsv", tsv.replace("-18.625", "\u201318.625", 1))
    write("small/cr_cr_lf.csv", csv.replace("\n", "\r\r\n"))
    for name, date in {"french": "1-mars", "german": "01-Mrz", "spanish": "1-dic", "points": "01.03.2021"}.items():
        write(f"small/{name}.tsv", f"gene\tS1\n{date}\t1\nTP53\t2\n")


# HDF5

def h5(path, **options):
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    return h5py.File(path, "w", **options)


def legacy(f, genes=GENES, samples=SAMPLES, values=LOGS, **storage):
    """An old file; names that are None are left out."""
    d = f.create_dataset("expr", data=values, **storage)
    d.attrs["n_genes"], d.attrs["n_samples"] = values.shape
    for key, names in ("gene_names", genes), ("sample_names", samples):
        if names is not None:
            d.attrs[key] = names
    return d


def file_space():
    for name, options in {
        "page": dict(fs_strategy="page"),
        "page_persist": dict(fs_strategy="page", fs_persist=True, fs_page_size=512),
        "aggregate": dict(fs_strategy="aggregate"),
        "none_persist": dict(fs_strategy="none", fs_persist=True),
        "fsm_persist": dict(fs_strategy="fsm", fs_persist=True),
        "hybrid": dict(fs_strategy="page", fs_persist=True),
    }.items():
        with h5(f"file-space/{name}.h5", **options) as f:
            legacy(f)
            if name == "hybrid":
                f["gene_names"], f["sample_names"] = np.array(GENES, object), np.array(SAMPLES, object)


def names_elsewhere():
    def scales(name, values, *axes, called=""):
        with h5(f"names-elsewhere/{name}.h5") as f:
            d = f.create_dataset("expr", data=values)
            for axis, (path, names) in enumerate(axes):
                f[path] = np.array(names, "S")
                f[path].make_scale(called or path)
                d.dims[axis].attach_scale(f[path])
    scales("xarray", LOGS, ("gene", GENES), ("cell", SAMPLES))
    scales("xarray_sample", LOGS, ("gene", GENES), ("sample", SAMPLES))
    scales("hdf5array", LOGS.T, (".expr_dimnames/2", SAMPLES), (".expr_dimnames/1", GENES), called="dimnames")
    letters = lambda names: np.array([list(n) for n in names], "S1")
    for name, genes, samples in [
        ("letters", letters(GENES), letters(SAMPLES)),
        ("bytes", letters(GENES).view("u1"), letters(SAMPLES).view("u1")),
        ("semicolon", ";".join(GENES), ";".join(SAMPLES)),
        ("bar", "|".join(GENES), "|".join(SAMPLES)),
        ("repr", repr(GENES), repr(SAMPLES)),
    ]:
        with h5(f"names-elsewhere/{name}.h5") as f:
            legacy(f, genes, samples)
    with h5("names-elsewhere/compound.h5") as f:
        legacy(f, None)
        f["gene_names"] = np.array([(g.encode(),) for g in GENES], [("gene", "S16")])


def lists():
    with h5("lists/lost.h5") as f:
        legacy(f, None)
    lines = "\n".join(GENES) + "\n"
    write("lists/plain.txt", lines)
    write("lists/features.tsv", "".join(f"{g}\t{s}\tGene Expression\n" for g, s in zip(GENES, SYMBOLS)))
    write("lists/genes.tsv", "".join(f"{g}\t{s}\n" for g, s in zip(GENES, SYMBOLS)))
    write("lists/r_x.csv", '"","x"\n' + "".join(f'"{i + 1}","{g}"\n' for i, g in enumerate(GENES)))
    write("lists/heading.txt", "gene_id\n" + lines)
    write("lists/cr.txt", lines.replace("\n", "\r"))


def unwritten_names():
    with h5("unwritten-names/attribute.h5") as f:
        d = legacy(f, None)
        h5py.h5a.create(d.id, b"gene_names", h5py.h5t.py_create(TEXT, logical=1), h5py.h5s.create_simple((N,)))
    for name, storage in {"chunks": dict(chunks=(20,)), "contiguous": {}}.items():
        with h5(f"unwritten-names/{name}.h5") as f:
            legacy(f, None, None)
            f["sample_names"] = np.array(SAMPLES, object)
            f.create_dataset("gene_names", (N,), TEXT, **storage)[:20] = GENES[:20]
    with h5("unwritten-names/one_empty.h5") as f:
        legacy(f, ["", *GENES[1:]])


def pieces():
    big = dict(genes=[f"g{i}" for i in range(400)], samples=[f"s{i}" for i in range(10)], values=np.arange(4000.0).reshape(400, 10))
    with h5("pieces/family_%d.h5", driver="family", memb_size=16384) as f:
        legacy(f, **big)
    with h5("pieces/split", driver="split") as f:
        legacy(f, **big)
    with h5("pieces/named", driver="split", meta_ext=b".meta.h5", raw_ext=b".raw.h5") as f:
        legacy(f, **big)
    # A chunk layout whose element size is not the type's, as PureHDF writes it: HDF5 1.14 reads it, 2.0 does not.
    path = ROOT / "pieces/purehdf.h5"
    access, creation = h5py.h5p.create(h5py.h5p.FILE_ACCESS), h5py.h5p.create(h5py.h5p.FILE_CREATE)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    creation.set_obj_track_times(False)                     # the same bytes every time
    with h5py.File(h5py.h5f.create(bytes(path), h5py.h5f.ACC_TRUNC, creation, access)) as f:
        legacy(f, **big, chunks=(100, 10), compression="gzip")
    b = bytearray(path.read_bytes())
    at = b.index(bytes([3, 1, 100, 10, 8]))                 # dimensions, bytes for each, the chunk's shape, the element size
    b[at + 4] = 4
    header = b.rindex(b"OHDR", 0, at)
    flags = b[header + 5]
    size = header + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    end = size + width + int.from_bytes(b[size:size + width], "little")
    b[end:end + 4] = struct.pack("<I", checksum(bytes(b[header:end])))
    path.write_bytes(b)


def checksum(data):
    """Jenkins' lookup3, which the HDF5 format has for metadata."""
    mask = 0xFFFFFFFF
    rotate = lambda x, k: (x << k | x >> (32 - k)) & mask
    a = b = c = (0xDEADBEEF + len(data)) & mask
    while True:
        a, b, c = ((x + y) & mask for x, y in zip((a, b, c), struct.unpack("<III", data[:12].ljust(12, b"\0"))))
        if len(data) <= 12:
            break
        data = data[12:]
        for k in 4, 6, 8, 16, 19, 4:
            a, c = (a - c & mask) ^ rotate(c, k), (c + b) & mask
            a, b, c = b, c, a
    for k in 14, 11, 25, 16, 4, 14, 24:
        c = (c ^ b) - rotate(b, k) & mask
        a, b, c = b, c, a
    return b


def chunk_index():
    """One number changed in a key of the chunk B-tree: HDF5 does not find the chunk, and reads 0 in its place."""
    row, element = 8, 24         # offsets in a key: size (4 bytes), filter mask (4), offset of row, of column, within an element
    small = dict(shape=(300, 40), chunks=(150, 20))
    large = dict(shape=(400, 64), chunks=(10, 8))           # more chunks than one node holds
    for name, kind, node, key, field, value in [
        ("whole", small, 0, 0, element, 0),                 # as it was
        ("first", small, 0, 0, element, 8),
        ("middle", small, 0, 2, element, 4),
        ("bound", small, 0, -1, row, 0),                    # the last key holds no chunk, but ends the range of the last one
        ("inner", large, 0, 1, element, 4),
    ]:
        genes, samples = kind["shape"]
        values = (np.arange(genes * samples) % 97 + 1).astype("f4").reshape(kind["shape"])
        with h5(f"chunk-index/{name}.h5") as f:
            legacy(f, [f"g{i}" for i in range(genes)], [f"s{i}" for i in range(samples)], values, chunks=kind["chunks"], compression="gzip")
        path = ROOT / f"chunk-index/{name}.h5"
        b = bytearray(path.read_bytes())
        children, first = nodes(b)[node]
        struct.pack_into("<Q", b, first + 40 * (key % (children + 1)) + field, value)
        path.write_bytes(b)


def nodes(b):
    """(children, offset of the first key) of the chunk B-tree's nodes, inner ones first. A node: TREE, type 1, level, children."""
    found, at = [], b.find(b"TREE")
    while at >= 0:
        if b[at + 4] == 1:
            found.append((-b[at + 5], at))
        at = b.find(b"TREE", at + 1)
    return [(struct.unpack_from("<H", b, at + 6)[0], at + 24) for _, at in sorted(found)]


for kind in (file_space, no_header, no_genes, row_numbers, quantities, numbers_about_genes, samples_first, rows_of_separators, geo,
             names_elsewhere, lists, twins, hints, unwritten_names, pieces, small, chunk_index):
    kind()
