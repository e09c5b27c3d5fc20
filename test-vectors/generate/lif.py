"""Writes test-vectors/lif/*.json: what leaky integrate-and-fire neurons do, from 50-digit arithmetic.

    python lif.py            write the files
    python lif.py --check    compute them again and compare; exit code 1 if they differ

Needs mpmath 1.3.0. The output depends on nothing else: same version, same bytes.

Every closed form is computed in its textbook form (with enough digits for what cancels) and then confirmed by something
else: spike times by putting them into the voltage, responses to synaptic currents by numerical integration. The delayed
rings and the rings of E and I neurons come from a simulation that shares no idea with org.spikecast.neuron but the model:
it looks at all neurons and all kicks to come again after every event. No case depends on rounding: the program stops if two events at
one neuron are nearer than MARGIN without being simultaneous, or if a voltage misses the threshold by less.
"""

import math
import sys
from fractions import Fraction

import common
import mpmath
from mpmath import mp, mpf

DIGITS = 50
CANCELLING_DIGITS = 120
STORED_DIGITS = 30
SAME = mpf(10) ** -40
MARGIN = mpf(10) ** -7
INFINITY = mpf("inf")

FLAGS = {
    "BelowThreshold": "The current times tau_l is at most 1: the neuron never spikes.",
    "JustBelowThreshold": "The current times tau_l is below 1 by less than 1e-9, down to the last bit of a double.",
    "JustAboveThreshold": "The current times tau_l is above 1 by less than 1e-9, down to the last bit of a double.",
    "StartNearThreshold": "Some initial voltages are below 1 by less than 1e-9, down to the last bit of a double.",
    "NoRefractoryTime": "tau_ref is 0.",
    "EqualTimeConstants": "tau_s equals tau_l: the textbook form of the response is 0/0.",
    "NearlyEqualTimeConstants": "tau_s and tau_l differ by 1e-3 or less, relative: the textbook form loses digits.",
    "FarApartTimeConstants": "tau_s and tau_l differ by a factor of 1000 or more.",
    "Inhibition": "Some weights are negative.",
    "KickedSpikes": "Kicks lift voltages to the threshold: the spike is at the instant of the kick.",
    "ExactlyThreshold": "A kick lifts a voltage to exactly 1, which makes a spike.",
    "LostKicks": "Kicks reach refractory neurons and are lost.",
    "SimultaneousKicks": "Several kicks reach a neuron at the same instant: their sum acts.",
    "SimultaneousSpikes": "Several neurons spike at the same instant: they are stored by ascending neuron.",
    "EndOfRefractoryTime": "A kick arrives at the very end of a refractory time: it is not lost.",
    "UnequalDelays": "The delays differ.",
}


# Numbers and arrays


def nearest_double(value):
    """The double nearest to an mpf, by exact integer arithmetic."""
    sign, mantissa, exponent, _ = mpf(value)._mpf_
    exact = Fraction(int(mantissa)) * Fraction(2) ** exponent
    magnitude = exact.numerator / exact.denominator
    return -magnitude if sign else magnitude


def digits(value):
    return mp.nstr(value, STORED_DIGITS, min_fixed=0, max_fixed=0)


def given(values):
    """An array of parameters: the doubles as they are."""
    values = list(values)
    return common.array([len(values)], values)


def computed(values):
    """An array of results: the nearest doubles, and the digits."""
    values = list(values)
    return common.array([len(values)], map(nearest_double, values)) | {"digits": [digits(x) for x in values]}


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def close(a, b, tolerance):
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


# Closed forms under constant current


def voltage(tau_l, current, v0, t):
    i_tau = mpf(current) * mpf(tau_l)
    return i_tau + (mpf(v0) - i_tau) * mp.exp(-mpf(t) / mpf(tau_l))


def time_to_threshold(tau_l, current, v0):
    i_tau = mpf(current) * mpf(tau_l)
    if i_tau <= 1:
        return INFINITY
    with mp.workdps(CANCELLING_DIGITS):
        t = mpf(tau_l) * mp.log((i_tau - mpf(v0)) / (i_tau - 1))
        require(close(voltage(tau_l, current, v0, t), 1, mpf(10) ** -45), "V(t*) is not 1")
    return +t


def rate(tau_l, tau_ref, current):
    t = time_to_threshold(tau_l, current, 0)
    return mpf(0) if t == INFINITY else 1 / (mpf(tau_ref) + t)


def doubles_from(x, direction, steps):
    """The doubles 1, 2, ... steps after x in a direction."""
    for n in range(1, max(steps) + 1):
        x = math.nextafter(x, direction)
        if n in steps:
            yield x


def rheobase(tau_l):
    """The largest double I with I tau_l <= 1, exactly."""
    x = 1 / tau_l
    while Fraction(x) * Fraction(tau_l) > 1:
        x = math.nextafter(x, 0)
    while Fraction(math.nextafter(x, math.inf)) * Fraction(tau_l) <= 1:
        x = math.nextafter(x, math.inf)
    return x


def just_above(tau_l):
    base = rheobase(tau_l)
    return list(doubles_from(base, math.inf, {1, 2, 3, 10})) + [base * (1 + e) for e in (1e-14, 1e-12, 1e-10)]


def just_below(tau_l):
    base = rheobase(tau_l)
    return [base * (1 - e) for e in (1e-10, 1e-12, 1e-14)] + list(doubles_from(base, 0, {1, 2})) + [base]


NEURONS = [(20.0, 1.0), (20.0, 2.0), (10.0, 0.0), (3.7, 0.3), (0.8, 5.0)]


def f_i_cases():
    for tau_l, tau_ref in NEURONS:
        base = rheobase(tau_l)
        no_ref = ["NoRefractoryTime"] if tau_ref == 0 else []
        below = [-2.0, -0.01, 0.0, 0.5 * base, 0.999 * base]
        above = [base * f for f in (1.000001, 1.001, 1.01, 1.1, 1.3, 2, 5, 10, 100, 1e4, 1e8)]
        for flags, currents in [
            (["BelowThreshold"], below),
            (["BelowThreshold", "JustBelowThreshold"], just_below(tau_l)),
            (["JustAboveThreshold"], just_above(tau_l)),
            ([], above),
        ]:
            yield {
                "flags": sorted(flags + no_ref),
                "tau_l": tau_l,
                "tau_ref": tau_ref,
                "currents": given(currents),
                "rates": computed(rate(tau_l, tau_ref, i) for i in currents),
            }


def first_spike_cases():
    starts = [0.0, -100.0, 1e-9, 0.5, 0.999]
    near = [1 - 1e-9, 1 - 1e-12, math.nextafter(1, 0)]
    for tau_l in (20.0, 3.7):
        base = rheobase(tau_l)
        above = just_above(tau_l)
        currents = [([], base * f) for f in (1.0001, 1.05, 1.5, 4, 1000, 1e9)]
        currents += [(["JustAboveThreshold"], i) for i in (above[0], above[3], above[6])]
        for flags, current in currents:
            for more, v0 in (([], starts), (["StartNearThreshold"], near)):
                yield {
                    "flags": sorted(flags + more),
                    "tau_l": tau_l,
                    "current": current,
                    "v0": given(v0),
                    "time": computed(time_to_threshold(tau_l, current, v) for v in v0),
                }


def subthreshold_cases():
    times = [0.0, 1e-9, 1e-3, 0.05, 3.3, 20.0, 100.0, 1000.0]
    for tau_l in (20.0, 3.7):
        base = rheobase(tau_l)
        below = just_below(tau_l)
        chosen = [t for t in times if t <= 300 * tau_l]
        currents = [(["BelowThreshold"], i) for i in (0.0, 0.3 * base, 0.999 * base)]
        currents += [(["BelowThreshold", "JustBelowThreshold"], i) for i in (below[1], below[4], below[5])]
        for flags, current in currents:
            for v0 in (0.0, 0.6, math.nextafter(1, 0)):
                if v0 == 0 and current == 0:
                    continue
                more = ["StartNearThreshold"] if v0 > 0.9 else []
                yield {
                    "flags": sorted(flags + more),
                    "tau_l": tau_l,
                    "current": current,
                    "v0": v0,
                    "times": given(chosen),
                    "voltages": computed(voltage(tau_l, current, v0, t) for t in chosen),
                }
        # V and the current of one sign, below 0: nothing cancels
        yield {
            "flags": ["BelowThreshold"],
            "tau_l": tau_l,
            "current": -0.02,
            "v0": -1.5,
            "times": given(chosen),
            "voltages": computed(voltage(tau_l, -0.02, -1.5, t) for t in chosen),
        }


# Synapses


def exponential_response(tau_l, tau_s, w, t):
    l, s, w, t = mpf(tau_l), mpf(tau_s), mpf(w), mpf(t)
    if l == s:
        return w * t / l * mp.exp(-t / l)
    return w * l / (l - s) * (mp.exp(-t / l) - mp.exp(-t / s))


def alpha_response(tau_l, tau_s, w, t):
    l, s, w, t = mpf(tau_l), mpf(tau_s), mpf(w), mpf(t)
    if l == s:
        return w * t**2 / (2 * l**2) * mp.exp(-t / l)
    k = 1 / s - 1 / l
    return w / (s * k) ** 2 * (mp.exp(-t / l) - (1 + k * t) * mp.exp(-t / s))


def by_integration(power, tau_l, tau_s, w, t):
    """The convolution of the current with the membrane's response to an impulse, by quadrature."""
    l, s, w, t = mpf(tau_l), mpf(tau_s), mpf(w), mpf(t)
    scales = [f * tau for f in (0.3, 1, 3, 6, 10, 20, 40, 80, 200) for tau in (s, min(l, s))]
    points = {mpf(0), t} | {p for x in scales for p in (x, t - x) if 0 < p < t}
    decay = t / max(l, s)  # taken out of the integral, because mp.quad works to an absolute error

    def integrand(u):
        return w * u**power / s ** (power + 1) * mp.exp(decay - u / s - (t - u) / l)

    return mp.exp(-decay) * mp.quad(integrand, sorted(points))


def synapse_cases(response, power):
    constants = [(["EqualTimeConstants"], tau, tau) for tau in (20.0, 5.0, 1.7)]
    for e in range(3, 16):
        for sign in (1, -1):
            if e % 2 == 1 or sign == 1:
                constants.append((["NearlyEqualTimeConstants"], 20.0, 20.0 * (1 + sign * 10.0**-e)))
    constants += [(["NearlyEqualTimeConstants"], 20.0, math.nextafter(20.0, x)) for x in (0, math.inf)]
    constants += [(["NearlyEqualTimeConstants"], 3.3, 3.3 * (1 - 1e-8))]
    constants += [([], 20.0, s) for s in (2.0, 5.0, 3.0, 4.0, 15.0, 19.0, 22.0, 40.0, 150.0)]
    constants += [(["FarApartTimeConstants"], 20.0, s) for s in (1e-6, 0.002, 0.02, 20000.0, 1e8)]
    times = [0.0, 1e-9, 0.05, 7.3, 20.0, 400.0, 3000.0]
    for number, (flags, tau_l, tau_s) in enumerate(constants):
        w = [1.0, 0.07, -0.31][number % 3]
        chosen = [t for t in times if t < 600 * max(tau_l, tau_s)]
        with mp.workdps(CANCELLING_DIGITS):
            values = [response(tau_l, tau_s, w, t) for t in chosen]
        with mp.workdps(20):
            for t, v in zip(chosen, values):
                if t > 0:
                    integral = by_integration(power, tau_l, tau_s, w, t)
                    require(close(v, integral, mpf(10) ** -12), f"response {tau_l} {tau_s} {t}: {v} {integral}")
        yield {
            "flags": sorted(flags + (["Inhibition"] if w < 0 else [])),
            "tau_l": tau_l,
            "tau_s": tau_s,
            "weight": w,
            "times": given(chosen),
            "voltages": computed(values),
        }


# Delayed rings


class Neuron:
    def __init__(self, current, v0):
        self.current, self.v, self.since = current, mpf(v0), mpf(0)


def simulate(tau_l, tau_ref, currents, v0, connections, duration, external=()):
    """Spikes (time, neuron), voltages at the end, and what happened on the way, as flags; external: time, target, kick."""
    neurons = [Neuron(i, v) for i, v in zip(currents, v0)]
    last_event = [-INFINITY] * len(neurons)
    kicks = [(mpf(t), target, weight) for t, target, weight in external]  # (time, target, weight) to come
    spikes = []
    seen = set()
    while True:
        crossings = [n.since + time_to_threshold(tau_l, n.current, n.v) for n in neurons]
        now = min(crossings + [k[0] for k in kicks])
        require(abs(now - duration) > MARGIN, "an event at the end of the run")
        require(all(abs(n.since - duration) > MARGIN for n in neurons), "the end of a refractory time there")
        if now > duration:
            final = [
                mpf(0) if n.since > duration else voltage(tau_l, n.current, n.v, duration - n.since) for n in neurons
            ]
            return spikes, final, seen
        arriving = [k for k in kicks if k[0] - now < SAME]
        kicks = [k for k in kicks if k[0] - now >= SAME]
        spiking = []
        for a, neuron in enumerate(neurons):
            own = [mpf(w) for _, target, w in arriving if target == a]
            crosses = crossings[a] - now < SAME
            if not own and not crosses:
                continue
            require(now - last_event[a] > MARGIN, f"two events at neuron {a} at nearly the same time")
            last_event[a] = now
            require(not (own and crosses), "a kick at the instant of a crossing")
            require(now >= neuron.since + MARGIN or now <= neuron.since - MARGIN or now == neuron.since, "refractory?")
            if now < neuron.since:
                seen.add("LostKicks")
                continue
            if spikes and now == neuron.since:
                seen.add("EndOfRefractoryTime")
            if len(own) > 1:
                seen.add("SimultaneousKicks")
            v = mpf(1) if crosses else voltage(tau_l, neuron.current, neuron.v, now - neuron.since) + mp.fsum(own)
            require(crosses or v == 1 or abs(v - 1) > MARGIN, "a kick just to the threshold")
            neuron.v, neuron.since = v, now
            if v >= 1:
                spiking.append(a)
                neuron.v, neuron.since = mpf(0), now + mpf(tau_ref)
                if own:
                    seen.add("KickedSpikes")
                    if v == 1:
                        seen.add("ExactlyThreshold")
        if len(spiking) > 1:
            seen.add("SimultaneousSpikes")
        for a in spiking:
            spikes.append((now, a))
            for c in connections:
                if c["source"] == a:
                    kicks.append((now + mpf(c["delay"]), c["target"], c["weight"]))


def ring(n, weight, delay, back=None):
    """Every neuron kicks the next one and, if there is a weight for it, the one before."""
    connections = []
    for a in range(n):
        connections.append({"target": (a + 1) % n, "source": a, "weight": weight, "delay": delay})
        if back is not None:
            connections.append({"target": (a - 1) % n, "source": a, "weight": back, "delay": delay})
    return connections


def delayed_ring_cases():
    rng = common.generator("lif delayed-ring")
    unequal = ring(5, 0.23, 1.0, -0.11)
    for c in unequal:
        c["delay"] = round(rng.uniform(0.3, 6), 3)
    cases = [
        # tau_l, tau_ref, currents, v0, connections, duration
        (20.0, 1.0, [0.06, 0.055, 0.07], [0.0, 0.0, 0.0], ring(3, 0.2, 1.5), 200.0),
        (20.0, 2.0, [0.06, 0.052, 0.057, 0.064], [0.3, 0.1, 0.7, 0.0], ring(4, -0.3, 2.5), 200.0),
        (20.0, 1.0, [0.08, 0.02, 0.07, 0.0, 0.06], [0.0] * 5, ring(5, 0.4, 0.7, -0.15), 200.0),
        (10.0, 0.0, [0.12, 0.11, 0.13], [0.05, 0.5, 0.2], ring(3, 0.15, 3.1), 100.0),
        (20.0, 1.0, [0.055, 0.06, 0.05, 0.07, 0.065], [0.9, 0.0, 0.4, 0.1, 0.6], unequal, 150.0),
        # one spike that runs round: each kick is enough
        (20.0, 1.0, [0.1, 0.0, 0.0, 0.0], [0.0] * 4, ring(4, 1.3, 2.0), 100.0),
        # from rest without current a weight of 1 reaches exactly the threshold
        (20.0, 8.0, [0.1, 0.0, 0.0], [0.0] * 3, ring(3, 1.0, 2.25), 70.0),
        # refractory for longer than the delay: kicks are lost
        (20.0, 5.0, [0.15, 0.13, 0.11], [0.0] * 3, ring(3, 0.5, 2.0, 0.2), 150.0),
        # alike: all spike together
        (20.0, 1.0, [0.075] * 4, [0.0] * 4, ring(4, 0.12, 3.0, -0.05), 150.0),
        # the middle one hears two simultaneous kicks of both signs, and of one sign
        (20.0, 1.0, [0.06, 0.0, 0.06], [0.0] * 3, ring(3, 0.45, 4.0, -0.2), 150.0),
        (20.0, 1.0, [0.06, 0.0, 0.06], [0.0] * 3, ring(3, 0.6, 4.0, 0.6), 150.0),
        # delay equal to tau_ref: the echo arrives at the very end of the refractory time
        (20.0, 1.5, [0.09, 0.09, 0.09], [0.0] * 3, ring(3, 0.25, 1.5, 0.25), 100.0),
    ]
    for tau_l, tau_ref, currents, v0, connections, duration in cases:
        spikes, _, seen = simulate(tau_l, tau_ref, currents, v0, connections, duration)
        if tau_ref == 0:
            seen.add("NoRefractoryTime")
        if any(c["weight"] < 0 for c in connections):
            seen.add("Inhibition")
        if len({c["delay"] for c in connections}) > 1:
            seen.add("UnequalDelays")
        yield {
            "flags": sorted(seen),
            "tau_l": tau_l,
            "tau_ref": tau_ref,
            "currents": given(currents),
            "v0": given(v0),
            "connections": connections,
            "duration": duration,
            "spike_time": computed(t for t, _ in spikes),
            "spike_neuron": given(a for _, a in spikes),
        }


# Rings of E and I neurons with external kicks

ALL = -1  # in place of a neuron: a kick to each


def coupling(n, half, weight, delay):
    """Neurons 0 .. n/2 - 1 are E, the others I; weight: EE, EI, IE, II, of which the first letter is the target's."""
    positions = n // 2
    connections = []
    for target in range(n):
        for source in range(n):
            distance = abs(target % positions - source % positions)
            if target != source and min(distance, positions - distance) <= half:
                from_i = source >= positions
                w = weight[2 * (target >= positions) + from_i]
                connections.append({"target": target, "source": source, "weight": -w if from_i else w, "delay": delay})
    return connections


def event_ring_cases():
    rng = common.generator("lif event-ring")
    preset = (0.07, 0.06), (0.08, 0.065, 0.09, 0.05)
    cases = [
        # tau_l, tau_ref, kicks, weights, n, half, delay, kicks per ms and neuron, part of them common, duration
        (20.0, 1.0, *preset, 12, 1, 0.05, 0.65, 0, 150.0),
        (20.0, 1.0, *preset, 12, 2, 1.3, 0.65, 0, 150.0),
        (20.0, 1.0, *preset, 12, 1, 0.05, 0.65, 0.3, 150.0),
        (20.0, 2.0, (0.11, 0.13), (0.4, 0.3, 0.45, 0.2), 10, 1, 3.7, 0.4, 0.1, 150.0),
        (10.0, 0.0, (0.2, 0.2), (0.3, 0.1, 0.2, 0.4), 8, 1, 0.9, 0.5, 0, 100.0),
        # a whole wave of simultaneous spikes runs round the ring
        (20.0, 4.0, (1.2, 0.3), (1.1, 0.0, 0.2, 0.0), 12, 1, 1.5, 0.02, 0, 100.0),
        # delay equal to tau_ref: what is sent back arrives at the very end of the refractory time
        (20.0, 1.5, (1.3, 0.3), (0.6, 0.1, 1.2, 0.0), 6, 1, 1.5, 0.04, 0, 100.0),
        # longer than any gap between external kicks
        (3.7, 0.5, (0.3, 0.4), (0.15, 0.2, 0.3, 0.1), 8, 1, 17.3, 0.8, 0.2, 80.0),
    ]
    for tau_l, tau_ref, kick, weight, n, half, delay, rate_per_ms, part, duration in cases:
        count = int(rate_per_ms * duration * (part + n * (1 - part)))
        times = sorted(round(rng.uniform(0, duration - 0.01), 4) for _ in range(count))
        times = sorted(set(times))
        targets = [ALL if rng.uniform(0, 1) < part / (part + n * (1 - part)) else int(rng.uniform(0, n)) for _ in times]
        external = [
            (t, a, kick[a >= n // 2]) for t, target in zip(times, targets) for a in (range(n) if target == ALL else [target])
        ]
        v0 = [round(rng.uniform(0, 1), 3) for _ in range(n)]
        connections = coupling(n, half, weight, delay)
        spikes, final, seen = simulate(tau_l, tau_ref, [0.0] * n, v0, connections, duration, external)
        require(len(spikes) >= 10, "spikes")
        if tau_ref == 0:
            seen.add("NoRefractoryTime")
        if any(c["weight"] < 0 for c in connections):
            seen.add("Inhibition")
        yield {
            "flags": sorted(seen),
            "tau_l": tau_l,
            "tau_ref": tau_ref,
            "kick": given(kick),
            "weight": given(weight),
            "half": half,
            "delay": delay,
            "v0": given(v0),
            "event_time": given(times),
            "event_neuron": given(targets),
            "duration": duration,
            "spike_time": computed(t for t, _ in spikes),
            "spike_neuron": given(a for _, a in spikes),
            "final_voltage": computed(final),
        }


# On a grid


def grid_cases():
    grids = [
        (0.05, 20.0, 1.0, 0.06, 4000),
        (0.05, 20.0, 1.0, 0.0501, 4000),
        (0.1, 20.0, 1.0, 0.2, 1000),
        (0.1, 20.0, 0.3, 3.0, 200),
        (0.025, 20.0, 1.0, 0.0499, 8000),
        (0.01, 5.0, 2.0, 0.25, 5000),
        (0.5, 20.0, 1.0, 0.07, 400),
        (0.1, 20.0, 1.0, -0.03, 500),
        (1.0, 3.0, 0.0, 0.4, 200),
        (0.1, 2.0, 0.1, 50.0, 60),
        (0.001, 20.0, 1.0, 0.09, 50000),
    ]
    for dt, tau_l, tau_ref, current, steps in grids:
        n_ref = round(tau_ref / dt)
        require(abs(tau_ref / dt - n_ref) < 1e-9 * max(1, n_ref), "dt divides tau_ref")
        exact_steps = time_to_threshold(tau_l, current, 0) / mpf(dt)
        fires = exact_steps < INFINITY
        per_spike = int(mp.ceil(exact_steps)) if fires else 0
        if fires:
            for m in (per_spike - 1, per_spike):
                v = voltage(tau_l, current, 0, m * mpf(dt))
                require(abs(v - 1) > MARGIN, f"grid {dt} {current}: V after {m} steps is {v}")
        spikes, start, k = [], 0, 0
        while fires and start + per_spike <= steps:
            spikes.append(start + per_spike - 1)
            start = spikes[-1] + n_ref if n_ref > 0 else spikes[-1] + 1
        # voltages after some steps: V of grid point p is that after step p - 1
        points = sorted({1, 2, 3, 10, 57, steps // 3, steps // 2, steps - 1, steps} & set(range(steps + 1)))
        if spikes:
            more = {spikes[0], spikes[0] + 1, spikes[0] + n_ref, spikes[0] + n_ref + 1, spikes[-1]}
            points = sorted(set(points) | {p for p in more if p <= steps})
        values = []
        for p in points:
            begin = 0  # the first step that integrated
            at_reset = False
            for s in spikes:
                if s < p:
                    begin = s + max(1, n_ref)
                    at_reset = p <= begin
            values.append(mpf(0) if at_reset else voltage(tau_l, current, 0, (p - begin) * mpf(dt)))
        yield {
            "flags": ([] if fires else ["BelowThreshold"]) + (["NoRefractoryTime"] if tau_ref == 0 else []),
            "dt": dt,
            "tau_l": tau_l,
            "tau_ref": tau_ref,
            "current": current,
            "steps": steps,
            "grid_points": given(points),
            "voltages": computed(values),
            "spike_steps": given(spikes),
        }


# Files

SUBJECTS = {
    "f-i": (
        "The rate in 1/ms at which a neuron spikes for ever under each constant current (1/ms).",
        f_i_cases,
    ),
    "first-spike": (
        "The time in ms from voltage v0 to the threshold under a constant current above it.",
        first_spike_cases,
    ),
    "subthreshold": (
        "The voltage at times in ms, from v0 at time 0, under a constant current that never makes a spike.",
        subthreshold_cases,
    ),
    "exponential-synapse": (
        "V' = -V/tau_l + weight/tau_s exp(-t/tau_s), V(0) = 0: the voltage at times in ms.",
        lambda: synapse_cases(exponential_response, 0),
    ),
    "alpha-synapse": (
        "V' = -V/tau_l + weight t/tau_s^2 exp(-t/tau_s), V(0) = 0: the voltage at times in ms.",
        lambda: synapse_cases(alpha_response, 1),
    ),
    "delayed-ring": (
        "All spikes from time 0 to the duration (ms) of neurons that start at v0, each under its constant current, and"
        " kick each other's voltage by weight, delay ms after a spike. What reaches a neuron from its spike on, up to"
        " and not including tau_ref later, is lost. Kicks that arrive together act as their sum.",
        delayed_ring_cases,
    ),
    "event-ring": (
        "All spikes from time 0 to the duration (ms), and the voltages then, of a ring of E and I neurons (one half of"
        " them each; neurons of both types sit at each position) that start at v0. kick (E, I) is what an external event"
        " adds to the voltage of its neuron, or, if that is -1, of each. A spike adds weight (EE, -EI, IE, -II, the"
        " target's type first), delay ms later, to all others at most half positions away. What reaches a neuron from"
        " its spike on, up to and not including tau_ref later, is lost. Kicks that arrive together act as their sum.",
        event_ring_cases,
    ),
    "grid": (
        "V = 0 at first; step k (k = 0, 1, ..) takes V to V exp(-dt/tau_l) + current tau_l (1 - exp(-dt/tau_l)); if"
        " that is 1 or more there is a spike in step k, V = 0, and the next step that changes V is k + tau_ref/dt, at"
        " least k + 1. The voltage of grid point p is that after p steps.",
        grid_cases,
    ),
}

NOTE = (
    "Units ms and 1/ms; voltage dimensionless, rest and reset 0, threshold 1, V' = -V/tau_l + current. Parameters are"
    " exactly the doubles that their text denotes. Results, those with digits, belong to these exact parameters: data"
    " holds the nearest doubles, digits 30 decimal digits."
)


def build():
    require(mpmath.__version__ == "1.3.0", f"expected mpmath 1.3.0, found {mpmath.__version__}")
    mp.dps = DIGITS
    files = {}
    for name, (note, generate) in SUBJECTS.items():
        cases = [{"id": f"{name}-{n}", "type": name} | case for n, case in enumerate(generate(), start=1)]
        source = {
            "name": "mpmath",
            "version": mpmath.__version__,
            "generator": "generate/lif.py",
            "note": f"{note} {NOTE}",
        }
        files[f"lif/{name}.json"] = common.document("lif", source, FLAGS, cases)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__))
