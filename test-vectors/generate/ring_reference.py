"""The figures of RingTableTest's second reference: the ring network in NumPy, written for plainness, not speed.

Independent of the Java code where that is clever: a full weight matrix, one Poisson number per neuron and step.
Prints, per case of the specification's table, mean and standard deviation (n - 1) over RUNS runs of
E Hz, I Hz, CV of ISI, P(count>0) per 1 ms, population Fano per 1 ms; 3000 ms each, the first 200 ms dropped.

    python ring_reference.py        about ten minutes; made with NumPy 2
"""

import numpy as np

RUNS, DT, STEPS, DROP, BIN = 40, 0.05, 60000, 4000, 20
TAU_L, N_REF = 20.0, 20

IRREGULAR = (0.016, 0.013, 0.018, 0.010)
CASES = {  # N, half, lambda, f_E, f_I, (S_EE, S_EI, S_IE, S_II), c
    "irregular, lambda 0.45": (600, 15, 0.45, 0.07, 0.06, IRREGULAR, 0),
    "irregular, lambda 0.55": (600, 15, 0.55, 0.07, 0.06, IRREGULAR, 0),
    "irregular, lambda 0.65": (600, 15, 0.65, 0.07, 0.06, IRREGULAR, 0),
    "irregular, lambda 0.90": (600, 15, 0.90, 0.07, 0.06, IRREGULAR, 0),
    "bursts": (600, 15, 0.55, 0.07, 0.07, (0.05, 0.045, 0.045, 0.05), 0),
    "shared input c = 0.8": (600, 15, 0.55, 0.07, 0.07, (0.003,) * 4, 0.8),
    "60 neurons, irregular": (60, 3, 0.65, 0.07, 0.06, tuple(31 / 7 * s for s in IRREGULAR), 0),
}


def weights(n, half, s):
    """W[target, source], signed."""
    e = n // 2
    d = np.abs(np.subtract.outer(np.arange(e), np.arange(e)))
    a = (np.minimum(d, e - d) <= half).astype(float)
    w = np.block([[s[0] * a, -s[1] * a], [s[2] * a, -s[3] * a]])
    np.fill_diagonal(w, 0)
    return w


def raster(rng, n, half, rate, f_e, f_i, s, c):
    """Spikes of RUNS runs after the first DROP steps: steps x RUNS x n, boolean."""
    to_targets = np.ascontiguousarray(weights(n, half, s).T)
    f = np.repeat([f_e, f_i], n // 2)
    v = rng.uniform(size=(RUNS, n))
    resume = np.zeros((RUNS, n), int)
    spikes = np.zeros((STEPS, RUNS, n), bool)
    for k in range(STEPS):
        events = rng.poisson((1 - c) * rate * DT, size=(RUNS, n))
        if c > 0:
            events = events + rng.poisson(c * rate * DT, size=(RUNS, 1))
        kick = f * events
        run, source = np.nonzero(spikes[k - 1]) if k > 0 else ([], [])
        np.add.at(kick, run, to_targets[source]) if len(run) else None
        v = np.where(k >= resume, v - DT * v / TAU_L + kick, v)
        spikes[k] = v >= 1
        v[spikes[k]] = 0
        resume[spikes[k]] = k + N_REF
    return spikes[DROP:]


def figures(spikes):
    """The five figures of one run, steps x n."""
    steps, n = spikes.shape
    rates = spikes.sum(0) / (steps * DT / 1000)
    cv = []
    for a in range(n):
        intervals = np.diff(np.nonzero(spikes[:, a])[0])
        if len(intervals) >= 5:
            cv.append(intervals.std() / intervals.mean())
    counts = spikes.reshape(steps // BIN, BIN, n).sum(1)
    population = counts.sum(1)
    fano = population.var() / population.mean()
    return rates[: n // 2].mean(), rates[n // 2 :].mean(), np.mean(cv), (counts > 0).mean(), fano


for seed, (name, case) in enumerate(CASES.items()):
    spikes = raster(np.random.default_rng(seed), *case)
    runs = np.array([figures(spikes[:, r]) for r in range(RUNS)])
    cells = [f"{m:.5g}+-{d:.2g}" for m, d in zip(runs.mean(0), runs.std(0, ddof=1))]
    print(" | ".join([f"{name:22}"] + cells), flush=True)
