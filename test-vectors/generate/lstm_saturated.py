"""Writes test-vectors/saturated/lstm.json: LSTMs whose gates lie so near to 0 or 1 that float64 arithmetic easily loses
their slopes, from arithmetic of 450 digits.

python lstm_saturated.py           write the file and print how far PyTorch is from it
python lstm_saturated.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys

import mpmath
from mpmath import mp, mpf

import common
import lstm_cases
import mp_lstm
from lstm_cases import Spec

# Slopes go down to 1e-200: one that is a difference of numbers near to 1 needs more digits than that on top of 50.
mp.dps = 450
mp_lstm.STEP = mpf(10) ** -120

SPECS = [
    # id, inputs, hidden, layers, outputs, steps, batch
    *[
        Spec(f"saturated-bias-{bias}", 2, 2, 2, 1, 4, 2, all_steps=True, given_state=True, kind=f"bias {bias}")
        for bias in (0, 8, 12, 20, 30, 40)
    ],
    *[
        Spec(f"saturated-weights-{factor}", 2, 2, 2, 1, 4, 2, True, True, kind="tails", scale=0.8 * factor)
        for factor in (10, 30)
    ],
]

SOURCE = {
    "name": "mpmath",
    "version": mpmath.__version__,
    "generator": "generate/lstm_saturated.py",
    "note": "450 digits; gradients by back-propagation, which agree with central differences of the loss (step 1e-120) to 1e-100"
    " of each array's largest entry, rounded once to a double; 0 where that would be below 1e-300",
}

AGREEMENT = 1e-100
LEAST = mpf(10) ** -300


def rounded(value):
    numbers = [float(x) if abs(x) >= LEAST else 0.0 for x in mp_lstm.flat(value)]
    return common.array(mp_lstm.shape_of(value), numbers)


def complete(spec):
    case = lstm_cases.draw(spec)
    exact = mp_lstm.evaluate(case)
    differences = mp_lstm.gradients_by_differences(case)
    for name, value in differences.items():
        gap = common.distance(mp_lstm.flat(value), mp_lstm.flat(exact["gradients"][name]))
        assert gap < AGREEMENT, f"{spec.id}: the gradients of {name} differ by {gap}"
    states = ("hn", "cn") if spec.cell == "lstm" else ("hn",)
    case |= {name: mp_lstm.rounded(exact[name]) for name in ("output", *states)}
    case["loss"] = mp_lstm.nearest_double(exact["loss"])
    case["gradients"] = {name: rounded(exact["gradients"][name]) for name in differences}
    return case


def build():
    cases = [complete(spec) for spec in SPECS]
    return {"saturated/lstm.json": common.document("lstm", SOURCE, lstm_cases.FLAGS, cases)}


def report(file="saturated/lstm.json"):
    """Prints how far PyTorch's gradients are from these, relative to each array's largest entry, and to each entry."""
    try:
        import torch_network
    except ImportError:
        print("PyTorch is not installed: nothing to measure")
        return
    for case in common.cases_in(file):
        gradients = torch_network.evaluate(case)["gradients"]
        block, entry = 0.0, 0.0
        for name, expected in case["gradients"].items():
            actual = gradients[name]["data"] if common.is_array(gradients[name]) else mp_lstm.flat(gradients[name])
            block = max(block, common.distance(expected["data"], actual))
            for x, y in zip(expected["data"], actual):
                entry = max(entry, abs(x - y) / abs(x) if abs(x) > 1e-200 else 0)
        print(f"{case['id']}: PyTorch is off by {block:.1e} of an array's largest entry, by {entry:.1e} of an entry")


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=report))
