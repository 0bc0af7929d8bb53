"""What undo, purge and report say when files or ledgers are not as a run left them."""

import fcntl
import hashlib
import os
import shutil

from test_hostile_ledgers import entries, seal

import h5py


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
    new, _ = migrated(scene, "replaced")
    new.write_bytes(b"something else")
    both(scene, "The new file was changed", "replaced")
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
    for title, name in (("The folder of kept originals is not mounted", "kept"),):
        scene.fixture("hybrid.h5", f"{name}/a.h5")
        scene.quietly("migrate", name, "--in-place", "--backup-dir", f"{name}-originals", "--ledger", f"{name}.jsonl").must(0)
        scene.path(f"{name}-originals").rename(scene.path(f"{name}-unmounted"))
        both(scene, title, name, "--root", ".")
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
    def case(title, change=None, lines=None, command="undo"):
        name = f"l{len(scene.lines)}"
        migrated(scene, name)
        ledger = scene.path(f"{name}.jsonl")
        if change:
            fix(scene, name, lambda entry: change(entry, name))
        if lines:
            ledger.write_text("".join(lines(ledger.read_text().splitlines(keepends=True))))
        scene.case(title, command, f"{name}.jsonl", "--dry-run")

    def of(kind, change):
        return lambda entry, name: change(entry) if entry.get("entry") == kind else None

    def line(lines, kind):
        return next(number for number, it in enumerate(lines) if f'"entry":"{kind}"' in it)

    def row(key, value):
        return of("begun", lambda entry: entry["row"].__setitem__(key, value))

    def notes(entry, name):
        if entry.get("entry") == "begun":
            notes = scene.path(f"{name}/notes.txt")
            notes.write_bytes(b"precious notes")
            entry["source"] = os.fspath(notes)
            entry["new"].update(bytes=14, sha256=hashlib.sha256(b"precious notes").hexdigest())

    case("A ledger with a file that is not h5lift's", notes)
    case("A ledger that says that another file was kept", lambda entry, name: entry.update(backup=os.fspath(scene.path(f"{name}/b.h5")))
         if "backup" in entry else None, command="purge")
    case("A ledger with a relative path", of("begun", lambda entry: (entry.update(source="a.h5"), entry["row"].update(tail=4))))
    case("A line was changed", lines=lambda lines: [it.replace('"entry":"done"', '"entry":"dona"') for it in lines])
    case("A line that is no entry", lines=lambda lines: [*lines, seal({"entry": "poem"})])
    case("A line that is longer than any", lines=lambda lines: [*lines, "{" + "a" * (17 << 20) + "}\n"])
    case("A commit that begins twice", lines=lambda lines: [*lines, lines[line(lines, "begun")]])
    case("A commit that ends twice", lines=lambda lines: [*lines, lines[line(lines, "done")]])
    case("A commit that never began", lines=lambda lines: [*lines, seal({"entry": "undone", "id": 99})])
    case("A form that is out of order", lines=lambda lines: [*lines, lines[line(lines, "form")]])
    case("A row of a form that is not there", row("form", 77))
    case("A row whose parts do not fit its form", of("begun", lambda entry: entry["row"].update({key: [] for key in entry["row"] if isinstance(entry["row"][key], list)})))
    case("A row whose path is not that of a file", row("tail", 999))
    case("A row whose time is none", of("begun", lambda entry: entry["row"].update(modified="never")))
    case("A row whose digest is none", of("begun", lambda entry: entry["row"].update(digest="none")))
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
        scene.case(f"{title}: undo", "undo", f"{name}.jsonl", "--dry-run", "--root", ".")


def reports(scene):
    for name in ("a", "b", "c"):
        scene.fixture("hybrid.h5", f"old/{name}.h5")
    for shard in ("1/3", "2/3"):
        ledger = f"shard-{shard[0]}.jsonl"
        scene.quietly("migrate", "old", "--out-dir", "new", "--shard", shard, "--ledger", ledger)
    scene.case("A shard is missing", "report", "shard-1.jsonl", "shard-2.jsonl")
    fix(scene, "shard-2", lambda entry: entry.get("entry") != "finished")
    scene.case("A shard is not finished", "report", "shard-1.jsonl", "shard-2.jsonl")
    scene.quietly("migrate", "old", "--out-dir", "new4", "--shard", "2/4", "--ledger", "quarter.jsonl")
    scene.case("Shards of different runs", "report", "shard-1.jsonl", "quarter.jsonl")
    scene.case("A ledger of another shard", "migrate", "old", "--out-dir", "new", "--shard", "3/3", "--ledger", "shard-1.jsonl")
    scene.case("A ledger of other options", "migrate", "old", "--out-dir", "new", "--shard", "1/3", "--chunks", "4x4", "--ledger", "shard-1.jsonl")
    scene.case("A ledger of other inputs", "migrate", "old/a.h5", "--out-dir", "new", "--shard", "1/3", "--ledger", "shard-1.jsonl")
    scene.quietly("migrate", "old", "--out-dir", "new5", "--shard", "2/3", "--chunks", "4x4", "--ledger", "options.jsonl")
    scene.case("Shards with different options", "report", "shard-1.jsonl", "options.jsonl")
    scene.quietly("migrate", "old/a.h5", "--out-dir", "new6", "--shard", "2/3", "--ledger", "inputs.jsonl")
    scene.case("Shards with different inputs", "report", "shard-1.jsonl", "inputs.jsonl")
    scene.quietly("migrate", "old", "--out-dir", "new7", "--ledger", "undone.jsonl").must(0)
    scene.quietly("undo", "undone.jsonl").must(0)
    scene.case("A run that was undone", "report", "-v", "undone.jsonl")
    scene.quietly("migrate", "old", "--in-place", "--ledger", "purged.jsonl").must(0)
    scene.quietly("purge", "purged.jsonl").must(0)
    scene.case("A run whose originals were purged", "report", "-v", "purged.jsonl")


