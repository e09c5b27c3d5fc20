"""Adam, AdamW and clipping as plain Python, for numbers of any kind, and the faults that the vectors must show.

The correct one is compared with PyTorch and, in 50-digit numbers, measures it. Arrays are flat lists by name.
"""

import math

from mpmath import mp, mpf

FAULTS = {
    "no-bias-correction": "neither moment is divided by 1 - beta^t",
    "bias-correction-of-m-only": "the second moment is not divided by 1 - beta2^t",
    "eps-inside-the-root": "the denominator is sqrt(v / (1 - beta2^t) + eps)",
    "eps-before-bias-correction": "the denominator is (sqrt(v) + eps) / sqrt(1 - beta2^t)",
    "clip-by-norm-of-each-block": "every block is clipped by its own norm, not by the norm over all",
    "clip-by-largest-entry": "the norm is the largest absolute entry",
    "clip-without-1e-6": "the factor is max_norm / norm, not max_norm / (norm + 1e-6)",
    "clip-factor-above-one": "gradients shorter than max_norm are stretched to it",
    "clip-after-decay": "the L2 term is added before clipping, not after",
    "no-clipping": "gradients are used as they are",
    "decay-after-step": "AdamW's decay comes after the step, not before it",
    "decay-without-lr": "AdamW multiplies by 1 - weight_decay, not by 1 - lr weight_decay",
    "l2-for-decoupled": "weight_decay in AdamW is added to the gradient",
    "decoupled-for-l2": "weight_decay in Adam multiplies the parameter",
    "no-decay": "weight_decay is ignored",
    "betas-swapped": "beta1 and beta2 are exchanged",
    "counter-starts-at-two": "the bias corrections are one step ahead",
    "moments-per-call": "moments are reset before every step",
    "amsgrad": "the denominator takes the maximum of v so far",
}


class Doubles:
    """Float64 arithmetic."""

    number = float
    sqrt = staticmethod(math.sqrt)


class Digits:
    """High-precision arithmetic."""

    number = mpf
    sqrt = staticmethod(mp.sqrt)


def norm(gradients, arithmetic):
    return arithmetic.sqrt(sum(g * g for block in gradients.values() for g in block))


def clipped(gradients, rule, arithmetic, fault=None):
    """Gradients after clipping by the rule {"norm": x}, {"value": x} or None."""
    if not rule or fault == "no-clipping":
        return gradients
    if "value" in rule:
        bound = arithmetic.number(rule["value"])
        return {name: [max(-bound, min(bound, g)) for g in block] for name, block in gradients.items()}
    result = {}
    for name, block in gradients.items():
        measured = {name: block} if fault == "clip-by-norm-of-each-block" else gradients
        length = norm(measured, arithmetic)
        if fault == "clip-by-largest-entry":
            length = max(abs(g) for values in measured.values() for g in values)
        if fault != "clip-without-1e-6":
            length += arithmetic.number(1e-6)
        factor = arithmetic.number(rule["norm"]) / length if length else 1
        if fault != "clip-factor-above-one":
            factor = min(factor, 1)
        result[name] = [g * factor for g in block]
    return result


class Adam:
    """One optimiser; settings are those of a case, parameters are changed by step()."""

    def __init__(self, settings, parameters, arithmetic=Doubles, fault=None):
        assert fault is None or fault in FAULTS, fault
        self.arithmetic, self.fault, self.rule = arithmetic, fault, settings["clip"]
        number = arithmetic.number
        self.lr, self.decay, self.eps = (number(settings[name]) for name in ("lr", "weight_decay", "eps"))
        betas = [number(settings["beta1"]), number(settings["beta2"])]
        self.beta1, self.beta2 = reversed(betas) if fault == "betas-swapped" else betas
        self.decoupled = settings["algorithm"] == "adamw"
        if fault == ("l2-for-decoupled" if self.decoupled else "decoupled-for-l2"):
            self.decoupled = not self.decoupled
        if fault == "no-decay":
            self.decay = number(0)
        self.parameters = {name: [number(x) for x in block] for name, block in parameters.items()}
        self.reset()
        self.t = 1 if fault == "counter-starts-at-two" else 0

    def reset(self):
        zero = self.arithmetic.number(0)
        self.m, self.v, self.largest_v = (
            {name: [zero] * len(block) for name, block in self.parameters.items()} for _ in range(3)
        )

    def step(self, gradients):
        number = self.arithmetic.number
        gradients = {name: [number(g) for g in block] for name, block in gradients.items()}
        if self.fault == "clip-after-decay" and not self.decoupled:
            gradients = clipped(self.with_l2(gradients), self.rule, self.arithmetic)
        else:
            gradients = clipped(gradients, self.rule, self.arithmetic, self.fault)
            if not self.decoupled:
                gradients = self.with_l2(gradients)
        if self.fault == "moments-per-call":
            self.reset()
        self.t += 1
        for name, block in self.parameters.items():
            for j, g in enumerate(gradients[name]):
                block[j] = self.updated(name, j, block[j], g)

    def with_l2(self, gradients):
        return {
            name: [g + self.decay * x for g, x in zip(gradients[name], block)]
            for name, block in self.parameters.items()
        }

    def updated(self, name, j, parameter, g):
        fault, sqrt = self.fault, self.arithmetic.sqrt
        m = self.m[name][j] = self.m[name][j] + (1 - self.beta1) * (g - self.m[name][j])
        v = self.v[name][j] = self.beta2 * self.v[name][j] + (1 - self.beta2) * g * g
        if fault == "amsgrad":
            v = self.largest_v[name][j] = max(v, self.largest_v[name][j])
        correction1 = 1 if fault == "no-bias-correction" else 1 - self.beta1**self.t
        uncorrected = fault in ("no-bias-correction", "bias-correction-of-m-only")
        correction2 = 1 if uncorrected else 1 - self.beta2**self.t
        denominator = sqrt(v) / sqrt(correction2) + self.eps
        if fault == "eps-inside-the-root":
            denominator = sqrt(v / correction2 + self.eps)
        if fault == "eps-before-bias-correction":
            denominator = (sqrt(v) + self.eps) / sqrt(correction2)
        step = self.lr / correction1 * m / denominator
        if not self.decoupled:
            return parameter - step
        factor = 1 - (self.decay if fault == "decay-without-lr" else self.lr * self.decay)
        return (parameter - step) * factor if fault == "decay-after-step" else parameter * factor - step


def flat(arrays):
    """Arrays of a file as flat lists by name."""
    return {name: value["data"] for name, value in arrays.items()}


def trajectory(case, arithmetic=Doubles, fault=None):
    """The parameters after each step of an optimiser case."""
    adam = Adam(case, flat(case["parameters0"]), arithmetic, fault)
    result = []
    for gradients in case["gradients"]:
        adam.step(flat(gradients))
        result.append({name: list(block) for name, block in adam.parameters.items()})
    return result
