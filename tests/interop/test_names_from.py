"""`--names-from`: names that a file has lost come back from where its values are, or not at all."""

import gzip
import os
import subprocess

import h5py
import numpy as np
import pytest

import tool

GENES = [f"TP{n}" for n in range(12)]
SAMPLES = [f"S {n}" for n in range(5)]
VALUES = np.random.default_rng(7).normal(5, 2, (12, 5)).astype("f4")


@pytest.fixture
def lost(tmp_path):
    """A file whose writer crashed at the names."""
    path = tmp_path / "archive" / "lost.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        expr = file.create_dataset("expr", data=VALUES, compression="gzip", chunks=(5, 3))
        expr.attrs["n_genes"], expr.attrs["n_samples"] = VALUES.shape
    return path


def matrix(path, values=VALUES, genes=GENES, samples=SAMPLES):
    rows = ["\t".join(["gene", *samples])]
    rows += ["\t".join([gene, *(repr(float(value)) for value in row)]) for gene, row in zip(genes, values)]
    path.write_text("\n".join(rows) + "\n")
    return path


def listed(path, names):
    path.write_text("".join(name + "\n" for name in names))
    return path


def named(path, genes=GENES, samples=SAMPLES):
    with h5py.File(path) as file:
        assert [name.decode() for name in file["gene_names"][:]] == genes
        assert [name.decode() for name in file["sample_names"][:]] == samples
        assert file["expr"][:].tobytes() == VALUES.tobytes()
        assert dict(file["expr"].attrs) == {"n_genes": 12, "n_samples": 5}


def test_from_the_matrix_that_it_was_made_from(h5lift, lost, tmp_path):
    source, out = matrix(tmp_path / "expression.tsv"), tmp_path / "new.h5"
    run = h5lift.migrate(lost, "-o", out, "--names-from", source).must(tool.DONE)
    assert run.record["outcome"] == "migrated" and run.record["verified"] == "full"
    assert {finding["code"] for finding in run.record["findings"]} >= {"names-given"}
    named(out)
    h5lift.verify(out).must(tool.DONE)


def test_from_another_file(h5lift, lost, tmp_path):
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file.create_dataset("expr", data=VALUES.astype(">f8"), chunks=(12, 1))
        file["expr"].attrs["gene_names"], file["expr"].attrs["sample_names"] = GENES, SAMPLES
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", other).must(tool.DONE)
    named(tmp_path / "new.h5")


def test_from_a_list_for_each_axis(h5lift, lost, tmp_path):
    lists = [listed(tmp_path / "genes.txt", GENES), listed(tmp_path / "samples.txt", SAMPLES)]
    options = [option for path in lists for option in ("--names-from", path)]
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", *options).must(tool.DONE)
    named(tmp_path / "new.h5")


def test_only_the_axis_that_is_lost_is_named_anew(h5lift, lost, tmp_path):
    with h5py.File(lost, "a") as file:
        file["expr"].attrs["sample_names"] = SAMPLES
    source = listed(tmp_path / "genes.txt", GENES)
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.DONE)
    named(tmp_path / "new.h5")


def test_other_values_are_a_refusal(h5lift, lost, tmp_path):
    values = VALUES.copy()
    values[11, 4] += 1
    source, out = matrix(tmp_path / "expression.tsv", values), tmp_path / "new.h5"
    run = h5lift.migrate(lost, "-o", out, "--names-from", source).must(tool.FAILED)
    assert run.record["outcome"] == "refused"
    assert "row 12, column 5" in run.record["error"]["message"]
    assert not out.exists()


@pytest.mark.parametrize("names", [GENES[:-1], [*GENES, "one more"]])
def test_a_list_of_another_length_is_a_refusal(h5lift, lost, tmp_path, names):
    source, out = listed(tmp_path / "genes.txt", names), tmp_path / "new.h5"
    run = h5lift.migrate(lost, "-o", out, "--names-from", source).must(tool.FAILED)
    assert f"a list of {len(names)} names" in run.record["error"]["message"]
    assert not out.exists()


def test_two_lists_that_differ_are_a_refusal(h5lift, lost, tmp_path):
    lists = [listed(tmp_path / "a.txt", GENES), listed(tmp_path / "b.txt", GENES[::-1]), listed(tmp_path / "c.txt", SAMPLES)]
    options = [option for path in lists for option in ("--names-from", path)]
    run = h5lift.migrate(lost, "-o", tmp_path / "new.h5", *options).must(tool.FAILED)
    assert "differ" in run.record["error"]["message"]


def test_audit_reports_which_source_of_a_folder_fits_which_file(h5lift, lost, tmp_path):
    second = lost.with_name("second.h5")
    with h5py.File(second, "w") as file:
        file.create_dataset("expr", data=VALUES[::-1])
    sources = tmp_path / "sources"
    sources.mkdir()
    matrix(sources / "first.tsv")
    matrix(sources / "second.tsv", VALUES[::-1], GENES[::-1])
    (sources / "README").write_text("gene\tfirst\tsecond\nno number\there\t1\nnor\there\t2\n")
    before = lost.read_bytes()
    run = h5lift.audit(lost.parent, "--names-from", sources).must(tool.DONE)
    rows = {row["path"].rsplit("/", 1)[1]: row for row in run.files}
    for name, source in (("lost.h5", "first.tsv"), ("second.h5", "second.tsv")):
        assert rows[name]["state"] == "nameless"
        assert rows[name]["plan"]["action"] == "migrate"
        assert any(source in step for step in rows[name]["plan"]["steps"])
    assert "README" in run.stderr
    assert lost.read_bytes() == before


def test_a_file_without_names_is_a_usage_error(h5lift, lost, tmp_path):
    source = tmp_path / "empty.tsv"
    source.write_text("")
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.USAGE)
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", tmp_path / "nowhere").must(tool.USAGE)


def test_a_file_that_has_its_names_keeps_them(h5lift, lost, tmp_path):
    with h5py.File(lost, "a") as file:
        file["expr"].attrs["gene_names"], file["expr"].attrs["sample_names"] = GENES, SAMPLES
    source = matrix(tmp_path / "expression.tsv", VALUES * 2, GENES[::-1])
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.DONE)
    named(tmp_path / "new.h5")


def written(genes):
    """Lists of the same names as other programs write them, and whether something is told of it."""
    symbols = [f"SYM{n}" for n in range(len(genes))]
    joined = "\n".join(genes) + "\n"
    r_vector = "".join(f'"{n}","{gene}"\n' for n, gene in enumerate(genes, 1))
    return {
        "plain.txt": (joined, False),
        "no-end.txt": (joined.rstrip(), False),
        "crlf.txt": (joined.replace("\n", "\r\n"), False),
        "cr.txt": (joined.replace("\n", "\r"), False),
        "crcrlf.txt": (joined.replace("\n", "\r\r\n"), False),
        "bom.txt": ("\ufeff" + joined, False),
        "features.tsv": ("".join(f"{g}\t{s}\tGene Expression\n" for g, s in zip(genes, symbols)), True),
        "genes.tsv": ("".join(f"{g}\t{s}\n" for g, s in zip(genes, symbols)), True),
        "headed.tsv": ("gene_id\tgene_name\n" + "".join(f"{g}\t{s}\n" for g, s in zip(genes, symbols)), True),
        "write.csv": ('"","x"\n' + r_vector, True),
        "write_noquote.csv": ((",x\n" + r_vector).replace('"', ""), True),
        "write.table": ('"x"\n' + r_vector.replace(",", " "), True),
        "no-row-names.csv": ('"x"\n' + "".join(f'"{gene}"\n' for gene in genes), True),
        "pandas.csv": (",gene\n" + "".join(f"{n},{gene}\n" for n, gene in enumerate(genes)), True),
        "heading.txt": ("gene_id\n" + joined, True),
        "Heading.txt": ("Gene Symbol\r\n" + joined.replace("\n", "\r\n"), True),
    }


@pytest.mark.parametrize("name", written(GENES))
@pytest.mark.parametrize("is_zipped", [False, True])
def test_lists_as_other_programs_write_them(h5lift, lost, tmp_path, name, is_zipped):
    with h5py.File(lost, "a") as file:
        file["expr"].attrs["sample_names"] = SAMPLES
    data, is_told = written(GENES)[name]
    source = tmp_path / (name + ".gz" * is_zipped)
    source.write_bytes(gzip.compress(data.encode()) if is_zipped else data.encode())
    run = h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.DONE)
    named(tmp_path / "new.h5")
    codes = [finding["code"] for finding in run.record["findings"]]
    assert "names-given" in codes and ("list-of-names" in codes) == is_told


def test_utf_16_as_spreadsheets_write_it(h5lift, lost, tmp_path):
    with h5py.File(lost, "a") as file:
        file["expr"].attrs["sample_names"] = SAMPLES
    source = tmp_path / "genes.txt"
    source.write_bytes("\r\n".join(["Gene", *GENES, ""]).encode("utf-16"))
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.DONE)
    named(tmp_path / "new.h5")


@pytest.mark.parametrize("way", ["process-substitution", "fifo", "stdin"])
def test_a_list_through_a_pipe(h5lift, lost, tmp_path, way):
    with h5py.File(lost, "a") as file:
        file["expr"].attrs["sample_names"] = SAMPLES
    features = listed(tmp_path / "features.tsv", [f"{gene}\tSYM\tGene Expression" for gene in GENES])
    given = {"process-substitution": f"<(cut -f1 {features})", "fifo": tmp_path / "fifo", "stdin": "/dev/stdin < <(cut -f1 " + f"{features})"}[way]
    if way == "fifo":
        os.mkfifo(tmp_path / "fifo")
    feed = f"cut -f1 {features} > {tmp_path}/fifo & " if way == "fifo" else ""
    command = f"{feed}{h5lift.binary} migrate {lost} -o {tmp_path}/new.h5 --names-from {given}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=tool.PATIENCE)
    assert done.returncode == 0, done.stderr
    named(tmp_path / "new.h5")


@pytest.mark.parametrize("given, says", [
    ("/dev/zero", "a device"), ("/dev/null", "a device"), ("<(cat /dev/zero)", "binary data"), ("<(yes)", "does not end"),
    ("<(printf 'gene\\tS1\\nA\\t0.5\\n')", "through a pipe"),
])
def test_what_has_no_end_is_refused_in_a_sentence(h5lift, lost, tmp_path, given, says):
    command = f"{h5lift.binary} migrate {lost} -o {tmp_path}/new.h5 --names-from {given}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=tool.PATIENCE)
    assert done.returncode == tool.USAGE and says in done.stderr, done.stderr
    assert "damaged" not in done.stderr and "panicked" not in done.stderr


def test_one_line_too_many_is_explained(h5lift, lost, tmp_path):
    source = listed(tmp_path / "genes.txt", ["Liste der Gene", *GENES])
    run = h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.FAILED)
    assert "if its first line is a heading, remove it" in run.record["error"]["message"]
    # A heading is no name, even where the list is then too short.
    source = listed(tmp_path / "genes.txt", ["gene_id", *GENES[1:]])
    run = h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.FAILED)
    assert "`gene_id`" in run.record["error"]["message"]


@pytest.mark.parametrize("line", ["Smith, J", "chr1:10-20,+"])
def test_commas_within_names_are_not_taken_for_columns(h5lift, lost, tmp_path, line):
    source = listed(tmp_path / "samples.txt", [f"{line}{n}" for n in range(5)])
    h5lift.migrate(lost, "-o", tmp_path / "new.h5", "--names-from", source).must(tool.USAGE)


def test_other_names_than_the_last_time_are_not_done_already(h5lift, lost, tmp_path):
    samples, new = listed(tmp_path / "s.txt", SAMPLES), tmp_path / "new.h5"
    wrong = listed(tmp_path / "wrong.txt", GENES[:-2] + [GENES[-1], GENES[-2]])
    right = listed(tmp_path / "right.txt", GENES)
    run = lambda genes, *options: h5lift.migrate(lost, "-o", new, "--names-from", genes, "--names-from", samples, *options)
    assert run(wrong).must(tool.DONE).record["outcome"] == "migrated"
    assert run(wrong).must(tool.DONE).record["outcome"] == "skipped"
    for options in [("--dry-run",), ()]:
        record = run(right, *options).record
        assert "--overwrite" in (record["error"] or record["plan"])["hint"], record
    run(right).must(tool.FAILED)
    run(right, "--overwrite").must(tool.DONE)
    named(new)


def test_a_preference_of_the_other_copy_is_not_done_already(h5lift, old, tmp_path):
    before, new = old("conflict-order.h5"), tmp_path / "new.h5"
    prefer = lambda which: h5lift.migrate(before, "-o", new, "--prefer", which).record
    assert prefer("attributes")["outcome"] == "migrated"
    assert prefer("attributes")["outcome"] == "skipped"
    assert prefer("datasets")["outcome"] == "refused"


def test_a_matrix_with_missing_chunks_gets_names_as_well(h5lift, tmp_path):
    before, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(before, "w") as file:
        file.create_dataset("expr", (12, 5), "f4", chunks=(4, 5))[:4] = VALUES[:4]
    sources = ["--names-from", listed(tmp_path / "g.txt", GENES), "--names-from", listed(tmp_path / "s.txt", SAMPLES)]
    h5lift.migrate(before, "-o", new, *sources).must(tool.FAILED)
    h5lift.migrate(before, "-o", new, *sources, "--allow-missing-chunks").must(tool.DONE)
    with h5py.File(new) as file:
        assert file["gene_names"].asstr()[:].tolist() == GENES
        assert file["expr"][:4].tobytes() == VALUES[:4].tobytes() and not file["expr"][4:].any()


def test_names_that_cannot_be_stored_are_replaced(h5lift, tmp_path):
    before, new = tmp_path / "old.h5", tmp_path / "new.h5"
    with h5py.File(before, "w") as file:
        expr = file.create_dataset("expr", data=VALUES)
        expr.attrs["gene_names"] = np.array([b"T\0P", *(gene.encode() for gene in GENES[1:])])
        expr.attrs["sample_names"] = SAMPLES
    hint = h5lift.migrate(before, "-o", new).must(tool.FAILED).record["error"]["hint"]
    assert "--names-from" in hint and "not in this file" not in hint
    h5lift.migrate(before, "-o", new, "--names-from", listed(tmp_path / "g.txt", GENES)).must(tool.DONE)
    with h5py.File(new) as file:
        assert file["gene_names"].asstr()[:].tolist() == GENES
        assert file["sample_names"].asstr()[:].tolist() == SAMPLES
