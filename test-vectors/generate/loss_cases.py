"""Loss functions of an output y and a target t, by the names of loss_function: one entry holds all about one of them."""

from dataclasses import dataclass
from typing import Callable

from mpmath import mp

from lstm_cases import Spec


def sigma(y):
    return 1 / (1 + mp.exp(-y))


@dataclass(frozen=True)
class Loss:
    """A loss of one element, its derivative with respect to y, its name in torch.nn.functional, and its cases."""

    value: Callable
    slope: Callable
    torch: str
    options: dict
    targets: int  # of networks: whole numbers below this
    alone: list  # id, outputs, targets
    networks: list


LOSSES = {
    "mse": Loss(
        value=lambda y, t: (y - t) ** 2,
        slope=lambda y, t: 2 * (y - t),
        torch="mse_loss",
        options={},
        targets=0,
        alone=[("loss-mse", [[-1.3, 0.4, 2.1], [0.7, -0.2, 3.4]], [[0.5, 0.1, 2.2], [-0.7, 1.2, 3.1]])],
        networks=[],  # all others
    ),
    "poisson": Loss(
        value=lambda y, t: mp.exp(y) - t * y,
        slope=lambda y, t: mp.exp(y) - t,
        torch="poisson_nll_loss",
        options={"log_input": True, "full": False},
        targets=4,
        alone=[
            ("loss-poisson", [[-1.3, 0.4, 2.1], [0.7, -0.2, 1.4]], [[0, 1, 9], [2, 0, 5]]),
            ("loss-poisson-fractions", [[-0.6, 0.9], [1.7, 0.3]], [[0.25, 1.5], [7.75, 0]]),
            ("loss-poisson-zero", [[0]], [[0]]),
            ("loss-poisson-no-rate", [[-700]], [[0]]),
            ("loss-poisson-missed", [[-600]], [[3]]),
            ("loss-poisson-large", [[7.25]], [[1400]]),
        ],
        networks=[
            # id, inputs, hidden, layers, outputs, steps, batch
            Spec("pytorch-poisson", 3, 5, 1, 2, 7, 3),
            Spec("pytorch-poisson-all-steps-state", 2, 4, 2, 2, 6, 3, all_steps=True, given_state=True),
            Spec("pytorch-poisson-saturated", 3, 5, 1, 2, 7, 3, given_state=True, kind="saturated"),
        ],
    ),
    "bernoulli": Loss(
        value=lambda y, t: -t * mp.log(sigma(y)) - (1 - t) * mp.log(sigma(-y)),
        slope=lambda y, t: -t * sigma(-y) + (1 - t) * sigma(y),
        torch="binary_cross_entropy_with_logits",
        options={},
        targets=2,
        alone=[
            ("loss-bernoulli", [[-1.3, 0.4, 2.1], [0.7, -0.2, -3.4]], [[0, 1, 1], [0, 0, 1]]),
            ("loss-bernoulli-fractions", [[-0.6, 0.9], [1.7, -0.3]], [[0.25, 0.5], [0.875, 1]]),
            ("loss-bernoulli-zero", [[0]], [[1]]),
            ("loss-bernoulli-sure-event", [[40]], [[1]]),
            ("loss-bernoulli-sure-none", [[-40]], [[0]]),
            ("loss-bernoulli-nearly-sure", [[23.5]], [[1]]),
            ("loss-bernoulli-surest", [[-700]], [[0]]),
            ("loss-bernoulli-wrong", [[-700]], [[1]]),
            ("loss-bernoulli-wrong-none", [[1000]], [[0]]),
            ("loss-bernoulli-wrong-fraction", [[-50]], [[0.125]]),
        ],
        networks=[
            Spec("pytorch-bernoulli", 3, 5, 1, 2, 7, 3),
            Spec("pytorch-bernoulli-all-steps-state", 2, 4, 2, 2, 6, 3, all_steps=True, given_state=True),
            Spec("pytorch-bernoulli-saturated", 3, 5, 1, 2, 7, 3, given_state=True, kind="saturated"),
        ],
    ),
}


def of(case):
    """The loss of a case; a mean squared error if it names none."""
    return LOSSES[case.get("loss_function", "mse")]
