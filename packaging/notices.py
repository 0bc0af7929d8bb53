#!/usr/bin/env python3
"""Writes THIRD-PARTY-NOTICES.txt, or with --check says whether it fits the dependencies.

`h5lift licenses` prints the file, and every package contains it. Texts come from the sources that cargo has fetched.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import dependencies
from dependencies import ROOT, Component

NOTICES = ROOT / "THIRD-PARTY-NOTICES.txt"
EXTRA = ROOT / "packaging" / "notices"

# Of a choice, the first of these is taken.
PREFERRED = ["MIT", "Zlib", "BSD-2-Clause", "BSD-3-Clause", "ISC", "HDF5", "Unicode-3.0", "Apache-2.0"]

HEAD = """\
h5lift is free software: MIT OR Apache-2.0. A program of it contains the software below, whose licences demand that
their texts are passed on with it. Written by packaging/notices.py from the sources of the dependencies.
"""
RULE = "=" * 100


def main() -> None:
    wanted = render()
    if "--check" in sys.argv:
        if not NOTICES.exists() or NOTICES.read_text() != wanted:
            sys.exit(f"{NOTICES.name} does not fit the dependencies: run `make notices` and commit the file")
        return
    NOTICES.write_text(wanted)


def render() -> str:
    crates = dependencies.crates()
    libraries = dependencies.c_libraries(crates) + dependencies.scripts()
    extra = [path.read_text().strip().split("\n", 1) for path in sorted(EXTRA.glob("*.txt"))]
    overview = [f"{component.name} {component.version} ({component.license})" for component in libraries]
    overview += [title for title, _ in extra]
    overview += [f"{crate.name} {crate.version} ({crate.license})" for crate in crates]

    sections = ["\n".join([HEAD, *overview])]
    sections += [f"{title}\n\n{text.strip()}" for title, text in extra]
    users = defaultdict(list)
    for component in libraries + crates:
        for text in texts_of(component):
            users[text].append(f"{component.name} {component.version}")
    sections += [f"{', '.join(names)}\n\n{text}" for text, names in users.items()]
    return f"\n\n{RULE}\n".join(sections) + "\n"


def texts_of(component: Component) -> list[str]:
    if component.texts:
        return [tidy(path.read_text(errors="replace")) for path in component.texts]
    texts = []
    for alternatives in re.split(r"\bAND\b", component.license.replace("(", "").replace(")", "")):
        texts.append(text_of(component, chosen(component, [name.strip() for name in alternatives.split(" OR ")])))
    return [text for text in texts if text]


def chosen(component: Component, alternatives: list[str]) -> str:
    for name in PREFERRED:
        if name in alternatives:
            return name
    sys.exit(f"{component.name}: none of the licences {alternatives} is known to packaging/notices.py")


def text_of(component: Component, name: str) -> str | None:
    if name == "HDF5" or (component.name, name) == ("lzf-sys", "BSD-2-Clause"):
        return None  # the licence of the C library, which has an entry of its own
    files = [path for path in sorted(component.folder.iterdir())
             if re.match(r"(?i)licen[cs]e|copying", path.name) and is_text_of(name, path)]
    if files:
        return tidy(files[0].read_text(errors="replace"))
    if name == "MIT":
        holders = ", ".join(component.authors) or f"the authors of {component.name}"
        return f"Copyright (c) {holders}\n\n{MIT}"
    sys.exit(f"{component.folder}: no text of {name}")


def is_text_of(name: str, path: Path) -> bool:
    """Whether the words that only this licence has are in the file, and nothing but this licence."""
    text = " ".join(path.read_text(errors="replace").split())
    return all(word in text for word in WORDS[name]) and len(text) < LENGTHS.get(name, 3000)


WORDS = {
    "MIT": ["Permission is hereby granted, free of charge", "WITHOUT WARRANTY OF ANY KIND"],
    "Zlib": ["This software is provided 'as-is'", "Altered source versions"],
    "BSD-2-Clause": ["Redistributions in binary form must reproduce"],
    "BSD-3-Clause": ["Redistributions in binary form must reproduce", "to endorse or promote products"],
    "ISC": ["Permission to use, copy, modify, and/or distribute this software"],
    "Unicode-3.0": ["UNICODE LICENSE V3"],
    "Apache-2.0": ["Apache License", "END OF TERMS AND CONDITIONS"],
}
LENGTHS = {"Apache-2.0": 12000}

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


def tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.expandtabs().replace("\f", "").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


if __name__ == "__main__":
    main()
