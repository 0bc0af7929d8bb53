"""All outputs of one run say the same: table, JSON, JSONL, TSV, page, ledger, lists and MultiQC section, over random archives."""

import base64
import gzip
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

import manifest
import tool

# The library loops for ever on it, which costs --timeout.
HANGS = {"heap-zeroed-sector-dense.h5"}
FIXTURES = sorted(row["file"] for row in manifest.ROWS if row["file"] not in HANGS and manifest.path(row).is_file())
WORDS = ("migrated", "salvaged", "converted", "verified", "skipped", "refused", "failed", "migrate", "skip", "refuse",
         "legacy", "hybrid", "conflict", "current", "nameless", "damaged")
# More rows than the table lists, fewer, and none.
RUNS = [("audit", 1, 120), ("audit", 2, 12), ("out-dir", 3, 90), ("out-dir", 4, 8), ("in-place", 5, 70), ("in-place", 6, 5), ("audit", 7, 0),
        ("convert", 8, 70), ("convert", 9, 6), ("verify", 10, 70), ("verify", 11, 6)]
COMMANDS = {"audit": ("audit", []), "out-dir": ("migrate", ["--out-dir", "new"]), "in-place": ("migrate", ["--in-place"]),
            "convert": ("convert", ["--out-dir", "new"]), "verify": ("verify", [])}
TEXTS = ("gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4.5\n", "gene,S1\ng1,1\ng2,2\n", "gene\tS1\ng1\t1\ng1\t2\n", "gene\tS1\ng1\tx\n", "", "no table\n")


def archive(folder, chance, files, ending=".h5", write=lambda chance, target: shutil.copyfile(manifest.path(chance.choice(FIXTURES)), target)):
    """Copies of fixtures, or what else `write` makes, in a random tree with odd names."""
    folder.mkdir()
    for number in range(files):
        parts = chance.choices(["a", "b c", "样本", "é", "d'e"], k=chance.randrange(3))
        target = folder.joinpath(*parts, f"{number}{chance.choice(['', ' x', chr(0x202e), '<i>', chr(10)])}{ending}")
        target.parent.mkdir(parents=True, exist_ok=True)
        write(chance, target)


def write_text(chance, target):
    target.write_text(chance.choice(TEXTS))


def new_or_spoilt(new):
    """A file that was migrated a moment ago, or one of them with a byte too few or too many."""
    def write(chance, target):
        data = chance.choice(new).read_bytes()
        target.write_bytes(chance.choice([data, data, data[:-1], data + b"x"]))
    return write


def unescaped(field):
    """A field of TSV as it was."""
    return re.sub(r"\\(?:(\\)|([nrt])|x([0-9a-f]{2})|u\{([0-9a-f]+)\})",
                  lambda m: m[1] or {"n": "\n", "r": "\r", "t": "\t"}.get(m[2]) or chr(int(m[3] or m[4], 16)), field)


def page_columns(page):
    """The columns of the rows that a page holds."""
    blocks = re.findall(r'<script type="application/gzip" class="columns">([^<]*)</script>', page)
    return [json.loads(gzip.decompress(base64.b64decode(block))) for block in blocks]


def coded(column):
    return [column["values"][code] for code in column["rows"]]


def page_rows(page):
    rows = []
    for block in page_columns(page):
        folders, states, deeds = coded(block["folder"]), coded(block["state"]), coded(block["deed"])
        rows += [(folder + name, state, deed, bytes, after) for folder, name, state, deed, bytes, after
                 in zip(folders, block["name"], states, deeds, block["bytes"], block["after"])]
    return rows


def counts(table, label):
    """`states: 1 legacy, 2 hybrid` of the closing lines."""
    found = re.search(rf"^{label}: +((?:[^\n]|\n {{9}})*)", table, re.M)
    return {word: int(number.replace(",", "")) for number, word in re.findall(r"([\d,]+) (?:to )?([a-z][a-z0-9-]*)", found[1])} if found else {}


@pytest.mark.parametrize("kind, seed, files", RUNS)
def test_outputs_agree(h5lift, tmp_path, kind, seed, files):
    chance = random.Random(seed)
    command, options = COMMANDS[kind]
    options = list(options)
    if kind == "verify":
        archive(tmp_path / "old", chance, 20)
        h5lift.run("migrate", "old", "--out-dir", "new", cwd=tmp_path)
        archive(tmp_path / "archive", chance, files, write=new_or_spoilt(sorted((tmp_path / "new").rglob("*.h5"))))
    elif kind == "convert":
        archive(tmp_path / "archive", chance, files, ".tsv", write_text)
    else:
        archive(tmp_path / "archive", chance, files)
    reports = {ending: tmp_path / f"report{ending}" for ending in (".json", ".jsonl", ".tsv", ".html", "_mqc.json")}
    lists = {word: tmp_path / f"{word}.list" for word in WORDS}
    ledger = tmp_path / "run.ledger"
    options += [f"--report={path}" for path in reports.values()] + [f"--list={word}={path}" for word, path in lists.items()]
    options += ["-0", "--ledger", ledger] if command == "migrate" else ["-0"]
    run = h5lift.run(command, "archive", *options, cwd=tmp_path, timeout=600)

    report = json.loads(reports[".json"].read_text())
    rows = report["files"]
    assert len(rows) == files == report["summary"]["files"]
    assert run.code == (tool.FAILED if any(row["outcome"] in ("refused", "failed") for row in rows) else tool.DONE)
    deed = lambda row: row["outcome"] or row["plan"]["action"]

    summary = report["summary"]
    assert summary["bytes"] == sum(row["bytes"] for row in rows)
    for key, word in (("by_state", lambda row: row["state"]), ("by_action", lambda row: row["plan"]["action"]), ("by_outcome", lambda row: row["outcome"])):
        assert summary[key] == Counter(word(row) for row in rows if word(row))
    after = [row["bytes_after"] for row in rows if row["bytes_after"] is not None]
    assert summary["bytes_after"] == (sum(after) if after else None)

    assert [json.loads(line) for line in reports[".jsonl"].read_text().splitlines()] == rows
    header, *lines = [line.split("\t") for line in reports[".tsv"].read_text().splitlines()]
    table = [dict(zip(header, map(unescaped, line))) for line in lines]
    assert [(row["path"], row["state"], row["outcome"] or row["action"], int(row["bytes"]), row["bytes_after"]) for row in table] == \
        [(row["path"], row["state"], deed(row), row["bytes"], str(row["bytes_after"] or "")) for row in rows]

    page = reports[".html"].read_text()
    assert page_rows(page) == [(row["path"], row["state"], deed(row), row["bytes"], row["bytes_after"]) for row in rows]
    decisions = sum(row["outcome"] in ("refused", "failed", "salvaged") if row["outcome"] else row["plan"]["action"] == "refuse" for row in rows)
    assert f"<dt>Need a decision</dt><dd>{decisions:,}" in page

    section = json.loads(reports["_mqc.json"].read_text())
    if files:
        assert len(section["data"]) == files and Counter(cells["state"] for cells in section["data"].values()) == summary["by_state"]
        assert Counter(cells["done"] for cells in section["data"].values()) == Counter(map(deed, rows))

    for word, path in lists.items():
        of_word = [row["path"] for row in rows if word in (row["state"], row["plan"]["action"], row["outcome"])
                   or row["outcome"] is None and word == {"refuse": "refused", "skip": "skipped"}.get(row["plan"]["action"])]
        assert [path.decode() for path in path.read_bytes().split(b"\0")[:-1]] == of_word, word

    said = counts(run.stdout, "states")
    if files:
        assert said == summary["by_state"]
        done = command != "audit"
        assert counts(run.stdout, "outcome" if done else "plan").items() >= summary["by_outcome" if done else "by_action"].items()
        assert f"{files} files, " in run.stdout
    if files > 50:
        groups = re.findall(r"^([a-z0-9-]+) \(([a-z]+)\): ([\d,]+) files?, ", run.stdout, re.M)
        assert sum(int(number.replace(",", "")) for _, _, number in groups) == decisions
        in_folders = re.findall(r"^ *([\d,]+) +[\d.]+ [KMGi]*B ", run.stdout, re.M)
        assert sum(int(number.replace(",", "")) for number in in_folders) == files

    if command == "migrate":
        again = h5lift.run("report", ledger, "--format", "json", cwd=tmp_path)
        assert sorted(again.document["files"], key=lambda row: row["path"]) == sorted(rows, key=lambda row: row["path"])


def test_a_list_feeds_files_from(h5lift, tmp_path):
    archive(tmp_path / "archive", random.Random(8), 40)
    h5lift.run("audit", "archive", "--list", "refused=again", "-0", cwd=tmp_path).must(tool.DONE)
    refused = [row["path"] for row in h5lift.audit("archive", cwd=tmp_path).files if row["plan"]["action"] == "refuse"]
    again = h5lift.audit("--files-from", "again", "-0", cwd=tmp_path)
    assert [row["path"] for row in again.files] == refused and refused


def test_a_path_with_a_line_end_is_not_in_a_list_of_lines(h5lift, old, tmp_path):
    old("legacy.h5" if "legacy.h5" in FIXTURES else "square.h5", "archive/a\nb.h5"), old("square.h5", "archive/c.h5")
    run = h5lift.run("audit", "archive", "--list", "migrate=list", cwd=tmp_path).must(tool.FAILED)
    assert (tmp_path / "list").read_text() == "archive/c.h5\n"
    assert "archive/a\\nb.h5" in run.stderr and "-0" in run.stderr


def test_progress_for_programs(h5lift, old, tmp_path):
    old("hybrid.h5", "archive/a.h5")
    run = h5lift.run("migrate", "archive", "--out-dir", "new", "--progress", "json", "-q", cwd=tmp_path).must(tool.DONE)
    *_, end = [json.loads(line) for line in run.stderr.splitlines()]
    assert end["event"] == "end" and (end["files"], end["files_done"], end["files_not_done"]) == (1, 1, 0)
    assert Path(tmp_path / "new/a.h5").is_file()
