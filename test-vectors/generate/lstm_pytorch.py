"""Writes test-vectors/lstm/pytorch-*: outputs, states, losses and all gradients of an LSTM, from PyTorch in float64.

python lstm_pytorch.py           write the files
python lstm_pytorch.py --check   compute them again and compare; exit code 1 if they differ
"""

import io
import itertools
import sys

import numpy as np
import safetensors.torch
import torch

import common
import lstm_cases
import torch_network
from lstm_cases import Spec

SMALLEST_CHANGE = 1e-3

FILES = {
    "single-layer": [
        # id, inputs, hidden, layers, outputs, steps, batch
        Spec("pytorch-one-layer", 3, 5, 1, 2, 7, 3),
        Spec("pytorch-one-layer-all-steps", 3, 5, 1, 2, 7, 3, all_steps=True),
        Spec("pytorch-one-layer-state", 3, 5, 1, 2, 7, 3, given_state=True),
        Spec("pytorch-one-layer-all-steps-state", 3, 5, 1, 2, 7, 3, all_steps=True, given_state=True),
        Spec("pytorch-one-unit", 1, 1, 1, 1, 3, 1, given_state=True),
        Spec("pytorch-one-unit-all-steps", 2, 1, 1, 1, 7, 2, all_steps=True),
        Spec("pytorch-one-step", 2, 2, 1, 1, 1, 1),
        Spec("pytorch-one-step-state", 2, 2, 1, 2, 1, 4, all_steps=True, given_state=True),
        Spec("pytorch-two-steps", 2, 3, 1, 1, 2, 2, given_state=True),
        Spec("pytorch-wide-input", 9, 3, 1, 5, 3, 1, given_state=True),
        Spec("pytorch-twenty-steps", 4, 8, 1, 3, 20, 4),
        Spec("pytorch-batch-16", 2, 16, 1, 1, 7, 16, all_steps=True, scale=0.5),
    ],
    "stacked": [
        Spec("pytorch-two-layers", 3, 5, 2, 2, 7, 3),
        Spec("pytorch-two-layers-all-steps-state", 3, 5, 2, 2, 7, 3, all_steps=True, given_state=True),
        Spec("pytorch-two-layers-one-unit", 1, 1, 2, 1, 3, 1, given_state=True, scale=1.5),
        Spec("pytorch-two-layers-one-step", 2, 3, 2, 2, 1, 2, given_state=True, scale=1.2),
        Spec("pytorch-two-layers-hidden-16", 3, 16, 2, 2, 3, 2, given_state=True, scale=0.5),
        Spec("pytorch-three-layers-state", 2, 3, 3, 1, 7, 2, given_state=True, scale=1.2),
        Spec("pytorch-three-layers-all-steps", 3, 5, 3, 2, 3, 4, all_steps=True, scale=1.2),
        Spec("pytorch-three-layers-twenty-steps", 2, 8, 3, 2, 20, 2, all_steps=True, given_state=True),
    ],
    "several-states": [
        Spec("pytorch-several-states", 3, 5, 1, 2, 7, 3, head_states=3),
        Spec("pytorch-several-states-two-layers", 3, 5, 2, 2, 7, 3, given_state=True, head_states=4),
        Spec("pytorch-every-state", 2, 3, 2, 6, 6, 2, given_state=True, head_states=6),
    ],
    "extreme": [
        Spec("pytorch-saturated", 3, 5, 1, 2, 7, 3, given_state=True, kind="saturated"),
        Spec("pytorch-saturated-two-layers", 3, 5, 2, 2, 7, 3, all_steps=True, kind="saturated"),
        Spec("pytorch-near-zero", 3, 5, 1, 2, 7, 3, kind="near-zero"),
        Spec("pytorch-near-zero-two-layers", 3, 5, 2, 2, 7, 3, all_steps=True, given_state=True, kind="near-zero"),
        Spec("pytorch-hundred-steps", 2, 3, 1, 2, 100, 2),
        Spec("pytorch-hundred-steps-long-memory", 2, 3, 1, 2, 100, 2, given_state=True, kind="long-memory"),
        Spec("pytorch-hundred-steps-two-layers", 1, 2, 2, 1, 100, 1, all_steps=True, given_state=True),
    ],
    "large-hidden": [Spec("pytorch-hidden-64", 2, 64, 1, 2, 3, 2, given_state=True, scale=0.3)],
}


def with_gate_order(case, order):
    """The case with the four gate blocks of every LSTM parameter put in another order."""
    parameters = {}
    for name, value in case["parameters"].items():
        if not name.startswith("fc."):
            blocks = torch_network.tensor(value).chunk(len(order))
            value = torch_network.array(torch.cat([blocks[gate] for gate in order]))
        parameters[name] = value
    return case | {"parameters": parameters}


def smallest_change(case, output, gates):
    """How much the output changes under that of the wrong gate orders, 23 of an LSTM, that changes it least."""
    changes = []
    for order in list(itertools.permutations(range(gates)))[1:]:
        wrong = torch_network.evaluate(with_gate_order(case, order))["output"]
        changes.append(max(abs(x - y) for x, y in zip(output["data"], wrong["data"])))
    return min(changes)


def complete(spec):
    """The whole case; the ordinary ones must tell all gate orders apart."""
    case = lstm_cases.draw(spec)
    case |= torch_network.evaluate(case)
    told = smallest_change(case, case["output"], spec.gates) > SMALLEST_CHANGE
    assert told or spec.kind != "normal", f"{spec.id} does not tell the gate orders apart"
    if told:
        case["flags"] = sorted(case["flags"] + ["GatesTold"])
    return case


def module(spec, dtype):
    """A state dict as safetensors.torch saves it, and the case that says what the module computes in float64."""
    drawn = lstm_cases.draw(spec)
    net = torch_network.network(drawn).to(dtype)
    content = safetensors.torch.save(net.state_dict())
    net = net.double()
    results = torch_network.evaluate(drawn, net)
    every_step = net(torch_network.tensor(drawn["input"]), None, all_steps=True)[0]
    case = {key: value for key, value in drawn.items() if key not in ("parameters", "all_steps", "h0", "c0")} | results
    return content, case | {"file": f"{spec.id}.safetensors", "output_all": torch_network.array(every_step)}


def npy(array):
    """The bytes of an array as NumPy saves it."""
    out = io.BytesIO()
    np.save(out, torch_network.tensor(array).numpy())
    return out.getvalue()


def add_modules(files, cell, source):
    """State dicts in float64 and float32, and the cases that belong to them."""
    cases = []
    for ending, dtype in (("", torch.float64), ("-float32", torch.float32)):
        name = f"pytorch-module{ending}"
        id = name if cell == "lstm" else f"{cell}-{name}"
        content, case = module(Spec(id, 4, 6, 2, 3, 5, 2, cell=cell), dtype)
        files[f"{cell}/{id}.safetensors"] = content
        files[f"{cell}/{id}-input.npy"] = npy(case["input"])
        cases.append(case | {"flags": ["Float32" if dtype == torch.float32 else "Float64"]})
    explanations = {
        "Float32": "The file holds float32 parameters; the results are those of the same numbers in float64.",
        "Float64": "The file holds float64 parameters.",
    }
    source = source | {"note": "state dict written by safetensors.torch.save; results in float64, from a zero state"}
    files[f"{cell}/pytorch-module.json"] = common.document(f"{cell}-module", source, explanations, cases)


def build():
    source = torch_network.source(
        "lstm_pytorch.py", "torch.nn.LSTM with batch_first=True and torch.nn.Linear, float64, gradients by autograd"
    )
    files = {
        f"lstm/pytorch-{name}.json": common.document(
            "lstm", source, lstm_cases.FLAGS, [complete(spec) for spec in specs]
        )
        for name, specs in FILES.items()
    }
    add_modules(files, "lstm", source)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU))
