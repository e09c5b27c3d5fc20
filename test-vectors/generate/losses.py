"""Writes vectors of loss functions: alone, in 50 digits, and at the end of an LSTM, from PyTorch in float64.

python losses.py           write the files, and print what each planted fault changes
python losses.py --check   compute them again and compare; exit code 1 if they differ
"""

import sys

import mpmath
from mpmath import mp, mpf

import common
import loss_cases
import lstm_cases
import mp_lstm
import torch_network
from loss_cases import LOSSES
from torch_network import torch

# How far PyTorch may be from 50 digits: of a loss alone, as a fraction of its largest term; of a network, as elsewhere.
EXACT = 1e-15
EXACT_NETWORK = 1e-13

# What a planted fault must change.
SMALLEST_CHANGE = 1e-5

FLAGS = {
    "AllSteps": lstm_cases.FLAGS["AllSteps"],
    "Events": "Every target is 0 or 1.",
    "Fractions": "Some targets are no whole numbers.",
    "GivenState": lstm_cases.FLAGS["GivenState"],
    "LastStep": lstm_cases.FLAGS["LastStep"],
    "Saturated": lstm_cases.FLAGS["Saturated"],
    "Stacked": lstm_cases.FLAGS["Stacked"],
    "Tail": "An output of large size, where a formula that is not stable overflows, cancels or is 0.",
}

FAULTS = {
    "sum": "the sum in place of the mean",
    "columns": "the mean over columns only",
    "poisson-rate": "poisson: the output taken for the rate",
    "poisson-constant": "poisson: with log(t!)",
    "poisson-sign": "poisson: t y with the other sign",
    "bernoulli-events": "bernoulli: events only",
    "bernoulli-exchanged": "bernoulli: events and none exchanged",
    "bernoulli-naive": "bernoulli: log(sigma(y)), which overflows",
    "bernoulli-one": "bernoulli: log(1 + exp(-|y|)), where the sum is rounded to 1",
    "bernoulli-squared": "bernoulli: the squared error of the probability",
    "bernoulli-base": "bernoulli: in bits",
}


def faulty(case, y, t, fault):
    """A wrong loss of all elements; None if the fault is none of this loss."""
    right = torch_network.loss_function(case, reduction="none")
    if fault in ("sum", "columns"):
        each = right(y, t)
        return each.sum() / (y.shape[-1] if fault == "columns" else 1)
    if not fault.startswith(case["loss_function"]):
        return None
    p = torch.sigmoid(y)
    bits = torch.log(torch.tensor(2.0))
    return {
        "poisson-rate": lambda: y - t * torch.log(y),
        "poisson-constant": lambda: torch.exp(y) - t * y + torch.lgamma(t + 1),
        "poisson-sign": lambda: torch.exp(y) + t * y,
        "bernoulli-events": lambda: -t * torch.nn.functional.logsigmoid(y),
        "bernoulli-exchanged": lambda: right(y, 1 - t),
        "bernoulli-naive": lambda: -t * torch.log(p) - (1 - t) * torch.log(1 - p),
        "bernoulli-one": lambda: y.clamp(min=0) - t * y + torch.log(1 + torch.exp(-y.abs())),
        "bernoulli-squared": lambda: (p - t) ** 2,
        "bernoulli-base": lambda: right(y, t) / bits,
    }[fault]().mean()


def with_gradient(case, function):
    """Loss and gradient of a case by autograd."""
    y = torch_network.tensor(case["output"]).requires_grad_()
    loss = function(y, torch_network.tensor(case["target"]))
    if loss is None:
        return None
    loss.backward()
    return {"loss": loss.item(), "gradient": torch_network.array(y.grad)}


def matrix(rows):
    return common.array((len(rows), len(rows[0])), [float(value) for row in rows for value in row])


def evaluate(case):
    """Mean and gradient of a loss alone, unrounded; digits are added for log(1 - 1e-305)."""
    loss = loss_cases.of(case)
    pairs = [(mpf(y), mpf(t)) for y, t in zip(case["output"]["data"], case["target"]["data"])]
    with mp.workdps(mp.dps + 320):
        return {
            "loss": mp.fsum(loss.value(y, t) for y, t in pairs) / len(pairs),
            "gradient": [loss.slope(y, t) / len(pairs) for y, t in pairs],
        }


def alone(loss, name, output, target):
    """A loss alone in 50 digits; PyTorch must agree, as a fraction of the largest term of its formula."""
    case = {"id": name, "loss_function": loss, "output": matrix(output), "target": matrix(target)}
    exact = evaluate(case)
    gradient = common.array(case["output"]["shape"], [float(value) for value in exact["gradient"]])
    case |= {"loss": float(exact["loss"]), "gradient": gradient}
    outputs, targets = case["output"]["data"], case["target"]["data"]
    flags = {
        "Events": all(t in (0, 1) for t in targets),
        "Fractions": any(t != round(t) for t in targets),
        "Tail": any(abs(y) > 20 for y in outputs),
    }
    case["flags"] = [flag for flag, holds in flags.items() if holds]
    torchs = with_gradient(case, torch_network.loss_function(case))
    largest = max(max(1, abs(y), abs(t * y)) for y, t in zip(outputs, targets))
    off = abs(mpf(torchs["loss"]) - exact["loss"]) / max(largest, abs(exact["loss"]))
    assert off < EXACT, f"{name}: PyTorch is {float(off)} off"
    for a, b, t in zip(torchs["gradient"]["data"], exact["gradient"], targets):
        assert abs(mpf(a) - b) <= EXACT * max(1, t), f"{name}: PyTorch's gradient is {a}, exact {float(b)}"
    return case


def network(loss, spec):
    """An LSTM whose targets the loss takes."""
    case = lstm_cases.draw(spec) | {"loss_function": loss}
    rng = common.generator(f"losses {spec.id}")
    shape = case["target"]["shape"]
    case["target"] = common.array(
        shape, [float(rng.randrange(LOSSES[loss].targets)) for _ in range(common.count(shape))]
    )
    case["flags"] = [flag for flag in case["flags"] if flag in FLAGS] + ["Events"] * (loss == "bernoulli")
    case |= torch_network.evaluate(case)
    off = max(mp_lstm.errors(case, mp_lstm.evaluate(case)).values())
    assert off < EXACT_NETWORK, f"{spec.id}: {off} from 50 digits"
    return case


def fault_changes(cases):
    """By fault, the case that it changes most, and by how much; NaN and infinity are changes."""
    result = {}
    for fault in FAULTS:
        changes = {}
        for case in cases:
            wrong = with_gradient(case, lambda y, t: faulty(case, y, t, fault))
            if wrong is not None:
                change = max(common.difference(case[key], wrong[key]) for key in wrong)
                changes[case["id"]] = change if change == change else float("inf")
        most = max(changes, key=changes.get)
        result[fault] = (most, changes[most], sum(change > SMALLEST_CHANGE for change in changes.values()))
    return result


def build():
    alones = {name: [alone(name, *case) for case in loss.alone] for name, loss in LOSSES.items()}
    for fault, (case, change, seen) in fault_changes(sum(alones.values(), [])).items():
        print(f"{FAULTS[fault]}: {change:.1e} in {case}; seen by {seen} cases")
        assert change > SMALLEST_CHANGE, f"no case shows the fault {fault}"
    exact = {
        "name": "mpmath",
        "version": mpmath.__version__,
        "generator": "generate/losses.py",
        "note": "from the likelihoods, in 50 digits and more, rounded once; PyTorch's losses agree",
    }
    files = {f"loss/{name}.json": common.document("loss", exact, FLAGS, cases) for name, cases in alones.items()}
    for name, loss in LOSSES.items():
        if loss.networks:
            note = f"nn.LSTM, nn.Linear and torch.nn.functional.{loss.torch} {loss.options or ''}, float64, autograd"
            cases = [network(name, spec) for spec in loss.networks]
            source = torch_network.source("losses.py", note)
            files[f"lstm/pytorch-{name}.json"] = common.document("lstm", source, FLAGS, cases)
    return files


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU))
