"""Writes test-vectors/recording/*: every pre-activation, gate and state of a network and the gradient of the loss with respect
to each, from PyTorch in float64: steps written out, gradients by autograd.

python recording.py           write the files
python recording.py --check   compute them again and compare; exit code 1 if they differ
"""

import sys

import common
import lstm_cases
import torch
import torch_network
from lstm_cases import Spec

SPECS = [
    # id, inputs, hidden, layers, outputs, steps, batch
    Spec("recording-lstm", 2, 3, 1, 1, 4, 2, given_state=True),
    Spec("recording-lstm-three-layers", 3, 4, 3, 2, 6, 1, all_steps=True),
    Spec("recording-lstm-several-states", 2, 3, 2, 2, 5, 2, given_state=True, head_states=3),
    Spec("recording-gru", 2, 3, 1, 1, 4, 2, given_state=True, cell="gru"),
    Spec("recording-gru-two-layers", 3, 4, 2, 2, 6, 2, all_steps=True, cell="gru"),
]


class Record:
    """Quantities by name: one tensor (B, H) for each layer and step, whose gradient is kept."""

    def __init__(self):
        self.values = {}

    def keep(self, layer, **quantities):
        for name, value in quantities.items():
            value.retain_grad()
            self.values.setdefault(name, {}).setdefault(layer, []).append(value)

    def arrays(self):
        result = {}
        for name, layers in self.values.items():
            for prefix, read in (("", lambda t: t.detach()), ("d_", gradient)):
                stacked = torch.stack([torch.stack([read(v) for v in steps], 1) for steps in layers.values()])
                result[prefix + name] = torch_network.array(stacked)
        return result


def gradient(tensor):
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def lstm_step(record, layer, x, h, c, w_ih, w_hh, b_ih, b_hh):
    z = dict(zip("ifgo", (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, 1)))
    z = {name: value.clone() for name, value in z.items()}
    gates = {name: torch.tanh(z[name]) if name == "g" else torch.sigmoid(z[name]) for name in "ifgo"}
    c = gates["f"] * c + gates["i"] * gates["g"]
    tanh_c = torch.tanh(c)
    h = gates["o"] * tanh_c
    record.keep(layer, **{f"z_{name}": value for name, value in z.items()}, **gates, c=c, tanh_c=tanh_c, h=h)
    return h, c


def gru_step(record, layer, x, h, w_ih, w_hh, b_ih, b_hh):
    a = {name: value.clone() for name, value in zip("rzn", (x @ w_ih.T + b_ih).chunk(3, 1))}
    q = {name: value.clone() for name, value in zip("rzn", (h @ w_hh.T + b_hh).chunk(3, 1))}
    r = torch.sigmoid(a["r"] + q["r"])
    z = torch.sigmoid(a["z"] + q["z"])
    n = torch.tanh(a["n"] + r * q["n"])
    h = (1 - z) * n + z * h
    pre = {f"a_{name}": value for name, value in a.items()} | {f"q_{name}": value for name, value in q.items()}
    record.keep(layer, **pre, r=r, z=z, n=n, h=h)
    return (h,)


def complete(spec):
    case = lstm_cases.draw(spec)
    net = torch_network.network(case)
    known = torch_network.evaluate(case)
    x, *states = torch_network.inputs(case)
    record, step = Record(), lstm_step if spec.cell == "lstm" else gru_step
    sequence = [x[:, t] for t in range(spec.steps)]
    for layer in range(spec.layers):
        state = [part[layer] for part in states]
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(net.get_submodule(spec.cell), f"{name}_l{layer}") for name in names]
        for t in range(spec.steps):
            state = step(record, layer, sequence[t], *state, *weights)
            sequence[t] = state[0]
    h = torch.stack(sequence, 1)
    output = net.fc(h if spec.all_steps else h[:, -spec.head_states :].flatten(1))
    loss = torch_network.loss_function(case)(output, torch_network.tensor(case["target"]))
    loss.backward()
    # PyTorch's own LSTM or GRU says the same
    assert common.difference(known["output"], torch_network.array(output)) < 1e-14
    for name, parameter in net.named_parameters():
        assert common.difference(known["gradients"][name], torch_network.array(parameter.grad)) < 1e-13, name
    return case | {"loss": loss.item(), "record": record.arrays()}


def build():
    source = torch_network.source(
        "recording.py", "steps written out, every gradient by autograd, output and gradients of torch.nn.LSTM and GRU; float64"
    )
    return {
        f"recording/{cell}.json": common.document(
            f"recording-{cell}", source, lstm_cases.FLAGS, [complete(spec) for spec in SPECS if spec.cell == cell]
        )
        for cell in ("lstm", "gru")
    }


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU))
