"""Writes test-vectors/coupled: networks of neurons that exchange messages, with a leaky trace each.

Probabilities, final state, loss and the gradient of every parameter. pytorch.json is from PyTorch in float64: the equations of
the README on whole matrices, and autograd through all of them. mpmath.json is from 50 digits: the same equations neuron by
neuron in plain numbers, and derivatives as central differences so fine that all digits of a double are right.

python coupled.py           write the files, and print what each planted fault changes
python coupled.py --check   compute them again and compare; exit code 1 if they differ
"""

import sys
from dataclasses import dataclass

import common
import mpmath
import torch
from mpmath import mp, mpf

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

DIGITS = 60
DIFFERENCE = "1e-22"
SMALLEST_CHANGE = 1e-6

FLAGS = {
    "Fine": "The trace is read in fine steps too: eight more features, and hats.",
    "Lstm": "The features pass an LSTM whose outputs join them.",
    "Messages": "There are message steps.",
    "NoTrace": "There is no trace.",
    "Trace": "There is a leaky trace.",
    "TraceLoss": "The trace's own likelihood counts in the loss.",
}

FAULTS = {
    "decay-not-damped": "(2) with g on the decayed v too",
    "reset-to-g": "(3) with v = 1 - gamma after a spike",
    "no-cap": "(3) without the cap",
    "cap-no-gradient": "no gradient through v where it is not capped",
    "no-gamma": "(3) with g = 1 after a spike",
    "activity-sum": "(4) with a sum instead of the maximum",
    "trace-sees-neighbours": "(5) with the neighbours' part of u",
    "detached": "no gradient through v from bin to bin",
    "types-swapped": "t is 1 for inhibitory neurons",
    "sources-swapped": "sums over the neurons that a neuron sends to",
    "sums-swapped": "q_E and q_I exchanged",
    "mean": "means instead of sums over neighbours",
    "no-gate": "the second element of q is not replaced by 1 - exp(-q)",
    "message-of-last": "messages of stage k from z_k of the bin before",
    "no-skip": "z_k without z_(k-1)",
    "probability-no-gradient": "no gradient through the probabilities that are sent",
    "state-no-gradient": "no gradient through b in r",
    "hat-shifted": "hats one step further",
    "last-only": "the earlier stages do not count in the loss",
}


@dataclass(frozen=True)
class Spec:
    """Sizes and kind of a case."""

    id: str
    neurons: int
    steps: int
    width: int
    channels: int
    messages: int
    hidden: int = 0
    trace: bool = True
    fine: bool = True
    trace_loss: float = 0.0

    def flags(self):
        present = {
            "Fine": self.trace and self.fine,
            "Lstm": self.hidden > 0,
            "Messages": self.messages > 0,
            "NoTrace": not self.trace,
            "Trace": self.trace,
            "TraceLoss": self.trace_loss > 0,
        }
        return [flag for flag, holds in present.items() if holds]

    def observed(self):
        return 6 + (4 + (8 if self.fine else 0) if self.trace else 0)

    def shapes(self):
        """The parameters' names and shapes, in their order."""
        s, w, rows = self.observed() + self.hidden, self.width, 2 + self.channels
        shapes = {}
        if self.trace:
            for name in ("log_tau", "log_f", "log_w_e", "log_w_i", "logit_gamma", "log_k", "b_e", "b_i", "b_0"):
                shapes[f"trace.{name}"] = (2,)
        if self.hidden:
            h = self.hidden
            shapes["lstm.weight_ih_l0"] = (4 * h, self.observed())
            shapes["lstm.weight_hh_l0"] = (4 * h, h)
            shapes["lstm.bias_ih_l0"] = shapes["lstm.bias_hh_l0"] = (4 * h,)
            shapes["fc.weight"] = (h, h)
            shapes["fc.bias"] = (h,)
        shapes["message.0.readout.bias"] = (1,)
        for k in range(self.messages + 1):
            name = f"message.{k}."
            if k:
                shapes[name + "send.weight"] = (self.channels, w)
                shapes[name + "send.bias"] = (self.channels,)
            shapes[name + "hidden.features"] = (w, s)
            if k:
                shapes[name + "hidden.received"] = (w, 4 * rows + w + 1)
            shapes[name + "hidden.bias"] = (w,)
            shapes[name + "readout.weight"] = (1, w)
            if self.trace and self.fine:
                shapes[name + "hats"] = (32, 9 if k else 1)
        return shapes


PYTORCH = [
    Spec("coupled-one-message", 6, 9, 4, 2, 1, trace_loss=0.3),
    Spec("coupled-three-messages", 8, 12, 5, 3, 3),
    Spec("coupled-coarse", 6, 10, 4, 2, 2, fine=False, trace_loss=0.1),
    Spec("coupled-no-messages", 6, 10, 4, 1, 0),
    Spec("coupled-lstm", 6, 8, 4, 2, 2, hidden=3),
    Spec("coupled-lstm-no-trace", 6, 8, 4, 2, 2, hidden=4, trace=False),
]
MPMATH = [
    Spec("coupled-mpmath-coarse", 4, 6, 2, 1, 2, fine=False, trace_loss=0.2),
    Spec("coupled-mpmath-fine", 4, 6, 2, 1, 1),
]

CENTRES = {"log_tau": 2.7, "log_f": -1.9, "log_w_e": -1.8, "log_w_i": -2.2, "logit_gamma": 0.2, "log_k": 1.5}


def draw(spec):
    """The case without its results."""
    rng = common.generator(f"coupled {spec.id}")
    n, t = spec.neurons, spec.steps
    edges = [(a, b) for a in range(n) for b in range(n) if a != b and rng.random() < 0.55]
    parameters = {}
    for name, shape in spec.shapes().items():
        scale = 2 / shape[1] ** 0.5 if len(shape) == 2 else 0.5
        if name.endswith("hats"):
            scale = 0.6
        parameters[name] = common.uniform(rng, shape, 0.2 if name.startswith("trace.") else scale)
        centre = CENTRES.get(name.removeprefix("trace."), 0)
        parameters[name]["data"] = [round(centre + value, 5) for value in parameters[name]["data"]]
    return {
        "id": spec.id,
        "flags": spec.flags(),
        "neurons": n,
        "steps": t,
        "width": spec.width,
        "channels": spec.channels,
        "messages": spec.messages,
        "hidden": spec.hidden,
        "trace": spec.trace,
        "fine": spec.fine,
        "cap": 1.1,
        "bin_ms": 1.0,
        "mean_external": 0.65,
        "stage_loss": 0.3,
        "trace_loss": spec.trace_loss,
        "scale": 0.05,
        "edges": common.array((len(edges), 2), [index for edge in edges for index in edge]),
        "excitatory": [a < n // 2 for a in range(n)],
        "counts": common.array((t + 1, n), [int(rng.random() < 0.15) for _ in range((t + 1) * n)]),
        "external": common.array((t + 1, n), [rng.choice((0, 0, 0, 1, 1, 2)) for _ in range((t + 1) * n)]),
        "v0": common.array((n,), [round(rng.uniform(0.3, 1), 5) for _ in range(n)]),
        "g0": common.array((n,), [round(rng.uniform(0.4, 1), 5) for _ in range(n)]),
        "a0": common.array((n,), [round(rng.uniform(0, 1), 5) for _ in range(n)]),
        "parameters": parameters,
    }


def shaped(array):
    return torch.tensor(array["data"], dtype=torch.float64).reshape(array["shape"])


def tensors(case, fault=None):
    """All of a case on whole matrices: rows are bins or features, columns neurons."""
    p = {name: shaped(value).requires_grad_() for name, value in case["parameters"].items()}
    n, steps, fine = case["neurons"], case["steps"], case["trace"] and case["fine"]
    adjacency = torch.zeros(n, n)
    for j in range(0, len(case["edges"]["data"]), 2):
        target, source = case["edges"]["data"][j : j + 2]
        adjacency[target, source] += 1
    if fault == "sources-swapped":
        adjacency = adjacency.T
    excites = torch.tensor(case["excitatory"], dtype=torch.float64)
    from_e, from_i = adjacency * excites, adjacency * (1 - excites)
    if fault == "sums-swapped":
        from_e, from_i = from_i, from_e
    if fault == "mean":
        from_e = from_e / from_e.sum(1, keepdim=True).clamp(min=1)
        from_i = from_i / from_i.sum(1, keepdim=True).clamp(min=1)
    kind = (1 - excites).long()
    c, x = shaped(case["counts"]).clamp(max=1), shaped(case["external"])
    e, i = shaped(case["counts"]) @ from_e.T, shaped(case["counts"]) @ from_i.T
    v, g, a = shaped(case["v0"]), shaped(case["g0"]), shaped(case["a0"])
    if case["trace"]:
        of = lambda name: p[f"trace.{name}"][kind]
        decay = torch.exp(-case["bin_ms"] / of("log_tau").exp())
        f, w_e, w_i = of("log_f").exp(), of("log_w_e").exp(), of("log_w_i").exp()
        gamma, k = torch.sigmoid(of("logit_gamma")), of("log_k").exp()
    h = cell = torch.zeros(case["hidden"], n)
    z_before = None
    zs, ls = [], []
    for t in range(steps):
        t_kind = 1 - excites if fault == "types-swapped" else excites
        a = 0.93 * a + c[t] if fault == "activity-sum" else torch.maximum(0.93 * a, c[t])
        s = [c[t], x[t] - case["mean_external"], e[t], i[t], t_kind, a]
        if case["trace"]:
            before = v.detach() if fault == "detached" else v
            q = f * x[t] + w_e * e[t] - w_i * i[t]
            u = (g if fault == "decay-not-damped" else 1) * decay * before + g * q
            own = u if fault == "trace-sees-neighbours" else decay * before + g * f * x[t]
            ls.append(k * (own - 1) + of("b_e") * e[t] + of("b_i") * i[t] + of("b_0"))
            capped = u if fault == "no-cap" else u.clamp(max=case["cap"])
            capped = capped.detach() if fault == "cap-no-gradient" else capped
            spike = c[t] > 0
            v = torch.where(spike, 1 - gamma if fault == "reset-to-g" else torch.zeros(n), capped)
            g = torch.where(spike & (fault != "no-gamma"), gamma, torch.ones(n))
            s += [
                (10 * (v - 0.85)).clamp(min=-4),
                (10 * (u - 0.95)).clamp(-2, 3),
                20 * (u - 1).clamp(min=0),
                g - 1,
            ]
        if fine:
            s += [torch.tanh(40 * (v - 0.72 - 0.04 * j)) for j in range(8)]
            centres = 0.55 + 0.034 * (torch.arange(16) + (1 if fault == "hat-shifted" else 0))
            phi = (1 - (v.clamp(0.551, 1.059)[:, None] - centres).abs() / 0.034).clamp(min=0)
        s = torch.stack(s)
        if case["hidden"]:
            gates = p["lstm.weight_ih_l0"] @ s + (p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"])[:, None]
            gate_i, gate_f, gate_g, gate_o = (gates + p["lstm.weight_hh_l0"] @ h).chunk(4)
            cell = torch.sigmoid(gate_f) * cell + torch.sigmoid(gate_i) * torch.tanh(gate_g)
            h = torch.sigmoid(gate_o) * torch.tanh(cell)
            s = torch.cat([s, p["fc.weight"] @ h + p["fc.bias"][:, None]])
        stage = []
        for k_ in range(case["messages"] + 1):
            w = lambda name: p[f"message.{k_}.{name}"]
            if k_ == 0:
                b = torch.tanh(w("hidden.features") @ s + w("hidden.bias")[:, None])
                z = w("readout.bias") + (w("readout.weight") @ b)[0]
                if fine:
                    z = z + (phi * w("hats").reshape(2, 16)[kind]).sum(1)
            else:
                sent_z = z_before[k_] if fault == "message-of-last" and z_before else z
                sent = torch.sigmoid(sent_z)
                sent = sent.detach() if fault == "probability-no-gradient" else sent
                tanh = torch.tanh(w("send.weight") @ b + w("send.bias")[:, None])
                m = torch.cat([torch.stack([3 * sent, torch.nn.functional.softplus(sent_z)]), tanh])
                q_e, q_i = m @ from_e.T, m @ from_i.T
                if fault != "no-gate":
                    q_e = torch.cat([q_e[:1], 1 - torch.exp(-q_e[1:2]), q_e[2:]])
                    q_i = torch.cat([q_i[:1], 1 - torch.exp(-q_i[1:2]), q_i[2:]])
                below = b.detach() if fault == "state-no-gradient" else b
                r = torch.cat([q_e, q_i, t_kind * q_e, t_kind * q_i, below, 0.3 * z[None]])
                b = torch.tanh(w("hidden.features") @ s + w("hidden.received") @ r + w("hidden.bias")[:, None])
                z = (0 if fault == "no-skip" else z) + (w("readout.weight") @ b)[0]
                if fine:
                    one, two = q_e[1], q_e[0] / 3 - q_e[1]
                    three, four = q_i[1], q_i[0] / 3 - q_i[1]
                    both = three + four
                    mu = [torch.ones(n), one, two, three, four, one * both, two * both, two**2, both**2]
                    z = z + torch.einsum("nj,njm,mn->n", phi, w("hats").reshape(2, 16, 9)[kind], torch.stack(mu))
            stage.append(z)
        z_before = stage
        zs.append(torch.stack(stage))
    z = torch.stack(zs, 1)
    nll = torch.nn.functional.binary_cross_entropy_with_logits
    y = c[1:]
    loss = nll(z[-1], y, reduction="sum")
    for earlier in z[:-1]:
        loss = loss + (0 if fault == "last-only" else case["stage_loss"]) * nll(earlier, y, reduction="sum")
    if case["trace"] and case["trace_loss"]:
        loss = loss + case["trace_loss"] * nll(torch.stack(ls), c[:-1], reduction="sum")
    loss = case["scale"] * loss
    loss.backward()
    gradients = {name: value.grad if value.grad is not None else torch.zeros_like(value) for name, value in p.items()}
    final = (v, g, a) if case["trace"] else (shaped(case["v0"]), shaped(case["g0"]), a)
    return torch.sigmoid(z), loss, gradients, final


def flat(tensor):
    return tensor.detach().reshape(-1).tolist()


def pytorch(spec):
    case = draw(spec)
    probabilities, loss, gradients, (v, g, a) = tensors(case)
    n = case["neurons"]
    case["probabilities"] = common.array((spec.messages + 1, spec.steps, n), flat(probabilities))
    case["loss"] = loss.item()
    case["gradients"] = {name: common.array(spec.shapes()[name], flat(value)) for name, value in gradients.items()}
    if spec.trace:
        case["vn"], case["gn"] = common.array((n,), flat(v)), common.array((n,), flat(g))
    case["an"] = common.array((n,), flat(a))
    return case


class Exact:
    """The same in plain numbers of many digits, one neuron after the other; without LSTM."""

    def __init__(self, case):
        self.case = case
        self.p = {name: [mpf(value) for value in array["data"]] for name, array in case["parameters"].items()}
        n, edges = case["neurons"], case["edges"]["data"]
        self.sources = {True: [[] for _ in range(n)], False: [[] for _ in range(n)]}
        for j in range(0, len(edges), 2):
            self.sources[case["excitatory"][edges[j + 1]]][edges[j]].append(edges[j + 1])

    def dot(self, name, row, values):
        size = len(values)
        return mp.fdot(zip(self.p[name][row * size : (row + 1) * size], values))

    def run(self):
        case, p = self.case, self.p
        n, width, channels = case["neurons"], case["width"], case["channels"]
        counts, external = case["counts"]["data"], case["external"]["data"]
        state = {key: [mpf(value) for value in case[key + "0"]["data"]] for key in "vga"}
        probabilities, loss = [[] for _ in range(case["messages"] + 1)], mpf(0)
        for t in range(case["steps"]):
            features, hats = [], []
            for a in range(n):
                kind = 0 if case["excitatory"][a] else 1
                c, x = counts[t * n + a], external[t * n + a]
                e = sum(counts[t * n + b] for b in self.sources[True][a])
                i = sum(counts[t * n + b] for b in self.sources[False][a])
                w = lambda name: p[f"trace.{name}"][kind]
                decayed = state["v"][a] * mp.exp(-mpf(case["bin_ms"]) / mp.exp(w("log_tau")))
                f = mp.exp(w("log_f"))
                u = decayed + state["g"][a] * (f * x + mp.exp(w("log_w_e")) * e - mp.exp(w("log_w_i")) * i)
                own = decayed + state["g"][a] * f * x
                logit = mp.exp(w("log_k")) * (own - 1) + w("b_e") * e + w("b_i") * i + w("b_0")
                loss += mpf(case["trace_loss"]) * self.nll(logit, c)
                v = mpf(0) if c else min(u, mpf(case["cap"]))
                g = 1 / (1 + mp.exp(-w("logit_gamma"))) if c else mpf(1)
                state["v"][a], state["g"][a] = v, g
                state["a"][a] = max(mpf(0.93) * state["a"][a], mpf(c))
                s = [mpf(c), x - mpf(case["mean_external"]), mpf(e), mpf(i), mpf(1 - kind), state["a"][a]]
                s += [max(10 * (v - mpf(0.85)), mpf(-4)), min(max(10 * (u - mpf(0.95)), mpf(-2)), mpf(3))]
                s += [20 * max(u - 1, mpf(0)), g - 1]
                if case["fine"]:
                    s += [mp.tanh(40 * (v - mpf(0.72) - mpf(0.04) * j)) for j in range(8)]
                features.append(s)
                clipped = min(max(v, mpf(0.551)), mpf(1.059))
                hats.append([max(1 - abs(clipped - mpf(0.55) - mpf(0.034) * j) / mpf(0.034), mpf(0)) for j in range(16)])
            b, z = [], []
            for k in range(case["messages"] + 1):
                name = f"message.{k}."
                if k:
                    sent = []
                    for a in range(n):
                        m = [3 / (1 + mp.exp(-z[a])), mp.log(1 + mp.exp(z[a]))]
                        m += [mp.tanh(self.dot(name + "send.weight", j, b[a]) + p[name + "send.bias"][j]) for j in range(channels)]
                        sent.append(m)
                new_b, new_z = [], []
                for a in range(n):
                    kind = 0 if case["excitatory"][a] else 1
                    received, mu = None, [mpf(1)]
                    if k:
                        q = []
                        for excites in (True, False):
                            sums = [mp.fsum(sent[source][j] for source in self.sources[excites][a]) for j in range(2 + channels)]
                            sums[1] = 1 - mp.exp(-sums[1])
                            q.append(sums)
                        both = q[0] + q[1]
                        received = both + [(1 - kind) * value for value in both] + b[a] + [mpf(0.3) * z[a]]
                        x, x1, y, y1 = q[0][1], q[0][0] / 3 - q[0][1], q[1][1], q[1][0] / 3 - q[1][1]
                        mu += [x, x1, y, y1, x * (y + y1), x1 * (y + y1), x1**2, (y + y1) ** 2]
                    hidden = []
                    for j in range(width):
                        total = self.dot(name + "hidden.features", j, features[a]) + p[name + "hidden.bias"][j]
                        total += self.dot(name + "hidden.received", j, received) if k else 0
                        hidden.append(mp.tanh(total))
                    value = (z[a] if k else p[name + "readout.bias"][0]) + self.dot(name + "readout.weight", 0, hidden)
                    if case["fine"]:
                        for j, phi in enumerate(hats[a]):
                            value += phi * self.dot(name + "hats", kind * 16 + j, mu) if phi else 0
                    new_b.append(hidden)
                    new_z.append(value)
                    weight = mpf(1) if k == case["messages"] else mpf(case["stage_loss"])
                    loss += weight * self.nll(value, counts[(t + 1) * n + a])
                    probabilities[k].append(1 / (1 + mp.exp(-value)))
                b, z = new_b, new_z
        return probabilities, mpf(case["scale"]) * loss, state

    @staticmethod
    def nll(z, y):
        return mp.log(1 + mp.exp(z)) - y * z


def exact(spec):
    case = draw(spec)
    with mpmath.workdps(DIGITS):
        network = Exact(case)
        probabilities, loss, state = network.run()
        gradients = {}
        h = mpf(DIFFERENCE)
        for name, values in network.p.items():
            gradient = []
            for j, value in enumerate(values):
                values[j] = value + h
                up = network.run()[1]
                values[j] = value - h
                down = network.run()[1]
                values[j] = value
                gradient.append(float((up - down) / (2 * h)))
            gradients[name] = common.array(spec.shapes()[name], gradient)
        n = case["neurons"]
        case["probabilities"] = common.array((spec.messages + 1, spec.steps, n), [float(x) for row in probabilities for x in row])
        case["loss"] = float(loss)
        case["gradients"] = gradients
        for key in "vga":
            case[key + "n"] = common.array((n,), [float(x) for x in state[key]])
    check = pytorch(spec)
    for key in ("probabilities", "loss", "gradients"):
        error = common.difference(case[key], check[key])
        assert error < 1e-13, f"{spec.id}: {key} of PyTorch differs by {error}"
    return case


def source(name, version, note):
    return {"name": name, "version": version, "generator": "generate/coupled.py", "note": note}


def build():
    torch_note = "The equations of the README on whole matrices; gradients by autograd."
    mp_note = f"{DIGITS} digits; gradients by central differences with a step of {DIFFERENCE}."
    return {
        "coupled/pytorch.json": common.document(
            "coupled", source("PyTorch", torch.__version__, torch_note), FLAGS, [pytorch(spec) for spec in PYTORCH]
        ),
        "coupled/mpmath.json": common.document(
            "coupled", source("mpmath", mpmath.__version__, mp_note), FLAGS, [exact(spec) for spec in MPMATH]
        ),
    }


def faults():
    """Every planted fault must show in some case."""
    cases = [pytorch(spec) for spec in PYTORCH]
    for fault, meaning in FAULTS.items():
        largest = 0.0
        for case in cases:
            _, _, gradients, _ = tensors({**case, "parameters": case["parameters"]}, fault)
            for name, value in gradients.items():
                largest = max(largest, common.distance(case["gradients"][name]["data"], flat(value)))
        print(f"{fault:26s} {largest:9.1e}  {meaning}")
        assert largest > SMALLEST_CHANGE, fault


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, common.OTHER_CPU, faults))
