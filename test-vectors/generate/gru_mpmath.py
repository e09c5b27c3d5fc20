"""Writes test-vectors/gru/mpmath.json: small GRU cases to the last bit, from high-precision arithmetic.

python gru_mpmath.py           write the file and print how far PyTorch is from it
python gru_mpmath.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys

import common
import gru_pytorch
import lstm_mpmath
from lstm_cases import Spec

SPECS = [
    # id, inputs, hidden, layers, outputs, steps, batch
    Spec("gru-mpmath-one-unit", 1, 1, 1, 1, 3, 1, given_state=True, cell="gru"),
    Spec("gru-mpmath-one-layer", 2, 3, 1, 2, 5, 2, cell="gru"),
    Spec("gru-mpmath-one-layer-all-steps-state", 2, 2, 1, 1, 3, 2, all_steps=True, given_state=True, cell="gru"),
    Spec("gru-mpmath-two-layers-state", 2, 2, 2, 2, 4, 2, given_state=True, cell="gru"),
    Spec("gru-mpmath-two-layers-all-steps", 2, 3, 2, 1, 3, 1, all_steps=True, cell="gru"),
    Spec("gru-mpmath-saturated", 2, 3, 1, 2, 4, 2, given_state=True, kind="saturated", cell="gru"),
    Spec("gru-mpmath-near-zero", 2, 2, 1, 1, 5, 2, all_steps=True, given_state=True, kind="near-zero", cell="gru"),
]

SOURCE = lstm_mpmath.SOURCE | {"generator": "generate/gru_mpmath.py"}


def build():
    cases = [lstm_mpmath.complete(spec) for spec in SPECS]
    return {"gru/mpmath.json": common.document("gru", SOURCE, gru_pytorch.FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=lambda: lstm_mpmath.report("gru/mpmath.json")))
