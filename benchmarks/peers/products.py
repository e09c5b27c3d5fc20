"""The products of a training step (see common.products) by PyTorch's mm in float64: one line of JSON each.

    products.py A60s
"""

import argparse
import json

import torch

import common


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long each is timed")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name, (rows, inner, columns) in common.products(common.workload(options.workload)).items():
        # Stored as they are in a training step, so that one operand of all but the plain products is transposed.
        a = torch.randn(inner, rows, dtype=torch.float64).t() if name == "recurrent-back" else torch.randn(
            rows, inner, dtype=torch.float64
        )
        b = torch.randn(inner, columns, dtype=torch.float64)
        if name.startswith("gradient"):
            b = torch.randn(columns, inner, dtype=torch.float64).t()
        out = torch.empty(rows, columns, dtype=torch.float64)
        calls = max(1, int(1e6 / (rows * inner * columns)))
        seconds = common.median_seconds(lambda: torch.mm(a, b, out=out), options.seconds, calls)
        print(json.dumps({"product": name, "us": 1e6 * seconds}), flush=True)


if __name__ == "__main__":
    main()
