"""Writes test-vectors/saturated/gru.json: GRUs whose gates lie so near to 0 or 1 that float64 arithmetic easily loses
their slopes, from arithmetic of 450 digits.

python gru_saturated.py           write the file and print how far PyTorch is from it
python gru_saturated.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys
from dataclasses import replace

import common
import gru_pytorch
import lstm_saturated

SPECS = [replace(spec, id=f"gru-{spec.id}", cell="gru") for spec in lstm_saturated.SPECS]
SOURCE = lstm_saturated.SOURCE | {"generator": "generate/gru_saturated.py"}


def build():
    cases = [lstm_saturated.complete(spec) for spec in SPECS]
    return {"saturated/gru.json": common.document("gru", SOURCE, gru_pytorch.FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=lambda: lstm_saturated.report("saturated/gru.json")))
