"""What all generators of JSON vectors share: drawing numbers, the files' format, writing and checking.

A generator has a function build() that returns {path below test-vectors: bytes} and ends with

    sys.exit(common.main(build, __doc__))
"""

import json
import math
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# PyTorch's last bits depend on the CPU. Its numbers may differ by this much of an array's largest entry.
OTHER_CPU = 1e-13


def generator(name):
    """A stream of random numbers of its own for each name; the same in every version of Python."""
    return random.Random(f"spikecast {name}")


def count(shape):
    return math.prod(shape)


def array(shape, data):
    """An array as the files hold it: row-major, the last index runs fastest."""
    data = list(data)
    assert count(shape) == len(data), (shape, len(data))
    return {"shape": list(shape), "data": data}


def uniform(rng, shape, scale, digits=5):
    """An array of short decimals between -scale and scale: easy to read, and hardly ever float32 numbers."""
    return array(shape, [round(rng.uniform(-scale, scale), digits) for _ in range(count(shape))])


def cell(parameters):
    """The cell of a network, by its parameters' names."""
    return "gru" if "gru.weight_ih_l0" in parameters else "lstm"


def is_array(value):
    return isinstance(value, dict) and value.keys() == {"shape", "data"}


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def document(kind, source, explanations, cases):
    """The bytes of a file of cases, one line per case; of the flags' explanations only those in use."""
    used = {flag for case in cases for flag in case["flags"]}
    flags = {flag: explanations[flag] for flag in used}
    lines = ",\n".join(dump(case) for case in cases)
    text = f'{{"cases":[\n{lines}\n],\n"flags":{dump(flags)},\n"kind":{dump(kind)},\n"source":{dump(source)}}}\n'
    json.loads(text)
    return text.encode()


def cases_in(pattern):
    """All cases of the stored files that match a pattern below test-vectors."""
    return [case for path in sorted(ROOT.glob(pattern)) for case in json.loads(path.read_text())["cases"]]


def distance(expected, actual):
    """The largest |difference| of two lists of numbers, as a fraction of the largest expected entry."""
    assert len(expected) == len(actual)
    largest = max((abs(x) for x in expected), default=0)
    worst = max((abs(x - y) for x, y in zip(expected, actual)), default=0)
    return float(worst / largest) if largest else float(worst)


def difference(expected, actual):
    """The largest distance of two JSON values, array by array; infinite if anything but numbers differs."""
    if is_array(expected) and is_array(actual) and expected["shape"] == actual["shape"]:
        return distance(expected["data"], actual["data"])
    if isinstance(expected, dict) and isinstance(actual, dict) and expected.keys() == actual.keys():
        return max((difference(expected[key], actual[key]) for key in expected), default=0.0)
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return max((difference(x, y) for x, y in zip(expected, actual)), default=0.0)
    if isinstance(expected, float) and isinstance(actual, float):
        return distance([expected], [actual])
    return 0.0 if expected == actual else math.inf


def compare(path, content, tolerance):
    """Whether a stored file is what the generator computes; says so if it is only up to rounding."""
    stored = path.read_bytes() if path.exists() else None
    if stored == content:
        return True
    name = path.relative_to(ROOT).as_posix()
    if stored is not None and path.suffix == ".json":
        error = difference(json.loads(stored), json.loads(content))
        if error <= tolerance:
            print(f"{name}: same numbers up to {error:.1e}, the rounding of another CPU")
            return True
    print(f"{name}: differs from what the generator computes", file=sys.stderr)
    return False


def main(build, usage, tolerance=0.0, after=None):
    """Writes what build() returns, or compares it with --check; after() then reports measurements."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    files = build()
    if arguments:
        same = [compare(ROOT / name, content, tolerance) for name, content in sorted(files.items())]
        return 0 if all(same) else 1
    for name, content in sorted(files.items()):
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    if after:
        after()
    return 0
