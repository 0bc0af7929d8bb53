"""What an audit says that a migration would cost."""

import h5py
import numpy as np
import pytest

import tool


def legacy(h5lift, folder, samples, seeds):
    folder.mkdir()
    for seed in seeds:
        path = folder / f"{seed}.h5"
        h5lift.run("toy", "-o", path, "--layout", "legacy", "--genes", "4000", "--samples", str(samples), "--seed", str(seed), "-q").must(tool.DONE)


def test_bytes_after_are_near_what_a_migration_makes(h5lift, tmp_path):
    legacy(h5lift, tmp_path / "archive", 400, range(3))
    estimate = h5lift.audit("archive", cwd=tmp_path).document["estimate"]
    assert estimate["files"] == estimate["sampled_files"] == 3
    migrated = h5lift.migrate("archive", "--out-dir", "new", cwd=tmp_path).must(tool.DONE).document["summary"]
    assert estimate["bytes"] == migrated["bytes"]
    assert estimate["bytes_after_least"] <= migrated["bytes_after"] <= estimate["bytes_after_most"]
    assert abs(estimate["bytes_after"] / migrated["bytes_after"] - 1) < 0.05
    assert 0 < estimate["sampled_bytes"] <= 3 * (8 << 20) and estimate["seconds"] > 0

    table = h5lift.run("audit", "archive", cwd=tmp_path).must(tool.DONE).stdout
    assert "\nsize:    " in table and "\nsample:  3 of 3 files to migrate, " in table
    rows = h5lift.run("audit", "archive", "--format", "jsonl", cwd=tmp_path).must(tool.DONE).stdout
    assert "estimate" not in rows
    # What is done needs no estimate.
    assert "estimate" not in h5lift.audit("new", cwd=tmp_path).document


def test_files_whose_gzip_chunks_are_copied_keep_their_size(h5lift, tmp_path):
    (tmp_path / "archive").mkdir()
    for seed in range(3):
        with h5py.File(tmp_path / f"archive/{seed}.h5", "w") as file:
            values = np.random.RandomState(seed).uniform(0, 16, (2_000, 900)).astype("f4")
            expr = file.create_dataset("expr", data=values, chunks=(500, 90), compression="gzip")
            expr.attrs["n_genes"], expr.attrs["n_samples"] = values.shape
            expr.attrs["gene_names"] = [f"G{n}" for n in range(2_000)]
            expr.attrs["sample_names"] = [f"S{n}" for n in range(900)]
    estimate = h5lift.audit("archive", cwd=tmp_path).document["estimate"]
    assert estimate["bytes_after"] == estimate["bytes"]
    migrated = h5lift.migrate("archive", "--out-dir", "new", cwd=tmp_path).must(tool.DONE).document
    assert {row["written_as"]["encoder"] for row in migrated["files"]} == {"verbatim"}
    assert estimate["bytes_after_least"] <= migrated["summary"]["bytes_after"] <= estimate["bytes_after_most"]


@pytest.mark.parametrize("options", [["audit"], ["audit", "--check"], ["migrate", "--dry-run", "--out-dir", "new"]])
def test_little_work_is_not_estimated(h5lift, old, tmp_path, options):
    old("hybrid.h5", "archive/a.h5")
    assert "estimate" not in h5lift.run(*options, "--format", "json", "archive", cwd=tmp_path).document
