"""PyTorch's LSTM, or GRU, with one fully connected layer: the reference of most vectors."""

import functools
import os

# The plainest code paths: they depend least on the CPU. Both must be set before torch is loaded.
os.environ["ATEN_CPU_CAPABILITY"] = "default"
os.environ["MKL_CBWR"] = "COMPATIBLE"

import torch

import common
import loss_cases

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Network(torch.nn.Module):
    """The module whose state dict is a model file: lstm (or gru) and fc, which reads the last so many states at once."""

    def __init__(self, inputs, hidden, layers, outputs, states=1, cell="lstm"):
        super().__init__()
        self.states = states
        self.cell = cell
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
        self.add_module(cell, kind(inputs, hidden, layers, batch_first=True))
        self.fc = torch.nn.Linear(states * hidden, outputs)

    def forward(self, x, state=None, all_steps=False):
        h, state = self.get_submodule(self.cell)(x, state)
        return self.fc(h if all_steps else h[:, -self.states :].flatten(1)), state


def tensor(array):
    return torch.tensor(array["data"]).reshape(array["shape"])


def array(tensor):
    return common.array(tensor.shape, tensor.detach().double().flatten().tolist())


def source(generator, note):
    return {"name": "PyTorch", "version": torch.__version__, "generator": f"generate/{generator}", "note": note}


def network(case, parameters="parameters"):
    """A network with a case's sizes and parameters."""
    sizes = [case[name] for name in ("inputs", "hidden", "layers", "outputs")]
    result = Network(*sizes, case.get("head_states", 1), common.cell(case[parameters]))
    result.load_state_dict({name: tensor(value) for name, value in case[parameters].items()})
    return result


def inputs(case):
    """Input, h0 and, of an LSTM, c0 of a case as tensors that receive gradients; a state of null is zeros."""
    shape = (case["layers"], case["batch"], case["hidden"])
    zeros = common.array(shape, [0.0] * common.count(shape))
    names = ["input", "h0", "c0"] if "c0" in case else ["input", "h0"]
    return [tensor(case[name] or zeros).requires_grad_() for name in names]


def loss_function(case, **options):
    """PyTorch's loss function of a case."""
    loss = loss_cases.of(case)
    return functools.partial(getattr(torch.nn.functional, loss.torch), **loss.options, **options)


def evaluate(case, net=None):
    """Output, final state, loss and all gradients of a case."""
    net = net or network(case)
    x, *state = inputs(case)
    output, final = net(x, tuple(state) if net.cell == "lstm" else state[0], case["all_steps"])
    final = final if net.cell == "lstm" else [final]
    loss = loss_function(case)(output, tensor(case["target"]))
    loss.backward()
    gradients = {name: array(parameter.grad) for name, parameter in net.named_parameters()}
    gradients |= {"input": array(x.grad)} | {f"{name}0": array(part.grad) for name, part in zip("hc", state)}
    results = {"output": array(output)} | {f"{name}n": array(part) for name, part in zip("hc", final)}
    return results | {"loss": loss.item(), "gradients": gradients}


def optimiser(case, parameters):
    """torch.optim's Adam or AdamW with a case's settings."""
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds[case["algorithm"]](
        parameters,
        lr=case["lr"],
        betas=(case["beta1"], case["beta2"]),
        eps=case["eps"],
        weight_decay=case["weight_decay"],
        amsgrad=case["amsgrad"],
        foreach=False,
    )


def clip(case, parameters):
    """Clips the gradients in place as a case says; returns their norm before."""
    parameters = list(parameters)
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters], foreach=False).item()
    rule = case["clip"] or {}
    if "norm" in rule:
        torch.nn.utils.clip_grad_norm_(parameters, rule["norm"], foreach=False)
    if "value" in rule:
        torch.nn.utils.clip_grad_value_(parameters, rule["value"], foreach=False)
    return norm
