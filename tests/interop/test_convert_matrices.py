"""Text matrices of every program that writes them: what is read, what is reported, what is refused."""

import gzip
import math
import subprocess

import numpy as np
import pandas as pd
import pytest

import tool
from text_matrices import SMALL, bgzf, contents, convert, converted, members, places, stored_zstd, told, zstd

NAN = math.nan
AB = (["g1", "g2"], ["S1", "S2"], [[1, 2], [3, 4]])
FEATURE_COUNTS = (
    b'# Program:featureCounts v2.0.3; Command:"featureCounts" "-a" "x.gtf"\n'
    b"Geneid\tChr\tStart\tEnd\tStrand\tLength\tbam/a.bam\tbam/b.bam\n"
    b"g1\tchr1;chr1\t1;100\t50;200\t+;+\t150\t1\t2\ng2\t2\t1\t50\t-\t50\t3\t4\n"
)
GEO = (
    b'!Series_title\t"x\ty"\n!Series_geo_accession\t"GSE1"\n\n!Sample_title\t"a"\t"b"\n!series_matrix_table_begin\n'
    b'"ID_REF"\t"S1"\t"S2"\n"g1"\t1\t2\n"g2"\t3\t4\n!series_matrix_table_end\n'
)
STAR = (
    b"N_unmapped\t10\t10\t10\nN_multimapping\t1\t2\t3\nN_noFeature\t4\t5\t6\nN_ambiguous\t7\t8\t9\n"
    b"ENSG1\t1\t0\t1\nENSG2\t5\t2\t3\n"
)
HTSEQ = b"ENSG1\t1\nENSG2\t5\n__no_feature\t4\n__ambiguous\t1\n__too_low_aQual\t0\n__not_aligned\t0\n__alignment_not_unique\t3\n"
SALMON = b"Name\tLength\tEffectiveLength\tTPM\tNumReads\nT1\t100\t80\t1.5\t10\nT2\t200\t180\t2.5\t20\n"
KALLISTO = b"target_id\tlength\teff_length\test_counts\ttpm\nT1\t100\t80\t10\t1.5\n"
RSEM = b"gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM\ng1\tt1,t2\t100\t80\t10\t1.5\t2\n"
DOUBLED = b"gene\tS1\tS2\tS1\ng1\t1\t2\t3\n"
MISSING = b"gene\tA\tB\tC\tD\tE\tF\ng1\tNA\tNaN\tN/A\t#N/A\tnull\t\ng2\t1\t2\t3\t4\t5\t6\n"
ACCENT = "gene\tS1\tS\u00e9\nG\u00fc\t1\t2\n"
ACCENTED = (["G\u00fc"], ["S1", "S\u00e9"], [[1, 2]])

# Text, options, what is in the new file, codes of findings, and a part of how it says it was read.
READ = {
    "plain": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4\n", [], AB, [], "tab-separated"),
    "empty corner": (b"\tS1\tS2\ng1\t1\t2\ng2\t3\t4\n", [], AB, [], ""),
    "no line break at the end": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4", [], AB, [], ""),
    "write.table": (b'"S1"\t"S2"\n"g1"\t1\t2\n"g2"\t3\t4\n', [], AB, [], "one field short"),
    "write.table quote=F": (b"S1\tS2\ng1\t1\t2\ng2\t3\t4\n", [], AB, [], "one field short"),
    "write.table, one sample": (b'"S1"\n"g1"\t1\n', [], (["g1"], ["S1"], [[1]]), [], "one field short"),
    "write.table quote=F, one sample": (b"S1\ng1\t1\n", [], (["g1"], ["S1"], [[1]]), [], "one field short"),
    "write.table sep=' '": (b'"S1" "S2"\n"g1" 1 2\n"g2" 3 4\n', [], AB, [], "space"),
    "col.names=NA": (b'""\t"S1"\t"S2"\n"g1"\t1\t2\n"g2"\t3\t4\n', [], AB, [], ""),
    "write.csv": (b'"","S1","S2"\n"g,1",1,2\n"g""2",3,4\n', [], (["g,1", 'g"2'], *AB[1:]), [], "comma"),
    "write.csv2": (b'"";"S1";"S2"\n"g1";1;2\n"g2";3,5;4\n', ["--decimal", ","], (*AB[:2], [[1, 2], [3.5, 4]]), [], "semicolon"),
    "semicolons": (b"gene;S1;S2\ng1;1;2\ng2;3;4\n", [], AB, [], "semicolon"),
    "decimal comma": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t-3,5e0\t4\n", ["--decimal", ","], (*AB[:2], [[1, 2], [-3.5, 4]]), [], ""),
    "bars by --sep": (b"gene|S1|S2\ng1|1|2\ng2|3|4\n", ["--sep", "|"], AB, [], ""),
    "quoted line break": (b'gene\tS1\n"g\n1"\t2\n', [], (["g\n1"], ["S1"], [[2]]), None, ""),
    "BOM and CRLF": (b"\xef\xbb\xbfgene\tS1\tS2\r\ng1\t1\t2\r\ng2\t3\t4\r\n", [], AB, [], ""),
    "BOM and a short header": (b'\xef\xbb\xbf"S1"\t"S2"\r\n"g1"\t1\t2\r\n"g2"\t3\t4\r\n', [], AB, [], "one field short"),
    "GCT 1.2": (b"#1.2\n2\t2\nName\tDescription\tS1\tS2\ng1\tDDX\t1\t2\ng2\tWASH\t3\t4\n", [], AB, ["dropped-columns"], "GCT 1.2"),
    "GCT 1.3": (
        b"#1.3\n2\t2\t1\t1\nid\tpr_sym\tS1\tS2\ncell\tna\tA375\tMCF7\ng1\tDDX\t1\t2\ng2\tWASH\t3\t4\n",
        [], AB, ["dropped-columns"], "GCT 1.3",
    ),
    "featureCounts": (FEATURE_COUNTS, [], (AB[0], ["bam/a.bam", "bam/b.bam"], AB[2]), None, "Chr, Start, End, Strand, Length"),
    "nf-core": (b"gene_id\tgene_name\tS1\tS2\ng1\tTP53\t1\t2\ng2\tSEPT1\t3\t4\n", [], AB, ["dropped-columns"], "gene_name"),
    "Xena": (b"Ensembl_ID\tS1\tS2\ng1\t1\t2\n__no_feature\t3\t4\n", [], (["g1", "__no_feature"], *AB[1:]), ["special-rows"], ""),
    "Xena, dropped": (b"Ensembl_ID\tS1\ng1\t1\n__ambiguous\t3\n", ["--special-rows", "drop"], (["g1"], ["S1"], [[1]]), ["special-rows"], ""),
    "GEO": (GEO, [], AB, [], "GEO series matrix"),
    "STAR": (
        STAR, [], (["ENSG1", "ENSG2"], ["run7"], [[1], [5]]),
        ["assumed-unstranded", "sample-named-after-file", "special-rows"], "STAR",
    ),
    "STAR, reverse": (STAR, ["--value-column", "reverse"], (["ENSG1", "ENSG2"], ["run7"], [[1], [3]]), None, "column reverse"),
    "HTSeq": (HTSEQ, [], (["ENSG1", "ENSG2"], ["run7"], [[1], [5]]), ["sample-named-after-file", "special-rows"], "htseq"),
    "Salmon, by name": (SALMON, ["--value-column", "TPM"], (["T1", "T2"], ["run7"], [[1.5], [2.5]]), None, "Salmon"),
    "Salmon, by number": (SALMON, ["--value-column", "5"], (["T1", "T2"], ["run7"], [[10], [20]]), None, "NumReads"),
    "kallisto": (KALLISTO, ["--value-column", "est_counts"], (["T1"], ["run7"], [[10]]), None, "kallisto"),
    "RSEM": (RSEM, ["--value-column", "expected_count"], (["g1"], ["run7"], [[10]]), None, "RSEM"),
    "tab at the end of the header": (b"gene\tS1\tS2\t\ng1\t1\t2\ng2\t3\t4\n", [], AB, ["empty-columns"], "end of the header"),
    "tab at the end of every line": (b"gene\tS1\tS2\t\ng1\t1\t2\t\ng2\t3\t4\t\n", [], AB, ["empty-columns"], "empty column at the end"),
    "samples twice, kept": (DOUBLED, ["--duplicates", "keep"], (["g1"], ["S1", "S2", "S1"], [[1, 2, 3]]), ["duplicate-sample-names"], ""),
    "samples twice, suffixes": (
        b"gene\tS1\tS1\tS1.1\tS1\ng1\t1\t2\t3\t4\n", ["--duplicates", "suffix"],
        (["g1"], ["S1", "S1.2", "S1.1", "S1.3"], [[1, 2, 3, 4]]), None, "",
    ),
    "genes twice": (b"gene\tS1\ng1\t1\ng1\t2\n", [], (["g1", "g1"], ["S1"], [[1], [2]]), ["duplicate-gene-names"], ""),
    "ids that look like numbers": (
        b"gene\tS1\n007\t1\n2310009E13\t2\nTRUE\t3\n1E5\t4\n7157.0\t5\n", [],
        (["007", "2310009E13", "TRUE", "1E5", "7157.0"], ["S1"], [[1], [2], [3], [4], [5]]), None, "",
    ),
    "samples that are numbers": (b"gene\t007\t1E5\ng1\t1\t2\n", ["--header", "yes"], (["g1"], ["007", "1E5"], [[1, 2]]), None, ""),
    "ids that look missing": (
        b"gene\tS1\nNA\t1\nnull\t2\nnan\t3\n\t4\n", [], (["NA", "null", "nan", ""], ["S1"], [[1], [2], [3], [4]]), None, "",
    ),
    "missing values": (MISSING, [], (AB[0], list("ABCDEF"), [[NAN] * 6, [1, 2, 3, 4, 5, 6]]), ["missing-values"], ""),
    "missing values, --na": (b"gene\tS1\tS2\ng1\t-\t.\n", ["--na", "-", "--na", "."], (["g1"], ["S1", "S2"], [[NAN] * 2]), None, ""),
    "UTF-16 LE": (("\ufeff" + ACCENT).encode("utf-16-le"), [], ACCENTED, [], "UTF-16"),
    "UTF-16 BE": (("\ufeff" + ACCENT).encode("utf-16-be"), [], ACCENTED, [], "UTF-16"),
    "latin-1, said so": (ACCENT.encode("latin-1"), ["--encoding", "latin1"], ACCENTED, [], ""),
    "no row, allowed": (b"gene\tS1\tS2\n", ["--allow-empty"], ([], ["S1", "S2"], np.zeros((0, 2))), [], ""),
    "nothing, allowed": (b"", ["--allow-empty"], ([], [], np.zeros((0, 0))), None, ""),
}

# Text, options, where it is wrong, and parts of what is said of it.
REFUSED = {
    "GCT, one row short": (b"#1.2\n3\t1\nName\tDescription\tS1\ng1\tD\t1\ng2\tW\t3\n", [], [], ["3 rows", "there are 2"]),
    "GCT, one sample short": (b"#1.2\n1\t2\nName\tDescription\tS1\ng1\tD\t1\n", [], [], ["2 samples", "names 1"]),
    "GCT without sizes": (b"#1.2\nName\tDescription\tS1\ng1\tD\t1\n", [], [(2, 1)], ["numbers of rows and samples"]),
    "GEO without its end": (GEO.replace(b"!series_matrix_table_end\n", b""), [], [], ["end"]),
    "Salmon": (SALMON, [], [], ["Salmon", "--value-column"]),
    "kallisto": (KALLISTO, [], [], ["kallisto", "--value-column"]),
    "RSEM": (RSEM, [], [], ["RSEM", "--value-column"]),
    "a quantity that is not there": (SALMON, ["--value-column", "FPKM"], [], ["FPKM", "EffectiveLength"]),
    "tab at the end of rows": (b"gene\tS1\tS2\ng1\t1\t2\t\ng2\t3\t4\t\n", [], [(2, 8), (3, 8)], ["ends in a separator"]),
    "short row": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\ng3\t5\t6\n", [], [(3, 4)], ["2 fields where 3"]),
    "long row": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4\t5\ng3\t5\t6\n", [], [(3, 8)], ["4 fields where 3"]),
    "samples that are numbers": (b"gene\t007\t1E5\ng1\t1\t2\n", [], [(1, 6)], ["--header yes"]),
    "samples twice": (DOUBLED, [], [(1, 12)], ["`S1` occurs twice", "--duplicates"]),
    "a hyphen": (b"gene\tS1\tS2\ng1\t1\t2\ng2\t3\t-\n", [], [(3, 6)], ["`-` is not a number", "--na -"]),
    "a point": (b"gene\tS1\tS2\ng1\t.\t2\n", [], [(2, 4)], ["`.` is not a number", "--na ."]),
    "decimal comma": (b"gene\tS1\tS2\ng\xc3\xbc\t1,5\t2\ng2\t3\t2,5\n", [], [(2, 4), (3, 6)], ["`1,5`", "--decimal"]),
    "thousands": (b"gene\tS1\tS2\ng1\t1,234\t2\n", [], [(2, 4)], ["`1,234`", "thousands"]),
    "true": (b"gene\tS1\ng1\tTRUE\n", [], [(2, 4)], ["`TRUE`"]),
    "hexadecimal": (b"gene\tS1\ng1\t0x10\n", [], [(2, 4)], ["`0x10`"]),
    "after CRLF": (b"gene\tS1\r\ng1\t1\r\ng2\tx\r\n", [], [(3, 4)], ["`x`"]),
    "after a quoted line break": (b'gene\tS1\n"g\n1"\t2\ng2\tx\n', [], [(4, 4)], ["`x`"]),
    "after comments": (FEATURE_COUNTS + b"g3\tc\t1\t2\t+\t5\t1\tx\n", [], [(5, 16)], ["`x`", "bam/b.bam"]),
    "latin-1 sample": (ACCENT.encode("latin-1"), [], [(1, 9)], ["not UTF-8", "--encoding latin1"]),
    "latin-1 gene": (b"gene\tS1\ng1\t1\ng\xe9\t1\n", [], [(3, 2)], ["not UTF-8", "--encoding latin1"]),
    "wrong delimiter": (SMALL, ["--sep", "comma"], [], ["no comma"]),
    "no delimiter": (b"gene:S1\ng1:1\ng2:2\n", [], [], ["nothing separates", "--sep"]),
    "nothing": (b"", [], [], ["empty", "--allow-empty"]),
    "line breaks only": (b"\r\n\n", [], [], ["empty", "--allow-empty"]),
    "no row": (b"gene\tS1\tS2\n", [], [], ["no row", "--allow-empty"]),
}


@pytest.mark.parametrize("data, options, content, codes, reason", READ.values(), ids=READ)
def test_what_is_read(h5lift, text, new, data, options, content, codes, reason):
    record = converted(h5lift, text(data), new, *options)
    genes, samples, values = contents(new)
    assert (genes, samples) == content[:2]
    assert values.shape == (len(genes), len(samples))
    np.testing.assert_array_equal(values, np.array(content[2], dtype=np.float32).reshape(values.shape))
    assert reason in record["reason"]
    if codes is not None:
        assert sorted(told(record)) == codes


@pytest.mark.parametrize("data, options, where, words", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(h5lift, text, new, data, options, where, words):
    record = convert(h5lift, "-o", new, *options, text(data)).must(tool.FAILED).record
    assert record["outcome"] in ("failed", "refused")
    error = record["error"]
    assert places(record) == where
    assert error["hint"] == error["places"][0]["help"] if where else error["hint"]
    advice = [error["message"], error["hint"], *(place["help"] for place in error.get("places", []))]
    for word in words:
        assert any(word in sentence for sentence in advice if sentence), f"{word!r} is not in {advice}"
    assert list(new.parent.iterdir()) == []


def test_the_corner_is_a_name_when_it_is_one_of_the_gene_column(h5lift, text, new):
    """One field short, but it begins with a word for genes: whose name is missing is not guessed."""
    record = convert(h5lift, "-o", new, text(b"gene_id\tS1\ng1\t1\t2\n")).must(tool.FAILED).record
    assert "gene_id" in record["error"]["message"] and "--header short" in record["error"]["hint"]


WAYS = {
    "gzip": ("run7.tsv.gz", gzip.compress), "members": ("run7.tsv.gz", members), "bgzip": ("run7.tsv.gz", bgzf),
    "gzip under another name": ("run7.tsv", gzip.compress), "text called .gz": ("run7.tsv.gz", bytes),
    "zstd, stored": ("run7.tsv.zst", stored_zstd), "zstd": ("run7.tsv.zst", zstd),
}


@pytest.mark.parametrize("name, pack", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("stdin", [None, "pipe", "file"])
def test_however_it_comes_it_is_the_same_matrix(h5lift, text, new, name, pack, stdin):
    table = b"gene\tS1\tS2\n" + b"".join(b"g%d\t%d\t%d.5\n" % (row, row, row) for row in range(200))
    packed = pack(table)
    if packed is None:
        pytest.skip("nothing here compresses with zstd")
    path = text(packed, name)
    if stdin == "pipe":
        convert(h5lift, "-o", new, "-", stdin=packed).must(tool.DONE)
    elif stdin == "file":
        with open(path, "rb") as file:
            subprocess.run([h5lift.binary, "convert", "-q", "-o", new, "-"], stdin=file, check=True, timeout=tool.PATIENCE)
    else:
        converted(h5lift, path, new)
    genes, samples, values = contents(new)
    assert (genes, samples) == ([f"g{row}" for row in range(200)], ["S1", "S2"])
    np.testing.assert_array_equal(values, np.array([[row, row + 0.5] for row in range(200)]))


@pytest.mark.parametrize("options", [{"sep": "\t"}, {"sep": ","}, {"sep": ";", "decimal": ","}, {"sep": "\t", "na_rep": "NA"}])
def test_what_pandas_writes_comes_back(h5lift, text, new, options):
    random = np.random.default_rng(5)
    frame = pd.DataFrame(random.normal(size=(20, 5)), [f"g {row}, \"x\"" for row in range(20)], list("ABCDE"))
    frame.iloc[3, 2] = np.nan
    frame.to_csv(text(b""), **options)
    converted(h5lift, new.parents[1] / "run7.tsv", new, "--dtype", "f64", "--decimal", options.get("decimal", "."))
    genes, samples, values = contents(new)
    assert (genes, samples) == (frame.index.tolist(), frame.columns.tolist())
    np.testing.assert_array_equal(values, frame.to_numpy())
