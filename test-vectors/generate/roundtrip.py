"""Shows that Spikecast and PyTorch read each other's model files and compute the same numbers, by the command line.

    python roundtrip.py LAUNCHER    LAUNCHER: target/spikecast, or target/spikecast.jar (run by java from the PATH)

1. A model that Spikecast trains loads in PyTorch (load_state_dict, strict); `spikecast predict` and
   `spikecast gradients` give PyTorch's numbers for it.
2. So they do for bare PyTorch modules saved by safetensors.torch.save_file, in float64 and in float32.

Numbers may differ by 1e-12 of their array's largest entry. Exit code 1 if they differ by more.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import safetensors
import safetensors.numpy
import safetensors.torch
import torch

import common
import torch_network

TOLERANCE = 1e-12
BATCH, STEPS = 3, 6


class Differences:
    """Collects comparisons: prints each, and knows whether all were within the tolerance."""

    def __init__(self):
        self.count = self.failed = 0

    def compare(self, what, expected, actual):
        expected, actual = numpy.asarray(expected), numpy.asarray(actual)
        error = numpy.inf
        if expected.shape == actual.shape:
            error = common.distance(expected.ravel().tolist(), actual.ravel().tolist())
        self.count += 1
        self.failed += not error <= TOLERANCE
        print(f"{'ok  ' if error <= TOLERANCE else 'FAIL'} {error:.1e}  {what}")


class Spikecast:
    """The program's commands, with files in a folder of their own."""

    def __init__(self, launcher, folder):
        # Absolute, because the program runs in the folder of its files.
        path = str(Path(launcher).resolve())
        self.command = ["java", "-jar", path] if path.endswith(".jar") else [path]
        self.folder = folder

    def run(self, *arguments):
        done = subprocess.run([*self.command, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"spikecast {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def train(self):
        """A small model that the program trains, as a path."""
        self.run("run", "ring-60", "--smoke", "--out", "ring")
        return self.folder / "ring" / "model.safetensors"

    def predict(self, model, x, state=None, all_steps=False):
        """Output and final state."""
        numpy.save(self.folder / "x.npy", x)
        options = ["--model", str(model), "--input", "x.npy", "--output", "y.npy", "--final-state", "end.safetensors"]
        self.run("predict", *options, *self.options(state, all_steps))
        return numpy.load(self.folder / "y.npy"), safetensors.numpy.load_file(self.folder / "end.safetensors")

    def gradients(self, model, x, target, state=None, all_steps=False):
        """Loss and gradients by name."""
        numpy.save(self.folder / "x.npy", x)
        numpy.save(self.folder / "target.npy", target)
        options = ["--model", str(model), "--input", "x.npy", "--target", "target.npy", "--output", "g.safetensors"]
        out = self.run("gradients", *options, *self.options(state, all_steps))
        return json.loads(out.splitlines()[-1])["loss"], safetensors.numpy.load_file(self.folder / "g.safetensors")

    def options(self, state, all_steps):
        if state:
            safetensors.numpy.save_file(dict(zip(("h0", "c0"), state)), self.folder / "state.safetensors")
        return (["--state", "state.safetensors"] if state else []) + (["--all-steps"] if all_steps else [])


class Model:
    """A model file as PyTorch sees it: a module in float64, and the scaling of its metadata."""

    def __init__(self, path):
        weights = safetensors.torch.load_file(path)
        self.layers = sum(name.startswith("lstm.weight_ih_l") for name in weights)
        self.outputs, self.hidden = weights["fc.weight"].shape
        self.inputs = weights["lstm.weight_ih_l0"].shape[1]
        self.net = torch_network.Network(self.inputs, self.hidden, self.layers, self.outputs)
        self.net.load_state_dict(weights, strict=True)
        with safetensors.safe_open(path, "pt") as file:
            text = json.loads((file.metadata() or {}).get("spikecast", "{}"))
        scaling = {name: value for name, value in text.items() if name.endswith(("_offset", "_scale"))}
        self.scaling = {name: torch.tensor(value) for name, value in scaling.items()}

    def predict(self, x, state, all_steps):
        """Output in the data's units, and the final state."""
        s, x = self.scaling, torch.from_numpy(x)
        with torch.no_grad():
            scaled = (x - s["input_offset"]) / s["input_scale"] if s else x
            y, end = self.net(scaled, state, all_steps)
        return (s["output_offset"] + s["output_scale"] * y if s else y), end

    def case(self, x, target, state, all_steps):
        """What torch_network.evaluate takes."""
        sizes = {"layers": self.layers, "hidden": self.hidden, "batch": BATCH, "all_steps": all_steps}
        h0, c0 = (torch_network.array(value) for value in state) if state else (None, None)
        x, target = (torch_network.array(torch.from_numpy(value)) for value in (x, target))
        return sizes | {"input": x, "target": target, "h0": h0, "c0": c0}


def check(spikecast, path, differences):
    """Compares everything the two can say about one model file."""
    model = Model(path)
    rng = numpy.random.default_rng(1)
    x = rng.uniform(-1.5, 1.5, (BATCH, STEPS, model.inputs))
    state = tuple(rng.uniform(-0.9, 0.9, (model.layers, BATCH, model.hidden)) for _ in range(2))
    tensors = tuple(map(torch.from_numpy, state))
    for all_steps, given in ((False, None), (True, None), (False, tensors), (True, tensors)):
        label = f"{path.name}, {'every step' if all_steps else 'last step'}, {'given' if given else 'zero'} state: "
        arrays = state if given else None
        y, end = spikecast.predict(path, x, arrays, all_steps)
        expected, (hn, cn) = model.predict(x, given, all_steps)
        differences.compare(label + "output", expected, y)
        differences.compare(label + "final h", hn, end["h0"])
        differences.compare(label + "final c", cn, end["c0"])

        target = rng.uniform(-1, 1, y.shape)
        loss, gradients = spikecast.gradients(path, x, target, arrays, all_steps)
        model.net.zero_grad()
        results = torch_network.evaluate(model.case(x, target, given, all_steps), model.net)
        differences.compare(label + "loss", results["loss"], loss)
        assert gradients.keys() == results["gradients"].keys(), gradients.keys() ^ results["gradients"].keys()
        for name, value in results["gradients"].items():
            differences.compare(label + "gradient of " + name, torch_network.tensor(value), gradients[name])


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        spikecast = Spikecast(arguments[0], Path(folder))
        stored = sorted((common.ROOT / "lstm").glob("pytorch-module*.safetensors"))
        for path in [*stored, spikecast.train()]:
            check(spikecast, path, differences)
    print(f"{differences.count} comparisons, {differences.failed} beyond {TOLERANCE}")
    return 1 if differences.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
