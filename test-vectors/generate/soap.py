"""Writes test-vectors/optimiser/soap.json: steps of SOAP, from 50-digit arithmetic.

python soap.py           write the file and print which fault shows where
python soap.py --check   compute it again and compare; exit code 1 if it differs
"""

import sys

import mpmath

import common
import mp_lstm
import soap_reference

# The order of blocks, which says what is one matrix, is that of their names.
BLOCKS = {
    "lstm0.a_weight_ih": (4, 2),
    "lstm0.b_weight_hh": (4, 3),
    "lstm0.c_bias_ih": (4,),
    "lstm0.d_bias_hh": (4,),
    "lstm1.a_weight_ih": (4, 3),
    "lstm1.b_bias_ih": (4,),
    "output.a_weight": (1, 3),
    "output.b_bias": (1,),
}

# What every fault must change in some case, as a fraction of a block's largest parameter.
SHOWN = 1e-3

FLAGS = {
    "Decay": "weight_decay multiplies the parameter by 1 - lr weight_decay before the step.",
    "Forgetful": "L and R hold the last gradients above all.",
    "NotYet": "No step is late enough for the basis to change: it is Adam's.",
    "Turning": "The basis changes several times.",
}

DEFAULTS = {
    "algorithm": "soap",
    "lr": 0.01,
    "beta1": 0.9,
    "beta2": 0.98,
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "clip": None,
}

# Four gradients and more before the first change: with fewer than the matrix of one row has entries, or than make L and R of
# the others regular, directions would be left to rounding.
CASES = [
    ("soap-turning", ["Turning"], 16, {"preconditioner": {"beta": 0.9, "interval": 5}}),
    ("soap-forgetful", ["Forgetful", "Turning"], 14, {"preconditioner": {"beta": 0.6, "interval": 4}}),
    ("soap-not-yet", ["NotYet"], 4, {"preconditioner": {"beta": 0.95, "interval": 5}}),
    (
        "soap-decay",
        ["Decay", "Turning"],
        13,
        {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.5, "preconditioner": {"beta": 0.8, "interval": 4}},
    ),
]


def draw(name, flags, steps, settings):
    rng = common.generator(f"soap {name}")
    return {
        "id": name,
        "flags": flags,
        **DEFAULTS,
        **settings,
        "parameters0": {block: common.uniform(rng, shape, 1) for block, shape in BLOCKS.items()},
        "gradients": [{block: common.uniform(rng, shape, 1) for block, shape in BLOCKS.items()} for _ in range(steps)],
    }


def rounded(step):
    return {name: common.array(BLOCKS[name], [mp_lstm.nearest_double(x) for x in values]) for name, values in step.items()}


def gap(case, fault=None):
    """The largest distance between a case's trajectory and one that is calculated again, perhaps with a fault."""
    steps = zip(case["trajectory"], soap_reference.trajectory(case, fault))
    return float(max(common.distance(step[name], x["data"]) for stored, step in steps for name, x in stored.items()))


def shown_faults(cases):
    """For every fault the case that shows it best, and by how much."""
    result = {}
    for fault in soap_reference.FAULTS:
        size, name = max((gap(case, fault), case["id"]) for case in cases)
        assert size > SHOWN, f"no case shows {fault}"
        result[fault] = (size, name)
    return result


def build():
    cases = [draw(*row) for row in CASES]
    for case in cases:
        case["trajectory"] = [rounded(step) for step in soap_reference.trajectory(case)]
    shown_faults(cases)
    source = {
        "generator": "generate/soap.py",
        "name": "mpmath",
        "note": "50 digits, soap_reference.py",
        "version": mpmath.__version__,
    }
    return {"optimiser/soap.json": common.document("optimiser", source, FLAGS, cases)}


def report():
    for fault, (size, name) in shown_faults(common.cases_in("optimiser/soap.json")).items():
        print(f"{fault}: off by {size:.1e} in {name}")


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=report))
