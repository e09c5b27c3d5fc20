"""What a case of an LSTM, or of a GRU, is given: sizes, parameters, input, state and target, drawn by a generator named after the case."""

from dataclasses import dataclass

import common

FLAGS = {
    "AllSteps": "The fully connected layer reads every step: output and target are (B, T, O).",
    "GatesTold": "Each of the 23 wrong orders of the four gates changes the output by more than 1e-3.",
    "GivenState": "h0 and c0 are given; otherwise they are null and mean zeros.",
    "LargeHidden": "64 hidden units.",
    "LastStep": "The fully connected layer reads the last step only: output and target are (B, O).",
    "LongMemory": "The forget gate's bias is raised by 3, so that early steps still reach the loss.",
    "LongSequence": "100 time steps.",
    "NearZero": "All parameters lie within 1e-3 of zero, so that many gradients are tiny.",
    "Saturated": "All LSTM parameters have absolute values from 3 to 5: most gates are nearly open or shut.",
    "SeveralStates": "The fully connected layer reads h of the last head_states steps at once, the oldest first:"
    " fc.weight is (O, head_states H), output and target are (B, O).",
    "SingleStep": "One time step: errors of the recurrence in time cannot be seen here.",
    "SingleUnit": "One hidden unit.",
    "Stacked": "Two or three layers.",
    "Tails": "Gates so near to 0 or 1 that float64 loses their slopes in 1 - sigma and 1 - tanh^2.",
    "WideInput": "More inputs than hidden units.",
}


@dataclass(frozen=True)
class Spec:
    """Sizes and kind of a case; kind is normal, saturated, near-zero, long-memory, tails, or bias and a number."""

    id: str
    inputs: int
    hidden: int
    layers: int
    outputs: int
    steps: int
    batch: int
    all_steps: bool = False
    given_state: bool = False
    kind: str = "normal"
    scale: float = 0.8
    head_states: int = 1
    cell: str = "lstm"

    @property
    def gates(self):
        return {"lstm": 4, "gru": 3}[self.cell]

    def flags(self):
        present = {
            "AllSteps": self.all_steps,
            "GivenState": self.given_state,
            "LargeHidden": self.hidden >= 64,
            "LastStep": not self.all_steps and self.head_states == 1,
            "LongMemory": self.kind == "long-memory",
            "LongSequence": self.steps >= 100,
            "NearZero": self.kind == "near-zero",
            "Saturated": self.kind == "saturated",
            "SeveralStates": self.head_states > 1,
            "SingleStep": self.steps == 1,
            "SingleUnit": self.hidden == 1,
            "Stacked": self.layers > 1,
            "Tails": self.kind == "tails" or self.kind.startswith("bias "),
            "WideInput": self.inputs > self.hidden,
        }
        return [flag for flag, holds in present.items() if holds]

    def shapes(self):
        """Shapes of the parameters by PyTorch's names, in PyTorch's order."""
        shapes = {}
        for layer in range(self.layers):
            shapes[f"{self.cell}.weight_ih_l{layer}"] = (self.gates * self.hidden, self.hidden if layer else self.inputs)
            shapes[f"{self.cell}.weight_hh_l{layer}"] = (self.gates * self.hidden, self.hidden)
            shapes[f"{self.cell}.bias_ih_l{layer}"] = (self.gates * self.hidden,)
            shapes[f"{self.cell}.bias_hh_l{layer}"] = (self.gates * self.hidden,)
        shapes["fc.weight"] = (self.outputs, self.head_states * self.hidden)
        shapes["fc.bias"] = (self.outputs,)
        return shapes


def draw_parameter(spec, rng, name, shape):
    if spec.kind == "near-zero":
        return common.uniform(rng, shape, 1e-3, digits=8)
    if spec.kind == "saturated" and name.startswith(f"{spec.cell}."):
        values = [round(rng.choice((-1, 1)) * rng.uniform(3, 5), 5) for _ in range(common.count(shape))]
        return common.array(shape, values)
    parameter = common.uniform(rng, shape, spec.scale)
    if spec.kind == "long-memory" and name.startswith(f"{spec.cell}.bias_ih"):
        for j in range(spec.hidden, 2 * spec.hidden):  # the second gate keeps: f of an LSTM, z of a GRU
            parameter["data"][j] = round(parameter["data"][j] + 3, 5)
    if spec.kind.startswith("bias ") and name == f"{spec.cell}.bias_ih_l0":
        bias = int(spec.kind.split()[1])
        parameter["data"] = [round(value + bias, 5) for value in parameter["data"]]
    return parameter


def draw(spec):
    """The case without its results."""
    rng = common.generator(f"{spec.cell} {spec.id}")
    state = (spec.layers, spec.batch, spec.hidden)
    heads = (spec.batch, spec.steps, spec.outputs) if spec.all_steps else (spec.batch, spec.outputs)
    optional = {"head_states": spec.head_states} if spec.head_states > 1 else {}
    case = optional | {
        "id": spec.id,
        "flags": spec.flags(),
        "inputs": spec.inputs,
        "hidden": spec.hidden,
        "layers": spec.layers,
        "outputs": spec.outputs,
        "steps": spec.steps,
        "batch": spec.batch,
        "all_steps": spec.all_steps,
        "parameters": {name: draw_parameter(spec, rng, name, shape) for name, shape in spec.shapes().items()},
        "input": common.uniform(rng, (spec.batch, spec.steps, spec.inputs), 1.5),
        "h0": common.uniform(rng, state, 0.9) if spec.given_state else None,
        "c0": common.uniform(rng, state, 1.5) if spec.given_state and spec.cell == "lstm" else None,
        "target": common.uniform(rng, heads, 1),
    }
    if spec.cell == "gru":  # which carries h alone
        del case["c0"]
    return case
