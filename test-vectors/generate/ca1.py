"""Writes test-vectors/ca1/*.json: what the CA1 neuron does, from 50-digit arithmetic and from SciPy's DOP853.

    python ca1.py            write the files
    python ca1.py --check    compute them again and compare; exit code 1 if they differ by more than rounding can

Needs mpmath 1.3.0 and SciPy 1.17.1. Derivatives are right to the last bit. Trajectories come from an explicit method of order
8 that shares nothing with org.spikecast.ode, at a relative tolerance of 1e-13, and must agree with a second run at 1e-12 to
SPIKES_AGREE and STATES_AGREE; with the specification's values they must agree to the digits printed there (fewer in the chaotic regime, where those were made
at 1e-12).
"""

import math
import sys

import common
import mpmath
import numpy
import scipy
import scipy.optimize
from lif import computed, given, require
from mpmath import mp, mpf
from scipy.integrate import DOP853

DIGITS = 50

# The libraries' exponentials differ between CPUs in the last bit, which grows along a trajectory.
OTHER_CPU = 1e-9

# Two tolerances' spike times, in ms, where they are to be compared (in the irregular regime the first seven), and states.
SPIKES_AGREE = 1e-7
STATES_AGREE = 1e-7

FLAGS = {
    "ZeroCalcium": "g_Ca, g_C and g_AHP are 0.",
    "OtherParameters": "Some parameters are not those of the normal-calcium model.",
    "Chaotic": "Errors grow tenfold in some 130 ms: only the first spikes can be compared.",
    "GrazingSpike": "A crossing of 0 mV whose peak is only 0.1 mV higher is left out: it may be missed.",
}

# The equations and values of the specification, once more.
NORMAL = {
    "capacitance": 1, "g_l": 0.05, "g_na": 35, "g_nap": 0.4, "g_kdr": 6, "g_a": 1.4, "g_m": 0.5, "g_ca": 0.08, "g_c": 10,
    "g_ahp": 5, "v_l": -70, "v_na": 55, "v_k": -90, "v_ca": 120, "theta_m": -30, "sigma_m": 9.5, "theta_p": -47,
    "sigma_p": 3, "theta_a": -50, "sigma_a": 20, "theta_h": -45, "sigma_h": -7, "theta_n": -35, "sigma_n": 10,
    "theta_b": -80, "sigma_b": -6, "theta_z": -39, "sigma_z": 5, "theta_r": -20, "sigma_r": 10, "theta_c": -30,
    "sigma_c": 7, "theta_tau_h": -40.5, "sigma_tau_h": -6, "theta_tau_n": -27, "sigma_tau_n": -15, "phi": 10,
    "kappa_h": 7.5, "kappa_n": 5, "tau_b": 15, "tau_z": 75, "tau_r": 1, "tau_c": 2, "tau_q": 450, "tau_ca": 13, "a_c": 6,
    "a_q": 2, "u_ca": 0.13,
}  # fmt: skip

ZERO_CALCIUM = {"g_ca": 0.0, "g_c": 0.0, "g_ahp": 0.0}

INITIAL = [-71.962, 0.979199, 0.0242166, 0.207565, 0.0013689, 0.005507, 0.002486, 0.0, 0.000787]


def terms(parameters, current, y, exp):
    """The terms of each derivative: their sum is the derivative, the sum of their magnitudes what rounding is measured by."""
    p = parameters
    v, h, n, b, z, r, c, q, ca = y

    def s(x):
        return 1 / (1 + exp(-(v - p[f"theta_{x}"]) / p[f"sigma_{x}"]))

    def relax(target, x, rate):
        return [target * rate, -x * rate]

    k = ca / (ca + p["a_c"])
    i_ca = p["g_ca"] * r**2 * (v - p["v_ca"])
    capacitance = p["capacitance"]
    rate_h = p["phi"] / (1 + p["kappa_h"] * s("tau_h"))
    rate_n = p["phi"] / (1 + p["kappa_n"] * s("tau_n"))
    return [
        [
            current / capacitance,
            -p["g_l"] * (v - p["v_l"]) / capacitance,
            -p["g_na"] * s("m") ** 3 * h * (v - p["v_na"]) / capacitance,
            -p["g_nap"] * s("p") * (v - p["v_na"]) / capacitance,
            -p["g_kdr"] * n**4 * (v - p["v_k"]) / capacitance,
            -p["g_a"] * s("a") ** 3 * b * (v - p["v_k"]) / capacitance,
            -p["g_m"] * z * (v - p["v_k"]) / capacitance,
            -i_ca / capacitance,
            -p["g_c"] * k * c * (v - p["v_k"]) / capacitance,
            -p["g_ahp"] * q * (v - p["v_k"]) / capacitance,
        ],
        relax(s("h"), h, rate_h),
        relax(s("n"), n, rate_n),
        relax(s("b"), b, 1 / p["tau_b"]),
        relax(s("z"), z, 1 / p["tau_z"]),
        relax(s("r"), r, 1 / p["tau_r"]),
        relax(s("c"), c, 1 / p["tau_c"]),
        relax(ca**4 / (ca**4 + p["a_q"] ** 4), q, 1 / p["tau_q"]),
        [-p["u_ca"] * i_ca, -ca / p["tau_ca"]],
    ]


def derivative_cases():
    rng = common.generator("ca1 derivative")
    others = {"g_nap": 0.2, "g_m": 1.0, "theta_p": -41.0, "capacitance": 1.3, "tau_z": 60.0, "sigma_h": -6.5, "a_q": 1.7}
    for changed, flags, count in [({}, [], 12), (ZERO_CALCIUM, ["ZeroCalcium"], 3), (others, ["OtherParameters"], 5)]:
        for trial in range(count):
            y = [round(rng.uniform(-95, 55), 4), *(round(rng.uniform(0, 1), 6) for _ in range(7)), round(rng.uniform(0, 3), 6)]
            y = INITIAL if trial == 0 else y
            current = round(rng.uniform(-1, 4), 4)
            parameters = {key: mpf(value) for key, value in (NORMAL | changed).items()}
            all_terms = terms(parameters, mpf(current), [mpf(x) for x in y], mp.exp)
            yield {
                "flags": flags,
                "parameters": changed,
                "current": current,
                "state": given(y),
                "derivative": computed(mp.fsum(t) for t in all_terms),
                "scale": computed(mp.fsum(abs(x) for x in t) for t in all_terms),
            }


def solve(changed, current, duration, rtol):
    """DOP853 step by step: the upward crossings of 0 mV and the solution as a function of time."""
    parameters = NORMAL | changed

    def f(_, y):
        return numpy.array([sum(t) for t in terms(parameters, current, y.tolist(), math.exp)])

    solver = DOP853(f, 0.0, INITIAL, duration, rtol=rtol, atol=rtol / 100)
    pieces, spikes = [], []
    while solver.status == "running":
        solver.step()
        piece = solver.dense_output()
        pieces.append(piece)
        # the steps are short beside a spike, but its flanks may turn within one: look between, too
        grid = numpy.linspace(piece.t_old, piece.t, 9)
        values = [piece(t)[0] for t in grid]
        for t0, t1, v0, v1 in zip(grid, grid[1:], values, values[1:]):
            if v0 < 0 <= v1:
                spikes.append(float(scipy.optimize.brentq(lambda t: piece(t)[0], t0, t1, xtol=1e-13)))
    require(solver.status == "finished", solver.status)

    def at(t):
        return next(p for p in pieces if p.t_old <= t <= p.t)(t)

    return spikes, at


def trajectory(changed, current, duration, times, compared):
    spikes, at = solve(changed, current, duration, 1e-13)
    looser, at_looser = solve(changed, current, duration, 1e-12)
    apart = max((abs(a - b) for a, b in list(zip(spikes, looser))[:compared]), default=0)
    require(apart <= SPIKES_AGREE, f"spikes at two tolerances are {apart} apart at {current}")
    for t in times:
        error = max(abs(a - b) / max(abs(a), 1e-3) for a, b in zip(at(t), at_looser(t)))
        require(error <= STATES_AGREE, f"states at two tolerances are {error} apart at {current}, {t}")
    return spikes, [float(x) for t in times for x in at(t)]


# The specification: first spikes, state at t = 100.
SPECIFIED_SPIKES = {
    0.5: [41.3837223, 43.3531591, 45.1512343, 47.5166760, 151.1274478, 153.1441232, 155.0403491, 158.4002769],
    1.0: [18.9505760, 20.8294108, 22.4694335, 24.1632627, 33.0138453, 39.1419722, 45.5489673],
    3.0: [6.6561135, 8.2975008, 26.1965546, 29.5174015, 33.9680276, 38.3711767],
}
SPECIFIED_STATES = {
    0.5: [-65.95184944, 0.9525827516, 0.04316735357, 0.09258475167, 0.02247737248, 0.009941357934, 0.005752798512,
          2.865187046e-05, 0.01146980257],
    1.0: [-60.21383225, 0.8908553882, 0.07623616932, 0.01890919893, 0.08569581125, 0.01988279405, 0.03162919139,
          8.836417115e-05, 0.2417631572],
}  # fmt: skip


def agree_with_specification(current, spikes, state):
    for specified in SPECIFIED_SPIKES[current]:
        require(min(abs(t - specified) for t in spikes) < (2e-7 if current == 1.0 else 6e-8), f"no spike at {specified}")
    for ours, specified in zip(state, SPECIFIED_STATES.get(current, [])):
        require(abs(ours - specified) < (5e-8 if current == 1.0 else 1e-9) * abs(specified), f"state {specified} is {ours}")


def trajectory_cases():
    # States are compared between bursts: in the flank of a spike an error of 1e-6 ms is one of 1e-4 mV.
    for changed, current, duration, compared, times, rk4_error, grazing, flags in [
        ({}, 0.5, 500.0, None, [20.0, 100.0], 5e-4, [], []),
        ({}, 1.0, 100.0, 7, [10.0, 100.0], 1.6e-3, [], ["Chaotic"]),
        ({}, 3.0, 500.0, None, [5.0, 22.0], 6e-4, [15.2901629], ["GrazingSpike"]),
        (ZERO_CALCIUM, 0.5, 300.0, None, [20.0, 60.0], 1e-3, [], ["ZeroCalcium"]),
        ({"g_m": 1.0, "g_nap": 0.3}, 0.8, 300.0, None, [20.0, 100.0], 1e-3, [], ["OtherParameters"]),
    ]:
        spikes, states = trajectory(changed, current, duration, times, compared)
        if not changed:
            agree_with_specification(current, spikes, states[9:])
        if "Chaotic" in flags:
            times, states = times[:1], states[:9]
        spikes = [t for t in spikes if all(abs(t - g) > 1e-3 for g in grazing)][:compared]
        yield {
            "flags": flags,
            "parameters": changed,
            "current": current,
            "duration": duration,
            "spike_time": given(spikes),
            "left_out": given(grazing),
            "complete": compared is None,
            "adaptive_spikes": 5 if "Chaotic" in flags else len(spikes),
            "rk4_dt": 0.01,
            "rk4_error": rk4_error,
            "times": given(times),
            "states": given(states),
        }


def settled_cases():
    for current, gap, flags in [(0.5, 8.0, []), (0.8, 8.0, []), (2.0, 8.0, []), (3.0, 8.0, [])]:
        spikes, _ = solve({}, current, 4000.0, 1e-11)
        spikes = [t for t in spikes if t > 2000]
        intervals = [b - a for a, b in zip(spikes, spikes[1:])]
        starts = [n + 1 for n, interval in enumerate(intervals) if interval >= gap]
        case = {
            "flags": flags,
            "current": current,
            "discard": 2000.0,
            "duration": 4000.0,
            "least_gap": gap,
            "interval": (spikes[-1] - spikes[0]) / len(intervals),
        }
        if starts:
            bursts = len(starts) - 1
            case["spikes_per_burst"] = (starts[-1] - starts[0]) / bursts
            case["gap"] = sum(i for i in intervals if i >= gap) / len(starts)
            case["period"] = (spikes[starts[-1]] - spikes[starts[0]]) / bursts
        if current == 0.5:
            require(case["spikes_per_burst"] == 4, "four spikes per burst")
            require(abs(case["gap"] - 125.92) < 0.006 and abs(case["period"] - 133.16) < 0.006, "settled bursts")
        if current == 3.0:
            require(abs(case["interval"] - 5.3920) < 1e-4, f"settled interval {case['interval']}")
        yield case


SUBJECTS = {
    "derivative": (
        "mpmath",
        "The right-hand side at a state; scale is the sum of the magnitudes of each derivative's terms. Results, those"
        " with digits: data holds the nearest doubles, digits 30 decimal digits.",
        derivative_cases,
    ),
    "trajectory": (
        "SciPy",
        "From the published initial state: the times at which V rises through 0 mV, all of them if complete, without those"
        " left out; states at times, nine numbers each. rk4_error is the specification's error of spike times, in ms, of"
        " classical Runge-Kutta at the step rk4_dt, or for other parameters a bound of that size. An adaptive method of order 5"
        " at a relative tolerance of 1e-8 should meet the first adaptive_spikes to 1e-5 ms.",
        trajectory_cases,
    ),
    "settled": (
        "SciPy",
        "Means over the spikes from discard to duration, in ms: interval between spikes; with gaps, intervals of at least"
        " least_gap, the gap, the number of spikes between two gaps, and the time from a burst's first spike to the next"
        " one's.",
        settled_cases,
    ),
}

NOTE = (
    "The CA1 pyramidal neuron of Golomb, Yue, Yaari (2006), normal calcium but for the parameters named, under a constant"
    " current in uA/cm2; V in mV, time in ms; states are V, h, n, b, z, r, c, q, Ca."
)


def build():
    require(mpmath.__version__ == "1.3.0", f"expected mpmath 1.3.0, found {mpmath.__version__}")
    require(scipy.__version__ == "1.17.1", f"expected SciPy 1.17.1, found {scipy.__version__}")
    mp.dps = DIGITS
    files = {}
    for name, (library, note, generate) in SUBJECTS.items():
        cases = [{"id": f"ca1-{name}-{n}", "type": name} | case for n, case in enumerate(generate(), start=1)]
        source = {
            "name": library,
            "version": mpmath.__version__ if library == "mpmath" else scipy.__version__,
            "generator": "generate/ca1.py",
            "note": f"{note} {NOTE}",
        }
        files[f"ca1/{name}.json"] = common.document("ca1", source, FLAGS, cases)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, OTHER_CPU))
