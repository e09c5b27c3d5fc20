"""The LSTM and the GRU in high-precision arithmetic, written from the equations and independent of PyTorch.

Gradients come in two ways that share nothing but the forward pass: central differences, entry by entry, which need no
derivation at all, and back-propagation through time.
"""

from mpmath import mp, mpf

import common
import loss_cases

DIGITS = 50
GUARD_DIGITS = 20  # on top, so that 50 digits of the forward pass and 25 and more of a difference are right
STEP = mpf(10) ** -16  # of central differences: they are then wrong by about 1e-32, their rounding by 1e-53

mp.dps = DIGITS + GUARD_DIGITS


def nested(array):
    """An array of a file as nested lists of mpf."""
    values = iter([mpf(x) for x in array["data"]])

    def build(shape):
        return [build(shape[1:]) for _ in range(shape[0])] if shape else next(values)

    return build(array["shape"])


def zeros_like(value):
    return [zeros_like(item) for item in value] if isinstance(value, list) else mpf(0)


def places(value):
    """The places of all numbers in nested lists, row-major: pairs of the innermost list and the index in it."""
    for j, item in enumerate(value):
        if isinstance(item, list):
            yield from places(item)
        else:
            yield value, j


def flat(value):
    return [row[j] for row, j in places(value)]


def shape_of(value):
    return [len(value), *shape_of(value[0])] if isinstance(value, list) else []


def rounded(value):
    """Nested lists as an array of the doubles nearest to them."""
    return common.array(shape_of(value), [nearest_double(x) for x in flat(value)])


def nearest_double(x):
    result = float(x)
    assert x == 0 or abs(x) > mpf(2) ** -1022, "float() rounds twice where numbers are subnormal"
    return result


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def variables(case):
    """Everything that has a gradient, by name, as nested lists."""
    result = {name: nested(value) for name, value in case["parameters"].items()}
    result["input"] = nested(case["input"])
    for name in ("h0", "c0"):
        zero = [[[mpf(0)] * case["hidden"] for _ in range(case["batch"])] for _ in range(case["layers"])]
        result[name] = nested(case[name]) if case.get(name) else zero
    return result


def cell(v, layer, x, h, c):
    """One step of one layer for one sequence: the gates, the new c and the new h."""
    bias = [a + b for a, b in zip(v[f"lstm.bias_ih_l{layer}"], v[f"lstm.bias_hh_l{layer}"])]
    z = [
        b + mp.fdot(zip(row_ih, x)) + mp.fdot(zip(row_hh, h))
        for b, row_ih, row_hh in zip(bias, v[f"lstm.weight_ih_l{layer}"], v[f"lstm.weight_hh_l{layer}"])
    ]
    n = len(h)
    i, f, o = ([sigma(value) for value in z[k * n : (k + 1) * n]] for k in (0, 1, 3))
    g = [mp.tanh(value) for value in z[2 * n : 3 * n]]
    c_new = [f[j] * c[j] + i[j] * g[j] for j in range(n)]
    h_new = [o[j] * mp.tanh(c_new[j]) for j in range(n)]
    return (i, f, g, o), c_new, h_new


def gru_cell(v, layer, x, h, c):
    """The same of a GRU, which hands c through."""
    a = [
        b + mp.fdot(zip(row, x)) for b, row in zip(v[f"gru.bias_ih_l{layer}"], v[f"gru.weight_ih_l{layer}"])
    ]
    q = [
        b + mp.fdot(zip(row, h)) for b, row in zip(v[f"gru.bias_hh_l{layer}"], v[f"gru.weight_hh_l{layer}"])
    ]
    size = len(h)
    r = [sigma(a[j] + q[j]) for j in range(size)]
    z = [sigma(a[size + j] + q[size + j]) for j in range(size)]
    n = [mp.tanh(a[2 * size + j] + r[j] * q[2 * size + j]) for j in range(size)]
    h_new = [(1 - z[j]) * n[j] + z[j] * h[j] for j in range(size)]
    return (r, z, n, q), c, h_new


def head_input(case, tape):
    """What the fully connected layer reads after the last step of a tape: h of the last steps, the oldest first."""
    return [value for _, top in tape[-case.get("head_states", 1) :] for value in top]


def forward(case, v):
    """Outputs by sequence and step, final states by sequence and layer, and a tape by sequence, step and layer."""
    outputs, finals, tapes = [], [], []
    run = {"lstm": cell, "gru": gru_cell}[common.cell(v)]
    for b in range(case["batch"]):
        h = [v["h0"][layer][b] for layer in range(case["layers"])]
        c = [v["c0"][layer][b] for layer in range(case["layers"])]
        y, tape = [], []
        for t in range(case["steps"]):
            below = v["input"][b][t]
            records = []
            for layer in range(case["layers"]):
                gates, c_new, h_new = run(v, layer, below, h[layer], c[layer])
                records.append((below, h[layer], c[layer], gates, c_new))
                h[layer], c[layer] = h_new, c_new
                below = h_new
            tape.append((records, below))
            if case["all_steps"] or t == case["steps"] - 1:
                read = head_input(case, tape)
                y.append([b_fc + mp.fdot(zip(row, read)) for row, b_fc in zip(v["fc.weight"], v["fc.bias"])])
        outputs.append(y if case["all_steps"] else y[0])
        finals.append((h, c))
        tapes.append(tape)
    return outputs, finals, tapes


def loss(case, outputs, target):
    value = loss_cases.of(case).value
    each = [value(y, t) for y, t in zip(flat(outputs), flat(target))]
    return mp.fsum(each) / len(each)


def by_layer(finals, which):
    """Final h (which = 0) or c (1), by layer and sequence."""
    return [list(sequences) for sequences in zip(*[final[which] for final in finals])]


def with_gradients(v):
    """All but the c0 of zeros that a GRU hands through."""
    return {name: value for name, value in v.items() if name != "c0" or common.cell(v) == "lstm"}


def gradients_by_differences(case):
    """Every entry's central difference."""
    v, target = variables(case), nested(case["target"])
    result = {}
    for name, value in with_gradients(v).items():
        result[name] = zeros_like(value)
        for (row, j), (out, k) in zip(places(value), places(result[name])):
            kept, losses = row[j], []
            for step in (STEP, -STEP):
                row[j] = kept + step
                losses.append(loss(case, forward(case, v)[0], target))
            row[j] = kept
            out[k] = (losses[0] - losses[1]) / (2 * STEP)
    return result


def backward(case, v, outputs, tapes):
    """Back-propagation through time: the gradient of the loss for everything in v."""
    d = {name: zeros_like(value) for name, value in v.items()}
    target = nested(case["target"])
    elements = len(flat(target))
    run_back = {"lstm": cell_backward, "gru": gru_cell_backward}[common.cell(v)]
    slope = loss_cases.of(case).slope
    for b in range(case["batch"]):
        dh = [d["h0"][layer][b] for layer in range(case["layers"])]
        dc = [d["c0"][layer][b] for layer in range(case["layers"])]
        d_top = [[mpf(0)] * case["hidden"] for _ in range(case["steps"])]
        for t in reversed(range(case["steps"])):
            records, _ = tapes[b][t]
            if case["all_steps"] or t == case["steps"] - 1:
                y, goal = (outputs[b][t], target[b][t]) if case["all_steps"] else (outputs[b], target[b])
                dy = [slope(actual, wanted) / elements for actual, wanted in zip(y, goal)]
                add_linear(d["fc.weight"], d["fc.bias"], dy, head_input(case, tapes[b][: t + 1]))
                d_read = transposed_product(v["fc.weight"], dy)
                for back in range(len(d_read) // case["hidden"]):
                    end = len(d_read) - back * case["hidden"]
                    add(d_top[t - back], d_read[end - case["hidden"] : end])
            add(dh[-1], d_top[t])
            for layer in reversed(range(case["layers"])):
                dx = run_back(v, d, layer, records[layer], dh[layer], dc[layer])
                add(dh[layer - 1] if layer else d["input"][b][t], dx)
    return d


def cell_backward(v, d, layer, record, dh, dc):
    """One step back: turns dh and dc of the step's end into those of its start, in place; returns dx."""
    x, h, c, (i, f, g, o), c_new = record
    n = len(h)
    tanh_c = [mp.tanh(value) for value in c_new]
    total = [dc[j] + dh[j] * o[j] * (1 - tanh_c[j] ** 2) for j in range(n)]
    dz = [total[j] * g[j] * i[j] * (1 - i[j]) for j in range(n)]
    dz += [total[j] * c[j] * f[j] * (1 - f[j]) for j in range(n)]
    dz += [total[j] * i[j] * (1 - g[j] ** 2) for j in range(n)]
    dz += [dh[j] * tanh_c[j] * o[j] * (1 - o[j]) for j in range(n)]
    add_linear(d[f"lstm.weight_ih_l{layer}"], d[f"lstm.bias_ih_l{layer}"], dz, x)
    add_linear(d[f"lstm.weight_hh_l{layer}"], d[f"lstm.bias_hh_l{layer}"], dz, h)
    dc[:] = [total[j] * f[j] for j in range(n)]
    dh[:] = transposed_product(v[f"lstm.weight_hh_l{layer}"], dz)
    return transposed_product(v[f"lstm.weight_ih_l{layer}"], dz)


def gru_cell_backward(v, d, layer, record, dh, dc):
    """The same of a GRU; dc stays as it is."""
    x, h, _, (r, z, n, q), _ = record
    size = len(h)
    dn = [dh[j] * (1 - z[j]) * (1 - n[j] ** 2) for j in range(size)]
    dr = [dn[j] * q[2 * size + j] * r[j] * (1 - r[j]) for j in range(size)]
    dz = [dh[j] * (h[j] - n[j]) * z[j] * (1 - z[j]) for j in range(size)]
    da = dr + dz + dn
    dq = dr + dz + [dn[j] * r[j] for j in range(size)]
    add_linear(d[f"gru.weight_ih_l{layer}"], d[f"gru.bias_ih_l{layer}"], da, x)
    add_linear(d[f"gru.weight_hh_l{layer}"], d[f"gru.bias_hh_l{layer}"], dq, h)
    dh[:] = [dh[j] * z[j] for j in range(size)]
    add(dh, transposed_product(v[f"gru.weight_hh_l{layer}"], dq))
    return transposed_product(v[f"gru.weight_ih_l{layer}"], da)


def add(values, more):
    values[:] = [a + b for a, b in zip(values, more)]


def add_linear(d_weight, d_bias, d_out, x):
    """Adds the gradients of a weight matrix and a bias, given that of their output."""
    add(d_bias, d_out)
    for row, factor in zip(d_weight, d_out):
        add(row, [factor * value for value in x])


def transposed_product(matrix, vector):
    return [mp.fdot(zip(column, vector)) for column in zip(*matrix)]


def evaluate(case):
    """All results of a case, unrounded, with gradients by back-propagation."""
    v = variables(case)
    outputs, finals, tapes = forward(case, v)
    return {
        "output": outputs,
        "hn": by_layer(finals, 0),
        "cn": by_layer(finals, 1),
        "loss": loss(case, outputs, nested(case["target"])),
        "gradients": with_gradients(backward(case, v, outputs, tapes)),
    }


def errors(case, exact):
    """How far a case's stored results are from exact ones, each as a fraction of its array's largest entry."""
    result = {name: common.distance(flat(exact[name]), case[name]["data"]) for name in ("output", "hn", "cn") if name in case}
    result["loss"] = common.distance([exact["loss"]], [case["loss"]])
    for name, value in exact["gradients"].items():
        result[f"gradient of {name}"] = common.distance(flat(value), case["gradients"][name]["data"])
    return result
