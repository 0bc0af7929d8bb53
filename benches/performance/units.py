"""Figures with their units, as people say them."""


def time(seconds):
    if seconds is None:
        return "–"
    for unit, from_here, divisor in (("days", 172_800, 86_400), ("h", 7_200, 3_600), ("min", 120, 60)):
        if seconds >= from_here:
            return f"{seconds / divisor:.1f} {unit}"
    return f"{seconds:.{1 if seconds >= 10 else 2 if seconds >= 0.1 else 3}f} s"


def volume(count):
    for unit, large in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= large:
            return f"{count / large:.3g} {unit}"
    return f"{count} bytes"


def plural(count, word):
    return f"{count} {word}" + "s" * (count != 1)
