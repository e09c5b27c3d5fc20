"""Writes test-vectors/ode/*.json: steps of Runge-Kutta methods, solutions and crossings of closed form, from 50 digits.

    python ode.py            write the files
    python ode.py --check    compute them again and compare; exit code 1 if they differ

Needs mpmath 1.3.0 and, to compare its own coefficients with another's, SciPy. The output depends on mpmath only: same
version, same bytes.

The coefficients are the fractions of Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, 2nd edition,
typed here once more and not taken from org.spikecast.ode. Those of Dormand and Prince, with their dense output, must agree
with scipy.integrate.RK45; closed forms must satisfy their equation.
"""

import sys
from fractions import Fraction as F

import common
import mpmath
from lif import computed, given, require
from mpmath import mp, mpf

DIGITS = 50

FLAGS = {
    "DependsOnTime": "f depends on t: the times of the stages matter.",
    "LargeStep": "The step is so large that the methods are far from the solution.",
    "Grazing": "The level is near the solution's extremum.",
    "NeverReached": "The level is above all values: there is no crossing.",
}


# Problems: f, and for some the solution in closed form


PROBLEMS = {
    "decay": lambda t, y: [-mpf(1.3) * y[0]],
    "oscillator": lambda t, y: [y[1], -y[0]],
    "logistic": lambda t, y: [y[0] * (1 - y[0])],
    "quotient": lambda t, y: [-2 * t * y[0] * y[0]],
    "van-der-pol": lambda t, y: [y[1], 2 * (1 - y[0] * y[0]) * y[1] - y[0]],
    "forced": lambda t, y: [5 * (t * t - y[0]) + y[1], -y[1] * t],
}

SOLUTIONS = {
    "decay": lambda t, y0: [y0[0] * mp.exp(-mpf(1.3) * t)],
    "oscillator": lambda t, y0: [
        y0[0] * mp.cos(t) + y0[1] * mp.sin(t),
        y0[1] * mp.cos(t) - y0[0] * mp.sin(t),
    ],
    "logistic": lambda t, y0: [1 / (1 + (1 / y0[0] - 1) * mp.exp(-t))],
    "quotient": lambda t, y0: [1 / (1 / y0[0] + t * t)],
}


# Methods


CLASSICAL = {
    "a": [[], [F(1, 2)], [0, F(1, 2)], [0, 0, 1]],
    "b": [F(1, 6), F(1, 3), F(1, 3), F(1, 6)],
    "c": [0, F(1, 2), F(1, 2), 1],
}

DORMAND_PRINCE = {
    "a": [
        [],
        [F(1, 5)],
        [F(3, 40), F(9, 40)],
        [F(44, 45), F(-56, 15), F(32, 9)],
        [F(19372, 6561), F(-25360, 2187), F(64448, 6561), F(-212, 729)],
        [F(9017, 3168), F(-355, 33), F(46732, 5247), F(49, 176), F(-5103, 18656)],
        [F(35, 384), 0, F(500, 1113), F(125, 192), F(-2187, 6784), F(11, 84)],
    ],
    "b": [F(35, 384), 0, F(500, 1113), F(125, 192), F(-2187, 6784), F(11, 84), 0],
    "embedded": [F(5179, 57600), 0, F(7571, 16695), F(393, 640), F(-92097, 339200), F(187, 2100), F(1, 40)],
    "c": [0, F(1, 5), F(3, 10), F(4, 5), F(8, 9), 1, 1],
    "d": [
        F(-12715105075, 11282082432),
        0,
        F(87487479700, 32700410799),
        F(-10690763975, 1880347072),
        F(701980252875, 199316789632),
        F(-1453857185, 822651844),
        F(69997945, 29380423),
    ],
}

METHODS = {"rk4": CLASSICAL, "dopri5": DORMAND_PRINCE}


def exact(x):
    x = F(x)
    return mpf(x.numerator) / x.denominator


def step(method, f, t, y, h):
    """The stages, the new state, and f there."""
    stages = []
    for a, c in zip(method["a"], method["c"]):
        argument = [y[d] + h * mp.fsum(exact(x) * k[d] for x, k in zip(a, stages)) for d in range(len(y))]
        stages.append(f(t + exact(c) * h, argument))
    new = [y[d] + h * mp.fsum(exact(b) * k[d] for b, k in zip(method["b"], stages)) for d in range(len(y))]
    return stages, new, f(t + h, new)


def dense(method, stages, y, new, slope, h, theta):
    """HNW's CONTD5, in its nested form; without d it is Hermite's cubic, HNW (II.6.7)."""
    result = []
    for d in range(len(y)):
        difference = new[d] - y[d]
        bspl = h * stages[0][d] - difference
        cubic = difference - h * slope[d] - bspl
        quartic = h * mp.fsum(exact(w) * k[d] for w, k in zip(method.get("d", []), stages))
        rest = 1 - theta
        result.append(y[d] + theta * (difference + rest * (bspl + theta * (cubic + rest * quartic))))
    return result


def compare_with_scipy():
    from scipy.integrate import RK45

    def close(a, b, what):
        require(abs(float(a) - float(b)) <= 1e-12 * max(1, abs(float(b))), f"{what} differs from SciPy's")

    m = DORMAND_PRINCE
    for i in range(6):
        close(m["b"][i], RK45.B[i], "b")
        close(m["c"][i], RK45.C[i], "c")
        for j in range(i):
            close(m["a"][i][j], RK45.A[i][j], "a")
    for i in range(7):
        close(F(m["embedded"][i]) - F(m["b"][i]), RK45.E[i], "the estimate")
        for theta in (F(1, 4), F(1, 2), F(4, 5)):
            rest = 1 - theta
            weight = theta**2 * (3 - 2 * theta) * F(m["b"][i]) + theta**2 * rest**2 * F(m["d"][i])
            weight += theta * rest**2 * (i == 0) - theta**2 * rest * (i == 6)
            close(weight, sum(RK45.P[i][q] * float(theta) ** (q + 1) for q in range(4)), "dense output")


STARTS = [
    ("decay", 0.0, [2.0], 0.1),
    ("decay", 0.0, [2.0], 2.5),
    ("oscillator", 0.3, [0.6, -0.8], 0.05),
    ("oscillator", 0.3, [0.6, -0.8], 1.5),
    ("logistic", 0.0, [0.2], 0.25),
    ("logistic", 0.0, [-0.4], 1.0),
    ("quotient", 0.7, [0.9], 0.1),
    ("quotient", -0.5, [1.7], 0.4),
    ("van-der-pol", 0.0, [2.0, -0.7], 0.02),
    ("van-der-pol", 0.0, [-1.1, 2.3], 0.3),
    ("forced", 0.4, [1.3, -0.5], 0.05),
    ("forced", 1.1, [-2.0, 3.0], 0.5),
]

THETA = [0.125, 0.5, 0.8125]


def step_cases():
    for name, method in METHODS.items():
        for problem, t, y, h in STARTS:
            exact_y = [mpf(x) for x in y]
            stages, new, slope = step(method, PROBLEMS[problem], mpf(t), exact_y, mpf(h))
            within = [
                x for theta in THETA for x in dense(method, stages, exact_y, new, slope, mpf(h), mpf(theta))
            ]
            flags = ["DependsOnTime"] * (problem in ("quotient", "forced")) + ["LargeStep"] * (h >= 0.3)
            case = {
                "flags": flags,
                "method": name,
                "problem": problem,
                "t": t,
                "h": h,
                "y": given(y),
                "y_new": computed(new),
                "theta": given(THETA),
                "dense": computed(within),
            }
            if "embedded" in method:
                weights = [exact(b) - exact(e) for b, e in zip(method["b"], method["embedded"])]
                case["estimate"] = computed(
                    mpf(h) * mp.fsum(w * k[d] for w, k in zip(weights, stages)) for d in range(len(y))
                )
            yield case


def solution_cases():
    for problem, y0, times in [
        ("decay", [2.0], [0.1, 1.0, 5.0]),
        ("oscillator", [0.6, -0.8], [0.5, 3.0, 30.0]),
        ("logistic", [0.001], [1.0, 7.0, 12.0]),
        ("quotient", [1.7], [0.5, 2.0, 9.0]),
    ]:
        exact_y0 = [mpf(x) for x in y0]
        for t in times:  # the closed form satisfies the equation
            slope = [mp.diff(lambda s, d=d: SOLUTIONS[problem](s, exact_y0)[d], mpf(t)) for d in range(len(y0))]
            right = PROBLEMS[problem](mpf(t), SOLUTIONS[problem](mpf(t), exact_y0))
            require(all(abs(a - b) < mpf(10) ** -20 for a, b in zip(slope, right)), f"{problem} is no solution")
        yield {
            "flags": ["DependsOnTime"] * (problem == "quotient"),
            "problem": problem,
            "y": given(y0),
            "times": given(times),
            "states": computed(x for t in times for x in SOLUTIONS[problem](mpf(t), exact_y0)),
        }


def crossing_cases():
    def oscillator(y0, level, duration):
        """y = A sin(t + phase) rises through the level at asin(level/A) - phase + 2 pi k."""
        amplitude = mp.sqrt(mpf(y0[0]) ** 2 + mpf(y0[1]) ** 2)
        if level >= amplitude:
            return []
        first = mp.asin(mpf(level) / amplitude) - mp.atan2(mpf(y0[0]), mpf(y0[1]))
        times = [first + 2 * mp.pi * k for k in range(-3, int(duration / 6) + 3)]
        return [t for t in times if 0 < t <= duration]

    for y0, level, duration, flags in [
        ([0.6, -0.8], 0.0, 40.0, []),
        ([0.6, -0.8], -0.3, 40.0, []),
        ([0.6, -0.8], 0.999, 40.0, ["Grazing"]),
        ([0.6, -0.8], 1.25, 40.0, ["NeverReached"]),
        ([3.0, 4.0], 2.0, 20.0, []),
    ]:
        times = oscillator(y0, level, duration)
        for t in times:
            y, slope = SOLUTIONS["oscillator"](t, [mpf(x) for x in y0])
            require(abs(y - mpf(level)) < mpf(10) ** -40 and slope > 0, "no upward crossing")
        yield {
            "flags": flags,
            "problem": "oscillator",
            "y": given(y0),
            "level": level,
            "duration": duration,
            "times": computed(times),
        }
    for start, level in [(0.001, 0.5), (0.001, 0.9), (0.3, 0.31)]:
        t = mp.log(mpf(level) * (1 - mpf(start)) / (mpf(start) * (1 - mpf(level))))
        yield {
            "flags": [],
            "problem": "logistic",
            "y": given([start]),
            "level": level,
            "duration": 20.0,
            "times": computed([t]),
        }


SUBJECTS = {
    "step": (
        "One step of size h of a method from y at t: the new state; dense output at t + theta h, all components for the"
        " first theta, then for the next; and the estimate of the error, new state minus that of the embedded method.",
        step_cases,
    ),
    "solution": ("The exact solution at times, all components for the first time, then for the next.", solution_cases),
    "crossing": (
        "The times up to a duration at which the first component of the exact solution rises through a level.",
        crossing_cases,
    ),
}

NOTE = (
    "Problems y' = f(t, y), y = y_0, y_1: decay -1.3 y; oscillator (y_1, -y_0); logistic y (1 - y); quotient -2 t y^2;"
    " van-der-pol (y_1, 2 (1 - y_0^2) y_1 - y_0); forced (5 (t^2 - y_0) + y_1, -t y_1). Methods: rk4, classical"
    " Runge-Kutta, with Hermite's cubic as dense output; dopri5, Dormand-Prince 5(4), with the quartic of DOPRI5."
    " Solutions and crossings start at t = 0. Parameters are exactly the doubles that their text denotes. Results, those"
    " with digits, belong to these: data holds the nearest doubles, digits 30 decimal digits."
)


def build():
    require(mpmath.__version__ == "1.3.0", f"expected mpmath 1.3.0, found {mpmath.__version__}")
    mp.dps = DIGITS
    compare_with_scipy()
    files = {}
    for name, (note, generate) in SUBJECTS.items():
        cases = [{"id": f"ode-{name}-{n}", "type": name} | case for n, case in enumerate(generate(), start=1)]
        source = {
            "name": "mpmath",
            "version": mpmath.__version__,
            "generator": "generate/ode.py",
            "note": f"{note} {NOTE}",
        }
        files[f"ode/{name}.json"] = common.document("ode", source, FLAGS, cases)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__))
