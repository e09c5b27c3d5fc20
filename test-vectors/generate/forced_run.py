"""Writes test-vectors/forced-run/forced-run.json: runs of a network on its own, drawn back to the truth in part.

Loss, final state and the gradient of every parameter, from PyTorch in float64: the equations of the README written down step
by step, and autograd through all of them. Beside it the same in 50 digits.

python forced_run.py           write the file, and print what each planted fault changes
python forced_run.py --check   compute it again and compare; exit code 1 if it differs
"""

import math
import sys
from dataclasses import dataclass

import common
import lstm_cases
import mp_forced_run
import torch_network
from torch_network import torch

# The constants of the equations; voltages in mV, times in ms.
FINE, GAIN, LARGEST = 0.05, 0.3, 1000.0
ROBUST, LOST = 0.05, 1.5
ROBUST_MISS = 0.03

# No voltage is learned as if it moved by less, mV/ms: the rounding of large changes would show in small errors of time.
SLOWEST = 0.8

# How far from LOST every run must stay, so that rounding does not decide; what a planted fault must change.
MARGIN = 1e-2
SMALLEST_CHANGE = 1e-5

# An error that is small because large ones cancel has few digits: cases in which that shows more are no reference.
EXACT = 1e-13

FLAGS = {
    "ForcedInPart": "The forcing lies between 0 and 1 and differs from step to step.",
    "FreeRun": "The forcing is 0: the whole error stays.",
    "GivenState": lstm_cases.FLAGS["GivenState"],
    "Held": "Some outputs decode to more than 1000 mV and are held there.",
    "Lost": "Some errors are larger than 1.5 ms: the run begins at the truth again.",
    "Stacked": lstm_cases.FLAGS["Stacked"],
    "TeacherForced": "The forcing is 1: the truth is read in every step.",
    "Unlearned": "In the first steps nothing is learned; the errors made there stay.",
}

FAULTS = {
    "read-truth": "the error is not read",
    "read-no-unit": "the error is read in mV",
    "read-no-gradient": "no gradient through what is read",
    "error-sign": "(2) with -e_t",
    "error-forgotten": "(2) without e_t",
    "error-no-gradient": "no gradient through e_t in (2)",
    "stays-swapped": "(3) with a_t",
    "stays-no-gradient": "no gradient through (3)",
    "lost-stays": "a lost run goes on",
    "lost-gradient": "gradient through where a lost run begins again",
    "lost-unlearned": "a step in which nothing is learned can be lost",
    "no-factor": "(4) without the factor R^2",
    "not-robust": "(4) with the square of the error of time itself",
    "no-shape": "(4) without its second part",
    "shape-no-factor": "(4) without the factor M^2",
    "shape-not-robust": "(4) with the square of the second part itself",
    "wanted-true": "(4) with encode(V_(t+1) - V_t)",
    "wanted-sign": "(4) with encode(V_(t+1) - V_t + e_t)",
    "wanted-no-gradient": "no gradient through encode",
    "all-learned": "every step is learned",
    "learned-mean": "the mean over the learned steps only",
    "not-held": "decode is not held at 1000 mV",
    "decode-no-gradient": "no gradient through decode",
}


@dataclass(frozen=True)
class Spec:
    """Sizes and kind of a case; forcing is a pair of bounds."""

    id: str
    hidden: int
    layers: int
    steps: int
    batch: int
    forcing: tuple
    unlearned: int = 0
    given_state: bool = False
    lost: tuple = ()  # pairs of sequence and step
    held: bool = False

    def flags(self):
        present = {
            "ForcedInPart": self.forcing[0] < self.forcing[1],
            "FreeRun": self.forcing == (0, 0),
            "GivenState": self.given_state,
            "Held": self.held,
            "Lost": bool(self.lost),
            "Stacked": self.layers > 1,
            "TeacherForced": self.forcing == (1, 1),
            "Unlearned": self.unlearned > 0,
        }
        return [flag for flag, holds in present.items() if holds]


SPECS = [
    Spec("forced-run-teacher", 4, 1, 8, 2, (1, 1)),
    Spec("forced-run-free", 3, 1, 6, 1, (0, 0)),
    Spec("forced-run-free-state", 5, 1, 12, 3, (0, 0), given_state=True),
    Spec("forced-run-in-part", 5, 1, 20, 3, (0, 1)),
    Spec("forced-run-in-part-state", 4, 1, 10, 2, (0.02, 0.3), given_state=True),
    Spec("forced-run-unlearned", 4, 1, 15, 2, (0, 0.6), unlearned=5),
    Spec("forced-run-lost", 4, 1, 16, 2, (0, 0.2), lost=((0, 3), (1, 9), (0, 10))),
    Spec("forced-run-lost-free", 3, 1, 12, 2, (0, 0), lost=((1, 7),), given_state=True),
    Spec("forced-run-held", 4, 1, 9, 2, (0, 0.5), held=True),
    Spec("forced-run-two-layers-teacher", 3, 2, 7, 2, (1, 1), given_state=True),
    Spec("forced-run-two-layers-free", 4, 2, 10, 2, (0, 0)),
    Spec("forced-run-two-layers", 6, 2, 20, 3, (0, 1), unlearned=4, given_state=True, lost=((2, 7), (0, 12))),
    Spec("forced-run-forty-steps", 6, 1, 40, 2, (0.05, 0.3), unlearned=10, given_state=True, lost=((0, 20), (1, 33))),
    Spec("forced-run-two-layers-forty-steps", 3, 2, 40, 1, (0.1, 0.5), given_state=True),
]


def encode(change):
    return GAIN * torch.asinh(change / FINE)


def rho(x, r, no_factor, not_robust):
    """r^2 log(1 + (x / r)^2), perhaps with a fault."""
    square = (x / r) ** 2
    return (1 if no_factor else r**2) * (square if not_robust else torch.log1p(square))


def decode(output, fault=None):
    change = FINE * torch.sinh(output / GAIN)
    if fault == "decode-no-gradient":
        change = change.detach()
    return change if fault == "not-held" else torch.clamp(change, -LARGEST, LARGEST)


def digits(x, count=5):
    """A decimal of a few digits."""
    return float(f"{x:.{count}g}")


def draw(spec):
    """
    The case without its results.

    The changes are drawn, and go rather against the error than with it. The speeds follow from the errors, so that these are
    some ten microseconds to 1.2 ms, or more where the run is to be lost; and where nothing is learned, so that whoever looks
    at the speed there is lost.
    """
    rng = common.generator(f"forced run {spec.id}")
    shapes = lstm_cases.Spec(spec.id, 2, spec.hidden, spec.layers, 1, spec.steps, spec.batch).shapes()
    parameters = {name: common.uniform(rng, shape, 1.2) for name, shape in shapes.items()}
    state = (spec.layers, spec.batch, spec.hidden)
    shape = (spec.batch, spec.steps)
    case = {
        "id": spec.id,
        "flags": spec.flags(),
        "inputs": 2,
        "hidden": spec.hidden,
        "layers": spec.layers,
        "outputs": 1,
        "steps": spec.steps,
        "batch": spec.batch,
        "mv_per_unit": round(rng.uniform(12, 25), 2),
        "parameters": parameters,
        "input": common.uniform(rng, (spec.batch, spec.steps, 2), 1.5),
        "h0": common.uniform(rng, state, 0.9) if spec.given_state else None,
        "c0": common.uniform(rng, state, 1.5) if spec.given_state else None,
        "forcing": common.array(shape, [round(rng.uniform(*spec.forcing), 5) for _ in range(common.count(shape))]),
        "learned": common.array(shape, [int(t >= spec.unlearned) for _ in range(spec.batch) for t in range(spec.steps)]),
        "change": common.array(shape, [0.0] * common.count(shape)),
        "speed": common.array(shape, [1.0] * common.count(shape)),
    }
    # The output layer is scaled so that the largest output, were the truth read, decodes to a given change.
    ones = common.array(shape, [1.0] * common.count(shape))
    largest = GAIN * math.asinh((1100 if spec.held else 40) / FINE)
    factor = largest / run(case | {"forcing": ones})["output"].abs().max().item()
    for name in ("fc.weight", "fc.bias"):
        parameters[name]["data"] = [round(factor * value, 5) for value in parameters[name]["data"]]
    for t in range(spec.steps):
        for b in range(spec.batch):
            # What is drawn for one sequence does not touch the others; the steps after t do not count yet.
            case["change"]["data"][b * spec.steps + t] = 0.0
            come_to = run(case)["wrong"][b, t].item()
            against = 1 if rng.random() < 0.8 else -1
            size = 10 ** rng.uniform(-3, math.log10(50))
            change = digits(math.copysign(size, against * come_to))
            large = (b, t) in spec.lost or t < spec.unlearned
            time = rng.uniform(2, 5) if large else 10 ** rng.uniform(-2, math.log10(1.2))
            case["change"]["data"][b * spec.steps + t] = change
            case["speed"]["data"][b * spec.steps + t] = digits(max(SLOWEST, abs(come_to - change) / time))
    return case


def tensor(case, key):
    return torch_network.tensor(case[key])


def run(case, fault=None):
    """The run of a case, with or without a fault: (1) to (4) of the README, and the network that has the gradients."""
    net = torch_network.network(case)
    x, h, c = torch_network.inputs(case)
    state = (h, c)
    change, speed, forcing = (tensor(case, key).double() for key in ("change", "speed", "forcing"))
    learned = tensor(case, "learned") == 1
    if fault == "all-learned":
        learned = torch.ones_like(learned)
    error = torch.zeros(case["batch"])
    losses, all_outputs, all_wrong, all_lost, all_decoded = [], [], [], [], []
    for t in range(case["steps"]):
        read = {"read-truth": 0 * error, "read-no-gradient": error.detach()}.get(fault, error)
        unit = 1 if fault == "read-no-unit" else case["mv_per_unit"]
        step = torch.stack([x[:, t, 0] + read / unit, x[:, t, 1]], dim=1)  # (1)
        output, state = net(step[:, None], state, all_steps=True)
        y = output[:, 0, 0]
        decoded = decode(y, fault)
        carried = {"error-sign": -error, "error-forgotten": 0 * error, "error-no-gradient": error.detach()}
        wrong = carried.get(fault, error) + decoded - change[:, t]  # (2)
        time = wrong / speed[:, t]
        lost = (time.abs() > LOST) & (learned[:, t] | (fault == "lost-unlearned"))
        late = rho(time, ROBUST, fault == "no-factor", fault == "not-robust")
        e = {"wanted-true": 0 * error, "wanted-sign": -error, "wanted-no-gradient": error.detach()}.get(fault, error)
        miss = y - encode(change[:, t] - e)
        shape = rho(miss, ROBUST_MISS, fault == "shape-no-factor", fault == "shape-not-robust")
        shape = 0 if fault == "no-shape" else shape
        losses.append(torch.where(learned[:, t], late + shape, torch.zeros_like(wrong)))  # (4)
        stays = forcing[:, t] if fault == "stays-swapped" else 1 - forcing[:, t]
        error = stays * (wrong.detach() if fault == "stays-no-gradient" else wrong)  # (3)
        if fault == "lost-gradient":
            error = torch.where(lost, error - error.detach(), error)
        elif fault != "lost-stays":
            error = torch.where(lost, torch.zeros_like(error), error)
        all_outputs.append(y.detach())
        all_wrong.append(wrong.detach())
        all_lost.append(lost)
        all_decoded.append(decoded.detach())
    total = torch.stack(losses).sum()
    return {
        "net": net,
        "loss": total / (learned.sum() if fault == "learned-mean" else learned.numel()),
        "state": state,
        "output": torch.stack(all_outputs, dim=1),
        "wrong": torch.stack(all_wrong, dim=1),
        "lost": torch.stack(all_lost, dim=1),
        "decoded": torch.stack(all_decoded, dim=1),
    }


def evaluate(case, fault=None):
    """The results of a case."""
    end = run(case, fault)
    end["loss"].backward()
    zeros = {name: torch.zeros_like(parameter) for name, parameter in end["net"].named_parameters()}
    gradients = {
        name: torch_network.array(zeros[name] if parameter.grad is None else parameter.grad)
        for name, parameter in end["net"].named_parameters()
    }
    hn, cn = end["state"]
    return {
        "hn": torch_network.array(hn),
        "cn": torch_network.array(cn),
        "loss": end["loss"].item(),
        "gradients": gradients,
    }


def require_flags(spec, case):
    """That the case is what its flags say, and that rounding does not decide whether a run is lost."""
    end = run(case)
    learned = tensor(case, "learned") == 1
    lost = {(b, t) for b, t in end["lost"].nonzero().tolist()}
    assert lost == set(spec.lost), f"{spec.id}: lost at {lost}"
    times = (end["wrong"] / tensor(case, "speed"))[learned].abs()
    assert (times - LOST).abs().min() > MARGIN, f"{spec.id}: an error on the brink"
    held = end["decoded"].abs() == LARGEST
    assert held.any() == spec.held and not held.all(), f"{spec.id}: held at {held.nonzero().tolist()}"


def complete(spec):
    case = draw(spec)
    require_flags(spec, case)
    case |= evaluate(case)
    off = max(mp_forced_run.errors(case).values())
    assert off < EXACT, f"{spec.id}: {off} from 50 digits"
    return case


def fault_changes(cases):
    """By fault, the case that a fault changes most, and by how much."""
    result = {}
    for fault in FAULTS:
        changes = {}
        for case in cases:
            wrong = evaluate(case, fault)
            changes[case["id"]] = max(common.difference(case[key], wrong[key]) for key in wrong)
        most = max(changes, key=changes.get)
        result[fault] = (most, changes[most], sum(change > SMALLEST_CHANGE for change in changes.values()))
    return result


def build():
    cases = [complete(spec) for spec in SPECS]
    sizes = [abs(change) for case in cases for change in case["change"]["data"]]
    assert min(sizes) < 2e-3 and max(sizes) > 40, (min(sizes), max(sizes))
    for fault, (case, change, seen) in fault_changes(cases).items():
        print(f"{FAULTS[fault]}: {change:.1e} in {case}; seen by {seen} cases")
        assert change > SMALLEST_CHANGE, f"no case shows the fault {fault}"
    note = "nn.LSTM and nn.Linear step by step, equations (1) to (4) of the README, float64, gradients by autograd"
    source = torch_network.source("forced_run.py", note)
    return {"forced-run/forced-run.json": common.document("forced-run", source, FLAGS, cases)}


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU))
