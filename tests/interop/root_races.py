"""Races of an ordinary user against root: what is set up, what is swapped, and what must not have happened.

Used by a test, for a sample, and by a sweep of `tests/soak`, for the full number of tries.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ATTACKER, VICTIM = 65534, 12345
"""Two ordinary users."""
RACER = Path(__file__).with_name("racer.py")
PATIENCE = 300


@dataclass
class Scene:
    """A ground with a folder of the attacker's, a folder of root's, and targets that must stay as they are."""

    ground: Path
    binary: Path
    fixture: Path
    files: int

    def __post_init__(self) -> None:
        self.ground.chmod(0o755)
        self.theirs = self.folder("theirs", ATTACKER)
        self.ours = self.folder("ours", 0)
        self.targets = self.folder("targets", 0, 0o700)
        self.counter = self.ground / "counter"
        # A program that runs as root, a secret, and a folder of another user.
        for name, owner, mode in (("program.h5", 0, 0o4755), ("secret.h5", VICTIM, 0o600)):
            shutil.copyfile(self.fixture, self.targets / name)
            os.chown(self.targets / name, owner, owner)
            (self.targets / name).chmod(mode)
        home = self.folder("targets/home", VICTIM, 0o700)
        (home / "precious").write_bytes(b"precious")
        self.before = state(self.targets)

    def folder(self, name: str, owner: int, mode: int = 0o755) -> Path:
        path = self.ground / name
        path.mkdir()
        os.chown(path, owner, owner)
        path.chmod(mode)
        return path

    def fill(self, folder: str = "archive") -> Path:
        """Files of the attacker's, some of them in folders below folders."""
        archive = self.theirs / folder
        shutil.rmtree(archive, ignore_errors=True)
        for number in range(self.files):
            below = archive / ("", "sub", "sub/deeper")[number % 3]
            below.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.fixture, below / f"{number}.h5")
        for path in [archive, *archive.rglob("*")]:
            os.chown(path, ATTACKER, ATTACKER)
        return archive

    def race(self, kind: str, *arguments: object, run: Callable[[], None]) -> int:
        """Runs h5lift while the attacker swaps; the number of tries."""
        self.counter.write_bytes(bytes(8))
        os.chown(self.counter, ATTACKER, ATTACKER)
        # Neither the repository nor an environment of root's need be readable for others.
        racer = shutil.copy(RACER, self.ground)
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
        command = [python, racer, str(self.counter), kind, *map(str, arguments)]
        identity = {"user": ATTACKER, "group": ATTACKER, "extra_groups": []}
        racer = subprocess.Popen(command, cwd="/", **identity)
        try:
            while self.tries() == 0 and racer.poll() is None:
                pass
            if racer.poll() is not None:
                raise RuntimeError("the attacker cannot run here")
            run()
            return self.tries()
        finally:
            racer.kill()
            racer.wait()

    def tries(self) -> int:
        return int.from_bytes(self.counter.read_bytes()[:8], "little")

    def h5lift(self, *arguments: object) -> None:
        """Files that were swapped fail, which is right."""
        command = [str(self.binary), *map(str, arguments), "-q", "-j2"]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode not in (0, 1, 2) or "panicked" in done.stderr:
            raise RuntimeError(f"h5lift ended with {done.returncode}: {done.stderr[-2000:]}")

    def won(self) -> list[str]:
        """What the attacker has gained, one line each."""
        found = [f"{name} was {was} and is {now}" for name, was, now in changes(self.before, state(self.targets))]
        for folder in (self.theirs, self.ours):
            for path in folder.rglob("*"):
                status = path.lstat()
                if path.is_symlink() or status.st_mode & 0o6000 == 0:
                    continue
                found.append(f"{path} has mode {status.st_mode & 0o7777:o} and is of user {status.st_uid}")
        return found


def state(folder: Path) -> dict[str, tuple]:
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_uid, status.st_gid, oct(status.st_mode), status.st_nlink, content)
    return found


def changes(before: dict, after: dict) -> list[tuple]:
    names = before.keys() | after.keys()
    short = {name: (before.get(name, ())[:4], after.get(name, ())[:4]) for name in names if before.get(name) != after.get(name)}
    return [(name, *both) for name, both in sorted(short.items())]


def original_is_swapped(scene: Scene) -> int:
    """While root migrates into a folder of root's, originals are links to a program of root's for a moment."""
    archive, new = scene.fill(), scene.ours / "new"
    shutil.rmtree(new, ignore_errors=True)
    target = scene.targets / "program.h5"
    return scene.race("swap-files", archive, target, run=lambda: scene.h5lift("migrate", archive, "--out-dir", new))


def original_is_swapped_in_place(scene: Scene) -> int:
    archive, target = scene.fill(), scene.targets / "program.h5"
    return scene.race("swap-files", archive, target, run=lambda: scene.h5lift("migrate", archive, "--in-place"))


def the_folder_is_swapped(scene: Scene) -> int:
    """The folder of the originals is one with links to a program of root's for a moment."""
    archive, new, twin = scene.fill(), scene.ours / "new", scene.theirs / "twin"
    for folder in (new, twin):
        shutil.rmtree(folder, ignore_errors=True)
    twin.mkdir()
    files = sorted((archive / "sub").glob("*.h5"))
    for path in files:
        (twin / path.name).symlink_to(scene.targets / "program.h5")
    os.chown(twin, ATTACKER, ATTACKER)
    # By name, because half of the walks would meet the other folder.
    run = lambda: scene.h5lift("migrate", *files, "--out-dir", new)  # noqa: E731
    return scene.race("swap-folders", archive / "sub", twin, run=run)


def folders_become_links(scene: Scene) -> int:
    """Folders and files of a new tree become links to a folder of another user as soon as they are there."""
    archive, new = scene.fill(), scene.theirs / "new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    os.chown(new, ATTACKER, ATTACKER)
    target = scene.targets / "home"
    return scene.race("plant-links", new, target, run=lambda: scene.h5lift("migrate", archive, "--out-dir", new))


def links_are_planted(scene: Scene) -> int:
    """Links lie where root is about to make folders."""
    archive, new = scene.fill(), scene.theirs / "new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    os.chown(new, ATTACKER, ATTACKER)
    target = scene.targets / "home"
    run = lambda: scene.h5lift("migrate", archive, "--out-dir", new)  # noqa: E731
    return scene.race("plant-ahead", new, target, "sub", "sub/deeper", run=run)


def temporary_files_become_links(scene: Scene) -> int:
    """Temporary files and kept originals become links to a file of another user."""
    archive, target = scene.fill(), scene.targets / "secret.h5"
    return scene.race("plant-links", archive, target, run=lambda: scene.h5lift("migrate", archive, "--in-place"))


def the_report_becomes_a_link(scene: Scene) -> int:
    """The report of root's lies in a folder of the attacker's."""
    archive, target = scene.fill(), scene.targets / "secret.h5"
    run = lambda: scene.h5lift("audit", archive, "--report", scene.theirs / "r.json")  # noqa: E731
    return scene.race("plant-ahead", scene.theirs, target, "r.json", run=run)


RACES = [original_is_swapped, original_is_swapped_in_place, the_folder_is_swapped, folders_become_links, links_are_planted,
         temporary_files_become_links, the_report_becomes_a_link]
