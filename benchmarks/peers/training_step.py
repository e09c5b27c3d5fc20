"""Forward, backpropagation through time and Adam, on the mean squared error of the last step, by the peers.

    training_step.py A60s --peers torch,torch-compiled --dtypes float64,float32    one line of JSON per peer and dtype
    training_step.py A60s --write FOLDER          weights and data, for org.spikecast.benchmarks.Check
    training_step.py A60s --check FOLDER          does each peer compute what Check has computed there?
    training_step.py CA3 --subnormals             subnormal numbers among the gate gradients, in PyTorch

float32-flushed is float32 with torch.set_flush_denormal. Of what a peer can do the faster is taken: Adam fused in PyTorch, the
loop over time unrolled and rolled in JAX and TensorFlow. nn.LSTM is opaque to torch.compile: compiled is an LSTM written out.
"""

import argparse
import functools
import json
import os
import time
from pathlib import Path

import numpy

import common

LEARNING_RATE = 1e-3
LONGEST_GRAPH = 50  # steps compiled as one graph: 50 take half a minute


def shapes(w):
    result = {}
    for l in range(w.layers):
        result[f"lstm.weight_ih_l{l}"] = (4 * w.hidden, w.inputs if l == 0 else w.hidden)
        result[f"lstm.weight_hh_l{l}"] = (4 * w.hidden, w.hidden)
        result[f"lstm.bias_ih_l{l}"] = result[f"lstm.bias_hh_l{l}"] = (4 * w.hidden,)
    return result | {"fc.weight": (w.outputs, w.hidden), "fc.bias": (w.outputs,)}


def random_data(w):
    """Weights by PyTorch's names, x (B, T, I) and y (B, O), in float64."""
    generator = numpy.random.default_rng(1)
    bound = w.hidden**-0.5
    weights = {name: generator.uniform(-bound, bound, shape) for name, shape in shapes(w).items()}
    x = generator.standard_normal((w.batch, w.steps, w.inputs))
    return weights, x, generator.standard_normal((w.batch, w.outputs))


# Each peer takes the workload, the numbers and the number of threads; it returns a function that makes one update and
# returns the loss before it, and a function that returns the weights by name (None if they cannot be compared).


def torch_setup(dtype, threads):
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(dtype.endswith("-flushed"))
    torch.set_default_dtype(getattr(torch, dtype.removesuffix("-flushed")))
    return torch


def torch_training(w, weights, x, y, dtype, threads, compiled):
    torch = torch_setup(dtype, threads)
    network = torch.nn.ModuleDict(
        {"lstm": torch.nn.LSTM(w.inputs, w.hidden, w.layers), "fc": torch.nn.Linear(w.hidden, w.outputs)}
    )
    network.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    x = torch.tensor(x.transpose(1, 0, 2).copy()).to(torch.get_default_dtype())
    y = torch.tensor(y).to(torch.get_default_dtype())
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    parameters = list(network.parameters())

    if compiled:
        forward = torch_written_out(torch, w, whole=w.steps * w.layers <= LONGEST_GRAPH)

        def output():
            return forward(x, *parameters)[0]
    else:

        def output():
            return network["fc"](network["lstm"](x)[0][-1])

    def step():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(output(), y)
        loss.backward()
        adam.step()
        return loss.item()

    return step, lambda: {name: p.detach().double().numpy() for name, p in network.named_parameters()}


def torch_written_out(torch, w, whole=None):
    """The LSTM in single operations: compiled as a whole, or the loop over time in segments; None: not compiled."""

    def steps(z, h, c, weight_hh):
        hs = []
        for z_t in z.unbind(0):
            i, f, g, o = torch.addmm(z_t, h, weight_hh.t()).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            hs.append(h)
        return torch.stack(hs), h, c

    if whole is False:
        steps = torch.compile(steps, fullgraph=True)

    def forward(x, *parameters):
        zs = []
        for l in range(w.layers):
            weight_ih, weight_hh, bias_ih, bias_hh = parameters[4 * l : 4 * l + 4]
            z = (x.reshape(w.steps * w.batch, -1) @ weight_ih.t() + (bias_ih + bias_hh)).view(w.steps, w.batch, -1)
            zs.append(z)
            h = c = x.new_zeros(w.batch, w.hidden)
            parts = []
            for part in z.split(w.steps if whole else LONGEST_GRAPH):
                hs, h, c = steps(part, h, c, weight_hh)
                parts.append(hs)
            x = torch.cat(parts)
        y = torch.nn.functional.linear(h, *parameters[-2:])
        return y, [] if whole else zs  # a compiled graph would have to store them

    return torch.compile(forward, fullgraph=True) if whole else forward


def jax_training(w, weights, x, y, dtype, threads, unrolled):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", dtype == "float64")
    unroll = w.steps if unrolled else 1
    x = jnp.asarray(x.transpose(1, 0, 2), dtype)
    y = jnp.asarray(y, dtype)
    theta = {name: jnp.asarray(value, dtype) for name, value in weights.items()}

    def loss(theta):
        h = x
        for l in range(w.layers):
            z = h @ theta[f"lstm.weight_ih_l{l}"].T + (theta[f"lstm.bias_ih_l{l}"] + theta[f"lstm.bias_hh_l{l}"])
            weight_hh = theta[f"lstm.weight_hh_l{l}"].T

            def cell(state, z, weight_hh=weight_hh):
                h, c = state
                i, f, g, o = jnp.split(z + h @ weight_hh, 4, 1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
                return (h, c), h

            zeros = jnp.zeros((w.batch, w.hidden), dtype)
            (last, _), h = jax.lax.scan(cell, (zeros, zeros), z, unroll=unroll)
        return jnp.mean((last @ theta["fc.weight"].T + theta["fc.bias"] - y) ** 2)

    @functools.partial(jax.jit, donate_argnums=0)
    def update(state):
        theta, m, v, t = state
        value, gradient = jax.value_and_grad(loss)(theta)
        t = t + 1
        m = jax.tree.map(lambda m, g: m + 0.1 * (g - m), m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        size = LEARNING_RATE / (1 - 0.9**t)
        root = jnp.sqrt(1 - 0.999**t)
        theta = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v) / root + 1e-8), theta, m, v)
        return (theta, m, v, t), value

    zeros = jax.tree.map(jnp.zeros_like, theta)
    state = (theta, zeros, jax.tree.map(jnp.zeros_like, theta), jnp.zeros((), dtype))

    def step():
        nonlocal state
        state, value = update(state)
        return float(value)

    return step, lambda: {name: numpy.asarray(p, "float64") for name, p in state[0].items()}


def tensorflow_training(w, weights, x, y, dtype, threads, unrolled):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    h = features = keras.Input((w.steps, w.inputs), batch_size=w.batch)
    for l in range(w.layers):
        h = keras.layers.LSTM(w.hidden, return_sequences=l < w.layers - 1, unroll=unrolled)(h)
    network = keras.Model(features, keras.layers.Dense(w.outputs)(h))
    values = []
    for l in range(w.layers):  # Keras has one bias
        values += [weights[f"lstm.weight_ih_l{l}"].T, weights[f"lstm.weight_hh_l{l}"].T]
        values += [weights[f"lstm.bias_ih_l{l}"] + weights[f"lstm.bias_hh_l{l}"]]
    network.set_weights([*values, weights["fc.weight"].T, weights["fc.bias"]])
    x = tf.constant(x, dtype)
    y = tf.constant(y, dtype)
    adam = keras.optimizers.Adam(LEARNING_RATE, epsilon=1e-8)
    adam.build(network.trainable_variables)

    @tf.function
    def update():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((network(x, training=True) - y) ** 2)
        adam.apply(tape.gradient(loss, network.trainable_variables))
        return loss

    return lambda: float(update()), None


PEERS = {
    "torch": functools.partial(torch_training, compiled=False),
    "torch-compiled": functools.partial(torch_training, compiled=True),
    "jax": functools.partial(jax_training, unrolled=False),
    "jax-unrolled": functools.partial(jax_training, unrolled=True),
    "tensorflow": functools.partial(tensorflow_training, unrolled=False),
    "tensorflow-unrolled": functools.partial(tensorflow_training, unrolled=True),
}


def runs(options, w):
    """The pairs of peer and dtype that make sense: unrolled code of long sequences takes minutes to compile."""
    for peer in options.peers.split(","):
        for dtype in options.dtypes.split(","):
            unrolled = peer.endswith("-unrolled")
            if not (unrolled and w.steps > 16 or dtype.endswith("-flushed") and not peer.startswith("torch")):
                yield peer, dtype


def time_steps(options, w):
    data = random_data(w)
    for peer, dtype in runs(options, w):
        begin = time.perf_counter()
        step, _ = PEERS[peer](w, *data, dtype, options.threads)
        step()
        prepared = time.perf_counter() - begin
        seconds = common.median_seconds(step, options.seconds)
        print(json.dumps({"peer": peer, "dtype": dtype, "ms": 1e3 * seconds, "preparation_s": prepared}), flush=True)


def write(folder, data):
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights, x, y = data
    save_file(weights, folder / "model.safetensors")
    numpy.save(folder / "x.npy", x)
    numpy.save(folder / "y.npy", y)


def check(options, w):
    """The largest differences, relative to the largest of losses and of each weight matrix."""
    from safetensors.numpy import load_file

    losses = json.loads((options.check / "training.json").read_text())["losses"]
    trained = load_file(options.check / "trained.safetensors")
    data = load_file(options.check / "model.safetensors"), *(numpy.load(options.check / f) for f in ("x.npy", "y.npy"))
    for peer, dtype in runs(options, w):
        step, get_weights = PEERS[peer](w, *data, dtype, options.threads)
        # With one bias instead of two, Adam goes another way from the second step on.
        steps = len(losses) if get_weights else 1
        theirs = [step() for _ in range(steps)]
        result = {"peer": peer, "dtype": dtype, "steps": steps}
        result["loss"] = max(abs(a - b) for a, b in zip(losses, theirs)) / max(losses)
        if get_weights:
            weights = get_weights()
            result["weights"] = max(
                numpy.abs(weights[name] - trained[name]).max() / numpy.abs(trained[name]).max() for name in trained
            )
        print(json.dumps(result), flush=True)


def subnormals(options, w):
    for dtype in options.dtypes.split(","):
        torch = torch_setup(dtype, options.threads)
        weights, x, y = random_data(w)
        parameters = [torch.tensor(p).to(torch.get_default_dtype()).requires_grad_() for p in weights.values()]
        x = torch.tensor(x.transpose(1, 0, 2).copy()).to(torch.get_default_dtype())
        output, zs = torch_written_out(torch, w)(x, *parameters)
        for z in zs:
            z.retain_grad()
        torch.nn.functional.mse_loss(output, torch.tensor(y).to(output)).backward()
        torch.set_flush_denormal(False)  # counting must see them
        sizes = torch.stack([z.grad for z in zs]).abs()
        result = {"dtype": dtype, "count": sizes.numel(), "zero": int((sizes == 0).sum())}
        result["subnormal"] = int(((sizes > 0) & (sizes < torch.finfo(sizes.dtype).tiny)).sum())
        result["smallest"] = float(sizes[sizes > 0].min())
        print(json.dumps(result), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--dtypes", default="float64,float32,float32-flushed")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1, help="how long each is timed")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    parser.add_argument("--check", type=Path, metavar="FOLDER")
    parser.add_argument("--subnormals", action="store_true")
    options = parser.parse_args()
    w = common.workload(options.workload)
    if options.write:
        write(options.write, random_data(w))
    elif options.check:
        check(options, w)
    elif options.subnormals:
        subnormals(options, w)
    else:
        time_steps(options, w)


if __name__ == "__main__":
    main()
