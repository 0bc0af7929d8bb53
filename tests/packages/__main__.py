"""python tests/packages --roots FOLDER: tries the wheel, the archive and the .deb where their users install them.

Needs root and debootstrap, whose mirror is that of this machine. The fresh roots of Debian stay in FOLDER for the next run;
what a test installs into them is removed again. `make packages-test` builds the packages first.
"""

import argparse
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
RELEASES = ["bullseye", "bookworm", "trixie"]
PYTHON_PACKAGES = "python3,python3-venv,python3-pip"
LARGEST_WHEEL = 8_000_000

sys.path.insert(0, str(PROJECT / "testdata"))

# From hearing of h5lift to a verified file, then the demo archive, whose damaged and nameless files are refused.
JOURNEY = """\
set -e
{install}
cd /try
h5lift --version --verbose
h5lift toy --layout legacy -o old/toy.h5 >/dev/null
h5lift audit old >/dev/null
h5lift migrate old --out-dir new >/dev/null
h5lift verify old/toy.h5 new/toy.h5 >/dev/null
echo "verified: $(date +%s)"
code=0; h5lift migrate archive --out-dir migrated --format json >migrated.json || code=$?
test $code = 1
h5lift licenses | grep -qF 'HDF5 2.'
"""
WHEEL = """\
python3 -m venv /try/environment
/try/environment/bin/pip install --quiet --no-index /try/*.whl
PATH=/try/environment/bin:$PATH"""
DEB = "dpkg --install /try/*.deb >/dev/null"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--roots", type=Path, required=True)
    parser.add_argument("--releases", nargs="*", default=RELEASES)
    options = parser.parse_args()

    wheel = newest("target/wheels/*.whl")
    archive = newest("target/archives/*.tar.gz")
    deb = newest("target/archives/*.deb")
    for program in PROJECT.glob("target/packages/*/dist/h5lift"):
        subprocess.run([PROJECT / "packaging/check-program.sh", program], check=True)
    check_wheel(wheel)
    check_archive(archive)
    check_deb(deb)

    demo = options.roots / "demo"
    if not demo.exists():
        make_demo(demo)
    in_an_empty_root(archive, demo, options.roots / "empty")
    for release in options.releases:
        root = fresh_root(options.roots / release, release)
        travel(root, release, "wheel", WHEEL, wheel, demo)
        travel(root, release, ".deb", DEB, deb, demo)
        chroot(root, "test -e /usr/share/man/man1/h5lift-audit.1.gz")
        chroot(root, "dpkg --purge h5lift >/dev/null; ! test -e /usr/bin/h5lift")
    print("packages: all passed")


def newest(pattern: str) -> Path:
    found = sorted(PROJECT.glob(pattern), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else sys.exit(f"{pattern}: not there; `make wheel tarball deb` writes it")


def check_wheel(path: Path) -> None:
    size = path.stat().st_size
    insist(size < LARGEST_WHEEL, f"{path.name} has {size} bytes")
    insist("manylinux2014" in path.name, f"{path.name} is for newer machines than manylinux2014")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        for part in ["/scripts/h5lift", "/THIRD-PARTY-NOTICES.txt", "/LICENSE-MIT", "/LICENSE-APACHE"]:
            insist(any(name.endswith(part) for name in names), f"{path.name} has no {part}: {names}")
        bill = json.loads(wheel.read(next(name for name in names if name.endswith("/sboms/h5lift.cdx.json"))))
    inside = {component["name"] for component in bill["components"]}
    insist({"HDF5", "zlib-ng", "libdeflate", "clap", "regular-table"} <= inside, f"the list of contents lacks some: {inside}")
    print(f"{path.name}: {size / 1e6:.1f} MB, {len(inside)} components")


def check_archive(path: Path) -> None:
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    names = {member.name.split("/", 1)[-1] for member in members}
    for part in ["h5lift", "THIRD-PARTY-NOTICES.txt", "h5lift.cdx.json", "share/man/man1/h5lift.1", "share/man/man1/h5lift-audit.1",
                 "share/bash-completion/completions/h5lift"]:
        insist(part in names, f"{path.name} has no {part}: {names}")
    insist(all(member.uid == 0 and not member.uname for member in members), f"{path.name} names a user")
    sums = subprocess.run(["sha256sum", "--check", path.name + ".sha256"], cwd=path.parent, stdout=subprocess.PIPE)
    insist(sums.returncode == 0, f"{path.name} has another sum than its file says")


def check_deb(path: Path) -> None:
    """No tag but that of a package that Debian has not seen yet."""
    if not shutil.which("lintian"):
        print("lintian is not installed: skipped")
        return
    said = subprocess.run(["lintian", "--allow-root", "--suppress-tags", "initial-upload-closes-no-bugs", path], text=True,
                          stdout=subprocess.PIPE)
    insist(said.returncode == 0 and not said.stdout.strip(), said.stdout)


def make_demo(folder: Path) -> None:
    import archive

    archive.write(folder)


def fresh_root(root: Path, release: str) -> Path:
    if not (root / "etc/debian_version").exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PYTHON_PACKAGES}", release, root], check=True,
                       stdout=subprocess.DEVNULL)
    return root


def travel(root: Path, release: str, kind: str, install: str, package: Path, demo: Path) -> None:
    work = root / "try"
    shutil.rmtree(work, ignore_errors=True)
    (work / "old").mkdir(parents=True)
    shutil.copytree(demo, work / "archive")
    shutil.copy(package, work)
    began = time.time()
    said = chroot(root, JOURNEY.format(install=install))
    verified = int(said.split("verified: ")[1].split()[0])
    rows = json.loads((work / "migrated.json").read_text())["summary"]["by_outcome"]
    insist(rows.get("migrated") == 8 and not rows.get("failed"), f"{release}, {kind}: {rows}")
    shutil.rmtree(work)
    print(f"Debian {release}, {kind}: {verified - began:.0f} s from its installation to a verified file; 8 files migrated")


def in_an_empty_root(archive: Path, demo: Path, root: Path) -> None:
    """Nothing but the program, /proc and /dev/null, which containers have: no C library, no shell."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "proc").mkdir(parents=True)
    (root / "dev").mkdir()
    os.mknod(root / "dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    shutil.copytree(demo, root / "archive")
    with tarfile.open(archive) as files:
        program = next(member for member in files.getmembers() if member.name.endswith("/h5lift"))
        (root / "h5lift").write_bytes(files.extractfile(program).read())
    (root / "h5lift").chmod(0o755)
    ran = isolated(root, ["/h5lift", "migrate", "/archive", "--out-dir", "/migrated", "--format", "json"])
    rows = json.loads(ran.stdout)["summary"]["by_outcome"]
    insist(rows.get("migrated") == 8, f"empty root: {rows}\n{ran.stderr}")
    shutil.rmtree(root)
    print("an empty root: 8 files migrated")


def chroot(root: Path, script: str) -> str:
    ran = isolated(root, ["/bin/sh", "-c", script])
    insist(ran.returncode == 0, f"{root.name}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def isolated(root: Path, command: list[str]) -> subprocess.CompletedProcess:
    """Runs in the root with a /proc of its own, which is gone afterwards."""
    enter = ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root / 'proc'}", "chroot", str(root)]
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
    return subprocess.run([*enter, *command], env=environment, text=True, capture_output=True)


def insist(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"packages: {otherwise}")


if __name__ == "__main__":
    main()
