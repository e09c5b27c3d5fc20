"""Checks an LSTM against the stored vectors.

    python3 check.py [FILE.json ...]      all files of ../lstm if none is given

The LSTM is lstm.py, beside this file: replace it by yours. Needs NumPy. Exit code 1 if a case fails.
"""

import json
import sys
from pathlib import Path

import numpy as np

from lstm import lstm

BOUND = 1e-12  # of the largest entry of each array, see ../README.md


def arrays(value):
    """A JSON value with NumPy arrays in the place of shape and data."""
    if isinstance(value, dict) and value.keys() == {"shape", "data"}:
        return np.array(value["data"], dtype=float).reshape(value["shape"])
    return {key: arrays(item) for key, item in value.items()} if isinstance(value, dict) else value


def errors(computed, expected):
    """Name and error of each stored result."""
    for name in ("output", "hn", "cn", "loss"):
        yield name, error(computed[name], expected[name])
    for name, gradient in expected["gradients"].items():
        yield "gradient of " + name, error(computed["gradients"][name], gradient)


def error(computed, expected):
    computed, expected = np.asarray(computed, dtype=float), np.asarray(expected)
    if computed.shape != expected.shape:
        return np.inf
    largest = np.abs(expected).max() or 1
    return np.abs(computed - expected).max() / largest


def main(files):
    cases = failed = 0
    for file in files or sorted((Path(__file__).resolve().parent / "../lstm").glob("*.json")):
        document = json.loads(Path(file).read_text("utf-8"))
        for case in map(arrays, document["cases"] if document["kind"] == "lstm" else []):
            cases += 1
            wrong = [(name, e) for name, e in errors(lstm(case, case["parameters"]), case) if not e <= BOUND]
            failed += bool(wrong)
            for name, e in wrong:
                print(f"{case['id']}: {name} is off by {e:.0e} of its largest entry")
    print(f"{cases} cases, {failed} failed" if failed else f"{cases} cases, all within {BOUND:.0e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
