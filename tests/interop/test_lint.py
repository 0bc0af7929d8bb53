"""`audit --lint` reports suspicious names and values; without it, an audit reports what it always did."""

import re

import h5py
import numpy as np
import pytest

import manifest
import tool

# What an audit reports without `--lint`.
ALWAYS = re.compile(r"(duplicate|empty)-(gene|sample)-names|(no|malformed)-(gene|sample)-count")

EXPECTED = {
    "oddity-samples.h5": ["renamed-sample-names", "heading-sample-names", "path-sample-names", "padded-sample-names"],
    "oddity-genes.h5": ["missing-gene-names", "counter-gene-names", "float-gene-names", "date-gene-names", "padded-gene-names"],
    "oddity-made-up-names.h5": ["made-up-gene-names", "made-up-sample-names"],
    "oddity-nan-sample.h5": ["all-nan-samples", "nan-values", "infinite-values"],
    "oddity-inexact-counts.h5": ["negative-counts", "inexact-counts"],
    "oddity-half-counts.h5": ["infinite-values", "inexact-counts"],
    "oddity-missing-chunks.h5": ["all-nan-samples", "nan-values"],
    "text-nan-label.h5": ["duplicate-gene-names", "missing-gene-names"],
    "text-empty.h5": ["duplicate-gene-names", "empty-gene-names"],
    "text-control-characters.h5": ["unprintable-gene-names", "padded-gene-names"],
    "text-very-long.h5": ["long-gene-names"],
    "values-int16.h5": ["negative-counts"],
    "storage-nbit.h5": ["unread-values"],
    "values-uint64.h5": [],
    "values-bool.h5": [],
    "hybrid.h5": [],
}

# Types, byte orders and storages in which NaN and infinities are counted.
COUNTED = [
    "oddity-nan-sample.h5", "oddity-half-counts.h5", "values-nan-payloads.h5", "values-nan-payloads-contiguous.h5",
    "values-big-endian-f32.h5", "values-big-endian-f64-contiguous.h5", "values-f16.h5", "storage-lzf-shuffle.h5",
    "storage-scaleoffset-float.h5", "storage-compact.h5", "values-0xN.h5", "values-Nx0.h5",
]


def told(record):
    return {finding["code"]: finding["detail"] for finding in record["findings"]}


@pytest.fixture(scope="module")
def audits(h5lift):
    """Every fixture without a lint and with one."""
    rows = [manifest.path(row) for row in manifest.ROWS]
    plain, linted = (h5lift.audit("--timeout", "2", *more, *rows).must(tool.DONE) for more in ([], ["--lint"]))
    return tool.by_name(plain.files), tool.by_name(linted.files)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_suspicious_is_reported(audits, name):
    assert sorted(told(audits[1][name])) == sorted(EXPECTED[name])


def test_details_say_which_and_how_many(audits):
    _, linted = audits
    assert told(linted["oddity-samples.h5"])["heading-sample-names"].endswith("Geneid, Length, Unnamed: 3")
    assert told(linted["oddity-nan-sample.h5"])["all-nan-samples"] == "1 sample has no value, only NaN: DGRP_036_M"
    assert "16,777,216" in told(linted["oddity-inexact-counts.h5"])["inexact-counts"]
    half = told(linted["oddity-half-counts.h5"])["inexact-counts"]
    assert half == "1 of 60 values is a whole number beyond 2,048, where float16 no longer holds every one"


def test_what_was_never_written_is_neither_counted_nor_a_sample_without_values(audits):
    findings = told(audits[1]["oddity-missing-chunks.h5"])
    # 16 x 3 and 8 x 3 values were written; of samples 7 and 8, nothing.
    assert findings["nan-values"] == "16 of 72 values are NaN"
    assert findings["all-nan-samples"] == "1 sample has no value, only NaN: DGRP_021_F"


def test_without_a_lint_only_names_that_are_there_twice_or_empty_are_reported(audits):
    plain, linted = audits
    for name, record in plain.items():
        assert all(ALWAYS.fullmatch(code) for code in told(record)), name
        if linted[name]["state"] == record["state"]:
            always = {code: text for code, text in told(linted[name]).items() if ALWAYS.fullmatch(code)}
            assert told(record) == always, name
    assert told(plain["text-duplicate.h5"]) == {"duplicate-gene-names": "3 names occur twice or more: FBgn0031208, March1, x"}
    assert told(plain["text-empty.h5"])["empty-gene-names"] == "2 names are empty"
    assert told(plain["counts-missing.h5"]).keys() == {"no-gene-count", "no-sample-count"}


def test_a_lint_changes_a_verdict_only_where_values_are_damaged(audits):
    plain, linted = audits
    changed = {name for name in plain if any(plain[name][key] != linted[name][key] for key in ("state", "plan", "reason"))}
    # The others are found damaged, with the same words but for the phase in which they end.
    changed = {name for name in changed if plain[name]["state"] != "damaged"}
    assert changed == set(manifest.UNREAD_STATE)
    for name in changed:
        assert (linted[name]["state"], linted[name]["plan"]["action"]) == ("damaged", "refuse")
        assert "reading values" in linted[name]["reason"] and "chunk at offset [" in linted[name]["reason"]


@pytest.mark.parametrize("name", COUNTED)
def test_counts_are_those_of_numpy(audits, name):
    with h5py.File(manifest.path(name)) as file:
        values = file["expr"][:]
        samples = file["expr"].attrs.get("sample_names", file.get("sample_names"))[:]
    findings = told(audits[1][name])
    expected = {}
    for code, count, words in (("nan-values", np.isnan(values).sum(), "NaN"), ("infinite-values", np.isinf(values).sum(), "infinite")):
        if count:
            expected[code] = f"{count} of {values.size} values {'is' if count == 1 else 'are'} {words}"
    assert {code: findings[code] for code in findings if code in ("nan-values", "infinite-values")} == expected
    hollow = [samples[column] for column in np.flatnonzero(np.isnan(values).all(axis=0))] if values.size else []
    assert ("all-nan-samples" in findings) == bool(hollow)
    assert all(name in findings["all-nan-samples"] for name in hollow)


@pytest.mark.parametrize(("dtype", "storage"), [
    ("<f4", {"chunks": (100, 7), "compression": "gzip"}),
    (">f8", {}),
    ("<f2", {"chunks": (3000, 1)}),
])
def test_a_matrix_of_many_windows_is_counted_whole(h5lift, tmp_path, dtype, storage):
    rows, columns = 3000, 1100
    random = np.random.RandomState(3)
    values = random.normal(0, 3, size=(rows, columns)).astype(dtype)
    values[random.randint(0, rows, 500), random.randint(0, columns, 500)] = np.nan
    values[random.randint(0, rows, 70), random.randint(0, columns, 70)] = np.inf
    values[:, [0, 699, 700, columns - 1]] = np.nan
    path = tmp_path / "wide.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("expr", data=values, **storage)
        file["gene_names"] = [f"g{n}" for n in range(rows)]
        file["sample_names"] = [f"s{n}" for n in range(columns)]
    findings = told(h5lift.audit("--lint", path).must(tool.DONE).record)
    assert findings["nan-values"] == f"{np.isnan(values).sum()} of {values.size} values are NaN"
    assert findings["infinite-values"] == f"{np.isinf(values).sum()} of {values.size} values are infinite"
    assert findings["all-nan-samples"] == "4 samples have no value, only NaN: s0, s699, s700"
    assert not {"negative-counts", "inexact-counts"} & set(findings)


def test_a_chunk_that_needs_too_much_memory_is_reported_and_changes_no_state(h5lift, tmp_path):
    path = tmp_path / "one-chunk.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("expr", data=np.zeros((5000, 2500), "f4"), chunks=(5000, 2500), compression="gzip")
        file["gene_names"] = [f"g{n}" for n in range(5000)]
        file["sample_names"] = [f"s{n}" for n in range(2500)]
    record = h5lift.audit("--lint", "--memory", "256M", path).must(tool.DONE).record
    assert record["state"] == "current"
    assert "50000000 bytes" in told(record)["unread-values"]
    assert "unread-values" not in told(h5lift.audit("--lint", path).record)


def test_a_header_that_claims_a_huge_matrix_costs_nothing(h5lift, tmp_path):
    path = tmp_path / "huge.h5"
    for shape, chunks in [((2**20, 2**16), (16, 16)), ((4, 2**37), (4, 16)), ((0, 2**60), None)]:
        with h5py.File(path, "w") as file:
            expr = file.create_dataset("expr", shape=shape, dtype="i1" if shape[0] == 4 else "f4", chunks=chunks)
            if chunks:
                expr[:4, :4] = 1
            expr.attrs["gene_names"], expr.attrs["sample_names"] = ["a"], ["b"]
        record = h5lift.audit("--lint", "--timeout", "10", path).must(tool.DONE).record
        assert record["state"] in ("incomplete", "inconsistent"), record["reason"]


def test_a_sample_without_a_name_is_counted_from_1(h5lift, tmp_path):
    path = tmp_path / "nameless.h5"
    with h5py.File(path, "w") as file:
        file["expr"] = np.array([[1, np.nan, 2], [3, np.nan, 4]], "f4")
    record = h5lift.audit("--lint", path).must(tool.DONE).record
    assert told(record)["all-nan-samples"] == "1 sample has no value, only NaN: column 2"


def test_a_lint_changes_no_byte(h5lift, old):
    path = old("oddity-nan-sample.h5")
    before = (manifest.sha256(path), path.stat().st_mtime_ns)
    h5lift.run("audit", "--lint", "-q", path).must(tool.DONE)
    h5lift.run("audit", "--lint", "--check", "-q", old("oddity-half-counts.h5")).must(tool.DONE)
    assert (manifest.sha256(path), path.stat().st_mtime_ns) == before
