"""Writes or checks all of test-vectors: the numbers, their agreement with the schemas, and MANIFEST.sha256.

    python generate.py              run every generator, check the files, write the manifest
    python generate.py --manifest   do not run the generators: check the files, write the manifest
    python generate.py --check      write nothing: compute everything again and compare; exit code 1 if anything differs

Needs what requirements.txt lists; --manifest needs nothing but Python.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import common

GENERATORS = [
    "elementary.py",
    "lif.py",
    "ode.py",
    "ca1.py",
    "lstm_mpmath.py",
    "lstm_saturated.py",
    "lstm_pytorch.py",
    "gru_mpmath.py",
    "gru_saturated.py",
    "gru_pytorch.py",
    "recording.py",
    "losses.py",
    "optimiser.py",
    "soap.py",
    "training.py",
    "forced_run.py",
    "glm.py",
    "scores.py",
    "coupled.py",
    "rejected.py",
]
MANIFEST = common.ROOT / "MANIFEST.sha256"


def run_generators(arguments):
    """The names of the generators that failed."""
    folder = Path(__file__).resolve().parent
    failed = []
    for name in GENERATORS:
        print(f"{name} {' '.join(arguments)}", flush=True)
        if subprocess.run([sys.executable, str(folder / name), *arguments], check=False).returncode:
            failed.append(name)
    return failed


def files():
    """Everything below test-vectors but the manifest and what Python or an editor leaves behind."""
    paths = (path for path in common.ROOT.rglob("*") if path.is_file() and path != MANIFEST)
    names = (path.relative_to(common.ROOT) for path in paths)
    return sorted(name.as_posix() for name in names if not any(part[0] in "._" for part in name.parts))


def validators():
    """A JSON schema validator for every kind; none if jsonschema is not installed."""
    paths = (common.ROOT / "schema").glob("*.schema.json")
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in paths}
    try:
        import jsonschema
        from referencing import Registry, Resource
    except ImportError:
        print("jsonschema is not installed: the files are not compared with the schemas")
        return dict.fromkeys(name.removesuffix(".schema.json") for name in schemas)
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    result = {}
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        result[name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(schema, registry=registry)
    return result


def arrays(value):
    """All arrays in a JSON value."""
    if isinstance(value, dict):
        if value.keys() >= {"shape", "data"}:
            yield value
        for item in value.values():
            yield from arrays(item)
    elif isinstance(value, list):
        for item in value:
            yield from arrays(item)


def unique_keys(pairs):
    result = dict(pairs)
    assert len(result) == len(pairs), "a key stands twice"
    return result


def complaints():
    """What is wrong with the JSON files."""
    kinds, seen = validators(), {}
    for name in files():
        if not name.endswith(".json") or name.startswith("schema/"):
            continue
        document = json.loads((common.ROOT / name).read_text("utf-8"), object_pairs_hook=unique_keys)
        if document["kind"] not in kinds:
            yield f"{name}: there is no schema of the kind {document['kind']}"
        elif kinds[document["kind"]]:
            for error in kinds[document["kind"]].iter_errors(document):
                yield f"{name}: {error.json_path}: {error.message[:200]}"
        used = set()
        for case in document["cases"]:
            used |= set(case["flags"])
            if case["id"] in seen:
                yield f"{name}: the id {case['id']} also stands in {seen[case['id']]}"
            seen[case["id"]] = name
            if not all(common.count(array["shape"]) == len(array["data"]) for array in arrays(case)):
                yield f"{name}: {case['id']}: an array's data does not fit its shape"
        if used != document["flags"].keys():
            yield f"{name}: flags that are not explained, or explained but not used: {used ^ document['flags'].keys()}"
    print(f"{len(seen)} cases in JSON files")


def manifest():
    hashes = {name: hashlib.sha256((common.ROOT / name).read_bytes()).hexdigest() for name in files()}
    return "".join(f"{digest}  {name}\n" for name, digest in hashes.items()).encode()


def main(arguments):
    if arguments not in ([], ["--check"], ["--manifest"]):
        print(__doc__, file=sys.stderr)
        return 2
    wrong = [] if arguments == ["--manifest"] else [f"{name} failed" for name in run_generators(arguments)]
    wrong += complaints()
    if arguments == ["--check"]:
        if not MANIFEST.exists() or MANIFEST.read_bytes() != manifest():
            wrong.append("MANIFEST.sha256 does not agree with the files")
    else:
        MANIFEST.write_bytes(manifest())
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
