"""A page of docs/ as a list of fenced blocks, and the comparison of their outputs.

Blocks run in the order of the page, in one folder:

- `python`: all blocks of a page share their variables, as if typed into one session;
- `r`: each block is a script of its own;
- `console`: a line that begins with `$ ` is a shell command, the lines after it are what it prints;
- `text` directly after a `python` or `r` block: what that block prints.

Other blocks are not run.
"""

import contextlib
import functools
import io
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
# R loads its libraries for minutes when all cores are busy.
PATIENCE = 600
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# h5lift reports progress every few seconds, so only on a slow machine.
PROGRESS = re.compile(r"^h5lift: \d+ of \d+ files?\b.*\n", re.MULTILINE)
# What differs from run to run and from machine to machine, and what becomes of it before a comparison.
VARIES = (
    (re.compile(r"(\bunder )?\b\d+(\.\d+)? (ms|s|min|h)\b"), "TIME"),
    (re.compile(r"\b\d[\d,]*(\.\d+)? (B|bytes|KiB|MiB|GiB)(?!\w)"), "SIZE"),
    (re.compile(r"\(?(\b\d+(\.\d+)?x (smaller|larger)|\bsame size)\b\)?"), "RATIO"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z"), "DATE"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "HEX"),
    (re.compile(r"[ \t]+"), " "),
)


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    start: int  # where the text begins in the page
    line: int


@dataclass(frozen=True)
class Output:
    line: int
    place: slice
    said: str
    printed: str
    language: str

    @property
    def is_true(self):
        return agree(self.said, self.printed, self.language)


def blocks(page):
    return [Block(found[1], found[2], found.start(2), page.count("\n", 0, found.start(2)) + 1) for found in FENCE.finditer(page)]


def normalised(text):
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return [line.strip() for line in text.strip().splitlines()]


def agree(said, printed, language):
    """Whether an output is what the page shows. Files that are worked on at the same time may be reported in any order."""
    said, printed = normalised(said), normalised(printed)
    return sorted(said) == sorted(printed) if language == "console" else said == printed


def commands(text):
    """The commands of a console block, each with what the page says it prints."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"a console block begins with output: {line}")
    return [(command, "\n".join(lines)) for command, lines in found]


def r_libraries(page):
    return sorted({name for block in blocks(page) if block.language == "r" for name in re.findall(r"library\((\w+)\)", block.text)})


def missing_in_r(libraries):
    """Why these libraries of R cannot be used, or nothing."""
    return next((reason for reason in map(missing_library, libraries) if reason), None)


@functools.cache
def missing_library(library):
    if not shutil.which("Rscript"):
        return "Rscript is not installed (Debian: r-base-core)"
    asked = subprocess.run(["Rscript", "-e", f'cat(requireNamespace("{library}", quietly=TRUE))'],
                           capture_output=True, text=True, timeout=PATIENCE)
    return None if asked.stdout.endswith("TRUE") else f"R has no {library} (Debian: r-bioc-rhdf5, r-cran-hdf5r)"


class Session:
    """Runs blocks in a folder, which has to be the working directory of this process. The pages call it /home/you."""

    def __init__(self, name, folder, binary):
        self.name = name
        self.folder = folder
        self.variables = {"__name__": "__main__"}
        self.code = 0
        programs = folder.parent / "programs"
        programs.mkdir()
        (programs / "h5lift").symlink_to(binary)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    def python(self, block):
        code = compile("\n" * (block.line - 1) + block.text, self.name, "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, self.variables)
        return self.at_home(printed.getvalue())

    def r(self, block):
        done = self.run(["Rscript", "-e", block.text])
        assert done.returncode == 0, f"{self.name}:{block.line}: R ended with {done.returncode}\n{done.stdout}"
        return done.stdout

    def shell(self, command):
        done = self.run(["bash", "-c", f"(exit {self.code}); {command}"])
        self.code = done.returncode
        return done.stdout

    def at_home(self, printed):
        return PROGRESS.sub("", printed.replace(str(self.folder), "/home/you"))

    def run(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              encoding="utf-8", timeout=PATIENCE, env=self.environment)
        return subprocess.CompletedProcess(command, done.returncode, self.at_home(done.stdout))


def results(page, session, languages):
    """Runs the page. Yields every output that it shows."""
    found = blocks(page)
    for number, block in enumerate(found):
        if block.language not in languages:
            continue
        if block.language == "console":
            at = block.start
            for command, said in commands(block.text):
                at += len(f"$ {command}\n")
                printed = session.shell(command)
                yield Output(block.line, slice(at, at + len(said)), said, printed, block.language)
                at += len(said) + (1 if said else 0)
            continue
        printed = getattr(session, block.language)(block)
        after = found[number + 1] if number + 1 < len(found) else None
        between = page[block.start + len(block.text):after.start].split("```\n", 1)[-1] if after else ""
        if after and after.language == "text" and between.strip() == "```text":
            yield Output(after.line, slice(after.start, after.start + len(after.text)), after.text, printed, block.language)
        elif printed.strip():
            raise AssertionError(f"{session.name}:{block.line}: this block prints what the page does not show:\n{printed}")


def updated(page, differing):
    """The page with what was printed in place of what it said."""
    for output in sorted(differing, key=lambda output: output.place.start, reverse=True):
        place = output.place
        shown = "\n".join(line.rstrip() for line in output.printed.rstrip().splitlines())
        if page[place].endswith("\n") or (place.start == place.stop and shown):
            shown += "\n"
        page = page[:place.start] + shown + page[place.stop:]
    return page


def shown(differing, name):
    return "\n\n".join(f"{name}:{output.line} says\n{output.said.rstrip()}\n--- but this was printed\n{output.printed.rstrip()}"
                       for output in differing)


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    without_code = FENCE.sub("", page)
    headings = re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

