"""The picture of a terminal shows what the program prints today."""

import difflib
import subprocess
import sys
from pathlib import Path

import manifest

sys.path.insert(0, str(manifest.REPOSITORY / "docs"))
import picture  # noqa: E402


def test_the_picture_shows_what_is_printed(h5lift, tmp_path):
    archive = tmp_path / "archive"
    subprocess.run([sys.executable, manifest.TESTDATA / "archive.py", archive], check=True)
    today = list(picture.comparable(picture.shown(Path(h5lift.binary), archive)))
    drawn = list(picture.comparable(picture.text_of((manifest.REPOSITORY / "docs" / "terminal.svg").read_text(encoding="utf-8"))))
    difference = "\n".join(difflib.unified_diff(drawn, today, "docs/terminal.svg", "h5lift", lineterm=""))
    assert drawn == today, f"draw it anew by `make picture`\n{difference}"


def test_another_word_is_seen():
    lines = ["$ h5lift audit archive", "12 files, 3.4 MiB, in 0.3 s", "size:    3 MiB now, about 2 MiB after"]
    assert picture.text_of(picture.draw(lines)) == [" ".join(line.split()) for line in lines]
    other = [line.replace("0.3 s", "7 min").replace("about 2 MiB", "about 2.5 MiB") for line in lines]
    same = list(picture.comparable(lines))
    assert list(picture.comparable(other))[2] == same[2]
    assert list(picture.comparable([line.replace("12 files", "13 files") for line in lines])) != same
