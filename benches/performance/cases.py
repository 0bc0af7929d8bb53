"""What is measured, how often, and at which scale."""

from dataclasses import dataclass

import contestants
from inputs import Archive, Matrix, Text
from units import volume
from values import KINDS

SCALES = ("quick", "standard", "full")
# More than this is deleted as soon as its case is measured, and sampled while it is timed.
LARGE_BYTES, MANY_FILES = 500_000_000, 5_000


@dataclass(frozen=True)
class Case:
    name: str
    family: str
    work: str
    old: object
    contestants: list
    runs: int
    # How often the slow ones of a large case have their turn; None is as often as h5lift.
    slow_runs: int | None = None

    @property
    def is_large(self):
        return self.old.raw_bytes > LARGE_BYTES or self.old.files > MANY_FILES

    def turns(self, contestant):
        return self.slow_runs if contestant.is_slow and self.slow_runs else self.runs


def all_cases(binary, scale):
    quick = scale == "quick"
    genes, samples = (600, 60) if quick else (20_000, 500)
    of_300 = (6, 100, 20) if quick else (300, 2_000, 125)
    by_file, by_tree = contestants.on_a_file(binary), contestants.on_an_archive(binary)
    found = []
    for storage, kinds in (("contiguous", KINDS), ("gzip", KINDS), ("lzf", ("log",))):
        for kind in kinds:
            old = Matrix(kind, genes, samples, storage)
            those = contestants.without_lzf(by_file) if storage == "lzf" else by_file
            found.append(Case(f"file-{storage}-{kind}", "file", f"{KINDS[kind]}, {storage}", old, those, 1 if quick else 7))
    for storage in ("contiguous", "gzip"):
        old = Archive(*of_300, storage=storage)
        work = f"{old.files} {storage} files of {volume(old.raw_bytes // old.files)}"
        found.append(Case(f"archive-{storage}", "archive", work, old, by_tree, 1 if quick else 3))
    # As many samples as fit into an attribute: h5repack 1.10 fails on longer ones.
    old = Matrix("log", *((600, 200) if quick else (62_500, 4_000)), "gzip")
    found.append(Case("verbatim", "verbatim", f"one gzip file of {volume(old.raw_bytes)}", old, by_file, 1 if quick else 3, slow_runs=1))
    found += texts(binary, genes, samples, 1 if quick else 5)
    found += growing_files(binary, scale)
    found += growing_trees(binary, scale)
    return found


def texts(binary, genes, samples, runs):
    spellings = (("decimals", Text(genes, samples)), ("digits", Text(genes, samples, "full precision")),
                 ("gzip", Text(genes, samples, packed=True)))
    return [Case(f"text-{name}", "text", text.spelling + ", gzip" * text.packed, text, contestants.on_a_text(binary), runs)
            for name, text in spellings]


def growing_files(binary, scale):
    """Contiguous log values, ever more of them. Peers that cannot say anything new are left out."""
    shapes = {
        "quick": [(500, 50), (1_000, 100)],
        "standard": [(2_500, 100), (10_000, 250), (20_000, 500), (20_000, 2_500), (20_000, 12_500)],
        "full": [(20_000, 50_000), (20_000, 100_000)],
    }
    chosen = shapes["quick"] if scale == "quick" else shapes["standard"] + shapes["full"] * (scale == "full")
    those = [each for each in contestants.on_a_file(binary) if each.name != "h5repack -f GZIP=4"]
    for genes, samples in chosen:
        old = Matrix("log", genes, samples)
        megabytes = old.raw_bytes / 1e6
        runs = 1 if scale == "quick" or megabytes > 2_000 else 3
        yield Case(f"size-{megabytes:g}", "size", f"one contiguous file of {volume(old.raw_bytes)}", old, those, runs,
                   slow_runs=1 if megabytes > 500 else None)


def growing_trees(binary, scale):
    """Tiny files, ever more of them: what each file costs, whatever it holds."""
    counts = {"quick": (5, 20), "standard": (10, 100, 1_000, 10_000), "full": (10, 100, 1_000, 10_000, 100_000)}[scale]
    those = [each for each in contestants.on_an_archive(binary) if not each.name.startswith("h5repack")]
    for count in counts:
        old = Archive(count, 50, 12)
        runs = 1 if scale == "quick" or count > 50_000 else 2 if count > MANY_FILES else 3
        yield Case(f"files-{count}", "files", f"{count:,} tiny files", old, those, runs, slow_runs=1 if count > 50_000 else None)
        if count == counts[-1] or count == 10_000:
            yield Case(f"audit-{count}", "audit", f"{count:,} small files", old, contestants.on_an_audit(binary),
                       1 if scale == "quick" else 3)
