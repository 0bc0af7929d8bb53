"""What is inside of h5lift: its crates, the C libraries that some of them bring along, and the scripts of the HTML report."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

VENDOR = ROOT / "src" / "report" / "html" / "assets" / "vendor"

TARGETS = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
]


@dataclass(frozen=True)
class Component:
    name: str
    version: str
    license: str  # an SPDX expression
    authors: tuple[str, ...]
    repository: str | None
    folder: Path  # of the sources
    checksum: str | None  # SHA-256 of the crate, for crates of the registry
    texts: tuple[Path, ...] = ()  # the licence's files, if they are known


@dataclass(frozen=True)
class Bundled:
    """A C library inside of a crate, of which `cargo metadata` knows nothing."""

    crate: str
    name: str
    license: str
    text: str
    version_in: str
    version: str  # a pattern; its groups make the version
    repository: str


BUNDLED = [
    Bundled("hdf5-metno-src", "HDF5", "HDF5", "ext/hdf5/LICENSE", "ext/hdf5/src/H5public.h",
            r"H5_VERS_MAJOR\s+(\d+)[\s\S]*?H5_VERS_MINOR\s+(\d+)[\s\S]*?H5_VERS_RELEASE\s+(\d+)",
            "https://github.com/HDFGroup/hdf5"),
    Bundled("libz-sys", "zlib-ng", "Zlib", "src/zlib-ng/LICENSE.md", "src/zlib-ng/zlib-ng.h.in",
            r'ZLIBNG_VERSION "([\d.]+)"', "https://github.com/zlib-ng/zlib-ng"),
    Bundled("libdeflate-sys", "libdeflate", "MIT", "libdeflate/COPYING", "libdeflate/libdeflate.h",
            r'LIBDEFLATE_VERSION_STRING\s+"([\d.]+)"', "https://github.com/ebiggers/libdeflate"),
    Bundled("lzf-sys", "LibLZF", "BSD-2-Clause", "source/LICENSE", "source/Changes",
            r"(?m)^(\d+\.\d+)\b", "http://software.schmorp.de/pkg/liblzf.html"),
    Bundled("zstd-sys", "Zstandard", "BSD-3-Clause", "zstd/LICENSE", "zstd/lib/zstd.h",
            r"ZSTD_VERSION_MAJOR\s+(\d+)[\s\S]*?ZSTD_VERSION_MINOR\s+(\d+)[\s\S]*?ZSTD_VERSION_RELEASE\s+(\d+)",
            "https://github.com/facebook/zstd"),
]


def crates() -> list[Component]:
    """The crates that become part of the program on any of the targets; none of h5lift's own."""
    found: dict[str, dict] = {}
    for target in TARGETS:
        command = ["cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={target}"]
        metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        found |= _linked(metadata)
    checksums = _checksums()
    return sorted((_component(package, checksums) for package in found.values() if package["source"]),
                  key=lambda component: (component.name, component.version))


def scripts() -> list[Component]:
    """The JavaScript inside of the HTML report, as the table beside it lists it."""
    row = re.compile(r"^\| `(?P<file>[^`]+)\.min\.js` \| (?P<name>\S+) (?P<version>\S+) \| [^|]+ \| (?P<license>[^|]+) \|", re.M)
    found = [
        Component(match["name"], match["version"], match["license"].strip(), (), None, VENDOR, None,
                  (VENDOR / f"{match['file']}.LICENSE",))
        for match in row.finditer((VENDOR / "README.md").read_text())
    ]
    if len(found) != len(list(VENDOR.glob("*.js"))):
        raise SystemExit(f"{VENDOR}/README.md: not a row for each library")
    return found


def c_libraries(crates: list[Component]) -> list[Component]:
    by_name = {crate.name: crate for crate in crates}
    return [_bundled(bundled, by_name[bundled.crate]) for bundled in BUNDLED]


def _linked(metadata: dict) -> dict[str, dict]:
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    linked, waiting = {}, [metadata["resolve"]["root"]]
    while waiting:
        identity = waiting.pop()
        if identity in linked or _runs_in_the_compiler(packages[identity]):
            continue
        linked[identity] = packages[identity]
        waiting += [
            dependency["pkg"]
            for dependency in nodes[identity]["deps"]
            # hdf5-metno-src has no code of its own, and is what builds HDF5.
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
    return linked


def _runs_in_the_compiler(package: dict) -> bool:
    return any("proc-macro" in target["kind"] for target in package["targets"])


def _component(package: dict, checksums: dict[tuple[str, str], str]) -> Component:
    return Component(
        name=package["name"],
        version=package["version"],
        # Old manifests separate alternatives by a slash. The one of hdf5-metno-src names the file of HDF5's licence.
        license=(package["license"] or "HDF5").replace("/", " OR "),
        authors=tuple(re.sub(r"\s*<.*>", "", author) for author in package["authors"]),
        repository=package["repository"],
        folder=Path(package["manifest_path"]).parent,
        checksum=checksums.get((package["name"], package["version"])),
    )


def _bundled(bundled: Bundled, crate: Component) -> Component:
    found = re.search(bundled.version, (crate.folder / bundled.version_in).read_text(errors="replace"))
    if not found:
        raise SystemExit(f"{crate.folder / bundled.version_in}: no version of {bundled.name}")
    return Component(bundled.name, ".".join(found.groups()), bundled.license, (), bundled.repository, crate.folder, None,
                     (crate.folder / bundled.text,))


def _checksums() -> dict[tuple[str, str], str]:
    packages = re.split(r"\[\[package\]\]", (ROOT / "Cargo.lock").read_text())
    field = lambda text, key: (re.search(rf'^{key} = "(.*)"$', text, re.MULTILINE) or [None, None])[1]  # noqa: E731
    return {(field(text, "name"), field(text, "version")): field(text, "checksum") for text in packages[1:]}
