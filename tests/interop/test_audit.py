"""`audit` says of every fixture what the manifest says, and changes none of them."""

import pytest

import manifest
import tool


@pytest.fixture(scope="session")
def audited(h5lift, tmp_path_factory):
    """One run over all fixtures, hostile ones among them: (records by name, hashes before)."""
    before = {row["file"]: manifest.sha256(manifest.path(row)) for row in manifest.ROWS}
    listed = tmp_path_factory.mktemp("audit") / "files.txt"
    listed.write_text("".join(f"{manifest.path(row)}\n" for row in manifest.ROWS))
    run = h5lift.audit("--timeout", "5", "--files-from", listed).must(tool.DONE)
    return run, tool.by_name(run.files), before


def test_every_file_has_exactly_one_row(audited):
    _, records, _ = audited
    assert sorted(records) == sorted(row["file"] for row in manifest.ROWS)


@pytest.mark.parametrize("row", **manifest.named(manifest.ROWS))
def test_state_and_action(audited, row):
    _, records, _ = audited
    record = records[row["file"]]
    expected = {(row["state"], row["action"])}
    if row["file"] in manifest.UNREAD_STATE:
        expected.add((manifest.UNREAD_STATE[row["file"]], "migrate"))
    assert (record["state"], record["plan"]["action"]) in expected, f"{row['what']}\n{record['reason']}"


@pytest.mark.parametrize("row", **manifest.named(manifest.ROWS))
def test_every_verdict_has_a_reason(audited, row):
    _, records, _ = audited
    assert records[row["file"]]["reason"].strip()


def test_no_fixture_changed(audited):
    _, _, before = audited
    assert {name: manifest.sha256(manifest.path(name)) for name in before} == before


def test_the_summary_adds_up(audited):
    run, records, _ = audited
    summary = run.document["summary"]
    counted = {}
    for record in records.values():
        counted[record["state"]] = counted.get(record["state"], 0) + 1
    assert summary["files"] == len(records)
    assert {state: number for state, number in summary["by_state"].items() if number} == counted
    assert summary["bytes"] == sum(manifest.path(name).stat().st_size for name in records)


@pytest.mark.parametrize(("name", "shape", "dtype", "storage"), [
    ("hybrid.h5", [12, 5], "<f4", "chunked"),
    ("values-big-endian-f64-contiguous.h5", [12, 5], ">f8", "contiguous"),
    ("storage-compact.h5", [40, 8], "<f4", "compact"),
    ("values-uint8.h5", [12, 5], "|u1", "contiguous"),
])
def test_expr_is_described(audited, name, shape, dtype, storage):
    expr = audited[1][name]["expr"]
    # The byte order of a single byte has no sign that all writers agree on.
    described = (expr["shape"], expr["dtype"].lstrip("|"), expr["storage"])
    assert described == (shape, dtype.lstrip("|"), storage)


@pytest.mark.parametrize(("name", "words"), [
    ("not-aligned.h5", ["opening expr", "message not aligned", "65,473 to 65,479 bytes", "may still be in the file"]),
    ("inconsistent-count.h5", ["12", "13"]),
    ("inconsistent-names.h5", ["11", "12"]),
    ("filter-blosc.h5", ["32001"]),
    ("not-lfs-pointer.h5", ["LFS"]),
    ("foreign.loom", ["loom"]),
    ("foreign.h5ad", ["h5ad"]),
    ("foreign.gctx", ["gctx"]),
    ("foreign-10x.h5", ["10x"]),
    ("foreign-archs4.h5", ["archs4"]),
    ("foreign-matlab.h5", ["matlab"]),
    ("foreign-hdfstore-expr.h5", ["hdfstore"]),
])
def test_reasons_name_the_cause(audited, name, words):
    reason = audited[1][name]["reason"].lower()
    assert all(word.lower() in reason for word in words), reason


def test_duplicate_names_are_a_finding(audited):
    codes = {finding["code"] for finding in audited[1]["text-duplicate.h5"]["findings"]}
    assert "duplicate-gene-names" in codes


@pytest.mark.parametrize(("name", "code"), [("hybrid.h5", tool.WORK_FOUND), ("nameless-both.h5", tool.WORK_FOUND), ("current.h5", tool.DONE)])
def test_check_reports_by_its_exit_code(h5lift, name, code):
    h5lift.run("audit", "--check", manifest.path(name)).must(code)
