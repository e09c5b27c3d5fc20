"""Writes test-vectors/lstm/mpmath.json: small LSTM cases to the last bit, from high-precision arithmetic.

python lstm_mpmath.py           write the file and print how far PyTorch is from it
python lstm_mpmath.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys

import mpmath

import common
import lstm_cases
import mp_lstm
from lstm_cases import Spec

SPECS = [
    # id, inputs, hidden, layers, outputs, steps, batch
    Spec("mpmath-one-unit", 1, 1, 1, 1, 3, 1, given_state=True),
    Spec("mpmath-one-step", 2, 2, 1, 1, 1, 2, given_state=True),
    Spec("mpmath-one-layer", 2, 3, 1, 2, 5, 2),
    Spec("mpmath-one-layer-all-steps-state", 2, 2, 1, 1, 3, 2, all_steps=True, given_state=True),
    Spec("mpmath-two-layers-state", 2, 2, 2, 2, 4, 2, given_state=True),
    Spec("mpmath-two-layers-all-steps", 2, 3, 2, 1, 3, 1, all_steps=True),
    Spec("mpmath-saturated", 2, 3, 1, 2, 4, 2, given_state=True, kind="saturated"),
    Spec("mpmath-near-zero", 2, 2, 1, 1, 5, 2, all_steps=True, given_state=True, kind="near-zero"),
]

SOURCE = {
    "name": "mpmath",
    "version": mpmath.__version__,
    "generator": "generate/lstm_mpmath.py",
    "note": f"{mp_lstm.DIGITS} digits; every gradient entry is a central difference of the loss (step 1e-16, error"
    " about 1e-32), agrees with back-propagation in the same arithmetic to 25 digits, and is rounded once to a double",
}

# Of two methods whose errors are 1e-32 and less, relative to the largest entry of an array.
AGREEMENT = 1e-25


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
    case["gradients"] = {name: mp_lstm.rounded(value) for name, value in differences.items()}
    return case


def build():
    cases = [complete(spec) for spec in SPECS]
    return {"lstm/mpmath.json": common.document("lstm", SOURCE, lstm_cases.FLAGS, cases)}


def report(files="lstm/mpmath.json"):
    """Prints how far PyTorch is from the unrounded values of these cases."""
    try:
        import torch_network
    except ImportError:
        print("PyTorch is not installed: nothing to measure")
        return
    for case in common.cases_in(files):
        errors = mp_lstm.errors(torch_network.evaluate(case), mp_lstm.evaluate(case))
        name = max(errors, key=errors.get)
        print(f"{case['id']}: PyTorch is off by {errors[name]:.1e} at most, in {name}")


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=report))
