"""Runs Spikecast and its peers in turn on one core and prints tables in Markdown; benchmarks/README.md tells more.

    mvn -q -B package && mvn -q -B -Pbenchmarks test-compile
    python benchmarks/peers/compare.py                                               about ten minutes
    python benchmarks/peers/compare.py --sections training --workloads SH,I8-H32-O1-T20-B64-L1

Builds nothing but the peers in C. What cannot run is left out with a note. Commands are logged to standard error.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import common

PEERS = Path(__file__).resolve().parent
ROOT = PEERS.parent.parent
WORK = ROOT / "target" / "peers"

FRAMEWORKS = ["torch,torch-compiled", "jax,jax-unrolled", "tensorflow,tensorflow-unrolled"]  # one process each

# Differences between losses and weights after CHECKED_STEPS updates that rounding explains, relative to the largest
# loss and to the largest entry of each tensor. Adam's first steps divide a gradient by its own size, so that the rounding
# errors of the smallest gradients count in full. Measured over the six workloads: losses at most 2e-15, weights 4e-13, outputs
# 3e-15; in float32 2e-6, 2e-4, 7e-7.
CHECKED_STEPS = 5
TOLERANCES = {
    "float64": {"loss": 1e-14, "weights": 1e-11, "output": 1e-14},
    "float32": {"loss": 1e-5, "weights": 1e-3, "output": 1e-5},
}

# The grid of `growth`: one size at a time away from the first.
GROWTH = ["I64-H64-O16-T20-B32-L1"]
GROWTH += [f"I64-H{h}-O16-T20-B32-L1" for h in (16, 32, 128, 256, 512, 1024)]
GROWTH += [f"I64-H64-O16-T{t}-B32-L1" for t in (5, 10, 50, 100, 200)]
GROWTH += [f"I64-H64-O16-T20-B{b}-L1" for b in (1, 8, 128, 512)]

STARTUP = "I120-H64-O60-T10-B1-L1"

# Peers in C: compiler's options beyond -O3 -march=native -lm, and arguments.
C_PEERS = {
    "ring clock": ("ring", "-std=c11 -ffp-contract=off", "clock 600 3000 1 5"),
    "ring clock-per-neuron": ("ring", "-std=c11 -ffp-contract=off", "clock-per-neuron 600 3000 1 5"),
    "ring event": ("ring", "-std=c11 -ffp-contract=off", "event 600 3000 1 5"),
    "ca1, 1 cell": ("ca1", "", "1 1000 0.01 5"),
    "ca1, 100 cells, -ffast-math": ("ca1", "-ffast-math -fopenmp-simd", "100 1000 0.01 5"),
}
# Our benchmarks of the same work; those that do not exist are left out.
SIMULATIONS = {
    "RingSimulation.run": "ring clock",
    "RingSimulation.event": "ring event",
    "Ca1Simulation.run, cells 1": "ca1, 1 cell",
    "Ca1Simulation.run, cells 100": "ca1, 100 cells, -ffast-math",
}

# The last ratios of each CPU: how much longer than ours the fastest peer in float64 takes for a training step.
RATIOS = PEERS / "ratios.json"

# A landing that takes more than this away from a stored ratio is looked at again.
KEPT = 0.95

# A command that gets less of its core has shared it, and its wall time says nothing.
OWN_CORE = 0.9

notes = []
shares = []  # of the core that each command of a section got


def note(text):
    print("note: " + text, file=sys.stderr)
    if text not in notes:
        notes.append(text)


def run(options, *command, cores=None):
    """The output of a command on the chosen cores; None and a note if it fails."""
    command = ["taskset", "-c", cores or options.cores.split(",")[0], *map(str, command)]
    print("$ " + " ".join(command).replace(options.classpath, "CLASSPATH"), file=sys.stderr, flush=True)
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / wall
    if "," not in command[2] and wall > 2:
        shares.append(busy)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        note(f"`{Path(command[3]).name} {' '.join(Path(c).name for c in command[4:] if c != options.classpath)[:120]}`"
             f" failed: {last}")
        return None
    return done.stdout


def peer(options, script, *arguments, cores=None):
    """The lines of JSON that a peer's script prints."""
    output = run(options, sys.executable, PEERS / script, *arguments, cores=cores)
    return [json.loads(line) for line in (output or "").splitlines() if line.startswith("{")]


def java(options, main, *arguments, cores=None):
    simd = ("--add-modules", "jdk.incubator.vector")
    return run(options, options.java, *simd, "-cp", options.classpath, main, *arguments, cores=cores)


def jmh(options, benchmark, seconds=None, cores=None, single=False, **parameters):
    """Results of our benchmarks by name and parameters: time of a call and bytes it allocates (None of single calls).

    The time is the median of single calls, as the peers'; or, for calls that are too short for the clock, of iterations' means.
    """
    seconds = seconds or options.seconds
    file = WORK / "jmh.json"
    file.unlink(missing_ok=True)
    each = [item for name, value in parameters.items() for item in ("-p", f"{name}={value}")]
    times = ["-f", 1, "-wi", 6, "-i", 3, "-w", f"{int(1000 * seconds)}ms", "-r", f"{int(1000 * seconds)}ms"]
    java(options, "org.openjdk.jmh.Main", f"benchmarks.{benchmark}", *times, *each,
         *(("-bm", "sample") if single else ("-prof", "gc")), "-foe", "true", "-rf", "json", "-rff", file, cores=cores)
    results = {}
    for result in json.loads(file.read_text()) if file.exists() and file.stat().st_size else []:
        missing = parameters.keys() - result.get("params", {}).keys()
        if missing:
            note(f"{benchmark} has no parameter {', '.join(missing)}: not counted")
            continue
        key = (result["benchmark"].split("benchmarks.")[1], *(result["params"][p] for p in parameters))
        primary = result["primaryMetric"]
        score = primary["scorePercentiles"]["50.0"] if single else statistics.median(sum(primary["rawData"], []))
        allocated = [m["score"] for name, m in result["secondaryMetrics"].items() if name.endswith("gc.alloc.rate.norm")]
        results[key] = score, allocated[0] if allocated else None
    return results


def table(title, head, rows):
    print(f"\n### {title}\n")
    if shares and min(shares) < OWN_CORE and not table.even_if_shared:
        print(f"No table: a command got {100 * min(shares):.0f} % of its core, and the median {100 * median(shares):.0f} %."
              " Other programs were at work; --even-if-shared prints it all the same.")
        return
    for row in [head, ["---"] + ["---:"] * (len(head) - 1), *rows]:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def number(value, unit=""):
    if value is None:
        return "-"
    return (f"{value:.0f}" if value >= 100 else f"{value:.3g}") + unit


def ratio(a, b):
    return number(a / b) if a and b else "-"


def median(values):
    return statistics.median(values) if values else None


def check(options):
    """Do all compute the same? From the same weights and data, training and streaming."""
    cells = defaultdict(dict)
    for name in options.workloads:
        folder = WORK / name
        run(options, sys.executable, PEERS / "training_step.py", name, "--write", folder)
        ours = java(options, "org.spikecast.benchmarks.Check", "training", folder, CHECKED_STEPS, "simd")
        if ours is None:
            continue
        trained = (folder / "trained.safetensors").read_bytes()
        java(options, "org.spikecast.benchmarks.Check", "training", folder, CHECKED_STEPS, "scalar")
        same = trained == (folder / "trained.safetensors").read_bytes()
        cells["Spikecast, scalar"][name] = "same bits" if same else "OTHER BITS"
        cells["Spikecast, bytes allocated by an update"][name] = number(json.loads(ours)["allocated_bytes"])
        gradients = json.loads(ours)["gate_gradients"]
        cells["Spikecast, subnormal gate gradients"][name] = f"{gradients['subnormal']} of {gradients['count']}"
        (folder / "training.json").write_text(ours)
        results = []
        for peers in FRAMEWORKS:
            results += peer(options, "training_step.py", name, "--check", folder, "--peers", peers,
                            "--dtypes", "float64,float32")
        if name == options.workloads[0]:
            java(options, "org.spikecast.benchmarks.Check", "streaming", folder, 100, "simd")
            for result in peer(options, "streaming.py", name, "--check", folder):
                results.append(result | {"peer": "streaming, " + result["peer"]})
        for result in results:
            tolerance = TOLERANCES[result["dtype"]]
            differences = {key: result[key] for key in tolerance if key in result}
            wrong = any(not difference <= tolerance[key] for key, difference in differences.items())
            text = ", ".join(f"{difference:.0e}" for difference in differences.values())
            cells[f"{result['peer']}, {result['dtype']}"][name] = text + " WRONG" * wrong
    table(f"The same numbers? Differences of losses, weights after {CHECKED_STEPS} updates; of outputs over 100 streamed steps",
          ["beside Spikecast, SIMD", *options.workloads],
          [[of, *(row.get(name, "-") for name in options.workloads)] for of, row in cells.items()])
    if any(word in cell for row in cells.values() for cell in row.values() for word in ("WRONG", "OTHER")):
        note("NOT ALL COMPUTE THE SAME: see the first table")


def training(options):
    """The training step of each workload, beside all peers."""
    cores = options.cores if options.threads > 1 else None
    threads = {"threads": options.threads} if options.threads > 1 else {}
    ours, theirs = defaultdict(list), defaultdict(lambda: defaultdict(list))
    for turn in range(options.rounds):
        for name in options.workloads:
            providers = "simd,scalar" if turn == 0 else "simd"  # the scalar kernels and float32 only once: time
            dtypes = "float64,float32,float32-flushed" if turn == 0 else "float64"
            results = jmh(options, "TrainingStep.step", cores=cores, single=True, workload=name, provider=providers, **threads)
            for (_, _, provider, *_), result in results.items():
                ours[name, provider].append(result[0])
            for peers in FRAMEWORKS:
                for result in peer(options, "training_step.py", name, "--peers", peers, "--dtypes", dtypes,
                                   "--seconds", options.seconds / 2, "--threads", options.threads, cores=cores):
                    theirs[result["peer"], result["dtype"]][name].append(result["ms"])
    rows, ratios = [], {}
    for name in options.workloads:
        simd, scalar = (median(ours[name, provider]) for provider in ("simd", "scalar"))
        row = [name, number(simd), number(scalar)]
        for dtype in ("float64", "float32"):
            medians = {f"{p} {d}".replace(" " + dtype, ""): median(of[name])
                       for (p, d), of in theirs.items() if d.startswith(dtype) and of[name]}
            best = min(medians, key=medians.get, default=None)
            row += [f"{number(medians[best])} {best}" if best else "-", ratio(best and medians[best], simd)]
            if dtype == "float64" and best and simd:
                ratios[name] = round(medians[best] / simd, 3)
        eager = median(theirs["torch", "float64"][name])
        row += [ratio(eager, simd), ratio(scalar, simd)]
        rows.append(row)
    table(f"Training step, {options.threads} thread(s): ms, and the peer's time divided by Spikecast's (above 1: Spikecast is faster)",
          ["workload", "SIMD", "scalar", "fastest float64", "ratio", "fastest float32", "ratio", "eager float64 / SIMD",
           "scalar / SIMD"], rows)
    table("All peers, ms", ["peer", *options.workloads],
          [[f"{p}, {d}", *(number(median(of[name])) for name in options.workloads)] for (p, d), of in theirs.items()])
    if options.threads == 1:
        against_stored(options, ratios)


def against_stored(options, ratios):
    """Notes the ratios that fell below those stored on a CPU of this kind; stores them if asked."""
    stored = json.loads(RATIOS.read_text()) if RATIOS.exists() else {}
    last = stored.setdefault(cpu(), {})
    for name in sorted(ratios.keys() & last.keys()):
        if ratios[name] < KEPT * last[name]:
            note(f"SLOWER: {name} has {ratios[name]:.2f} of the fastest peer's speed, {last[name]:.2f} when it was stored")
    if options.store and (not shares or min(shares) >= OWN_CORE or table.even_if_shared):
        last.update(ratios)
        RATIOS.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")


def streaming(options):
    """One step of a stateful network, I120 H64 O60."""
    rows = defaultdict(list)
    allocated = {}
    for _ in range(options.rounds):
        for (_, _, provider), (us, bytes) in jmh(options, "StreamingStep.step", workload="A60s", provider="simd,scalar").items():
            rows["Spikecast, " + provider].append(us)
            allocated["Spikecast, " + provider] = bytes
        for result in peer(options, "streaming.py", "A60s", "--seconds", options.seconds / 2):
            rows[f"{result['peer']}, {result['dtype']}"].append(result["us"])
    ours = median(rows["Spikecast, simd"])
    table("Streaming step, T = 1, B = 1, I120 H64 O60: microseconds", ["", "us", "ratio", "bytes allocated"],
          [[name, number(median(us)), ratio(median(us), ours), number(allocated.get(name))] for name, us in rows.items()])


def products(options):
    """The products of a training step by our kernels, EJML and PyTorch's mm."""
    rows = []
    for name in options.workloads:
        results = jmh(options, "Products.multiply", seconds=options.seconds / 5, workload=name, provider="simd,scalar,ejml",
                      product=",".join(common.products(common.workload(name))))
        ours = {(product, provider): us for (_, _, provider, product), (us, _) in results.items()}
        theirs = {result["product"]: result["us"]
                  for result in peer(options, "products.py", name, "--seconds", options.seconds / 5)}
        for product, (m, k, n) in common.products(common.workload(name)).items():
            simd, scalar, ejml = (ours.get((product, provider)) for provider in ("simd", "scalar", "ejml"))
            torch = theirs.get(product)
            speeds = [number(us and 2e-3 * m * k * n / us) for us in (simd, scalar, ejml, torch)]
            rows.append([name, product, f"{m} x {k} x {n}", *speeds, ratio(torch, simd), ratio(ejml, scalar)])
    table("Products, float64, one thread: GFLOP/s", ["workload", "product", "rows x inner x columns", "SIMD", "scalar", "EJML",
          "PyTorch mm", "SIMD / PyTorch", "scalar / EJML"], rows)


def simulation(options):
    """Simulators, ours and in C."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        note("no C compiler: the peers in C are left out")
    theirs, ours = defaultdict(list), defaultdict(list)
    for _ in range(options.rounds):
        runs = {**jmh(options, "RingSimulation.*", single=True), **jmh(options, "Ca1Simulation.run", single=True, cells="1,100")}
        for name, (ms, _) in runs.items():
            ours[", cells ".join(name)].append(ms)
        for name, (program, flags, arguments) in C_PEERS.items():
            source, binary = PEERS / f"{program}.c", WORK / name.replace(" ", "-").replace(",", "")
            if not compiler or not source.exists():
                continue
            if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
                run(options, compiler, "-O3", "-march=native", *flags.split(), "-o", binary, source, "-lm")
            output = run(options, binary, *arguments.split()) or ""
            # a line per repeat that starts with its milliseconds
            times = [float(line.split()[0]) for line in output.splitlines() if line[:1].isdigit()]
            theirs[name] += [median(times)] if times else []
    pairs = {ours_name: c_name for ours_name, c_name in SIMULATIONS.items() if ours_name in ours}
    rows = [[name, number(median(ms)), pairs.get(name, "-"), number(median(theirs[pairs[name]])) if name in pairs else "-",
             ratio(median(ms), median(theirs[pairs[name]])) if name in pairs else "-"] for name, ms in ours.items()]
    rows += [["-", "-", name, number(median(ms)), "-"] for name, ms in theirs.items() if ms and name not in pairs.values()]
    table("Simulation, ms: the ring of 600 neurons for 3000 ms; CA1 neurons for 1000 ms at steps of 0.01 ms",
          ["Spikecast", "ms", "C", "ms", "Spikecast / C"], rows)


def startup(options):
    """Wall time and peak memory of a process that loads a model and predicts once."""
    folder = WORK / STARTUP
    run(options, sys.executable, PEERS / "training_step.py", STARTUP, "--write", folder)
    jar = ROOT / "target" / "spikecast.jar"
    if not jar.exists():
        return note("start-up left out: `mvn package` makes target/spikecast.jar")
    files = ["--model", folder / "model.safetensors", "--input", folder / "x.npy", "--output", folder / "predicted.npy"]
    commands = {
        "an empty JVM (java -version)": [options.java, "-version"],
        "java -jar spikecast.jar predict": [options.java, "-jar", jar, "predict", *files],
        "with the class-data archive": [options.java, f"-XX:SharedArchiveFile={jar.with_suffix('.jsa')}", "-jar", jar,
                                        "predict", *files],
        "by the launcher (with the archive)": [jar.with_suffix(""), "predict", *files],
    }
    commands["PyTorch, load and predict"] = [sys.executable, PEERS / "predict.py", *files[1::2]]
    seconds, peak = defaultdict(list), defaultdict(list)
    for attempt in range(16):
        for name, command in commands.items():
            start = time.perf_counter()
            process = subprocess.Popen(["taskset", "-c", options.cores.split(",")[0], *map(str, command)], cwd=ROOT,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            if status != 0:
                note(f"start-up: {name} failed")
            elif attempt > 0:  # the first brings the files into memory
                seconds[name].append(time.perf_counter() - start)
                peak[name].append(usage.ru_maxrss / 1024)
    table(f"Start-up: a cold process loads a model and predicts once, {STARTUP}, median of 15",
          ["", "s", "peak memory, MB"], [[name, number(median(seconds[name])), number(median(peak[name]))] for name in commands])


def growth(options):
    """How the cost of a training step grows, one and more threads, beside eager PyTorch in float64."""
    counts = [1, 2] if "," in options.cores else [1]
    rows = []
    for sizes in GROWTH:
        row = [sizes]
        for threads in counts:
            cores = options.cores if threads > 1 else None
            more = {"threads": threads} if threads > 1 else {}
            results = jmh(options, "TrainingStep.step", options.seconds / 2, cores, single=True, workload=sizes,
                          provider="simd", **more)
            ours = median([ms for ms, _ in results.values()])
            theirs = median([r["ms"] for r in peer(options, "training_step.py", sizes, "--peers", "torch", "--dtypes", "float64",
                                                   "--seconds", options.seconds / 2, "--threads", threads, cores=cores)])
            row += [number(ours), number(theirs), ratio(theirs, ours)]
        rows.append(row)
    head = [f"{what}, {threads} thread{'s' * (threads > 1)}" for threads in counts for what in ("Spikecast", "PyTorch", "ratio")]
    table("Growth: a training step, ms, and eager PyTorch's time (float64) divided by Spikecast's", ["workload", *head], rows)


SECTIONS = {f.__name__: f for f in (check, training, streaming, products, simulation, startup, growth)}


def cpu_fields():
    lines = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines() if ":" in line]
    return {name.strip(): value.strip() for name, value in lines}


def cpu():
    """The kind of CPU: a cloud's model name is often a maker's alone."""
    fields = cpu_fields()
    return f"{fields.get('model name', platform.processor())}, family {fields.get('cpu family')}, model {fields.get('model')}"


def caches():
    """The sizes of the core's caches, level by level."""
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            sizes[level] = size
    return ", ".join(f"L{level} {size}" for level, size in sizes.items())


def machine(options):
    flags = cpu_fields().get("flags", "").split()
    widths = [flag for flag in ("avx512f", "avx2", "fma") if flag in flags]
    versions = []
    for name in ("torch", "jax", "tensorflow_cpu", "tensorflow", "onnxruntime", "numpy"):
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    info = json.loads(java(options, "org.spikecast.cli.Main", "info", "--json") or "{}")
    print(f"{cpu()}, {os.cpu_count()} cores, run on core {options.cores}; {', '.join(widths)}; {caches()};")
    print(f"load {os.getloadavg()[0]:.2f} when it began; {platform.system()} {platform.release()};")
    print(f"{info.get('java')}, {info.get('kernel')}; Python {platform.python_version()}, {', '.join(versions)}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", default="check,training,streaming,simulation,startup", help="of " + ", ".join(SECTIONS))
    parser.add_argument("--workloads", default=",".join(common.WORKLOADS), help="names, or sizes such as I2-H8-O1-T9-B4-L1")
    parser.add_argument("--cores", default=str(max(os.sched_getaffinity(0))), help="one core for each thread, as 0,1")
    parser.add_argument("--threads", type=int, default=1, help="of the training step")
    parser.add_argument("--rounds", type=int, default=2, help="how often both sides take their turn")
    parser.add_argument("--seconds", type=float, default=0.7, help="how long each is timed")
    parser.add_argument("--java", default="java")
    parser.add_argument("--store", action="store_true", help=f"keep the ratios in {RATIOS.name}, for later runs to compare with")
    parser.add_argument("--even-if-shared", action="store_true", help="print tables even if the core was not free")
    options = parser.parse_args()
    options.workloads = options.workloads.split(",")
    WORK.mkdir(parents=True, exist_ok=True)
    # Maven knows the class path; echo takes Java's place and prints it.
    maven = subprocess.run(["taskset", "-c", options.cores, "mvn", "-q", "-B", "-Pbenchmarks", "exec:exec",
                            "-Djmh.java=echo"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    options.classpath = maven[maven.index("-classpath") + 1]
    machine(options)
    table.even_if_shared = options.even_if_shared
    for section in options.sections.split(","):
        shares.clear()
        SECTIONS[section](options)
        if shares:
            note(f"{section}: commands got {100 * min(shares):.0f} % of their core at least, {100 * median(shares):.0f} % in the"
                 " median")
    if notes:
        print("\n" + "\n".join("- " + text for text in notes))


if __name__ == "__main__":
    main()
