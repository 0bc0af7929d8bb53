"""What verify says of files that differ, each in one way."""

import h5py
import numpy as np

import manifest

NAME = "extra-groups.h5"


def rename(file, name, change):
    names = file[name].asstr()[...]
    del file[name]
    file[name] = np.array(change(list(names)), h5py.string_dtype())


def value(file):
    file["expr"][3, 2] += 1


def again(file, name, values, **options):
    """Writes a dataset once more, in another way."""
    attributes = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=values, **options).attrs.update(attributes)


def value_elsewhere(file):
    values = file["expr"][...]
    values[3, 2] += 1
    again(file, "expr", values, compression="gzip", chunks=(2, 2))


CHANGES = {
    "a value": value,
    "a value, in other chunks": value_elsewhere,
    "the shape of the matrix": lambda file: again(file, "expr", file["expr"][:-1], compression="gzip"),
    "the type of its elements": lambda file: again(file, "expr", file["expr"][...].astype("f8"), compression="gzip"),
    "its compression": lambda file: again(file, "expr", file["expr"][...]),
    "the shape of its gene names": lambda file: again(file, "gene_names", file["gene_names"][...].reshape(-1, 1)),
    "a gene": lambda file: rename(file, "gene_names", lambda names: ["other", *names[1:]]),
    "the number of genes": lambda file: rename(file, "gene_names", lambda names: names[1:]),
    "an attribute": lambda file: file["quality"].attrs.__setitem__("threshold", 0.9),
    "a value of another dataset": lambda file: file["quality/rin"].__setitem__(0, 1.0),
    "a group that is gone": lambda file: file.pop("empty"),
    "a group more": lambda file: file.create_group("more"),
    "a link more": lambda file: file.__setitem__("soft", h5py.SoftLink("/expr")),
    "a hard link more": lambda file: file.__setitem__("hard", file["expr"]),
    "a type more": lambda file: file.__setitem__("type", np.dtype("f4")),
    "its digest": lambda file: file.attrs.__setitem__("h5lift_digest", file.attrs["h5lift_digest"][:-64] + "0" * 64),
    "a digest that is none": lambda file: file.attrs.__setitem__("h5lift_digest", "h5lift-digest/9"),
    "no digest": lambda file: file.attrs.__delitem__("h5lift_digest"),
    "no matrix": lambda file: file.__delitem__("expr"),
}


def pairs(scene):
    old = scene.fixture(NAME, "old.h5").name
    scene.quietly("migrate", old, "-o", "new.h5").must(0)
    whole = scene.path("new.h5").read_bytes()
    for what, change in CHANGES.items():
        scene.path("new.h5").write_bytes(whole)
        with h5py.File(scene.path("new.h5"), "r+") as file:
            change(file)
        scene.case(f"The new file differs in {what}", "verify", old, "new.h5")
        scene.case("The same, by itself", "verify", "new.h5")
    scene.path("new.h5").write_bytes(whole)
    with h5py.File(scene.path("new.h5")) as file:
        chunk = file["expr"].id.get_chunk_info(0)
    data = bytearray(whole)
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    scene.path("new.h5").write_bytes(data)
    scene.case("A chunk of the new file is damaged", "verify", old, "new.h5")
    scene.case("The same, by itself", "verify", "new.h5")
    scene.case("The same, compared chunk by chunk", "verify", old, "new.h5", "--verify", "fast")
    saved = scene.fixture("chunk-flipped-twice.h5", "torn.h5").name
    scene.quietly("migrate", "--salvage", saved, "-o", "saved.h5")
    with h5py.File(scene.path("saved.h5"), "r+") as file:
        del file.attrs["h5lift_salvaged"]
    scene.case("A file with losses that does not tell of them", "verify", saved, "saved.h5")


def alone(scene):
    for name in ("current.h5", "hybrid.h5", "not-html.h5", "truncated-half.h5", "foreign.h5ad"):
        scene.case(f"{name}, by itself", "verify", scene.fixture(name).name)
    scene.case("Another file than its original", "verify", scene.fixture("storage-gzip1.h5").name, "current.h5")
    scene.case("A file that is not there", "verify", "hybrid.h5", "gone.h5")
    scene.fixture("hybrid.h5", "old/hybrid.h5")
    scene.fixture("current.h5", "old/current.h5")
    scene.path("new").mkdir()
    scene.case("A tree without its files", "verify", "old", "new")
    with h5py.File(scene.path("old-without-names.h5"), "w") as file, h5py.File(manifest.path("current.h5")) as current:
        file["expr"] = current["expr"][...]
    scene.case("An original without names", "verify", "old-without-names.h5", "current.h5")
