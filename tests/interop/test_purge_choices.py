"""`purge` and `verify` of files for which a user has decided something: with the same options, their originals can go."""

import h5py
import numpy as np
import pytest

import tool

GENES, SAMPLES = [f"gene{n}" for n in range(3)], [f"sample{n}" for n in range(3)]
VALUES = np.arange(9, dtype="f4").reshape(3, 3)


def nameless(file):
    file["expr"] = VALUES[:2]


def latin1(file):
    expr = file.create_dataset("expr", data=VALUES)
    expr.attrs["gene_names"] = np.array([b"\xe9", *(gene.encode() for gene in GENES[1:])])
    expr.attrs["sample_names"] = SAMPLES


def elsewhere(file):
    file["run/values"], file["run/genes"], file["run/samples"] = VALUES, GENES, SAMPLES


def square(file):
    expr = file.create_dataset("expr", data=VALUES)
    expr.attrs["gene_names"], expr.attrs["sample_names"] = GENES, SAMPLES


CASES = {
    "names from a list": (nameless, ["--names-from", "genes.txt", "--names-from", "samples.txt"]),
    "an encoding": (latin1, ["--encoding", "latin1"]),
    "other places": (elsewhere, ["--matrix", "/run/values", "--genes-from", "/run/genes", "--samples-from", "/run/samples"]),
    "a square matrix that is turned": (square, ["--transpose"]),
}


@pytest.mark.parametrize(("make", "options"), CASES.values(), ids=CASES)
def test_the_options_of_the_migration_prove_it_again(h5lift, tmp_path, make, options):
    (tmp_path / "genes.txt").write_text("\n".join(GENES[:2]) + "\n")
    (tmp_path / "samples.txt").write_text("\n".join(SAMPLES) + "\n")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        make(file)
    run = lambda *command: h5lift.run(*command, cwd=tmp_path)
    run("migrate", "x.h5", "--in-place", "--ledger", "lift.jsonl", *options).must(tool.DONE)
    kept = tmp_path / "x.h5.h5lift-orig"

    refused = run("purge", "lift.jsonl").must(tool.FAILED)
    assert options[0] in refused.stderr and kept.exists(), refused
    without = run("verify", kept.name, "x.h5", "--format", "json").must(tool.FAILED).record
    if make in (nameless, latin1):
        assert without["state"] == "unsupported" and options[0] in without["error"]["hint"], without

    run("verify", kept.name, "x.h5", *options).must(tool.DONE)
    run("purge", "lift.jsonl", *options).must(tool.DONE)
    assert not kept.exists()


def test_other_names_prove_nothing(h5lift, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["expr"] = np.arange(12, dtype="f4").reshape(4, 3)
    for name, names in [("genes", ["g1", "g2", "g3", "g4"]), ("other", ["g1", "g2", "g4", "g3"]), ("samples", SAMPLES)]:
        (tmp_path / f"{name}.txt").write_text("\n".join(names) + "\n")
    run = lambda *command: h5lift.run(*command, "--names-from", "samples.txt", cwd=tmp_path)
    run("migrate", "x.h5", "--in-place", "--ledger", "lift.jsonl", "--names-from", "genes.txt").must(tool.DONE)
    refused = run("purge", "lift.jsonl", "--names-from", "other.txt").must(tool.FAILED)
    assert "/gene_names differs" in refused.stderr and (tmp_path / "x.h5.h5lift-orig").exists()
