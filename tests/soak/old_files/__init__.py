"""Random old files whose truth is known from how they were made.

A file is drawn and written by `write(path, seed, number)`; the same two numbers give the same file, but for
the moment of writing that newer formats of HDF5 note.
What it returns says what `audit` and `migrate` have to make of it. h5lift has no part in that.

`matrix.py` has the values and how they are stored, `texts.py` the names and their encodings, `places.py`
where the names of an axis are hidden, `whole.py` what concerns a whole file, `extras.py` what else lies in
it, `damage.py` what happens to it afterwards, and `truth.py` what all of that adds up to.
"""

from .draw import write

__all__ = ["write"]
