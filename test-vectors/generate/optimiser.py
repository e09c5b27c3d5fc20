"""Writes test-vectors/optimiser/adam*.json and clipping.json: ten steps of Adam and AdamW, clipped or not, from torch.optim in float64.

python optimiser.py           write the files and print which fault shows where
python optimiser.py --check   compute them again and compare; exit code 1 if they differ
"""

import sys

import torch

import adam_reference
import common
import torch_network

STEPS = 10
BLOCKS = {"fc.bias": (2,), "fc.weight": (2, 3), "lstm.weight_ih_l0": (4, 2)}

# What every fault of adam_reference must change in some case, as a fraction of a block's largest parameter.
SHOWN = 1e-5

FLAGS = {
    "AdamW": "weight_decay multiplies the parameter by 1 - lr weight_decay before the step.",
    "ClipNorm": "All gradients are multiplied by min(1, norm / (their Euclidean norm over all blocks + 1e-6)).",
    "ClipNormActive": "The gradients are longer than the bound in some step.",
    "ClipNormInactive": "The gradients are shorter than the bound in some step, and must stay as they are.",
    "ClipValue": "Every entry of the gradients is moved into [-value, value].",
    "HugeAndTiny": "Sizes of gradients from 1e-12 to 1e6.",
    "L2": "weight_decay times the parameter is added to the gradient, after clipping.",
    "LargeEps": "eps is not small against the gradients: where it stands in the formula shows.",
    "OtherBetas": "beta1 and beta2 are not the usual 0.9 and 0.999.",
    "Plain": "Neither decay nor clipping, and the usual constants.",
    "ZeroGradients": "Some gradients are zero, some from the first step to the last.",
}

DEFAULTS = {
    "algorithm": "adam",
    "lr": 1e-3,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "weight_decay": 0.0,
    "amsgrad": False,
    "clip": None,
}


def ordinary(rng, step, shape):
    """Gradients near 1, larger in the first steps, so that a maximum of the second moment would show."""
    return common.uniform(rng, shape, 2.0 if step < 3 else 0.5)


def small(rng, step, shape):
    return common.uniform(rng, shape, 2e-3, digits=8)


def uneven(rng, step, shape):
    """Lengths that change from step to step: Adam alone hardly sees a factor that is the same in all of them."""
    scale = (1.0, 0.02, 0.3, 0.002, 2.0)[step % 5]
    return common.uniform(rng, shape, scale, digits=8)


def uneven_small(rng, step, shape):
    values = uneven(rng, step, shape)["data"]
    return common.array(shape, [float(f"{x / 1000:.6g}") for x in values])


def huge_and_tiny(rng, step, shape):
    values = [rng.choice((-1, 1)) * 10 ** rng.uniform(-12, 6) for _ in range(common.count(shape))]
    return common.array(shape, [float(f"{x:.6g}") for x in values])


def often_zero(rng, step, shape):
    """One block is always zero, the others in the first steps and then here and there."""
    share = 1.0 if len(shape) == 1 or step < 2 else 0.4
    values = [0.0 if rng.random() < share else round(rng.uniform(-1, 1), 5) for _ in range(common.count(shape))]
    return common.array(shape, values)


# By file: id, flags but for what clipping did, gradients, settings that differ from the usual ones.
FILES = {
    "adam": [
        ("adam-plain", ["Plain"], ordinary, {}),
        ("adam-large-rate", ["Plain"], ordinary, {"lr": 0.1}),
        ("adam-l2", ["L2"], ordinary, {"lr": 0.01, "weight_decay": 0.3}),
        ("adam-large-eps", ["LargeEps"], small, {"lr": 0.01, "eps": 1e-3}),
        ("adam-betas", ["OtherBetas"], ordinary, {"lr": 0.01, "beta1": 0.5, "beta2": 0.9}),
        ("adam-huge-and-tiny", ["HugeAndTiny"], huge_and_tiny, {"lr": 0.01}),
        ("adam-zero-gradients", ["ZeroGradients"], often_zero, {"lr": 0.01}),
        ("adam-l2-zero-gradients", ["L2", "ZeroGradients"], often_zero, {"lr": 0.01, "weight_decay": 0.1}),
    ],
    "adamw": [
        ("adamw-usual", ["AdamW"], ordinary, {"algorithm": "adamw", "weight_decay": 0.01}),
        ("adamw-strong-decay", ["AdamW"], ordinary, {"algorithm": "adamw", "lr": 0.1, "weight_decay": 0.5}),
        (
            "adamw-zero-gradients",
            ["AdamW", "ZeroGradients"],
            often_zero,
            {"algorithm": "adamw", "lr": 0.1, "weight_decay": 0.3},
        ),
        (
            "adamw-large-eps-betas",
            ["AdamW", "LargeEps", "OtherBetas"],
            small,
            {"algorithm": "adamw", "lr": 0.05, "weight_decay": 0.2, "eps": 1e-3, "beta1": 0.8, "beta2": 0.95},
        ),
    ],
    "clipping": [
        ("clip-norm-active", ["ClipNorm"], ordinary, {"lr": 0.01, "clip": {"norm": 0.5}}),
        ("clip-norm-inactive", ["ClipNorm"], uneven, {"lr": 0.01, "clip": {"norm": 100.0}}),
        (
            "clip-norm-at-times",
            ["ClipNorm"],
            uneven,
            {"lr": 0.01, "clip": {"norm": 0.25}},
        ),
        (
            "clip-norm-small",
            ["ClipNorm"],
            uneven_small,
            {"lr": 0.01, "clip": {"norm": 1e-4}},
        ),
        (
            "clip-norm-l2",
            ["ClipNorm", "L2"],
            uneven,
            {"lr": 0.01, "weight_decay": 0.3, "clip": {"norm": 0.25}},
        ),
        (
            "clip-norm-adamw",
            ["AdamW", "ClipNorm"],
            ordinary,
            {"algorithm": "adamw", "lr": 0.05, "weight_decay": 0.1, "clip": {"norm": 1.0}},
        ),
        ("clip-value", ["ClipValue"], uneven, {"lr": 0.01, "clip": {"value": 0.1}}),
        ("clip-value-l2", ["ClipValue", "L2"], uneven, {"lr": 0.01, "weight_decay": 0.3, "clip": {"value": 0.1}}),
    ],
}


def draw(name, flags, gradients, settings):
    rng = common.generator(f"optimiser {name}")
    return {
        "id": name,
        "flags": flags,
        **DEFAULTS,
        **settings,
        "parameters0": {block: common.uniform(rng, shape, 1) for block, shape in BLOCKS.items()},
        "gradients": [{block: gradients(rng, step, shape) for block, shape in BLOCKS.items()} for step in range(STEPS)],
    }


def trajectory(case):
    """The parameters after each step, from PyTorch, and the flags that say whether a bound on the norm did anything."""
    parameters = {name: torch.nn.Parameter(torch_network.tensor(value)) for name, value in case["parameters0"].items()}
    optimiser = torch_network.optimiser(case, parameters.values())
    result, clipping = [], set()
    for gradients in case["gradients"]:
        for name, value in gradients.items():
            parameters[name].grad = torch_network.tensor(value)
        norm = torch_network.clip(case, parameters.values())
        if "ClipNorm" in case["flags"]:
            clipping.add("ClipNormActive" if norm + 1e-6 > case["clip"]["norm"] else "ClipNormInactive")
        optimiser.step()
        result.append({name: torch_network.array(parameter) for name, parameter in parameters.items()})
    return result, clipping


def gap(case, **options):
    """The largest distance between a case's trajectory and the plain Python one, perhaps with a fault."""
    steps = zip(case["trajectory"], adam_reference.trajectory(case, **options))
    return max(common.distance(value["data"], step[name]) for stored, step in steps for name, value in stored.items())


def shown_faults(cases):
    """For every fault the case that shows it best, and by how much."""
    result = {}
    for fault in adam_reference.FAULTS:
        size, name = max((gap(case, fault=fault), case["id"]) for case in cases)
        assert size > SHOWN, f"no case shows {fault}"
        result[fault] = (size, name)
    return result


def build():
    source = torch_network.source(
        "optimiser.py", "torch.optim.Adam and AdamW, clip_grad_norm_ and clip_grad_value_, float64, foreach=False"
    )
    files, everything = {}, []
    for file, rows in FILES.items():
        cases = [draw(*row) for row in rows]
        for case in cases:
            case["trajectory"], clipping = trajectory(case)
            case["flags"] = sorted({*case["flags"], *clipping})
            error = gap(case)
            assert error < 1e-14, f"{case['id']}: the plain Python optimiser is {error} off"
        files[f"optimiser/{file}.json"] = common.document("optimiser", source, FLAGS, cases)
        everything += cases
    shown_faults(everything)
    return files


def report():
    for fault, (size, name) in shown_faults(common.cases_in("optimiser/[ac]*.json")).items():
        print(f"{fault}: off by {size:.1e} in {name}")


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, tolerance=common.OTHER_CPU, after=report))
