"""Prints how far PyTorch's stored numbers are from 50-digit arithmetic, for LSTM, GRU, optimiser, training and forced run cases.

    python measure.py    takes about ten seconds; exit code 1 if one is more than 1e-12 off

Errors are fractions of an array's largest entry.
"""

import sys

from mpmath import mpf

import adam_reference
import common
import mp_forced_run
import mp_lstm

# What users are told to assert.
TOLERANCE = 1e-12


def lstm_errors(case):
    errors = mp_lstm.errors(case, mp_lstm.evaluate(case))
    forward = {name: errors.pop(name) for name in ("output", "hn", "cn", "loss") if name in errors}
    return {"forward": max(forward.values()), "gradients": max(errors.values())}


def forced_run_errors(case):
    errors = mp_forced_run.errors(case)
    forward = [errors.pop(name) for name in ("hn", "cn", "loss")]
    return {"forward": max(forward), "gradients": max(errors.values())}


def optimiser_errors(case):
    exact = adam_reference.trajectory(case, adam_reference.Digits)
    steps = zip(exact, case["trajectory"])
    distances = [common.distance(step[name], value["data"]) for step, stored in steps for name, value in stored.items()]
    return {"parameters": max(distances)}


def training_errors(case):
    """A whole run in 50 digits: parameters stay unrounded from update to update."""
    adam = adam_reference.Adam(case, adam_reference.flat(case["parameters0"]), adam_reference.Digits)
    shapes = {name: value["shape"] for name, value in case["parameters0"].items()}
    losses, norms = [], []
    for batch in case["batches"]:
        parameters = {name: common.array(shapes[name], values) for name, values in adam.parameters.items()}
        exact = mp_lstm.evaluate(case | batch | {"parameters": parameters, "h0": None, "c0": None})
        gradients = {name: mp_lstm.flat(exact["gradients"][name]) for name in shapes}
        losses.append(exact["loss"])
        norms.append(adam_reference.norm(gradients, adam_reference.Digits))
        adam.step(gradients)
    return {
        "losses": max(common.distance([x], [y]) for x, y in zip(losses, case["losses"]["data"])),
        "norms": max(common.distance([x], [y]) for x, y in zip(norms, case["norms"]["data"])),
        "parameters": max(common.distance(adam.parameters[name], case["parameters"][name]["data"]) for name in shapes),
    }


def main():
    worst = mpf(0)
    for pattern, measure in (
        ("lstm/pytorch-[!m]*.json", lstm_errors),
        ("gru/pytorch-[!m]*.json", lstm_errors),
        ("optimiser/[ac]*.json", optimiser_errors),
        ("training/*.json", training_errors),
        ("forced-run/*.json", forced_run_errors),
    ):
        for case in common.cases_in(pattern):
            errors = measure(case)
            worst = max(worst, *errors.values())
            print(f"{case['id']}: " + ", ".join(f"{name} {error:.1e}" for name, error in errors.items()), flush=True)
    print(f"worst: {float(worst):.1e}")
    return 0 if worst < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
