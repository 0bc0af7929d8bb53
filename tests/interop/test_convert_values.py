"""Values of texts, bit for bit: what Python's float() makes of two million of them, and pandas of those it reads rightly."""

import io
import random
from decimal import Decimal, localcontext

import h5py
import numpy as np
import pandas as pd
import pytest

import tool
from text_matrices import contents, converted, told

COLUMNS = 100
ROWS = 1000


def doubles(count, seed):
    """Any finite doubles, each bit pattern as likely as every other."""
    bits = np.random.default_rng(seed).integers(0, 2**64, size=2 * count, dtype=np.uint64)
    values = bits.view(np.float64)
    return values[np.isfinite(values)][:count].tolist()


def singles(count, seed):
    bits = np.random.default_rng(seed).integers(0, 2**32, size=2 * count, dtype=np.uint32)
    values = bits.view(np.float32)
    return values[np.isfinite(values)][:count].astype(float).tolist()


def spread(count, seed, low=-30, high=30):
    """Magnitudes as likely as their logarithms, of either sign."""
    generator = np.random.default_rng(seed)
    return (10.0 ** generator.uniform(low, high, count) * generator.choice([-1, 1], count)).tolist()


def ties(values, dtype):
    """Halfway between a value and the next one, and a little to either side: where rounding is decided."""
    with localcontext() as context:
        context.prec = 1200
        for value in values:
            after = np.nextafter(dtype(value), dtype(0))
            middle = (Decimal(float(dtype(value))) + Decimal(float(after))) / 2
            yield from (str(middle), str(middle * (1 + Decimal("1e-60"))), str(middle * (1 - Decimal("1e-60"))))


def forms(count, seed):
    """Everything that is a number, in all spellings of sign, point and exponent."""
    chance = random.Random(seed)
    for _ in range(count):
        whole = "".join(chance.choices("0123456789", k=chance.choice([0, 1, 2, 5, 17, 25])))
        part = "".join(chance.choices("0123456789", k=chance.choice([0, 0, 1, 3, 17, 40])))
        point = "." if part or chance.random() < 0.1 else ""
        exponent = chance.choice(["", "", "e0", "e5", "E-7", "e+05", "E+10", "e-38", "e-320", "e300", "e-9999", "e9999"])
        yield f"{chance.choice(['', '', '-', '+'])}{whole or ('' if part else '0')}{point}{part}{exponent}"


SPECIAL = [
    "0", "-0", "+0", "-0.0", "-0e0", "-.0", "0.", "00", "-1e-400", "1e-400", "4.9e-324", "2.4703282292062327e-324",
    "2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072014e-308", "1.7976931348623157e308", "1.7976931348623159e308",
    "3.4028234663852886e38", "3.4028235677973366e38", "-3.4028235677973366e38", "3.4028235677973362e38", "1.401298464324817e-45",
    "7.006492321624085e-46", "7.006492321624086e-46", "16777217", "16777219", "9007199254740993", "18446744073709551616",
    "1" + "0" * 400 + "e-400", "0." + "0" * 400 + "1e401", "9" * 800, "0." + "9" * 800, "1." + "0" * 800 + "1", "inf", "-inf", "Infinity",
]

# Each is some blocks of as many values: one block is 100,000.
BLOCK = ROWS * COLUMNS
SHAPES = {
    "counts": lambda: map(str, np.random.default_rng(1).negative_binomial(2, 0.001, BLOCK).tolist()),
    "integers": lambda: map(str, np.random.default_rng(2).integers(-2**63, 2**63, BLOCK).tolist()),
    "integers near 2^24": lambda: map(str, np.random.default_rng(3).integers(2**24 - 5000, 2**25 + 5000, BLOCK).tolist()),
    "huge integers": lambda: (f"{value:.0f}" for value in spread(BLOCK, 4, 15, 45)),
    "two decimals": lambda: (f"{value:.2f}" for value in spread(BLOCK, 5, -3, 6)),
    "six decimals": lambda: (f"{value:.6f}" for value in spread(BLOCK, 6, -7, 6)),
    "logarithms": lambda: map(repr, np.log2(np.random.default_rng(7).gamma(0.5, 100, BLOCK) + 1).tolist()),
    "as R writes": lambda: (f"{value:.15g}" for value in spread(BLOCK, 8, -8, 8)),
    "scientific": lambda: (f"{value:.5e}" for value in spread(BLOCK, 9)),
    "SCIENTIFIC": lambda: (f"{value:.12E}" for value in spread(BLOCK, 10, -44, 40)),
    "17 digits": lambda: (f"{value:.16e}" for value in spread(BLOCK, 11, -50, 45)),
    "too many digits": lambda: (f"{value:.30e}" for value in spread(BLOCK, 12)),
    "long decimals": lambda: (f"{value:.40f}" for value in spread(BLOCK, 13, -20, 5)),
    "any double": lambda: map(repr, doubles(BLOCK, 14)),
    "any float": lambda: map(repr, singles(BLOCK, 15)),
    "any float, nine digits": lambda: (f"{value:.8e}" for value in singles(BLOCK, 16)),
    "denormal doubles": lambda: map(repr, (value * 5e-324 for value in np.random.default_rng(17).integers(-2**52, 2**52, BLOCK).tolist())),
    "denormal floats": lambda: (f"{value * 2.0**-149:.9g}" for value in np.random.default_rng(18).integers(-2**23, 2**23, BLOCK).tolist()),
    "between floats": lambda: list(ties(singles(BLOCK // 3 + 1, 19), np.float32))[:BLOCK],
    "between doubles": lambda: list(ties(spread(BLOCK // 6, 21, -40, 40) + doubles(BLOCK // 300, 22), np.float64)),
    "all spellings": lambda: forms(BLOCK - len(SPECIAL), 20),
}


def of(shape):
    return list(SHAPES[shape]())


@pytest.fixture(scope="module")
def texts():
    """All values, shape after shape."""
    values = [value for shape in SHAPES for value in of(shape)] + SPECIAL
    values += ["1.5"] * (-len(values) % COLUMNS)
    assert len(values) > 2_000_000
    return values


@pytest.fixture(scope="module")
def matrix(texts, tmp_path_factory):
    """A text of all of them."""
    path = tmp_path_factory.mktemp("values") / "values.tsv"
    with open(path, "w") as file:
        print("gene", *(f"S{column}" for column in range(COLUMNS)), sep="\t", file=file)
        for row in range(0, len(texts), COLUMNS):
            print(f"g{row // COLUMNS}", *texts[row:row + COLUMNS], sep="\t", file=file)
    return path


@pytest.fixture(scope="module")
def exact(texts):
    """Python's float() is correctly rounded."""
    return np.array([float(text) for text in texts])


@pytest.fixture(scope="module")
def single(h5lift, matrix):
    return values_of(h5lift, matrix, "f32")


def values_of(h5lift, matrix, dtype):
    out = matrix.with_suffix(f".{dtype}.h5")
    record = converted(h5lift, matrix, out, "--dtype", dtype)
    with h5py.File(out) as file:
        return file["expr"][:].ravel(), told(record)


def same(found, expected, texts):
    """Bit for bit; says of the first ones that differ how they were spelled."""
    assert found.dtype == expected.dtype
    word = f"u{found.dtype.itemsize}"
    wrong = np.flatnonzero(found.view(word) != expected.view(word))
    assert wrong.size == 0, [(texts[at], found[at], expected[at]) for at in wrong[:5]] + [wrong.size]


def test_float32_is_the_double_rounded_once_more(single, exact, texts):
    with np.errstate(over="ignore"):
        same(single[0], exact.astype(np.float32), texts)


def test_float64_is_the_double(h5lift, matrix, exact, texts):
    found, findings = values_of(h5lift, matrix, "f64")
    same(found, exact, texts)
    assert "rounded-counts" not in findings


def test_what_became_of_values_is_counted(single, exact, texts):
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    counts = {code: int(detail.split()[0].replace(",", "")) for code, detail in single[1].items() if code.endswith("-values")}
    spelled = sum("inf" in text.lower() for text in texts)
    overflowed = int(np.isinf(rounded).sum()) - spelled
    assert counts["infinite-values"] == spelled == 3
    assert counts["overflowed-values"] == overflowed
    assert counts["vanished-values"] == int(((exact != 0) & (rounded == 0)).sum())


@pytest.mark.parametrize("dtype", ["f32", "f64"])
@pytest.mark.parametrize("value, code", [
    ("1e400", "overflowed-values"),
])
def test_what_not_even_float64_holds_is_reported(h5lift, dtype, value, code, tmp_path):
    (tmp_path / "m.tsv").write_text(f"gene\tS1\ng1\t{value}\n")
    assert told(converted(h5lift, tmp_path / "m.tsv", tmp_path / "m.h5", "--dtype", dtype)).keys() == {code}


def test_pandas_says_the_same_wherever_it_rounds_rightly(single, matrix, exact, texts):
    """Its own parser is fast and not always right; every difference must be one of these."""
    pandas = pd.read_csv(matrix, sep="\t", index_col=0, dtype=dict.fromkeys((f"S{n}" for n in range(COLUMNS)), float)).to_numpy().ravel()
    right = pandas.view(np.uint64) == exact.view(np.uint64)
    with np.errstate(over="ignore"):
        same(single[0][right], pandas[right].astype(np.float32), [text for text, fine in zip(texts, right) if fine])
    assert right.mean() > 0.5


@pytest.mark.parametrize("shape", ["counts", "two decimals", "six decimals", "logarithms", "as R writes"])
def test_pandas_and_numpy_say_the_same_of_what_matrices_hold(h5lift, shape, tmp_path):
    """The seed's own lines over usual values; float32 has no space for the last bit of a double."""
    values = of(shape)[:BLOCK // 4]
    lines = ["\t".join([f"g{row}", *values[row:row + 50]]) for row in range(0, len(values), 50)]
    text = "\n".join(["\t".join(["gene", *(f"S{column}" for column in range(50))]), *lines, ""])
    (tmp_path / "usual.tsv").write_text(text)
    converted(h5lift, tmp_path / "usual.tsv", tmp_path / "usual.h5")
    genes, samples, found = contents(tmp_path / "usual.h5")
    frame = pd.read_csv(io.StringIO(text), sep="\t", index_col=0)
    same(found.ravel(), frame.to_numpy(dtype=np.float32).ravel(), values)
    assert (genes, samples) == (frame.index.astype(str).tolist(), frame.columns.astype(str).tolist())


@pytest.mark.parametrize("value", ["1e", "e5", ".", "-", "1.2.3", "1e5.0", "--1", "1_000", "0b1", "1f", "1d5", "١", "1 2", "0x1p3", "∞", "½"])
def test_what_is_no_number_is_none(h5lift, value, tmp_path):
    (tmp_path / "wrong.tsv").write_text(f"gene\tS1\ng1\t1\ng2\t{value}\n", encoding="utf-8")
    record = h5lift.run("convert", "--format", "json", "-o", tmp_path / "out.h5", tmp_path / "wrong.tsv").must(tool.FAILED).record
    assert [(place["line"], place["column"]) for place in record["error"]["places"]] == [(3, 4)]
