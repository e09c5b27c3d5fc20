"""An LSTM in NumPy, forward and backward: the implementation that check.py checks. Replace it by yours."""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-np.abs(z))) * np.where(z < 0, np.exp(-np.abs(z)), 1)


LOSSES = {  # of an output y and a target t: its value, its derivative with respect to y
    "mse": (lambda y, t: (y - t) ** 2, lambda y, t: 2 * (y - t)),
    "poisson": (lambda y, t: np.exp(y) - t * y, lambda y, t: np.exp(y) - t),
    "bernoulli": (lambda y, t: np.logaddexp(0, y) - t * y, lambda y, t: sigma(y) - t),
}


def lstm(case, p):
    """Computes a case with parameters p: output, hn, cn, loss, and the gradient of all that has one, by name."""
    x, target = case["input"], case["target"]
    B, T, L, H = case["batch"], case["steps"], case["layers"], case["hidden"]
    M = case.get("head_states", 1)
    value, slope = LOSSES[case.get("loss_function", "mse")]
    h0 = np.zeros((L, B, H)) if case["h0"] is None else case["h0"]
    c0 = np.zeros((L, B, H)) if case["c0"] is None else case["c0"]
    gates, tanhs, c, h = [np.zeros((L, T + 1, B, n)) for n in (4 * H, H, H, H)]  # index t + 1 is step t
    c[:, 0], h[:, 0] = c0, h0
    for k in range(L):
        w, u = p[f"lstm.weight_ih_l{k}"], p[f"lstm.weight_hh_l{k}"]
        b = p[f"lstm.bias_ih_l{k}"] + p[f"lstm.bias_hh_l{k}"]
        for t in range(1, T + 1):
            below = x[:, t - 1] if k == 0 else h[k - 1, t]
            z = b + below @ w.T + h[k, t - 1] @ u.T  # (1)
            i, f, g, o = sigma(z[:, :H]), sigma(z[:, H : 2 * H]), np.tanh(z[:, 2 * H : 3 * H]), sigma(z[:, 3 * H :])
            gates[k, t] = np.hstack((i, f, g, o))  # (2), (3)
            c[k, t] = f * c[k, t - 1] + i * g  # (4)
            tanhs[k, t] = np.tanh(c[k, t])
            h[k, t] = o * tanhs[k, t]  # (5)
    reads = [(t, [h[-1, t]]) for t in range(1, T + 1)] if case["all_steps"] else [(T, h[-1, T - M + 1 :])]
    reads = [(t, np.hstack(list(states))) for t, states in reads]
    y = np.stack([states @ p["fc.weight"].T + p["fc.bias"] for t, states in reads], 1).reshape(target.shape)  # (6)
    d = {name: np.zeros_like(block) for name, block in p.items()} | {"input": np.zeros_like(x)}
    d["h0"], d["c0"] = np.zeros((L, B, H)), np.zeros((L, B, H))
    dy = (slope(y, target) / y.size).reshape(B, len(reads), -1)
    above = np.zeros((T + 1, B, H))  # the gradient of h of the layer at hand that comes from above
    for n, (t, states) in enumerate(reads):
        d["fc.weight"] += dy[:, n].T @ states  # (7)
        d["fc.bias"] += dy[:, n].sum(0)
        for m, part in enumerate(np.split(dy[:, n] @ p["fc.weight"], M, 1)):
            above[t - M + 1 + m] += part  # (8)
    for k in reversed(range(L)):
        w, u = p[f"lstm.weight_ih_l{k}"], p[f"lstm.weight_hh_l{k}"]
        dh, dc, down = np.zeros((B, H)), np.zeros((B, H)), np.zeros((T + 1, B, H))
        for t in range(T, 0, -1):
            i, f, g, o = np.split(gates[k, t], 4, 1)
            dh = dh + above[t]  # (8)
            dc = dc + dh * o * (1 - tanhs[k, t] ** 2)  # (9)
            dz = (dc * g * i * (1 - i), dc * c[k, t - 1] * f * (1 - f), dc * i * (1 - g**2))  # (11) to (13)
            dz = np.hstack((*dz, dh * tanhs[k, t] * o * (1 - o)))  # (10)
            d[f"lstm.weight_ih_l{k}"] += dz.T @ (x[:, t - 1] if k == 0 else h[k - 1, t])  # (14)
            d[f"lstm.weight_hh_l{k}"] += dz.T @ h[k, t - 1]
            d[f"lstm.bias_ih_l{k}"] += dz.sum(0)
            d[f"lstm.bias_hh_l{k}"] += dz.sum(0)
            if k == 0:
                d["input"][:, t - 1] = dz @ w  # (15)
            else:
                down[t] = dz @ w
            dh, dc = dz @ u, dc * f  # (8), (9), for step t - 1
        d["h0"][k], d["c0"][k], above = dh, dc, down
    return {"output": y, "hn": h[:, T], "cn": c[:, T], "loss": value(y, target).mean(), "gradients": d}
