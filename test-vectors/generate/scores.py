"""Writes test-vectors/scores/scores.json: scores of forecasts of spike counts, with their standard errors.

NumPy in float64, AUC by SciPy. Standard errors come from the definition of the infinitesimal jackknife: every score is
written with a weight per block of 50 bins, and differentiated by the weights with differences of fourth order.

python scores.py           write the file
python scores.py --check   compute it again and compare; exit code 1 if it differs
"""

import math
import sys

import common
import numpy as np
from scipy.stats import mannwhitneyu

BLOCK, CLASSES, FLOOR = 50, 20, 1e-4

FLAGS = {
    "Bernoulli": "Counts of 0 and 1.",
    "Poisson": "Larger counts.",
    "Floored": "Some forecasts are not positive: all keep to a floor of 1e-4 where logarithms are taken.",
}

NOTE = (
    "target and forecast are bins x neurons, mean_rate is one number per neuron. Scores carry the names of metrics.json;"
    " per-neuron values are lists. Blocks of 50 bins."
)


def log_probability(family, y, mu):
    return y * np.log(mu) + ((1 - y) * np.log(1 - mu) if family == "Bernoulli" else -mu)


def saturated(family, y):
    if family == "Bernoulli":
        return np.zeros_like(y)
    return np.where(y > 0, y * np.log(np.where(y > 0, y, 1)) - y, 0)


def link(family, mu):
    return np.log(mu / (1 - mu)) if family == "Bernoulli" else np.log(mu)


def mean_of(family, eta):
    return 1 / (1 + np.exp(-eta)) if family == "Bernoulli" else np.exp(eta)


class Scores:
    """Every score as a function of a weight per bin."""

    def __init__(self, family, y, f, rate):
        self.family, self.y, self.f, self.rate = family, y, f, rate
        ceiling = 1.0 if family == "Bernoulli" else math.inf
        proper = (f > 0).all() and (f < ceiling).all()
        self.p = f if proper else np.clip(f, FLOOR, ceiling - FLOOR if ceiling == 1 else None)
        self.base = np.clip(rate, FLOOR, ceiling - FLOOR if ceiling == 1 else None)[None, :] + 0 * y
        order = np.sort(self.p.ravel())
        sums = np.cumsum(order)
        ends = [order[np.argmax(sums >= sums[-1] * c / CLASSES - 1e-12)] for c in range(1, CLASSES)]
        self.classes = np.searchsorted(ends, self.p.ravel(), side="left").reshape(y.shape)

    def explained_variance(self, w):
        return 1 - (w * (self.y - self.f) ** 2).sum() / (w * (self.y - self.rate) ** 2).sum()

    def explained_variance_in_time(self, w):
        y = (w * self.y).sum(axis=0) / w.sum(axis=0)
        f = (w * self.f).sum(axis=0) / w.sum(axis=0)
        return 1 - (w * (self.y - y - self.f + f) ** 2).sum() / (w * (self.y - y) ** 2).sum()

    def explained_variance_over_neurons(self, w):
        y = (w * self.y).sum(axis=0) / w.sum(axis=0)
        f = (w * self.f).sum(axis=0) / w.sum(axis=0)
        return 1 - ((y - f) ** 2).sum() / ((y - y.mean()) ** 2).sum()

    def explained_variance_of_population(self, w):
        w = w[:, 0]
        error = (w * (self.y.sum(axis=1) - self.f.sum(axis=1)) ** 2).sum()
        return 1 - error / (w * (self.y.sum(axis=1) - self.rate.sum()) ** 2).sum()

    def bits(self, family, w):
        gain = log_probability(family, self.y, self.p) - log_probability(family, self.y, self.base)
        return (w * gain).sum() / (w * self.y).sum() / math.log(2)

    def bits_per_spike(self, w):
        return self.bits(self.family, w)

    def bits_per_spike_poisson(self, w):
        return self.bits("Poisson", w)

    def pseudo_r2(self, w):
        most = saturated(self.family, self.y)
        below = most - log_probability(self.family, self.y, self.base)
        return 1 - (w * (most - log_probability(self.family, self.y, self.p))).sum() / (w * below).sum()

    def auc(self, w):
        spike = self.y > 0
        a, b, wa, wb = self.f[spike], self.f[~spike], (w + 0 * self.y)[spike], (w + 0 * self.y)[~spike]
        above = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
        return (wa @ above @ wb) / wa.sum() / wb.sum()

    def line(self, w):
        x = link(self.family, self.p).ravel()
        x = np.stack([x, np.ones_like(x)], axis=1)
        weight, y, beta = (w + 0 * self.y).ravel(), self.y.ravel(), np.array([1.0, 0.0])
        for _ in range(50):
            mu = mean_of(self.family, x @ beta)
            v = mu * (1 - mu) if self.family == "Bernoulli" else mu
            step = np.linalg.solve(x.T @ (x * (weight * v)[:, None]), x.T @ (weight * (y - mu)))
            beta = beta + step
            if np.abs(step).max() < 1e-14:
                break
        return beta

    def calibration_slope(self, w):
        return self.line(w)[0]

    def calibration_intercept(self, w):
        return self.line(w)[1]

    def calibration_error(self, w):
        residual = (w + 0 * self.y) * (self.y - self.p)
        return sum(abs(residual[self.classes == c].sum()) for c in range(CLASSES)) / self.y.size

    def calibration_error_by_chance(self):
        v = self.p * (1 - self.p) if self.family == "Bernoulli" else self.p
        return sum(math.sqrt(2 / math.pi * v[self.classes == c].sum()) for c in range(CLASSES)) / self.y.size

    def standard_error(self, score):
        blocks = len(self.y) // BLOCK
        block = np.minimum(np.arange(len(self.y)) // BLOCK, blocks - 1)

        def at(b, h):
            return score(np.where(block == b, 1 + h, 1.0)[:, None])

        h = 1e-3
        c = [(8 * (at(b, h) - at(b, -h)) - (at(b, 2 * h) - at(b, -2 * h))) / (12 * h) for b in range(blocks)]
        c = np.array(c) - np.mean(c)
        return float(math.sqrt((c**2).sum() * blocks / (blocks - 1)))


NAMES = [
    "explained_variance_in_time",
    "explained_variance_over_neurons",
    "explained_variance_of_population",
    "bits_per_spike",
    "bits_per_spike_poisson",
    "pseudo_r2",
    "auc",
    "calibration_slope",
    "calibration_intercept",
    "calibration_error",
]


def case(name, family, bins, n, floored):
    rng = common.generator(f"scores {name}")
    scale = 0.2 if family == "Bernoulli" else 1.2
    truth = [[scale * math.exp(0.8 * rng.gauss(0, 1) - 0.3 * a) for a in range(n)] for _ in range(bins)]
    thirds = 1 if family == "Bernoulli" else 4
    y = np.array([[sum(rng.random() < min(0.9, m / thirds) for _ in range(thirds)) for m in row] for row in truth], float)
    noise = [[round(m * math.exp(0.3 * rng.gauss(0, 1)) - (0.05 if floored else 0), 4) for m in row] for row in truth]
    f = np.array(noise) if floored else np.clip(np.array(noise), 0.0003, 0.95 if family == "Bernoulli" else None)
    rate = np.array([round(float(r), 4) for r in y.mean(axis=0) * 1.07])
    s = Scores(family, y, f, rate)
    one = np.ones((bins, 1))
    spike = y > 0
    u = mannwhitneyu(f[spike], f[~spike], alternative="two-sided").statistic / (spike.sum() * (~spike).sum())
    assert abs(u - s.auc(one)) < 1e-12
    scores = {
        "mse": float(((y - f) ** 2).mean()),
        "explained_variance": float(s.explained_variance(one)),
        "standard_error": s.standard_error(s.explained_variance),
        "calibration_error_by_chance": s.calibration_error_by_chance(),
    }
    for key in NAMES:
        scores[key] = float(getattr(s, key)(one))
        scores[f"{key}_standard_error"] = s.standard_error(getattr(s, key))
    gain = log_probability(family, y, s.p) - log_probability(family, y, s.base)
    return {
        "id": f"scores-{name}",
        "flags": [family] + (["Floored"] if floored else []),
        "target": common.array(y.shape, y.astype(int).ravel().tolist()),
        "forecast": common.array(f.shape, f.ravel().tolist()),
        "mean_rate": common.array(rate.shape, rate.tolist()),
        "scores": scores,
        "bits_per_spike_per_neuron": common.array((n,), (gain.sum(axis=0) / y.sum(axis=0) / math.log(2)).tolist()),
    }


def build():
    cases = [
        case("bernoulli", "Bernoulli", 200, 3, False),
        case("bernoulli-floored", "Bernoulli", 150, 4, True),
        case("poisson", "Poisson", 150, 2, False),
        case("poisson-floored", "Poisson", 150, 2, True),
    ]
    source = {"name": "NumPy", "version": np.__version__, "generator": "generate/scores.py", "note": NOTE}
    return {"scores/scores.json": common.document("scores", source, FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=1e-9))
