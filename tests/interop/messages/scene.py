"""A folder in which commands are run, and the record of what they print."""

import os
import re
import shlex
import shutil

import manifest

# What differs from run to run, or with the versions of libraries: numbers of bytes, times, processes, hosts.
VARIES = [
    (r"(?m)^h5lift: \d+ of .*\n", ""),
    (r"\b[0-9a-f]{64}\b", "SHA256"),
    (r"x{99,}", "x..."),
    (r" *(?<![\d.])\d+(\.\d+)? ([KMGT]i)?B\b", "  SIZE"),
    (r"\d+(\.\d+)?x (smaller|larger)", "N times smaller or larger"),
    (r", in (under )?\d+(\.\d+)? s\b", ", in TIME"),
    (r"\bprocess \d+( on \S+)?", "process PID"),
    (r"\buser \d+", "user UID"),
    (r"0x[0-9a-f]{8}\b", "0xSUM"),
    (r"its \d+ bytes at \d+ reach beyond the end of the file at \d+", "its N bytes at N reach beyond the end of the file at N"),
    (r"(?<=\S)  +", "  "),
    (r"(?m) +$", ""),
]


class Scene:
    def __init__(self, folder, h5lift):
        self.folder, self.h5lift = folder, h5lift
        self.lines = []

    def path(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def fixture(self, name, at=None):
        return shutil.copyfile(manifest.path(name), self.path(at or name))

    def case(self, title, *command, stdin=b""):
        """Runs h5lift in the folder, and records what it prints."""
        run = self.h5lift.run(*command, cwd=self.folder, stdin=stdin)
        assert "panicked" not in run.stderr, run
        printed = run.stdout + run.stderr
        shown = shlex.join(os.fspath(word) for word in command)
        printed = self.normalised(printed).rstrip("\n")
        self.lines.append(f"# {title}\n\n$ h5lift {self.normalised(shown)}\n? {run.code}\n{printed}\n")
        return run

    def quietly(self, *command):
        """A step of the setup."""
        return self.h5lift.run(*command, cwd=self.folder)

    def normalised(self, text):
        for folder in {os.path.realpath(self.folder), os.fspath(self.folder)}:
            text = text.replace(f"{folder}/", "").replace(folder, ".")
        for pattern, replacement in VARIES:
            text = re.sub(pattern, replacement, text)
        return text

    @property
    def text(self):
        return "\n".join(self.lines)
