"""Writes test-vectors/training/training.json: whole training runs, update by update, from PyTorch in float64.

python training.py           write the file
python training.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys

import common
import lstm_cases
import torch_network
from lstm_cases import Spec

UPDATES = 15

FLAGS = {
    "AdamW": "AdamW with weight decay.",
    "AllSteps": lstm_cases.FLAGS["AllSteps"],
    "ClipActive": "Gradients are longer than the bound in every update.",
    "ClipAtTimes": "Gradients are longer than the bound in some updates, shorter in others.",
    "LastStep": lstm_cases.FLAGS["LastStep"],
    "Stacked": lstm_cases.FLAGS["Stacked"],
}

# Sizes, flags, settings of the optimiser.
RUNS = [
    (
        Spec("training-one-layer", 3, 5, 1, 2, 6, 4),
        ["ClipAtTimes"],
        {"algorithm": "adam", "lr": 0.02, "weight_decay": 0.0, "clip": {"norm": 1.0}},
    ),
    (
        Spec("training-two-layers", 2, 4, 2, 2, 5, 3, all_steps=True),
        ["ClipActive"],
        {"algorithm": "adam", "lr": 0.01, "weight_decay": 0.01, "clip": {"norm": 0.2}},
    ),
    (
        Spec("training-adamw", 3, 6, 1, 1, 8, 4),
        ["AdamW"],
        {"algorithm": "adamw", "lr": 0.01, "weight_decay": 0.1, "clip": None},
    ),
]


def draw(spec, flags, settings):
    """A run without its results: the sizes and parameters of an LSTM case, and a list of mini-batches."""
    case = lstm_cases.draw(spec)
    heads = case["target"]["shape"]
    rng = common.generator(f"training {spec.id}")
    shape = (spec.batch, spec.steps, spec.inputs)
    sizes = ("id", "inputs", "hidden", "layers", "outputs", "steps", "batch", "all_steps")
    return {
        **{name: case[name] for name in sizes},
        "flags": sorted(flags + [flag for flag in case["flags"] if flag in FLAGS]),
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "amsgrad": False,
        **settings,
        "parameters0": case["parameters"],
        "batches": [
            {"input": common.uniform(rng, shape, 1.5), "target": common.uniform(rng, heads, 1)} for _ in range(UPDATES)
        ],
    }


def train(case):
    """The run's results: loss and norm before clipping of every update, and the parameters after the last."""
    net = torch_network.network(case, "parameters0")
    optimiser = torch_network.optimiser(case, net.parameters())
    losses, norms = [], []
    for batch in case["batches"]:
        optimiser.zero_grad()
        output, _ = net(torch_network.tensor(batch["input"]), None, case["all_steps"])
        loss = torch_network.torch.nn.functional.mse_loss(output, torch_network.tensor(batch["target"]))
        loss.backward()
        losses.append(loss.item())
        norms.append(torch_network.clip(case, net.parameters()))
        optimiser.step()
    parameters = {name: torch_network.array(parameter) for name, parameter in net.named_parameters()}
    return {
        "losses": common.array([UPDATES], losses),
        "norms": common.array([UPDATES], norms),
        "parameters": parameters,
    }


def complete(spec, flags, settings):
    case = draw(spec, flags, settings)
    case |= train(case)
    longer = [norm > case["clip"]["norm"] for norm in case["norms"]["data"]] if case["clip"] else []
    assert ("ClipActive" in flags) == (bool(longer) and all(longer)), case["norms"]
    assert ("ClipAtTimes" in flags) == (any(longer) and not all(longer)), case["norms"]
    return case


def build():
    note = "forward from a zero state, MSE, backward, clip_grad_norm_, torch.optim step; float64, foreach=False"
    cases = [complete(*run) for run in RUNS]
    source = torch_network.source("training.py", note)
    return {"training/training.json": common.document("training", source, FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=10 * common.OTHER_CPU))
