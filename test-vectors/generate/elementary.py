"""Writes test-vectors/elementary/{exp,log,sigma,tanh}.csv: arguments, and values from 50-digit arithmetic.

    python elementary.py                 write the files
    python elementary.py --check         compute them again and compare; exit code 1 if they differ
    python elementary.py --coefficients  print the coefficients of the polynomial in Elementary.java

Needs mpmath 1.3.0. The output depends on nothing else: same version, same bytes.
"""

import math
import random
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
from mpmath import mp, mpf

DIGITS = 50
FOLDER = Path(__file__).resolve().parent.parent / "elementary"
LN2 = math.log(2)
SMALLEST = 5e-324
MIN_NORMAL = 2.0**-1022
MAX = sys.float_info.max

# The largest errors of Elementary.java, in four ranges per function, among 10^8 random arguments compared with
# quadruple precision (libquadmath). They are here so that the tests replay them.
WORST = {
    "exp": [-527.1131668501945, 20.45128305246741, -1.033359272425622, 0.3717593296452836],
    "log": [0.7025125101217213, 1.4077680053014985, 1.4045557733622231, 1.4029607295973159],
    "sigma": [-37.78891712552149, -37.77880505458013, -0.2702866707256957, -0.22554896661021728],
    "tanh": [-0.5191617603906007, -0.5181160009144739, -0.12213791941288382, 0.5128408761066987],
}


def sigma(x):
    return 1 / (1 + mp.exp(-x))


FUNCTIONS = {"exp": mp.exp, "log": mp.log, "sigma": sigma, "tanh": mp.tanh}

# Values that are limits, or too far beyond the range of a double to be computed.
LIMITS = {
    "exp": [(math.inf, math.inf), (MAX, math.inf), (-math.inf, 0.0), (-MAX, 0.0)],
    "log": [(math.inf, math.inf), (0.0, -math.inf), (-0.0, -math.inf)]
    + [(x, math.nan) for x in (-SMALLEST, -1.0, -MAX, -math.inf)],
    "sigma": [(math.inf, 1.0), (MAX, 1.0), (-math.inf, 0.0), (-MAX, 0.0)],
    "tanh": [(math.inf, 1.0), (MAX, 1.0), (-math.inf, -1.0), (-MAX, -1.0), (0.0, 0.0), (-0.0, -0.0)],
}


def neighbours(x):
    """x and the doubles on both sides of it."""
    return [math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)]


def both_signs(values):
    return [sign * x for x in values for sign in (1.0, -1.0)]


def reduction_boundaries(multiples):
    """Arguments of exp where the integer k in x = k ln 2 + r changes: r jumps between +-ln(2)/2."""
    return [y for k in multiples for y in neighbours((k + 0.5) * LN2)]


def exp_arguments(rng):
    x = both_signs([2.0**e for e in range(-60, 10, 2)] + [SMALLEST, MIN_NORMAL, 1e-300])
    x += [float(n) for n in range(-30, 31)]
    x += reduction_boundaries([-1075, -1074, -1023, -1022, -500, -60, -10, -3, -2, -1, 0, 1, 2, 9, 59, 499, 1022])
    x += neighbours(709.782712893384) + neighbours(-745.1332191019412) + neighbours(-708.3964185322641)
    x += [710.0, 711.0, 1e4, -746.0, -747.0, -1e4]
    x += [rng.uniform(-745, -708) for _ in range(20)]
    x += [rng.uniform(-708, 709) for _ in range(60)]
    x += [rng.uniform(-2, 2) for _ in range(60)]
    return x


def log_arguments(rng):
    x = [2.0**e for e in range(-1074, 1024, 51)] + [float(n) for n in range(1, 31)]
    x += [y for k in (-1074, -1022, -500, -3, -2, -1, 0, 1, 2, 500, 1023) for y in neighbours(math.sqrt(0.5) * 2.0**k)]
    x += [1 + sign * 2.0**-e for e in range(1, 53, 3) for sign in (1, -1)] + neighbours(1.0) + neighbours(math.e)
    x += [SMALLEST, 2 * SMALLEST, 3 * SMALLEST, 1e-310] + neighbours(MIN_NORMAL) + [MAX]
    x += [rng.uniform(0.5, 2) for _ in range(60)]
    x += [rng.uniform(0, 100) for _ in range(40)]
    x += [2.0 ** rng.uniform(-1074, 1024) for _ in range(60)]
    return [y for y in x if y > 0]


def sigma_arguments(rng):
    x = both_signs([2.0**e for e in range(-60, 10, 2)] + [SMALLEST, MIN_NORMAL, 1e-300])
    x += [float(n) for n in range(-40, 41)]
    x += both_signs(reduction_boundaries([0, 1, 2, 3, 9, 51, 52, 53, 54, 55, 500, 1021, 1022]))
    x += neighbours(37.42994775023705) + [100.0, 709.0, 1e4]
    x += [-700.0, -708.0, -708.5, -708.74, -708.75, -709.0, -710.0, -745.0, -746.0, -1e4]
    x += [rng.uniform(-708, 0) for _ in range(40)]
    x += [rng.uniform(-40, 40) for _ in range(60)]
    x += [rng.uniform(-2, 2) for _ in range(60)]
    return x


def tanh_arguments(rng):
    x = both_signs([2.0**e for e in range(-60, 6, 2)] + [SMALLEST, 3 * SMALLEST, MIN_NORMAL, 1e-310, 1e-300])
    x += [n / 4 for n in range(-30, 31) if n != 0]
    x += both_signs([y / 2 for y in reduction_boundaries([0, 1, 2, 3, 9, 51, 52, 53, 54])])
    x += both_signs(neighbours(18.54168707997854) + [19.0, 22.0, 23.0, 1e4])
    x += [rng.uniform(-19, 19) for _ in range(60)]
    x += [rng.uniform(-2, 2) for _ in range(60)]
    x += [rng.uniform(0.1, 0.3) for _ in range(40)]
    return x


ARGUMENTS = {"exp": exp_arguments, "log": log_arguments, "sigma": sigma_arguments, "tanh": tanh_arguments}


def nearest_double(value):
    """The double nearest to an mpf, by exact integer arithmetic: right for subnormal numbers too."""
    sign, mantissa, exponent, _ = value._mpf_
    exact = Fraction(int(mantissa)) * Fraction(2) ** exponent
    try:
        magnitude = exact.numerator / exact.denominator
    except OverflowError:
        magnitude = math.inf
    return -magnitude if sign else magnitude


def text(x):
    """The shortest decimal that reads back to x, infinities and NaN as Java spells them."""
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    return repr(x)


def row(name, x, limits):
    if text(x) in limits:
        return f"{text(x)},{limits[text(x)]},{limits[text(x)]}"
    exact = FUNCTIONS[name](mpf(x))
    return f"{text(x)},{text(nearest_double(exact))},{mp.nstr(exact, 35, min_fixed=0, max_fixed=0)}"


def table(name):
    rng = random.Random(f"spikecast elementary {name}")
    # Looked up by text, because a dictionary takes -0.0 and 0.0 for the same key.
    limits = {text(x): text(y) for x, y in LIMITS[name]} | {"NaN": "NaN"}
    arguments = [float(x) for x in limits] + [0.0, -0.0] + ARGUMENTS[name](rng) + WORST[name]
    unique = {text(x): x for x in arguments}
    ordered = sorted(unique.values(), key=lambda x: (math.isnan(x), x, math.copysign(1, x)))
    lines = [
        f"# {name}(x): stored values for org.spikecast.kernel.Elementary",
        f"# source: mpmath {mpmath.__version__}, {DIGITS} digits; generator: test-vectors/generate/elementary.py",
        "# x: an exact double; y: the double nearest to the value; exact: the value to 35 digits",
        "x,y,exact",
    ]
    return "\n".join(lines + [row(name, x, limits) for x in ordered]) + "\n"


def coefficients():
    """E4 .. E12 of e^r = 1 + r + r^2/2 + E3 r^3 + E4 r^4 + ..., E3 the double 1/6, with the least maximum error on
    |r| <= ln(2)/2, and that error; by Remez's exchange algorithm."""
    first, last = 4, 12
    n = last - first + 1
    edge = mp.log(2) / 2 * (1 + mpf(10) ** -7)  # k is rounded, so |r| may exceed ln(2)/2 by a little
    grid = [edge * mp.cos(mp.pi * i / 600) for i in range(601)]

    def remainder(r):
        return mp.exp(r) - 1 - r - r**2 / 2 - mpf(1 / 6) * r**3

    points = [edge * mp.cos(mp.pi * i / n) for i in range(n + 1)]
    for _ in range(8):
        # Error +h, -h, +h ... at the points: n coefficients and h from n + 1 equations ...
        system = mp.matrix(n + 1, n + 1)
        for i, r in enumerate(points):
            for j in range(n):
                system[i, j] = r ** (first + j)
            system[i, n] = (-1) ** i
        solution = mp.lu_solve(system, mp.matrix([remainder(r) for r in points]))
        c = [solution[j] for j in range(n)]
        errors = [remainder(r) - sum(c[j] * r ** (first + j) for j in range(n)) for r in grid]
        # ... then the points move to where the error between two zeros is largest.
        peaks = []
        for i, error in enumerate(errors):
            if peaks and (error > 0) == (errors[peaks[-1]] > 0):
                if abs(error) > abs(errors[peaks[-1]]):
                    peaks[-1] = i
            else:
                peaks.append(i)
        assert len(peaks) == n + 1, "the error must alternate"
        points = [grid[i] for i in peaks]
    return [float(value) for value in c], max(abs(error) for error in errors)


def main(arguments):
    mp.dps = DIGITS
    if arguments == ["--coefficients"]:
        values, error = coefficients()
        for i, value in enumerate(values):
            print(f"E{4 + i} = {value!r}")
        print(f"maximum error {mp.nstr(error, 3)}")
        return 0
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    differing = 0
    for name in FUNCTIONS:
        path = FOLDER / f"{name}.csv"
        content = table(name).encode()
        if not arguments:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{path}: differs from what this script computes", file=sys.stderr)
            differing = 1
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
