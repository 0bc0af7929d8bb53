"""The tables of the page: results in, Markdown out."""

from statistics import median

from plots import FAST, FULL, NONE
from units import plural, time, volume
from values import KINDS

OURS = (FULL, FAST, NONE)
AUDIT = "h5lift audit"


def archive_times(found):
    """What the owner of an archive asks first: the time, and what it is compared with."""
    chosen = [found[name] for name in ("file-contiguous-log", "archive-contiguous", "archive-gzip", "verbatim", "text-decimals")
              if name in found]
    chosen += [max(those, key=lambda each: each.input["files"])
               for those in (family(found, "files"), family(found, "audit")) if those]
    rows = [["archive", "h5lift `--verify full`", "h5lift `--verify none`", "one process of another program",
             "fastest other program", "`--verify full`, extrapolated"]]
    for result in chosen:
        ours = FULL if result.seconds(FULL) else AUDIT
        if not result.seconds(ours):
            continue
        rows.append([described(result), f"**{time(result.seconds(ours))}**", time(result.seconds(NONE)),
                     one_process(result), fastest(result), rate(result, ours)])
    return table(rows)


def described(result):
    stored = volume(result.input["bytes"])
    return {
        "file": f"one file, {result.work}, {stored}",
        "text": f"one text, {result.work}, {stored}",
        "audit": f"audit of {result.work}",
    }.get(result.family, f"{result.work}, {stored} in all" if result.input["files"] > 1 else f"{result.work}, {stored}")


def one_process(result):
    for name in ("h5py", "h5py, 1 process", "pandas + h5py"):
        if result.seconds(name):
            return f"{time(result.seconds(name))}, {name.split(',')[0]}"
    return "–"


def fastest(result):
    """Among the programs that do the same work: a copy migrates nothing, and h5repack moves no names."""
    times = {name: result.seconds(name) for name in peers(result)
             if not name.startswith(("cp", "h5repack")) and result.seconds(name)}
    if not times:
        return "–"
    name = min(times, key=times.get)
    return f"{time(times[name])}, {name}"


def rate(result, ours):
    """Extrapolated in proportion: the plots show that time grows with bytes, and with the number of tiny files."""
    seconds = result.seconds(ours)
    if result.family in ("files", "audit"):
        return f"{time(seconds / result.input['files'] * 1e6)} for a million files"
    return f"{time(seconds / result.input['bytes'] * 1e12)} for 1 TB"


def against_peers(results):
    """h5lift's own times and memory, then the time of each other program divided by h5lift's at each level of verification."""
    ours = [name for name in (*OURS, AUDIT) if any(result.seconds(name) for result in results)]
    rows = [["case", "program", "time", "memory", *(f"h5lift `{name.removeprefix('h5lift ')}`" for name in ours)]]
    for result in results:
        rows.append([result.work, "**h5lift**", "", "", *(both(result, name) for name in ours)])
        for name in peers(result):
            ratios = [times_as_long(result, name, other) for other in ours]
            rows.append(["", name, time(result.seconds(name)), memory(result, name), *ratios])
    return table(rows)


def both(result, name):
    return f"**{time(result.seconds(name))}**, {memory(result, name)}"


def peers(result):
    return [name for name in result.contestants if not name.startswith("h5lift")]


def times_as_long(result, name, ours):
    theirs, mine = result.seconds(name), result.seconds(ours)
    return f"{theirs / mine:.1f} x" if theirs and mine else ""


def output_sizes(found):
    rows = [["values, storage of the old file", "old file", "h5py's new file", "h5lift's new file", "h5lift / h5py"]]
    for result in family(found, "file"):
        theirs, ours = result.output("h5py"), result.output(FULL)
        if theirs and ours:
            rows.append([result.work, volume(result.input["bytes"]), volume(theirs), volume(ours), f"{ours / theirs:.2f}"])
    return table(rows) if len(rows) > 1 else None


def share_of_encoders(found, kernels):
    """A large file without verification, and its encoder calls alone, on all cores, in memory."""
    if not kernels:
        return None
    rows = [["values", "file", "h5lift, `--verify none`", f"encoders alone, {plural(kernels['cores'], 'core')}",
             "h5lift / encoders"]]
    for kind, speed in kernels["megabytes_per_second"].items():
        those = [found[f"file-contiguous-{kind}"]] if f"file-contiguous-{kind}" in found else []
        those += family(found, "size") if kind == "log" else []
        those = [each for each in those if each.seconds(NONE)]
        if not those:
            continue
        result = max(those, key=lambda each: each.input["raw_bytes"])
        reached = result.input["raw_bytes"] / 1e6 / result.seconds(NONE)
        rows.append([KINDS[kind], volume(result.input["raw_bytes"]), f"{reached:.0f} MB/s", f"{speed:.0f} MB/s",
                     f"{reached / speed:.0%}"])
    return table(rows) if len(rows) > 1 else None


def spread(found):
    """How far the runs of one program lie apart, median and maximum; None if each ran once."""
    spreads = []
    for result in found.values():
        for name, taken in result.contestants.items():
            seconds = taken["seconds"]
            if len(seconds) > 1:
                spreads.append((max(seconds) / min(seconds) - 1, result.case, name))
    return (median(each[0] for each in spreads), *max(spreads)) if spreads else None


def family(found, name):
    return [result for result in found.values() if result.family == name]


def table(rows):
    first, *others = rows
    lines = [first, ["---"] * len(first), *others]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def memory(result, name):
    found = result.memory(name)
    return f"{found / 2**20:,.0f} MiB" if found else "–"
