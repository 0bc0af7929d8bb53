"""The plots of the page, as SVG: time, ratios and memory."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

# The same figures give the same bytes, and words stay words.
matplotlib.rcParams.update({
    "svg.hashsalt": "h5lift", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#e3e6ea",
    "axes.axisbelow": True, "legend.frameon": False, "figure.facecolor": "white",
})
FULL, FAST, NONE = (f"h5lift --verify {level}" for level in ("full", "fast", "none"))
# Okabe and Ito's colours, which the colour-blind can distinguish; markers repeat the distinction.
LOOKS = {
    FULL: ("#0072b2", "o"), FAST: ("#3a9bd0", "D"), NONE: ("#56b4e9", "v"), "h5lift audit": ("#0072b2", "o"),
    "h5py": ("#d55e00", "s"), "h5py, 1 process": ("#d55e00", "s"), "h5py, 2 processes": ("#e69f00", "^"),
    "cp + fsync": ("#777777", "x"), "pandas + h5py": ("#cc79a7", "P"), "polars + h5py": ("#8c510a", "X"),
}
REPACK, MORE_PROCESSES = ("#009e73", "d"), ("#7f3b08", ">")


def draw(found, folder):
    """Paths of the plots by their titles; a plot that has nothing to show is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = family(found, "size", "raw_bytes")
    counts = family(found, "files", "files")
    audits = family(found, "audit", "files")
    drawn = {}
    if len(sizes) > 1:
        drawn["Time against size"] = grow(folder / "time.svg", sizes, 1e6, "MB of values, one contiguous file", (
            ("seconds", lambda result, name: result.seconds(name)),
            ("nanoseconds per byte", lambda result, name: per(result, name, 1e9 / result.input["raw_bytes"]))))
    if len(counts) > 1:
        drawn["Time against number of files"] = grow(folder / "files.svg", counts, 1, "tiny files", (
            ("seconds", lambda result, name: result.seconds(name)),
            ("milliseconds per file", lambda result, name: per(result, name, 1e3 / result.input["files"]))))
    peers = [result for result in found.values() if result.family in ("file", "archive", "verbatim", "text")]
    if any(result.seconds(FULL) for result in peers):
        drawn["Time relative to h5lift"] = ratios(folder / "ratios.svg", [each for each in peers if each.seconds(FULL)])
    if len(sizes) > 1:
        drawn["Memory against size"] = grow(folder / "memory.svg", sizes, 1e6, "MB of values, one contiguous file", (
            ("peak memory, MiB", mebibytes),))
    if len(counts) > 1:
        drawn["Memory against number of files"] = grow(folder / "memory-files.svg", counts, 1, "tiny files", (
            ("peak memory, MiB", mebibytes),))
    if len(audits) > 1:
        drawn["Time of audit against number of files"] = grow(folder / "audit.svg", audits, 1, "small files", (
            ("seconds", lambda result, name: result.seconds(name)),))
    return drawn


def family(found, name, measure):
    return sorted((each for each in found.values() if each.family == name), key=lambda each: each.input[measure])


def look(name):
    return LOOKS.get(name) or (MORE_PROCESSES if name.startswith("h5py,") else REPACK)


def per(result, name, factor):
    seconds = result.seconds(name)
    return seconds and seconds * factor


def mebibytes(result, name):
    """A copy needs next to none, and would press all others into the upper half."""
    memory = None if name.startswith("cp") else result.memory(name)
    return memory and memory / 2**20


def grow(path, results, unit, along, panels):
    measure = "files" if unit == 1 else "raw_bytes"
    figure, axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels) + 1, 3.8), squeeze=False)
    names = list(dict.fromkeys(name for result in results for name in result.contestants))
    for axis, (label, value) in zip(axes[0], panels):
        for name in names:
            points = [(result.input[measure] / unit, value(result, name)) for result in results]
            points = [point for point in points if point[1]]
            if not points:
                continue
            colour, marker = look(name)
            axis.plot(*zip(*points), color=colour, marker=marker, markersize=5, linewidth=1.6, label=name)
        axis.set(xscale="log", yscale="log", xlabel=along, ylabel=label)
        for each in (axis.xaxis, axis.yaxis):
            each.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.12g}"))
            each.set_minor_formatter(NullFormatter())
    # Curves that span less than a decade would have no number on their axis.
    for axis in axes[0]:
        low, high = axis.get_ylim()
        if high / low < 30:
            axis.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncol=min(len(labels), 3))
    figure.set_layout_engine("constrained")
    return saved(figure, path)


def ratios(path, results):
    """How much longer than h5lift with all its proofs, one line for each work."""
    figure, axis = plt.subplots(figsize=(10.2, 0.34 * len(results) + 1.6))
    shown = {}
    for row, result in enumerate(results):
        for name in result.contestants:
            if name.startswith("h5lift"):
                continue
            colour, marker = look(name)
            shown[label_of(name)], = axis.plot(result.seconds(name) / result.seconds(FULL), row, marker,
                                               color=colour, markersize=7)
    axis.axvline(1, color=LOOKS[FULL][0], linewidth=1.6)
    axis.set_yticks(range(len(results)), [row_of(result) for result in results])
    axis.invert_yaxis()
    axis.set(xscale="log", xlabel=f"times as long as {FULL} (line); further right is slower")
    axis.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncol=min(len(shown), 4))
    figure.set_layout_engine("constrained")
    return saved(figure, path)


def label_of(name):
    return {"h5py": "h5py, 1 process"}.get(name, name.split(",")[0] if name.startswith("h5repack") else name)


def row_of(result):
    return {"file": "one file: ", "text": "text: "}.get(result.family, "") + result.work


def saved(figure, path):
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    path.write_text("\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n",
                    encoding="utf-8")
    return path
