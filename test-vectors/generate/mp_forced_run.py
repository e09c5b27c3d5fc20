"""Runs that are drawn back to the truth in part, in high-precision arithmetic and without PyTorch: forward and back."""

from mpmath import mp, mpf

import common
import mp_lstm

FINE, GAIN, LARGEST = mpf("0.05"), mpf("0.3"), mpf(1000)
ROBUST, ROBUST_MISS, LOST = mpf("0.05"), mpf("0.03"), mpf("1.5")


def sequence(case, v, b):
    """(1) to (4) for one sequence: the sum of its losses, what the way back needs of each step, and the final state."""
    series = {key: mp_lstm.nested(case[key])[b] for key in ("change", "speed", "forcing", "learned")}
    h = [v["h0"][layer][b] for layer in range(case["layers"])]
    c = [v["c0"][layer][b] for layer in range(case["layers"])]
    error, loss, tape = mpf(0), mpf(0), []
    for t, (change, speed, forcing, learned) in enumerate(zip(*series.values())):
        voltage, current = v["input"][b][t]
        below, records = [voltage + error / mpf(case["mv_per_unit"]), current], []
        for layer in range(case["layers"]):
            gates, c_new, h_new = mp_lstm.cell(v, layer, below, h[layer], c[layer])
            records.append((below, h[layer], c[layer], gates, c_new))
            h[layer], c[layer], below = h_new, c_new, h_new
        y = v["fc.bias"][0] + mp.fdot(zip(v["fc.weight"][0], below))
        change_of_y = FINE * mp.sinh(y / GAIN)
        held = abs(change_of_y) > LARGEST
        wrong = error + (LARGEST * mp.sign(change_of_y) if held else change_of_y) - change
        lost = learned and abs(wrong / speed) > LOST
        stays = mpf(0) if lost else 1 - forcing
        square = (wrong / speed / ROBUST) ** 2
        wanted = change - error
        missed = y - GAIN * mp.asinh(wanted / FINE)
        missed_square = (missed / ROBUST_MISS) ** 2
        loss += learned * (ROBUST**2 * mp.log(1 + square) + ROBUST_MISS**2 * mp.log(1 + missed_square))
        slopes = {
            "decode": 0 if held else FINE / GAIN * mp.cosh(y / GAIN),
            "encode": GAIN / mp.sqrt(wanted**2 + FINE**2),
            "wrong": learned * 2 * wrong / speed**2 / (1 + square),
            "missed": learned * 2 * missed / (1 + missed_square),
            "stays": stays,
        }
        tape.append((records, below, slopes))
        error = stays * wrong
    return loss, tape, (h, c)


def evaluate(case):
    """All results of a case, unrounded."""
    v = mp_lstm.variables(case)
    d = {name: mp_lstm.zeros_like(value) for name, value in v.items()}
    runs = [sequence(case, v, b) for b in range(case["batch"])]
    elements = case["batch"] * case["steps"]
    for b, (_, tape, _) in enumerate(runs):
        dh = [d["h0"][layer][b] for layer in range(case["layers"])]
        dc = [d["c0"][layer][b] for layer in range(case["layers"])]
        d_error = mpf(0)
        for records, top, slope in reversed(tape):
            d_wrong = slope["stays"] * d_error + slope["wrong"] / elements
            d_missed = slope["missed"] / elements
            dy = [d_wrong * slope["decode"] + d_missed]
            mp_lstm.add_linear(d["fc.weight"], d["fc.bias"], dy, top)
            dx = mp_lstm.transposed_product(v["fc.weight"], dy)
            for layer in reversed(range(case["layers"])):
                mp_lstm.add(dh[layer], dx)
                dx = mp_lstm.cell_backward(v, d, layer, records[layer], dh[layer], dc[layer])
            d_error = d_wrong + d_missed * slope["encode"] + dx[0] / mpf(case["mv_per_unit"])
    finals = [final for _, _, final in runs]
    return {
        "hn": mp_lstm.by_layer(finals, 0),
        "cn": mp_lstm.by_layer(finals, 1),
        "loss": mp.fsum(loss for loss, _, _ in runs) / elements,
        "gradients": {name: d[name] for name in case["parameters"]},
    }


def errors(case):
    """How far a case's stored results are from exact ones, each as a fraction of its array's largest entry."""
    exact = evaluate(case)
    result = {name: common.distance(mp_lstm.flat(exact[name]), case[name]["data"]) for name in ("hn", "cn")}
    result["loss"] = common.distance([exact["loss"]], [case["loss"]])
    for name, value in exact["gradients"].items():
        result[f"gradient of {name}"] = common.distance(mp_lstm.flat(value), case["gradients"][name]["data"])
    return result
