"""Writes test-vectors/glm/glm.json: coupled generalised linear models of small networks of counts.

NumPy in float64: explicit design matrices, Newton's method until the gradient is rounding, no code shared with anybody.

python glm.py           write the file
python glm.py --check   compute it again and compare; exit code 1 if it differs
"""

import math
import sys

import common
import numpy as np

PENALTIES = [1000.0, 100.0, 10.0, 1.0]
HISTORY_MS = 100.0

FLAGS = {
    "Bernoulli": "Counts of 0 and 1: logit link.",
    "Poisson": "Larger counts: log link.",
    "NoExternal": "External events are unknown.",
    "Unconnected": "Connections are unknown: every neuron has weights of its own, and no message is sent.",
}

NOTE = (
    "counts and external are bins x neurons; edges are target and source of each connection, excitatory says of each neuron"
    " whether what it sends excites. The equations stand in the README. Training bins are those before train_end,"
    " validation bins those before validation_end, the others are forecast: forecast and forecast_messages, bins x neurons."
    " constants and filters (channels x lags) are one per group of neurons that share weights, the first neuron of each."
)


def draw(name, n, bins, external_rate, gain, rate, edges, excitatory):
    """Counts of neurons that are driven by external events and by one another."""
    rng = common.generator(name)
    counts = np.zeros((bins, n), dtype=int)
    external = np.zeros((bins, n), dtype=int)
    drive = np.zeros(n)
    for t in range(bins):
        for a in range(n):
            external[t, a] = sum(rng.random() < external_rate / 3 for _ in range(3))
            mean = rate * math.exp(gain * drive[a])
            counts[t, a] = sum(rng.random() < min(0.95, mean / 3) for _ in range(3)) if gain > 0.5 else rng.random() < mean
        drive *= 0.8
        for a in range(n):
            drive[a] += 0.8 * external[t, a] - 1.5 * counts[t, a]
        for a, b in edges:
            drive[a] += (0.7 if excitatory[b] else -0.9) * counts[t, b]
    return counts, external


def basis(lags, single, cosines):
    """Values of each function at lags 1 .. L, functions x lags, each divided by the root of its sum of squares."""
    rows = [[1.0 if lag == j + 1 else 0.0 for lag in range(1, lags + 1)] for j in range(single)]
    x = [math.log(lag + 1) for lag in range(1, lags + 2)]
    d = (x[lags] - x[single]) / (cosines + 1)
    for j in range(cosines):
        peak = x[single] + j * d
        rows.append(
            [(1 + math.cos(math.pi * (x[i] - peak) / (2 * d))) / 2 if abs(x[i] - peak) < 2 * d else 0.0 for i in range(lags)]
        )
    values = np.array(rows)
    return values / np.sqrt((values**2).sum(axis=1, keepdims=True))


def fine(lags):
    single = min(2, lags)
    return basis(lags, single, min(9, lags - single))


def coarse(lags):
    return basis(lags, 0, min(3, lags))


class Group:
    """The neurons that share weights: unscaled design matrices of all bins from L on."""

    def __init__(self, members, channels, bases, messages, counts, lags):
        self.bins = len(counts)
        self.lags, self.members, self.bases = lags, members, bases
        self.channels, self.messages, self.counts = channels, messages, counts

    def scales(self, end):
        """Mean and standard deviation of each channel and message in the bins L .. end - 1 of all members."""
        per = [np.concatenate([u[self.lags : end] for u in channel]) for channel in self.channels + self.messages]
        return [(u.mean(), u.std() if u.std() > 0 else 1.0) for u in per]

    def design(self, scales, first, end):
        """Cases x features, member by member."""
        rows = []
        for i in range(len(self.members)):
            columns = []
            for c, (channel, values) in enumerate(zip(self.channels, self.bases)):
                mean, scale = scales[c]
                u = (channel[i] - mean) / scale
                for b in values:
                    columns.append([sum(b[lag - 1] * u[t - lag] for lag in range(1, self.lags + 1)) for t in range(first, end)])
            for c, message in enumerate(self.messages):
                mean, scale = scales[len(self.channels) + c]
                columns.append((message[i][first:end] - mean) / scale)
            columns.append(np.ones(end - first))
            rows.append(np.array(columns).T)
        return np.concatenate(rows)

    def targets(self, first, end):
        return np.concatenate([self.counts[first:end, a] for a in self.members]).astype(float)


def mean_of(family, eta):
    return 1 / (1 + np.exp(-eta)) if family == "Bernoulli" else np.exp(eta)


def newton(family, x, y, penalty):
    p = x.shape[1]
    w = np.zeros(p)
    rate = (y.sum() + 0.5) / (max(len(y), y.sum()) + 1)
    w[-1] = math.log(rate / (1 - rate)) if family == "Bernoulli" else math.log(rate)
    ridge = np.full(p, penalty)
    ridge[-1] = 0
    for _ in range(60):
        mu = mean_of(family, x @ w)
        v = mu * (1 - mu) if family == "Bernoulli" else mu
        gradient = x.T @ (y - mu) - ridge * w
        step = np.linalg.solve(x.T @ (x * v[:, None]) + np.diag(ridge), gradient)
        w = w + step
        if np.abs(step).max() < 1e-13 * max(1, np.abs(w).max()):
            break
    assert np.abs(x.T @ (y - mean_of(family, x @ w)) - ridge * w).max() < 1e-9
    return w


def log_likelihood(family, y, mu):
    return float((y * np.log(mu) + ((1 - y) * np.log(1 - mu) if family == "Bernoulli" else -mu)).sum())


def fit(family, groups, train_end, end):
    """The penalty; per group the weights and scales of the final fit; the margin by which the penalty was chosen."""
    scales = [g.scales(train_end) for g in groups]
    scores = []
    train = [(g.design(s, g.lags, train_end), g.targets(g.lags, train_end)) for g, s in zip(groups, scales)]
    validation = [(g.design(s, train_end, end), g.targets(train_end, end)) for g, s in zip(groups, scales)]
    for penalty in PENALTIES:
        total = 0.0
        for (x, y), (vx, vy) in zip(train, validation):
            total += log_likelihood(family, vy, mean_of(family, vx @ newton(family, x, y, penalty)))
        scores.append(total)
    order = sorted(scores)
    assert order[-1] - order[-2] > 0.05, scores  # a choice that rounding does not decide
    penalty = PENALTIES[scores.index(order[-1])]
    weights = [newton(family, g.design(s, g.lags, end), g.targets(g.lags, end), penalty) for g, s in zip(groups, scales)]
    return penalty, weights, scales


def forecast(family, groups, weights, scales, first, end, n):
    result = np.full((end, n), np.nan)
    for g, w, s in zip(groups, weights, scales):
        mu = mean_of(family, g.design(s, first, end) @ w).reshape(len(g.members), end - first)
        for i, a in enumerate(g.members):
            result[first:end, a] = mu[i]
    return result


def unfold(group, weights, scales):
    """The constant and the filters of the channels as they are."""
    constant, row, filters = weights[-1], 0, []
    for c, values in enumerate(group.bases):
        h = (weights[row : row + len(values), None] * values).sum(axis=0) / scales[c][1]
        row += len(values)
        constant -= scales[c][0] * h.sum()
        filters.append(h)
    for c in range(len(group.messages)):
        mean, scale = scales[len(group.bases) + c]
        constant -= mean * weights[row + c] / scale
    return float(constant), np.array(filters)


def case(name, family, n, bins, external, connected, gain, rate):
    width = 10.0
    lags = round(HISTORY_MS / width)
    rng = common.generator(f"{name} edges")
    excitatory = [a < n // 2 for a in range(n)]
    edges = [(a, b) for a in range(n) for b in range(n) if a != b and rng.random() < 0.6]
    counts, events = draw(name, n, bins, 0.6, gain, rate, edges, excitatory)
    validation_end = bins - round(bins * 0.2)
    train_end = validation_end - round(validation_end * 0.125)
    assert (counts[:validation_end].max() > 1) == (family == "Poisson"), counts.max()
    own = [lambda a: counts[:, a].astype(float)] + ([lambda a: events[:, a].astype(float)] if external else [])

    def neighbours(values, a, kind):
        return sum((values[:, b] for t, b in edges if t == a and excitatory[b] == kind), np.zeros(len(values)))

    def groups(messages):
        if not connected:
            result = []
            for a in range(n):
                others = [b for b in range(n) if b != a]
                channels = [[f(a)] for f in own] + [[counts[:, b].astype(float)] for b in others]
                bases = [fine(lags)] * len(own) + [coarse(lags)] * len(others)
                result.append(Group([a], channels, bases, [], counts, lags))
            return result
        result = []
        for members in ([a for a in range(n) if excitatory[a]], [a for a in range(n) if not excitatory[a]]):
            channels = [[f(a) for a in members] for f in own]
            channels += [[neighbours(counts, a, kind) for a in members] for kind in (True, False)]
            sent = [] if messages is None else [[neighbours(messages, a, kind) for a in members] for kind in (True, False)]
            result.append(Group(members, channels, [fine(lags)] * len(channels), sent, counts, lags))
        return result

    first = groups(None)
    penalty, weights, scales = fit(family, first, train_end, validation_end)
    predicted = forecast(family, first, weights, scales, lags, bins, n)
    unfolded = [unfold(g, w, s) for g, w, s in zip(first, weights, scales)]
    result = {
        "id": f"glm-{name}",
        "flags": [family] + ([] if external else ["NoExternal"]) + ([] if connected else ["Unconnected"]),
        "family": family.lower(),
        "width_ms": width,
        "neurons": n,
        "train_end": train_end,
        "validation_end": validation_end,
        "counts": common.array(counts.shape, counts.ravel().tolist()),
        "external": common.array(events.shape, events.ravel().tolist()) if external else None,
        "edges": common.array((len(edges), 2), [x for e in edges for x in e]) if connected else None,
        "excitatory": excitatory if connected else None,
        "penalty": penalty,
        "constants": common.array((len(first),), [constant for constant, _ in unfolded]),
        "filters": common.array(
            (len(first), *unfolded[0][1].shape), np.concatenate([f.ravel() for _, f in unfolded]).tolist()
        ),
        "forecast": common.array((bins - validation_end, n), predicted[validation_end:].ravel().tolist()),
        "forecast_messages": None,
    }
    if connected:
        second = groups(predicted)
        _, weights, scales = fit(family, second, train_end, validation_end)
        told = forecast(family, second, weights, scales, validation_end, bins, n)
        result["forecast_messages"] = common.array((bins - validation_end, n), told[validation_end:].ravel().tolist())
    return result


def build():
    cases = [
        case("bernoulli", "Bernoulli", 6, 500, True, True, 0.5, 0.06),
        case("bernoulli-no-external", "Bernoulli", 5, 400, False, True, 0.5, 0.08),
        case("poisson", "Poisson", 4, 400, True, True, 0.6, 0.25),
        case("unconnected", "Poisson", 3, 400, True, False, 0.6, 0.25),
    ]
    source = {"name": "NumPy", "version": np.__version__, "generator": "generate/glm.py", "note": NOTE}
    return {"glm/glm.json": common.document("glm", source, FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=1e-9))
