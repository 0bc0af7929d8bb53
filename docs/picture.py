#!/usr/bin/env python3
"""Draw the README's picture: a real audit and a real migration, as a terminal of 100 columns shows them.

    python docs/picture.py target/release/h5lift demo/archive docs/terminal.svg     (`make picture`)

The commands run in a pseudo-terminal; their colours and columns are their own. A test compares the text of the picture with what the
program prints.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from xml.sax.saxutils import escape, unescape

COLUMNS = 100
# Of a font of 13 px; all usual monospaced fonts are near 0.6 em, and textLength evens them out.
CELL, LINE, FONT = 7.83, 18, 13
MARGIN, TITLE = 18, 34
PAPER, BAR, TEXT, DIM = "#1b1f27", "#262b35", "#d5d9e0", "#8a93a3"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e6c07b", "34": "#79b8ff", "35": "#d2a8ff", "36": "#6fd3e0"}
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")


def output_of(command, folder):
    """What a command shows on a terminal, progress left out: it is wiped away in the end."""
    terminal, its_side = pty.openpty()
    fcntl.ioctl(its_side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, cwd=folder, stdout=its_side, stderr=subprocess.DEVNULL, env=environment)
    os.close(its_side)
    shown = b""
    while True:
        try:
            block = os.read(terminal, 1 << 16)
        except OSError:  # Linux says so when the other side is closed.
            break
        if not block:
            break
        shown += block
    os.close(terminal)
    if process.wait() not in (0, 1):
        sys.exit(f"{command}: exit code {process.returncode}")
    return shown.decode("utf-8").replace("\r\n", "\n").splitlines()


def pieces(line):
    """(column, style, text) of each run of words; wide gaps are positions, not spaces."""
    style, column = set(), 0
    for index, part in enumerate(SEQUENCE.split(line)):
        if index % 2:
            codes = set(part.split(";")) - {""}
            style = set() if not codes or "0" in codes else style | codes
            continue
        for words in re.finditer(r"\S+(?: \S+)*", part):
            yield column + words.start(), frozenset(style), words.group()
        column += len(part)


def text(column, row, style, words):
    fill = next((COLOURS[code] for code in style if code in COLOURS), DIM if "2" in style else TEXT)
    weight = ' font-weight="bold"' if "1" in style else ""
    x, y = MARGIN + column * CELL, TITLE + MARGIN + row * LINE + FONT
    return (f'<text x="{x:.2f}" y="{y}" fill="{fill}"{weight} textLength="{len(words) * CELL:.2f}">'
            f"{escape(words)}</text>")


def draw(lines):
    width = round(2 * MARGIN + COLUMNS * CELL)
    height = TITLE + 2 * MARGIN + len(lines) * LINE
    dots = "".join(f'<circle cx="{20 + 20 * index}" cy="{TITLE / 2}" r="6" fill="{fill}"/>'
                   for index, fill in enumerate(("#ff5f57", "#febc2e", "#28c840")))
    body = [text(column, row, style, words)
            for row, line in enumerate(lines) for column, style, words in pieces(line)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{FONT}">',
        "<title>h5lift audits and migrates an archive</title>",
        f'<rect width="{width}" height="{height}" rx="10" fill="{PAPER}"/>',
        f'<path d="M0 {TITLE} V10 A10 10 0 0 1 10 0 H{width - 10} A10 10 0 0 1 {width} 10 V{TITLE} Z" fill="{BAR}"/>',
        dots, *body, "</svg>", ""])


def shown(h5lift, archive):
    """The lines of a session with the archive."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        # Short paths, as for a user in the folder of the archive.
        Path(folder, archive.name).symlink_to(archive.resolve(), target_is_directory=True)
        for words in (["audit", archive.name], ["migrate", archive.name, "--out-dir", "migrated"]):
            lines += ["\x1b[32m$\x1b[0m h5lift " + " ".join(words)]
            lines += output_of([h5lift.resolve(), *words], folder) + [""]
    return lines[:-1]


def text_of(picture):
    """The words of each line of a picture."""
    lines = {}
    for y, words in re.findall(r'<text x="[^"]*" y="(\d+)"[^>]*>([^<]*)</text>', picture):
        lines.setdefault(int(y), []).append(unescape(words))
    return [" ".join(words) for _, words in sorted(lines.items())]


def comparable(lines):
    """The words of lines without what differs from run to run: times, and what depends on the time that a sample took."""
    for line in lines:
        words = " ".join(SEQUENCE.sub("", line).split())
        words = re.sub(r"\b[\d.]+ (?=s\b|min\b)", "0 ", words)
        if re.match(r"(size|time|sample): .*(about|sampled|values)", words):
            words = re.sub(r"[\d.]+", "0", words)
        # In a picture, a coloured word and the comma behind it are two texts.
        if words:
            yield words.replace(" ", "")


def main(h5lift, archive, picture):
    if not archive.is_dir():
        sys.exit(f"{archive}: no such folder; `make demo` writes it")
    picture.write_text(draw(shown(h5lift, archive)), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
