"""One step of one sequence (T = 1, B = 1) whose state is carried on to the next, by the peers.

    streaming.py A60s                    one line of JSON per peer and dtype
    streaming.py A60s --check FOLDER     does each peer compute what org.spikecast.benchmarks.Check has computed there?

ONNX Runtime's LSTM knows float32 only.
"""

import argparse
import json
from pathlib import Path

import numpy

import common
from training_step import random_data, torch_setup

# Each peer takes the workload, the weights and the dtype; it returns the step, from features to outputs, and a function that
# brings features, an array (I,), into the form that the step takes.


def torch_streaming(w, weights, dtype, kind):
    torch = torch_setup(dtype, 1)
    lstm = torch.nn.LSTM(w.inputs, w.hidden, w.layers)
    fc = torch.nn.Linear(w.hidden, w.outputs)
    torch.nn.ModuleDict({"lstm": lstm, "fc": fc}).load_state_dict({k: torch.tensor(v) for k, v in weights.items()})
    state = torch.zeros(2, w.layers, 1, w.hidden).unbind()

    class Step(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = lstm
            self.fc = fc

        def forward(self, x, h, c):
            y, (h, c) = self.lstm(x, (h, c))
            return self.fc(y[0]), h, c

    class Cells(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = torch.nn.ModuleList()
            self.fc = fc
            for l in range(w.layers):
                cell = torch.nn.LSTMCell(w.inputs if l == 0 else w.hidden, w.hidden)
                cell.load_state_dict({k: weight for k, weight in zip(cell.state_dict(), lstm.all_weights[l])})
                self.cells.append(cell)

        def forward(self, x, h, c):
            x = x[0]
            hs, cs = [], []
            for l, cell in enumerate(self.cells):
                x, cell_state = cell(x, (h[l], c[l]))
                hs.append(x)
                cs.append(cell_state)
            return self.fc(x), torch.stack(hs), torch.stack(cs)

    features = lambda x: torch.tensor(x, dtype=torch.get_default_dtype()).reshape(1, 1, -1)
    module = (Step if kind == "lstm" else Cells)().eval()
    with torch.inference_mode():
        if kind == "traced":
            example = (features(numpy.zeros(w.inputs)), *state)
            module = torch.jit.freeze(torch.jit.trace(module, example))
        if kind == "compiled":
            module = torch.compile(module, fullgraph=True)

    @torch.inference_mode()
    def step(x):
        nonlocal state
        y, *state = module(x, *state)
        return y

    return step, features


def jax_streaming(w, weights, dtype):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", dtype == "float64")
    weights = {name: jnp.asarray(value, dtype) for name, value in weights.items()}

    @jax.jit
    def forward(x, state):
        new = []
        for l, (h, c) in enumerate(state):
            z = weights[f"lstm.weight_ih_l{l}"] @ x + weights[f"lstm.weight_hh_l{l}"] @ h
            z += weights[f"lstm.bias_ih_l{l}"] + weights[f"lstm.bias_hh_l{l}"]
            i, f, g, o = jnp.split(z, 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            x = jax.nn.sigmoid(o) * jnp.tanh(c)
            new.append((x, c))
        return weights["fc.weight"] @ x + weights["fc.bias"], new

    state = [(jnp.zeros(w.hidden, dtype), jnp.zeros(w.hidden, dtype)) for _ in range(w.layers)]

    def step(x):
        nonlocal state
        y, state = forward(x, state)
        return y.block_until_ready()

    return step, lambda x: jnp.asarray(x, dtype)


def onnx_streaming(w, weights, dtype):
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    gates = numpy.r_[0:1, 3:4, 1:2, 2:3]  # i, f, g, o there: i, o, f, g
    order = lambda p: numpy.concatenate([p.reshape(4, w.hidden, -1)[g] for g in gates]).squeeze(-1 if p.ndim == 1 else ())
    initial, nodes, states = {}, [], []
    below = "x"
    for l in range(w.layers):
        part = {k: order(weights[f"lstm.{k}_l{l}"]) for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        initial |= {f"W{l}": part["weight_ih"][None], f"R{l}": part["weight_hh"][None]}
        initial[f"B{l}"] = numpy.concatenate([part["bias_ih"], part["bias_hh"]])[None]
        reads = [below, f"W{l}", f"R{l}", f"B{l}", "", f"h{l}", f"c{l}"]
        nodes.append(helper.make_node("LSTM", reads, [f"y{l}", f"hn{l}", f"cn{l}"], hidden_size=w.hidden))
        states += [f"h{l}", f"c{l}"]
        below = f"hn{l}"  # (1, 1, H), as the input of the next layer is
    nodes.append(helper.make_node("Squeeze", [below, "axis"], ["top"]))
    nodes.append(helper.make_node("Gemm", ["top", "fc.weight", "fc.bias"], ["y"], transB=1))
    initial |= {name: weights[name] for name in ("fc.weight", "fc.bias")}
    tensors = [numpy_helper.from_array(value.astype(dtype), name) for name, value in initial.items()]
    tensors.append(numpy_helper.from_array(numpy.array([0]), "axis"))
    kind = TensorProto.FLOAT if dtype == "float32" else TensorProto.DOUBLE
    value = lambda name, *shape: helper.make_tensor_value_info(name, kind, shape)
    ins = [value("x", 1, 1, w.inputs)] + [value(name, 1, 1, w.hidden) for name in states]
    outs = [value("y", 1, w.outputs)] + [value(name[0] + "n" + name[1:], 1, 1, w.hidden) for name in states]
    graph = helper.make_graph(nodes, "step", ins, outs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, ["CPUExecutionProvider"])
    carried = {name: numpy.zeros((1, 1, w.hidden), dtype) for name in states}

    def step(x):
        y, *new = session.run(None, {"x": x, **carried})
        carried.update(zip(states, new))
        return y

    return step, lambda x: x.astype(dtype).reshape(1, 1, -1)


PEERS = {
    "torch": lambda *a: torch_streaming(*a, kind="lstm"),
    "torch-cell": lambda *a: torch_streaming(*a, kind="cell"),
    "torch-traced": lambda *a: torch_streaming(*a, kind="traced"),
    "torch-compiled": lambda *a: torch_streaming(*a, kind="compiled"),
    "jax": jax_streaming,
    "onnxruntime": onnx_streaming,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--dtypes", default="float64,float32")
    parser.add_argument("--seconds", type=float, default=1, help="how long each is timed")
    parser.add_argument("--check", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    w = common.workload(options.workload)
    weights, x, _ = random_data(w)
    if options.check:
        from safetensors.numpy import load_file

        weights = load_file(options.check / "model.safetensors")
        x = numpy.load(options.check / "x.npy")
        ours = numpy.load(options.check / "streamed.npy")
    for peer in options.peers.split(","):
        for dtype in options.dtypes.split(","):
            if peer == "onnxruntime" and dtype == "float64":
                continue
            step, features = PEERS[peer](w, weights, dtype)
            result = {"peer": peer, "dtype": dtype}
            if options.check:
                theirs = [numpy.asarray(step(features(x[0, t % w.steps]))).ravel() for t in range(len(ours))]
                result["output"] = numpy.abs(theirs - ours).max() / numpy.abs(ours).max()
            else:
                x0 = features(x[0, 0])
                result["us"] = 1e6 * common.median_seconds(lambda: step(x0), options.seconds, calls=20)
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
