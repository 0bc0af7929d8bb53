"""What undo, purge and report say when files or ledgers are not as a run left them."""

import fcntl
import hashlib
import os
import shutil

import h5py

import manifest
from accounts import STRANGER
from test_hostile_ledgers import entries, seal


def migrated(scene, name, *options):
    scene.fixture("hybrid.h5", f"{name}/a.h5")
    scene.quietly("migrate", name, "--in-place", "--ledger", f"{name}.jsonl", *options).must(0)
    return scene.path(f"{name}/a.h5"), scene.path(f"{name}/a.h5.h5lift-orig")


def both(scene, title, name, *options):
    for command in ("undo", "purge"):
        scene.case(f"{title}: {command}", command, f"{name}.jsonl", "--dry-run", *options)


def undo(scene):
    _, kept = migrated(scene, "moved")
    kept.rename(scene.path("moved/elsewhere"))
    both(scene, "The kept original was moved away", "moved")
    _, kept = migrated(scene, "changed")
    kept.write_bytes(b"something else")
    both(scene, "The kept original was changed", "changed")
    new, _ = migrated(scene, "old data")
    new.write_bytes(b"something else")
    both(scene, "The new file was changed", "old data")
    new, _ = migrated(scene, "removed")
    new.unlink()
    both(scene, "The new file was removed", "removed")
    new, _ = migrated(scene, "folder")
    new.unlink()
    new.mkdir()
    both(scene, "A folder is in the place of the new file", "folder")
    new, kept = migrated(scene, "twice")
    shutil.copyfile(kept, new)
    both(scene, "The original was copied back by hand", "twice")
    new, kept = migrated(scene, "none", "--no-backup")
    new.write_bytes(b"something else")
    both(scene, "No original was kept, and the new file was changed", "none")
    new, _ = migrated(scene, "held")
    with open(new, "r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        scene.case("A writer holds a lock on the new file", "undo", "held.jsonl")
        scene.case("The same: purge", "purge", "held.jsonl")
    new, kept = migrated(scene, "purged")
    scene.quietly("purge", "purged.jsonl").must(0)
    new.write_bytes(b"something else")
    scene.case("The original was purged, and the new file was changed", "undo", "purged.jsonl", "--dry-run")
    scene.fixture("hybrid.h5", "source/a.h5")
    scene.path("other").mkdir()
    scene.quietly("migrate", "source/a.h5", "-o", "other/a.h5", "--ledger", "other.jsonl").must(0)
    scene.path("source/a.h5").write_bytes(b"something else")
    scene.case("The source of a new file was changed", "undo", "other.jsonl", "--dry-run")
    scene.path("source/a.h5").unlink()
    scene.case("The source of a new file was removed", "undo", "other.jsonl", "--dry-run")
    scene.path("other/a.h5").write_bytes(b"something else")
    scene.case("The new file was changed", "undo", "other.jsonl", "--dry-run")
    scene.path("other/a.h5").unlink()
    scene.case("The new file was removed", "undo", "other.jsonl", "--dry-run")
    scene.fixture("hybrid.h5", "source/a.h5")
    scene.path("deep").mkdir()
    scene.quietly("migrate", "source", "--out-dir", "deep", "--ledger", "deep.jsonl").must(0)
    scene.path("deep").rename(scene.path("gone"))
    scene.case("The folder of the new file is not mounted", "undo", "deep.jsonl", "--dry-run", "--root", ".")


def purge(scene):
    scene.fixture("hybrid.h5", "kept/a.h5")
    scene.quietly("migrate", "kept", "--in-place", "--backup-dir", "originals", "--ledger", "kept.jsonl").must(0)
    scene.path("originals").rename(scene.path("unmounted"))
    both(scene, "The folder of kept originals is not mounted", "kept", "--root", ".")
    new, kept = migrated(scene, "other")
    with h5py.File(new, "r+") as file:
        file["expr"][0, 0] = 99
    fix(scene, "other", lambda entry: retell(entry, new))
    scene.case("The new file differs from its original, and the ledger hides it", "purge", "other.jsonl")


def retell(entry, new):
    if entry.get("entry") == "begun":
        data = new.read_bytes()
        entry["new"].update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def fix(scene, name, change):
    """Changes entries in place: the ledger and its recorded folders stay what they are."""
    ledger = scene.path(f"{name}.jsonl")
    changed = [entry for entry in entries(ledger) if change(entry) is not False]
    ledger.write_text("".join(map(seal, changed)))


def forged(scene):
    def case(title, change=None, lines=None, command="undo", options=("--dry-run",)):
        name = f"l{len(scene.lines)}"
        migrated(scene, name)
        ledger = scene.path(f"{name}.jsonl")
        if change:
            fix(scene, name, lambda entry: change(entry, name))
        if lines:
            ledger.write_text("".join(lines(ledger.read_text().splitlines(keepends=True))))
        scene.case(title, command, f"{name}.jsonl", *options)

    def of(kind, change):
        return lambda entry, name: change(entry) if entry.get("entry") == kind else None

    def line(lines, kind):
        return next(number for number, it in enumerate(lines) if f'"entry":"{kind}"' in it)

    def row(key, value):
        return of("begun", lambda entry: entry["row"].__setitem__(key, value))

    def other(data):
        def change(entry, name):
            if entry.get("entry") == "begun":
                other = scene.path(f"{name}/other.h5")
                other.write_bytes(data)
                entry["source"] = os.fspath(other)
                retell(entry, other)

        return change

    def through_link(entry, name):
        if entry.get("entry") == "begun":
            scene.path("outside").mkdir(exist_ok=True)
            scene.path(f"{name}/link").symlink_to("../outside")
            entry["source"] = os.fspath(scene.path(f"{name}/link/x.h5"))

    case("A ledger with a file that is no HDF5", other(b"precious notes"), options=())
    case("A ledger with a file that is not h5lift's", other(manifest.path("current.h5").read_bytes()), options=())
    case("A ledger with a path through a link", through_link)
    case("A ledger that says that another file was kept", lambda entry, name: entry.update(backup=os.fspath(scene.path(f"{name}/b.h5")))
         if "backup" in entry else None, command="purge")
    case("A ledger with a relative path", of("begun", lambda entry: (entry.update(source="a.h5"), entry["row"].update(tail=4))))
    case("A line was changed", lines=lambda lines: [it.replace('"entry":"begun"', '"entry":"began"') for it in lines])
    case("A line that is no entry", lines=lambda lines: [*lines, seal({"entry": "poem"})])
    case("A line that is longer than any", lines=lambda lines: [*lines, "{" + "a" * (17 << 20) + "}\n"])
    case("A commit that begins twice", lines=lambda lines: [*lines, lines[line(lines, "begun")]])
    case("A commit that ends twice", lines=lambda lines: [*lines, lines[line(lines, "done")]])
    case("A commit that never began", lines=lambda lines: [*lines, seal({"entry": "undone", "id": 99})])
    case("A form that is out of order", lines=lambda lines: [*lines, lines[line(lines, "form")]])
    case("A row of a form that is not there", row("form", 77))
    case("A row whose parts do not fit its form", row("numbers", []))
    case("A row whose path is not that of a file", row("tail", 999))
    case("A row whose time is none", row("modified", [1 << 60, 0]))
    case("A row whose digest is none", row("digest", "none"))
    case("A file whose sum is none", of("begun", lambda entry: entry["new"].update(sha256="none")))
    migrated(scene, "linked")
    os.link(scene.path("linked.jsonl"), scene.path("second.jsonl"))
    scene.case("A ledger with two names", "undo", "linked.jsonl")
    migrated(scene, "open")
    scene.path("open.jsonl").chmod(0o666)
    scene.case("A ledger that others can write", "undo", "open.jsonl")


def interrupted(scene):
    for name, title in (("after", "A run that ended right after a commit"), ("before", "A run that ended before a commit"),
                        ("unclear", "A run that ended in a commit, and the file was changed since"),
                        ("unmounted", "A run that ended in a commit, and the folder is not mounted")):
        new, kept = migrated(scene, name)
        fix(scene, name, lambda entry: entry.get("entry") not in ("done", "finished", "row"))
        if name == "before":
            kept.replace(new)
        if name == "unclear":
            new.write_bytes(b"something else")
        if name == "unmounted":
            new.parent.rename(scene.path("gone"))
        scene.case(title, "report", "-v", f"{name}.jsonl")
        scene.case("The same: undo", "undo", f"{name}.jsonl", "--dry-run", "--root", ".")
        scene.case("The same: the run again", "migrate", name, "--in-place", "--ledger", f"{name}.jsonl")
        scene.case("The same: report", "report", "-v", f"{name}.jsonl")
    new, kept = migrated(scene, "settled")
    fix(scene, "settled", lambda entry: entry.get("entry") not in ("done", "finished", "row"))
    kept.replace(new)
    scene.case("A run that ended before a commit: undo, which finds that out", "undo", "settled.jsonl", "--root", ".")
    scene.case("The same: report", "report", "-v", "settled.jsonl")


def reports(scene):
    for name in ("a", "b", "c"):
        scene.fixture("hybrid.h5", f"old/{name}.h5")
        scene.fixture("hybrid.h5", f"more/{name}.h5")

    def shard(name, which, *options, folder="old"):
        scene.quietly("migrate", folder, "--out-dir", name, "--shard", which, "--ledger", f"{name}.jsonl", *options).must(0)
        return f"{name}.{which.replace('/', '-of-')}.jsonl"

    first, second = shard("new", "1/3"), shard("new", "2/3")
    scene.case("A shard is missing", "report", first, second)
    fix(scene, second.removesuffix(".jsonl"), lambda entry: entry.get("entry") != "finished")
    scene.case("A shard is not finished", "report", first, second)
    scene.case("Shards of different numbers", "report", first, shard("quarter", "2/4"))
    scene.case("Shards with different options", "report", first, shard("options", "2/3", "--chunks", "4x4"))
    scene.case("Shards with different inputs", "report", first, shard("inputs", "2/3", folder="more"))
    again = ("migrate", "--out-dir", "new", "--ledger", "new.jsonl", "--shard", "1/3")
    scene.case("A ledger of other options", *again, "old", "--chunks", "4x4")
    scene.case("A ledger of other inputs", *again, "more")
    scene.path("new.3-of-3.jsonl").write_bytes(scene.path(first).read_bytes())
    scene.case("A ledger of another shard", *again[:-1], "3/3", "old")
    for name, command in (("undone", "undo"), ("purged", "purge")):
        migrated(scene, name)
        scene.quietly(command, f"{name}.jsonl").must(0)
        scene.case(f"A run that was {name}", "report", "-v", f"{name}.jsonl")


def as_root(scene):
    migrated(scene, "owned")
    os.chown(scene.path("owned.jsonl"), STRANGER, STRANGER)
    scene.case("A ledger of another user", "undo", "owned.jsonl")
    os.chmod(scene.fixture("hybrid.h5", "set-id.h5"), 0o4755)
    scene.case("A file with set-id bits", "migrate", "-v", "set-id.h5", "--in-place")
