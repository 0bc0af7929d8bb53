#!/usr/bin/env python3
"""absolute_links.py REPOSITORY TAG [PAGE]: makes the relative links of PAGE (README.md) absolute, in place.

The page of a wheel in a package index resolves no relative links. REPOSITORY is the address of the project on its forge,
which knows folders `blob` (pages) and `raw` (pictures) below it.
"""

import re
import sys
from pathlib import Path

LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def main() -> None:
    repository, tag, *page = sys.argv[1:]
    path = Path(page[0] if page else "README.md")
    path.write_text(absolute(path.read_text(), repository.rstrip("/"), tag))


def absolute(text: str, repository: str, tag: str) -> str:
    def replaced(link: re.Match) -> str:
        if "://" in link["target"]:
            return link[0]
        folder = "raw" if link["picture"] else "blob"
        return f"{link['picture']}[{link['text']}]({repository}/{folder}/{tag}/{link['target']}{link['anchor'] or ''})"

    return LINK.sub(replaced, text)


if __name__ == "__main__":
    main()
