"""One file: drawn, written, and perhaps damaged."""

import random

from . import damage, whole


def write(path, seed, number):
    """Writes the file of this number and returns its truth; the same every time."""
    source = random.Random(f"{seed}-{number}")
    recipe = {"seed": seed, "number": number}
    truth = whole.write(source, path, recipe)
    happened = damage.draw(source)
    recipe["damage"] = happened.__name__
    truth = happened(source, path, truth)
    truth.recipe = recipe
    return truth
