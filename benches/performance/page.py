"""The page about speed. No figure on it comes from anywhere but the results."""

from os.path import relpath

from tables import (
    against_peers,
    archive_times,
    family,
    output_sizes,
    share_of_encoders,
    spread,
)
from units import plural

WORKS = {
    "file": ("One file", "Each peer is a whole process."),
    "archive": ("An archive", """\
Of h5py only the loop is timed: its processes have started and imported before. h5lift is timed from its start to its
end."""),
    "verbatim": ("A large file that is gzip already", """\
Its chunks are copied as they are. A plain copy that is brought to the disk is the least that anything can take."""),
    "size": ("Larger and larger files", "h5py holds the whole matrix in memory, h5lift a window of it."),
    "files": ("More and more tiny files", """\
What each file costs, whatever it holds. h5lift brings each one and its name to the disk, the loop none."""),
    "audit": ("Audit", """\
h5py reads shape, type, chunks, filters, counts, and where the names are and how many, in a loop of which only the loop is
timed. h5lift reads the names, too, and compares them."""),
    "text": ("Text matrices", "h5lift's file is proved and on the disk, that of the others neither."),
}
RATIOS = """\
In the rows of h5lift: its time and memory with each `--verify`. Below, how many times as long each of the others takes:
above 1, h5lift is faster."""
METHOD = """\
- Contestants take turns, A B C A B C, within one run of the command: a machine's drift falls on all of them. Times are
  medians, ratios are those of medians. All single times are in [{results}]({results}).
- A contestant is a whole process on a fresh output, from start to end, but for loops of h5py, as said above. One more run
  before is not counted, except for large cases.
- Old files are in the page cache for all. Before each run, all that is still to be written goes to the disk, so that
  nobody pays for the one before; outputs are emptied outside of the timing, and removed at the end.
- h5lift brings its file to the disk before it says that it is done, `cp + fsync` as well; h5py, pandas, polars and h5repack
  leave theirs to the page cache, and prove nothing. h5repack compresses, but lifts no names.
- Memory is the largest sum of anonymous memory (`RssAnon`) of all processes of a contestant at one time, sampled from `/proc`:
  pages of files are not in it. It is looked at in the run that is not timed; for large cases in timed ones, seldom.
- Values are made up: log2 of gamma-distributed expression, negative binomial counts, and the former rounded to three
  decimals. A gigabyte consists of blocks of 64 MB, far more than deflate looks back.
- "For a million files" and "for 1 TB" are in proportion to what was measured, nothing else."""
AGAIN = """\
```sh
make bench                     # all of it but the largest, some 20 minutes on two cores; writes this page
make bench FULL=1              # with files of 4 and 8 GB and a tree of 100,000: some 25 GB of disk
make bench QUICK=1             # does all of it still work? tiny, into target/bench, figures mean nothing
make bench ONLY="verbatim"     # one case again, or some
make bench RESUME=1            # goes on after an interruption
H5LIFT_BENCH_DATA=/disk/folder make bench    # on that disk; the smaller data stay there for the next time
```

h5repack takes part where it is installed (`H5REPACK` names another one)."""


def write(found, kernels, drawn, path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    sections = [
        head(found),
        "## How long will my archive take?\n\n" + archive_times(found),
        "## Each work\n\n" + RATIOS,
        *(work(found, name) for name in WORKS),
        section("### Size of the new file", output_sizes(found)),
        section("### Against the encoders alone", share_of_encoders(found, kernels),
                "What the chosen encoder does in memory on all cores, without HDF5 and without a disk."),
        "## Plots" if drawn else None,
        *(f"### {title}\n\n![{title}]({relpath(plot, path.parent)})" for title, plot in drawn.items()),
        "## How it was measured\n\n" + METHOD.format(results=relpath(results, path.parent)) + steadiness(found),
        "## Again, on your machine\n\n" + AGAIN,
    ]
    path.write_text("\n\n".join(each for each in sections if each) + "\n", encoding="utf-8")


def head(found):
    latest = max(found.values(), key=lambda result: result.date)
    lines = ["# How fast", "", "<!-- Written by `make bench` from its results; change nothing here. -->", "",
             environment(latest, max(result.load for result in found.values()))]
    strangers = {}
    for result in found.values():
        if result.made_by != latest.made_by:
            made = (f"{result.date[:10]} with h5lift {result.versions['binary'][:8]}, {result.machine['processor']}, "
                    f"{plural(result.machine['cores'], 'core')}")
            strangers.setdefault(made, []).append(f"`{result.case}`")
    if strangers:
        told = (f"{', '.join(cases)} on {made}" for made, cases in strangers.items())
        lines += ["", f"Measured at other times with other things: {'; '.join(told)}."]
    quick = any(result.scale == "quick" for result in found.values())
    return "\n".join(lines) + "\n\n**A quick run: its figures mean nothing.**" * quick


def environment(result, load):
    machine, versions = result.machine, dict(result.versions)
    binary, commit = versions.pop("binary"), versions.pop("commit", None)
    programs = [f"{name} {version}" for name, version in versions.items()]
    programs[0] += f" (commit {commit}, SHA-256 {binary[:8]}...)" if commit else f" (SHA-256 {binary[:8]}...)"
    return (f"{result.date[:10]}, {machine['processor']}, {plural(machine['cores'], 'core')}, {machine['memory_gib']} GiB of memory, "
            f"{machine['system']}, {machine['file_system']}; load before it {load:g}.\n{', '.join(programs)}.")


def work(found, name):
    results = family(found, name)
    title, text = WORKS[name]
    return section(f"### {title}", against_peers(results), f"{text}{absent(results)}") if results else None


def absent(results):
    """Who took no part and why: one that is missing everywhere is said once."""
    reasons = {}
    for result in results:
        for name, reason in result.absent.items():
            reasons.setdefault((name, reason), []).append(result.work)
    said = [f"{name}: {reason.splitlines()[-1]}" + ("" if len(works) == len(results) else f" ({'; '.join(works)})")
            for (name, reason), works in reasons.items()]
    return f" Not there: {', '.join(said)}." if said else ""


def steadiness(found):
    known = spread(found)
    if not known:
        return ""
    middle, worst, case, name = known
    return (f"\n- The slowest run of a contestant took {middle:.0%} more than its fastest in the middle, and {worst:.0%} at worst "
            f"(`{case}`, {name}).")


def section(heading, table, text=""):
    return "\n\n".join(part for part in (heading, text, table) if part) if table else None
