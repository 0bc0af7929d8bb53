"""Every command of h5lift in the README is typed, in an archive in which all of them have something to do."""

import gzip
import re
import shutil

import pytest

import page as pages
import tool

README = (pages.DOCS.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = [block.text for block in pages.blocks(README) if block.language == "sh" and "h5lift " in block.text and "make " not in block.text]


def commands(block):
    """One command a line; one that ends in a pipe or a quote goes on."""
    lines = (re.sub(r"\s+# .*", "", line) for line in block.splitlines() if not line.startswith("#"))
    return [command.strip() for command in re.split(r"\n(?=h5lift )", "\n".join(lines))]


@pytest.fixture
def archive(h5lift, tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for number in range(3):
        h5lift.run("toy", "-o", folder / f"archive/{number}.h5", "--layout", "legacy", "--seed", str(number)).must(tool.DONE)
    shutil.copy("archive/0.h5", "old.h5")
    with gzip.open("matrix.tsv.gz", "wt") as text:
        text.write("gene\tS1\tS2\nA\t1.5\t2\nB\t3\t4\n")
    h5lift.run("toy", "-o", folder / "other/1.h5", "--layout", "legacy").must(tool.DONE)
    h5lift.run("migrate", "other", "--in-place", "--ledger", "other.jsonl").must(tool.DONE)
    return folder


def test_there_are_commands():
    assert len(BLOCKS) == 3 and sum(len(commands(block)) for block in BLOCKS) > 15


@pytest.mark.parametrize("block", BLOCKS)
def test_commands_do_what_the_readme_says(h5lift, archive, block):
    if " jq " in block and not shutil.which("jq"):
        pytest.skip("jq is not installed")
    session = pages.Session("README.md", archive, h5lift.binary)
    for command in commands(block):
        if "copied.jsonl" in command:
            shutil.copy("lift.jsonl", "copied.jsonl")
        session.code = 0
        printed = session.shell(command)
        # A report of files that were put back says that they are not migrated.
        expected = tool.WORK_FOUND if "--check" in command else tool.FAILED if command.startswith("h5lift report") else tool.DONE
        assert session.code == expected, f"{command}: exit code {session.code}\n{printed}"
