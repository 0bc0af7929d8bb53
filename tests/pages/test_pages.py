"""The pages are run: what a code block prints is what the page shows.

`H5LIFT_UPDATE=1` writes what was printed into the pages instead.
"""

import os
import re

import pytest

import page as pages

NAMES = ("object-header-message-is-too-large.md", "tutorial.md", "pipelines.md", "questions.md")
UPDATE = os.environ.get("H5LIFT_UPDATE") == "1"


def text_of(name):
    return (pages.DOCS / name).read_text(encoding="utf-8")


def check(name, languages, h5lift, tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    page = text_of(name)
    session = pages.Session(name, folder, h5lift.binary)
    outputs = list(pages.results(page, session, languages))
    differing = [output for output in outputs if not output.is_true]
    if UPDATE and differing:
        (pages.DOCS / name).write_text(pages.updated(page, differing), encoding="utf-8")
        return
    assert not differing, pages.shown(differing, name)
    assert outputs, f"{name} shows no output that could be compared"


@pytest.mark.parametrize("name", NAMES)
def test_blocks_print_what_the_page_shows(name, h5lift, tmp_path, monkeypatch):
    check(name, ("python", "console"), h5lift, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_r_print_what_the_page_shows(name, h5lift, tmp_path, monkeypatch):
    libraries = pages.r_libraries(text_of(name))
    if not libraries:
        pytest.skip("the page has no code in R")
    reason = pages.missing_in_r(libraries)
    if reason:
        pytest.skip(f"{reason}: the code in R was not run")
    check(name, ("python", "r", "console"), h5lift, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    page = text_of(name)
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page):
        path, _, anchor = target.partition("#")
        other = (pages.DOCS / path) if path else pages.DOCS / name
        assert other.exists(), f"{name}: {target} does not exist"
        assert not anchor or anchor in pages.anchors(other.read_text(encoding="utf-8")), f"{name}: {target} has no such heading"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_exists(name, h5lift):
    """Also those in blocks and sentences that are not run."""
    known = set(re.findall(r"^  (\w+) ", h5lift.run("--help").stdout, re.MULTILINE))
    options = {}
    for command in re.findall(r"\bh5lift (audit|migrate|convert|verify|show|toy|undo|purge|report|[a-z]+) ?([^`\n|]*)", text_of(name)):
        word, rest = command
        if word not in known:
            continue
        if word not in options:
            options[word] = h5lift.run(word, "--help").stdout
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", rest):
            assert option in options[word], f"{name}: h5lift {word} has no option {option}"


def page_of(*lines):
    return "\n".join(lines) + "\n"


def outcome(page, tmp_path, h5lift, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    session = pages.Session("page.md", folder, h5lift.binary)
    return list(pages.results(page, session, ("python", "console")))


def test_a_wrong_output_is_seen_and_can_be_updated(h5lift, tmp_path, monkeypatch):
    page = page_of("```python", "x = 1", "```", "", "```python", "print(x + 1)", "```", "", "```text", "3", "```",
                   "```console", "$ (exit 3)", "$ echo $?", "0", "$ echo a", "```")
    found = outcome(page, tmp_path, h5lift, monkeypatch)
    assert [output.printed for output in found] == ["2\n", "", "3\n", "a\n"]
    assert [output.is_true for output in found] == [False, True, False, False]
    fixed = pages.updated(page, [output for output in found if not output.is_true])
    assert fixed == page.replace("\n3\n", "\n2\n").replace("$?\n0\n", "$?\n3\n").replace("echo a\n", "echo a\na\n")


def test_output_that_the_page_hides_is_an_error(h5lift, tmp_path, monkeypatch):
    page = page_of("```python", "print('hidden')", "```", "", "A sentence.", "", "```text", "hidden", "```")
    with pytest.raises(AssertionError, match="does not show"):
        outcome(page, tmp_path, h5lift, monkeypatch)


def test_progress_of_a_slow_machine_is_no_output(h5lift, tmp_path, monkeypatch):
    line = "h5lift: 0 of 2 files, 1.1 MiB of 2.2 MiB, 117 KiB/s, about 9 s left"
    found = outcome(page_of("```console", f"$ echo '{line}'; echo 2 files", "2 files", "```"), tmp_path, h5lift, monkeypatch)
    assert [output.printed for output in found] == ["2 files\n"]


@pytest.mark.parametrize(("one", "other"), [
    ("2 files, 21.4 KiB, in 0.1 s", "2 files,  9.7 KiB, in 12 s"),
    ("size:    21.4 KiB -> 9.6 KiB (2.2x smaller)", "size: 1 B -> 2 B (2.0x larger)"),
    ("Modified:     2026-02-13T10:00:00Z", "Modified: 2027-02-13T10:00:00.123Z"),
    ("sha256 0123456789abcdef", "sha256 fedcba9876543210"),
])
def test_what_varies_is_not_compared(one, other):
    assert pages.normalised(one) == pages.normalised(other)


@pytest.mark.parametrize(("one", "other"), [
    ("2 files, 21.4 KiB, in 0.1 s", "3 files, 21.4 KiB, in 0.1 s"),
    ("legacy  8.3 KiB  10 x 60", "legacy  8.3 KiB  10 x 61"),
    ("1 migrated", "1 refused"),
])
def test_what_matters_is_compared(one, other):
    assert pages.normalised(one) != pages.normalised(other)
