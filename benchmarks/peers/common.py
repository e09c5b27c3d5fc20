"""What driver and peers share: workloads, shapes, timing. Needs the standard library only."""

import re
import time
from typing import NamedTuple

WORKLOADS = {
    "A60s": "I120-H64-O60-T10-B32-L1",
    "A60m": "I120-H128-O60-T10-B32-L1",
    "A600": "I1200-H512-O600-T10-B64-L1",
    "SH": "I5-H16-O1-T40-B1024-L1",
    "CA": "I2-H64-O50-T50-B64-L1",
    "CA3": "I2-H64-O200-T200-B32-L3",
}


class Workload(NamedTuple):
    inputs: int
    hidden: int
    outputs: int
    steps: int
    batch: int
    layers: int


def workload(text):
    """The workload of a name, or of sizes such as I120-H64-O60-T10-B32-L1."""
    sizes = re.fullmatch(r"I(\d+)-H(\d+)-O(\d+)-T(\d+)-B(\d+)-L(\d+)", WORKLOADS.get(text, text))
    if not sizes:
        raise SystemExit(f"Workload: expected a name or sizes such as I120-H64-O60-T10-B32-L1, got {text}")
    return Workload(*map(int, sizes.groups()))


def products(w):
    """The products of a training step in the lowest and the output layer, by name: rows, inner, columns."""
    gates, over_time = 4 * w.hidden, w.steps * w.batch
    return {
        "step": (gates, w.inputs + w.hidden, w.batch),
        "recurrent": (gates, w.hidden, w.batch),
        "recurrent-back": (w.hidden, gates, w.batch),
        "input": (gates, w.inputs, over_time),
        "gradient-ih": (gates, over_time, w.inputs),
        "gradient-hh": (gates, over_time, w.hidden),
        "head": (w.outputs, w.hidden, w.batch),
        "gradient-head": (w.outputs, w.batch, w.hidden),
    }


def median_seconds(work, seconds, calls=1):
    """Median duration of a call. The first third of the time warms up; `calls` calls are timed at once."""
    times = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds / 3:
        work()
    begin = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - start) / calls)
    return sorted(times)[len(times) // 2]
