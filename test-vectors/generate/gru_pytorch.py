"""Writes test-vectors/gru/pytorch-*: outputs, states, losses and all gradients of a GRU, from PyTorch in float64.

python gru_pytorch.py           write the files
python gru_pytorch.py --check   compute them again and compare; exit code 1 if they differ
"""

import sys
from dataclasses import replace

import common
import lstm_cases
import lstm_pytorch
import torch_network
from lstm_cases import Spec

FLAGS = lstm_cases.FLAGS | {
    "GatesTold": "Each of the 5 wrong orders of the three gates changes the output by more than 1e-3.",
    "GivenState": "h0 is given; otherwise it is null and means zeros.",
    "LongMemory": "The bias of the gate z is raised by 3, so that early steps still reach the loss.",
    "Saturated": "All GRU parameters have absolute values from 3 to 5: most gates are nearly open or shut.",
}

FILES = {
    "single-layer": [
        # id, inputs, hidden, layers, outputs, steps, batch
        Spec("one-layer", 3, 5, 1, 2, 7, 3),
        Spec("one-layer-all-steps-state", 3, 5, 1, 2, 7, 3, all_steps=True, given_state=True),
        Spec("one-unit", 1, 1, 1, 1, 3, 1, given_state=True, scale=1.5),
        Spec("one-step-state", 2, 2, 1, 2, 1, 4, all_steps=True, given_state=True),
        Spec("wide-input", 9, 3, 1, 5, 3, 1, given_state=True),
        Spec("batch-16", 2, 16, 1, 1, 7, 16, all_steps=True, scale=0.5),
        Spec("several-states", 3, 5, 1, 2, 7, 3, given_state=True, head_states=3),
    ],
    "stacked": [
        Spec("two-layers", 3, 5, 2, 2, 7, 3),
        Spec("two-layers-all-steps-state", 3, 5, 2, 2, 7, 3, all_steps=True, given_state=True),
        Spec("three-layers-state", 2, 3, 3, 1, 7, 2, given_state=True, scale=1.2),
        Spec("three-layers-all-steps", 3, 5, 3, 2, 3, 4, all_steps=True, scale=1.2),
        Spec("three-layers-twenty-steps", 2, 8, 3, 2, 20, 2, all_steps=True, given_state=True),
    ],
    "extreme": [
        Spec("saturated", 3, 5, 1, 2, 7, 3, given_state=True, kind="saturated"),
        Spec("saturated-two-layers", 3, 5, 2, 2, 7, 3, all_steps=True, kind="saturated"),
        Spec("near-zero-two-layers", 3, 5, 2, 2, 7, 3, all_steps=True, given_state=True, kind="near-zero"),
        Spec("hundred-steps", 2, 3, 1, 2, 100, 2),
        Spec("hundred-steps-long-memory", 2, 3, 1, 2, 100, 2, given_state=True, kind="long-memory"),
        Spec("hidden-64", 2, 64, 1, 2, 3, 2, given_state=True, scale=0.3),
    ],
}


def complete(spec):
    return lstm_pytorch.complete(replace(spec, id=f"gru-pytorch-{spec.id}", cell="gru"))


def build():
    source = torch_network.source(
        "gru_pytorch.py", "torch.nn.GRU with batch_first=True and torch.nn.Linear, float64, gradients by autograd"
    )
    files = {
        f"gru/pytorch-{name}.json": common.document("gru", source, FLAGS, [complete(spec) for spec in specs])
        for name, specs in FILES.items()
    }
    lstm_pytorch.add_modules(files, "gru", source)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU))
