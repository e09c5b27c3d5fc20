"""Writes test-vectors/rejected/*.json: malformed safetensors, NPY and NPZ files for readers to refuse, and valid ones.

    python rejected.py           write the files
    python rejected.py --check   compute them again and compare; exit code 1 if they differ

Every file is tried on the library that defines the format, never with pickle; the flag StricterThanLibrary marks the
malformed ones that it accepts.
"""

import base64
import io
import json
import struct
import sys
import zipfile

import numpy
import safetensors
import safetensors.numpy

import common

STRICTER = "StricterThanLibrary"

FLAGS = {
    "Content": "The structure is right, a value is not: a type, or a boolean that is neither 0 nor 1.",
    "Header": "The header's text or what it says is wrong.",
    "Places": "The places of the data contradict the shapes, each other or the file.",
    "Resources": "A reader that believes the numbers would allocate or recurse without bound.",
    "Security": "A reader that evaluates the text or unpickles the data would run code of the file's author.",
    "Size": "The file is too short or too long.",
    STRICTER: "The library of the source accepts the file; refuse it all the same: it contradicts the format.",
    "Valid": "A correct file that must be read: a reader that refuses everything is no reader.",
}


def row(name, flag, reason, comment, content):
    return {"id": name, "flags": [flag], "reason": reason, "comment": comment, "content": content, "valid": False}


def valid(name, comment, content, **arrays):
    case = {"id": name, "flags": ["Valid"], "reason": None, "comment": comment, "content": content, "valid": True}
    return case | arrays


# --- safetensors ------------------------------------------------------------------------------------------------------


def tensors(header, data=b"", length=None):
    """A safetensors file: a header (JSON value, text or bytes), the data; the header's length may lie."""
    if not isinstance(header, (str, bytes)):
        header = json.dumps(header, separators=(",", ":"))
    text = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin=0, end=16, shape=(2,), dtype="F64", **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]} | more


TWO = struct.pack("<2d", 1.5, -2.25)
ENTRY_TEXT = json.dumps(entry())


def without(key):
    return {name: value for name, value in entry().items() if name != key}


def safetensors_headers():
    """Wrong headers, as (name, reason, comment, header)."""
    one = {"a": entry()}
    return [
        ("empty-header", "header-not-json", "A header of length zero.", ""),
        ("header-not-json", "header-not-json", "The header is not JSON.", "hello, world"),
        ("header-cut", "header-not-json", "The header's JSON stops in the middle.", json.dumps(one)[:-2]),
        ("header-two-values", "header-not-json", "A second JSON value follows the first.", json.dumps(one) + "{}"),
        ("header-trailing-comma", "header-not-json", "A comma before the closing brace.", json.dumps(one)[:-1] + ",}"),
        ("header-single-quotes", "header-not-json",
            "Single quotes instead of double ones.", json.dumps(one).replace('"', "'")),
        ("header-comment", "header-not-json", "A comment in the JSON.", json.dumps(one) + "//"),
        ("header-list", "header-not-object", "The header is a list.", "[1,2]"),
        ("header-null", "header-not-object", "The header is null.", "null"),
        ("header-leading-space", "header-not-object",
            "The format wants '{' as the header's first byte.", " " + json.dumps(one)),
        ("header-byte-order-mark", "header-not-json",
            "A byte order mark before the brace.", b"\xef\xbb\xbf" + json.dumps(one).encode()),
        ("header-zero-padding", "header-not-json",
            "The header is padded with zero bytes instead of spaces.", json.dumps(one) + "\0\0\0"),
        ("header-invalid-utf8", "invalid-utf8",
            "A byte that is not UTF-8 in a tensor's name.", json.dumps(one).encode().replace(b'"a"', b'"\xff"')),
        ("header-overlong-utf8", "invalid-utf8",
            "A slash in two bytes instead of one.", json.dumps(one).encode().replace(b'"a"', b'"\xc0\xaf"')),
        ("header-lone-surrogate", "invalid-unicode",
            "Half a surrogate pair as an escape in a name.", json.dumps(one).replace('"a"', '"\\ud800"')),
        ("duplicate-tensor", "duplicate-key", "The same tensor twice.", f'{{"a":{ENTRY_TEXT},"a":{ENTRY_TEXT}}}'),
        ("duplicate-tensor-escaped", "duplicate-key",
            "The same tensor twice, once as an escape.", f'{{"a":{ENTRY_TEXT},"\\u0061":{ENTRY_TEXT}}}'),
        ("duplicate-field", "duplicate-key", "Two shapes in one tensor.", '{"a":' + ENTRY_TEXT[:-1] + ',"shape":[2]}}'),
        ("duplicate-metadata-key", "duplicate-key",
            "The same key twice in the metadata.", f'{{"__metadata__":{{"k":"1","k":"2"}},"a":{ENTRY_TEXT}}}'),
        ("duplicate-metadata", "duplicate-key",
            "The metadata twice.", f'{{"__metadata__":{{}},"__metadata__":{{}},"a":{ENTRY_TEXT}}}'),
        ("tensor-number", "wrong-entry", "A tensor's entry is a number.", {"a": 1}),
        ("tensor-null", "wrong-entry", "A tensor's entry is null.", {"a": None}),
        ("tensor-list", "wrong-entry", "A tensor's entry is a list.", {"a": ["F64", [2], [0, 16]]}),
        ("missing-dtype", "missing-field", "No dtype.", {"a": without("dtype")}),
        ("missing-shape", "missing-field", "No shape.", {"a": without("shape")}),
        ("missing-offsets", "missing-field", "No data_offsets.", {"a": without("data_offsets")}),
        ("unknown-field", "unknown-field", "A field the format does not know.", {"a": entry(strides=[1])}),
        ("unknown-dtype", "unknown-dtype", "A type the format does not know.", {"a": entry(dtype="F65")}),
        ("lower-case-dtype", "unknown-dtype", "Names of types are upper-case.", {"a": entry(dtype="f64")}),
        ("dtype-number", "wrong-entry", "The dtype is a number.", {"a": entry(dtype=64)}),
        ("shape-number", "wrong-entry", "The shape is a number.", {"a": entry() | {"shape": 2}}),
        ("shape-negative", "wrong-shape", "Two negative extents whose product fits.", {"a": entry(shape=(-1, -2))}),
        ("shape-float", "wrong-shape", "An extent of 2.0.", {"a": entry(shape=(2.0,))}),
        ("shape-exponent", "wrong-shape", "An extent of 2e0.", '{"a":' + ENTRY_TEXT.replace("[2]", "[2e0]") + "}"),
        ("shape-string", "wrong-shape", "An extent that is a string.", {"a": entry(shape=("2",))}),
        ("shape-boolean", "wrong-shape", "An extent of true.", {"a": entry(0, 8, shape=(True,))}),
        ("shape-null", "wrong-shape", "An extent of null.", {"a": entry(shape=(None,))}),
        ("offsets-one", "wrong-offsets", "One offset only.", {"a": entry() | {"data_offsets": [16]}}),
        ("offsets-three", "wrong-offsets", "Three offsets.", {"a": entry() | {"data_offsets": [0, 8, 16]}}),
        ("offsets-object", "wrong-offsets",
            "The offsets are an object.", {"a": entry() | {"data_offsets": {"begin": 0, "end": 16}}}),
        ("offsets-float", "wrong-offsets", "Offsets 0.0 and 16.0.", {"a": entry(0.0, 16.0)}),
        ("offsets-string", "wrong-offsets", "Offsets as strings.", {"a": entry("0", "16")}),
        ("leading-zero", "header-not-json", "An offset of 016.", '{"a":' + ENTRY_TEXT.replace("16]", "016]") + "}"),
        ("plus-sign", "header-not-json", "An offset of +16.", '{"a":' + ENTRY_TEXT.replace("16]", "+16]") + "}"),
        ("not-a-number", "header-not-json",
            "An offset of NaN, which JSON does not have.", '{"a":' + ENTRY_TEXT.replace("16]", "NaN]") + "}"),
        ("metadata-number", "wrong-metadata", "A value of the metadata is a number.", {"__metadata__": {"k": 1}} | one),
        ("metadata-null", "wrong-metadata", "A value of the metadata is null.", {"__metadata__": {"k": None}} | one),
        ("metadata-nested", "wrong-metadata",
            "A value of the metadata is an object.", {"__metadata__": {"k": {}}} | one),
        ("metadata-list", "wrong-metadata", "The metadata is a list.", {"__metadata__": ["k"]} | one),
        ("metadata-string", "wrong-metadata", "The metadata is a string.", {"__metadata__": "k"} | one),
        ("metadata-tensor", "wrong-metadata", "A tensor under the name of the metadata.", {"__metadata__": entry()}),
    ]


def safetensors_places():
    """Wrong places, as (name, reason, comment, header, data)."""
    eight = b"\1" * 8
    return [
        ("shape-too-small", "size-mismatch",
            "The shape needs fewer bytes than the offsets give.", {"a": entry(shape=(1,))}, TWO),
        ("shape-too-large", "size-mismatch",
            "The shape needs more bytes than the offsets give.", {"a": entry(shape=(3,))}, TWO),
        ("dtype-size", "size-mismatch", "The offsets fit float64, the type is F32.", {"a": entry(dtype="F32")}, TWO),
        ("zero-extent-with-data", "size-mismatch", "No elements, but 16 bytes.", {"a": entry(shape=(0, 2))}, TWO),
        ("scalar-with-two", "size-mismatch", "A single number, but 16 bytes.", {"a": entry(shape=())}, TWO),
        ("end-before-begin", "wrong-offsets", "The end lies before the begin.", {"a": entry(16, 0)}, TWO),
        ("negative-offset", "wrong-offsets",
            "A negative begin: the header would be read as data.", {"a": entry(-8, 8)}, eight),
        ("beyond-file", "truncated-data", "The end lies beyond the file.", {"a": entry()}, eight),
        ("hole-at-start", "hole",
            "Eight bytes before the first tensor belong to none.", {"a": entry(8, 24)}, eight + TWO),
        ("hole-between", "hole",
            "Eight bytes between two tensors belong to none.", {"a": entry(), "b": entry(24, 40)}, TWO + eight + TWO),
        ("overlap", "overlap", "Two tensors share eight bytes.", {"a": entry(), "b": entry(8, 24)}, TWO + eight),
        ("same-place", "overlap", "Two tensors share all their bytes.", {"a": entry(), "b": entry()}, TWO),
        ("inside-another", "overlap",
            "A tensor lies inside another.", {"a": entry(0, 32, shape=(4,)), "b": entry(8, 24)}, TWO + TWO),
        ("trailing-bytes", "trailing-data", "Bytes behind the last tensor.", {"a": entry()}, TWO + eight),
        ("trailing-byte", "trailing-data", "One byte behind the last tensor.", {"a": entry()}, TWO + b"\0"),
        ("data-without-tensors", "trailing-data", "Data, but no tensor.", {}, TWO),
        ("truncated-by-one", "truncated-data", "The last byte is missing.", {"a": entry()}, TWO[:-1]),
        ("no-data", "truncated-data", "All data is missing.", {"a": entry()}, b""),
        ("second-missing", "truncated-data",
            "The second tensor's data is missing.", {"a": entry(), "b": entry(16, 32)}, TWO),
    ]


def safetensors_resources():
    """Numbers and nesting to run out of, as (name, reason, comment, content)."""
    file = tensors({"a": entry()}, TWO)
    huge = 2**63
    return [
        ("header-beyond-file", "truncated-header",
            "The header is said to be longer than the file.", tensors({"a": entry()}, b"", 10_000)),
        ("header-beyond-by-one", "truncated-header",
            "The header is said to be one byte longer than the file.", tensors("{}", b"", 3)),
        ("header-length-largest", "header-too-large",
            "A header of 2^64 - 1 bytes: -1 to a signed reader.", tensors("{}", b"", 2**64 - 1)),
        ("header-length-sign-bit", "header-too-large", "A header of 2^63 bytes.", tensors("{}", b"", 2**63)),
        ("header-length-32-bits", "header-too-large",
            "A header of 2^32 + 2 bytes: 2 to a reader of 32 bits.", tensors("{}", b"", 2**32 + 2)),
        ("header-length-over-limit", "header-too-large",
            "A header of 100000001 bytes, one above the format's limit.", tensors("{}", b"", 100_000_001)),
        ("header-length-big-endian", "header-too-large",
            "The length is written in big-endian order.", struct.pack(">Q", len(file) - 24) + file[8:]),
        ("shape-overflow-to-zero", "overflow",
            "The product of the extents is 2^64: zero in 64 bits.", tensors({"a": entry(0, 0, (2**32, 2**32))})),
        ("shape-overflow-of-small-extents", "overflow",
            "Four extents of 2^16: zero in 64 bits.", tensors({"a": entry(0, 0, (2**16,) * 4)})),
        ("shape-overflow-of-32-bits", "size-mismatch",
            "Two extents of 2^16: zero in 32 bits.", tensors({"a": entry(0, 0, (2**16,) * 2, "U8")})),
        ("shape-overflow-to-size", "overflow",
            "The product of the extents is 2^64 + 2: 2 in 64 bits.", tensors({"a": entry(0, 16, (2, 2**63 + 1))}, TWO)),
        ("shape-bytes-overflow", "overflow",
            "2^61 + 2 elements of 8 bytes: 16 bytes modulo 2^64.", tensors({"a": entry(0, 16, (2**61 + 2,))}, TWO)),
        ("shape-beyond-64-bits", "overflow", "An extent of 2^64 + 2.", tensors({"a": entry(0, 16, (2**64 + 2,))}, TWO)),
        ("shape-beyond-32-bits", "size-mismatch",
            "An extent of 2^32 + 2: 2 to a reader of 32 bits.", tensors({"a": entry(0, 16, (2**32 + 2,))}, TWO)),
        ("offset-beyond-64-bits", "wrong-offsets", "An end of 2^64 + 16.", tensors({"a": entry(0, 2**64 + 16)}, TWO)),
        ("offsets-huge", "truncated-data",
            "A tensor of 8 TiB in a file of a few bytes.", tensors({"a": entry(0, 2**43, (2**40,))})),
        ("offsets-sign-bit", "wrong-offsets",
            "Offsets from 2^63: negative to a signed reader.", tensors({"a": entry(huge, huge + 16)}, TWO)),
        ("deep-list", "nesting",
            "20000 lists inside one another.", tensors('{"a":' + "[" * 20_000 + "]" * 20_000 + "}")),
        ("deep-object", "nesting", "5000 objects inside one another.", tensors('{"a":' * 5_000 + "1" + "}" * 5_000)),
        ("deep-open", "nesting", "20000 brackets that are never closed.", tensors('{"a":' + "[" * 20_000)),
    ]


def safetensors_cases():
    file = tensors({"a": entry()}, TWO)
    cases = [row(name, "Size", "truncated-header", comment, content) for name, comment, content in (
        ("empty", "A file of no bytes.", b""),
        ("seven-bytes", "The header's length is cut.", file[:7]),
        ("length-only", "The file ends behind the header's length.", file[:8]),
        ("header-cut-short", "The file ends inside the header.", file[:30]),
    )]
    for name, reason, comment, header in safetensors_headers():
        cases.append(row(name, "Header", reason, comment, tensors(header, TWO)))
    for name, reason, comment, header, data in safetensors_places():
        cases.append(row(name, "Places", reason, comment, tensors(header, data)))
    for name, reason, comment, content in safetensors_resources():
        cases.append(row(name, "Resources", reason, comment, content))
    two = common.array([2], [1.5, -2.25])
    ints = common.array([2, 1], [7, -8])
    numbers = struct.pack("<2i", 7, -8)
    both = {"a": entry(), "n": entry(16, 24, (2, 1), "I32")}
    cases += [
        valid("valid", "One tensor, no padding.", file, arrays={"a": two}),
        valid("valid-padded", "Spaces behind the header.",
            tensors(json.dumps({"a": entry()}) + "     ", TWO), arrays={"a": two}),
        valid("valid-two", "Two types, metadata with an escape.",
            tensors({"__metadata__": {"k": "é\n{"}} | both, TWO + numbers), arrays={"a": two, "n": ints}),
        valid("valid-backwards", "The header lists the second tensor first.",
            tensors(dict(reversed(both.items())), TWO + numbers), arrays={"a": two, "n": ints}),
        valid("valid-white-space", "White space wherever JSON allows it.",
            tensors("{" + json.dumps({"a": entry()}, indent=2)[1:], TWO), arrays={"a": two}),
        valid("valid-scalar", "A shape without extents.",
            tensors({"a": entry(0, 8, ())}, TWO[:8]), arrays={"a": common.array([], [1.5])}),
        valid("valid-nothing", "A tensor of no elements.",
            tensors({"a": entry(0, 0, (0, 3))}), arrays={"a": common.array([0, 3], [])}),
        valid("valid-float32", "A float32 tensor.",
            tensors({"a": entry(0, 8, dtype="F32")}, struct.pack("<2f", 1.5, -2.25)), arrays={"a": two}),
        valid("valid-unicode-name", "A name outside ASCII.",
            tensors('{"é":' + ENTRY_TEXT + "}", TWO), arrays={"é": two}),
        valid("valid-empty", "No tensors at all.", tensors("{}"), arrays={}),
        valid("valid-library", "Written by the library.",
            safetensors.numpy.save({"a": numpy.array([1.5, -2.25])}), arrays={"a": two}),
    ]
    return cases


def load_safetensors(content):
    return safetensors.numpy.load(content)


# --- NPY --------------------------------------------------------------------------------------------------------------


def npy(header, data=b"", version=(1, 0), length=None, magic=b"\x93NUMPY"):
    """An NPY file with a header padded as NumPy pads it; the header's length may lie."""
    text = header if isinstance(header, bytes) else header.encode()
    size = 2 if version[0] == 1 else 4
    text += b" " * (-(len(magic) + 2 + size + len(text) + 1) % 64) + b"\n"
    announced = len(text) if length is None else length
    return magic + bytes(version) + announced.to_bytes(size, "little") + text + data


def dictionary(descr="'<f8'", order="False", shape="(2,)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def npy_headers():
    """Wrong headers, as (name, flag, reason, comment, header)."""
    return [
        ("header-empty", "Header", "header-not-dictionary", "A header of spaces.", ""),
        ("header-text", "Header", "header-not-dictionary", "The header is not a Python literal.", "hello, world"),
        ("header-list", "Header", "header-not-dictionary", "The header is a list.", "['<f8', False, (2,)]"),
        ("header-json", "Header", "header-not-dictionary",
            "The header is JSON: false is no Python literal.",
            '{"descr": "<f8", "fortran_order": false, "shape": [2]}'),
        ("header-cut", "Header", "header-not-dictionary", "The dictionary is not closed.", dictionary()[:-2]),
        ("header-two", "Header", "header-not-dictionary", "Two dictionaries.", dictionary() + dictionary()),
        ("header-trailing-text", "Header", "header-not-dictionary", "Text behind the dictionary.", dictionary() + " x"),
        ("header-zero-bytes", "Header", "header-not-dictionary",
            "Zero bytes behind the dictionary.", dictionary() + "\0\0"),
        ("missing-descr", "Header", "missing-key", "No descr.", "{'fortran_order': False, 'shape': (2,)}"),
        ("missing-order", "Header", "missing-key", "No fortran_order.", "{'descr': '<f8', 'shape': (2,)}"),
        ("missing-shape", "Header", "missing-key", "No shape.", "{'descr': '<f8', 'fortran_order': False}"),
        ("no-keys", "Header", "missing-key", "An empty dictionary.", "{}"),
        ("unknown-key", "Header", "unknown-key", "A fourth key.", dictionary()[:-2] + "'strides': (8,), }"),
        ("duplicate-key", "Header", "duplicate-key", "Two shapes.", dictionary()[:-2] + "'shape': (2,), }"),
        ("duplicate-key-other-value", "Header", "duplicate-key",
            "Two shapes that differ: readers will disagree.", dictionary(shape="(1,)")[:-2] + "'shape': (2,), }"),
        ("order-number", "Header", "wrong-order", "fortran_order is 0.", dictionary(order="0")),
        ("order-string", "Header", "wrong-order",
            "fortran_order is a string, which is true to Python.", dictionary(order="'False'")),
        ("order-none", "Header", "wrong-order", "fortran_order is None.", dictionary(order="None")),
        ("shape-number", "Header", "wrong-shape", "The shape is a number.", dictionary(shape="2")),
        ("shape-parenthesised", "Header", "wrong-shape",
            "(2) is a number to Python, not a tuple.", dictionary(shape="(2)")),
        ("shape-list", "Header", "wrong-shape", "The shape is a list.", dictionary(shape="[2]")),
        ("shape-float", "Header", "wrong-shape", "An extent of 2.0.", dictionary(shape="(2.0,)")),
        ("shape-string", "Header", "wrong-shape", "An extent that is a string.", dictionary(shape="('2',)")),
        ("shape-nested", "Header", "wrong-shape", "A tuple in the tuple.", dictionary(shape="((2,),)")),
        ("shape-double-comma", "Header", "wrong-shape", "Two commas in a row.", dictionary(shape="(2,,)")),
        ("shape-comma-only", "Header", "wrong-shape", "A comma without a number.", dictionary(shape="(,)")),
        ("shape-negative", "Header", "wrong-shape", "An extent of -2.", dictionary(shape="(-2,)")),
        ("shape-negative-product", "Header", "wrong-shape",
            "Two negative extents whose product fits.", dictionary(shape="(-1, -2)")),
        ("shape-none", "Header", "wrong-shape", "An extent of None.", dictionary(shape="(None,)")),
        ("descr-number", "Header", "wrong-type", "The type is a number.", dictionary("8")),
        ("descr-empty", "Header", "wrong-type", "The type is an empty string.", dictionary("''")),
        ("descr-unknown", "Header", "wrong-type", "A type that does not exist.", dictionary("'<q8'")),
        ("descr-width", "Header", "wrong-type", "A float of seven bytes.", dictionary("'<f7'")),
        ("descr-object", "Security", "object-type",
            "Objects: NumPy unpickles them, which can run any code.", dictionary("'|O'")),
        ("descr-object-8", "Security", "object-type", "Objects, spelt with a size.", dictionary("'|O8'")),
        ("descr-structured", "Content", "structured-type",
            "A record type: correct for NumPy, but no plain array of numbers.", dictionary("[('x', '<f8')]")),
        ("descr-structured-object", "Security", "object-type",
            "A record that holds an object.", dictionary("[('x', '|O')]")),
        ("descr-text", "Content", "text-type", "Characters: correct for NumPy, but no numbers.", dictionary("'<U2'")),
        ("descr-bytes", "Content", "text-type", "Bytes: correct for NumPy, but no numbers.", dictionary("'|S8'")),
        ("descr-time", "Content", "time-type", "Dates: correct for NumPy, but no numbers.", dictionary("'<M8[s]'")),
        ("expression-call", "Security", "expression",
            "A call: a reader that evaluates the header runs it.", dictionary(shape="(__import__('os').getpid(),)")),
        ("expression-sum", "Security", "expression", "A sum, which is no literal.", dictionary(shape="(1+1,)")),
        ("expression-power", "Resources", "expression",
            "A power that takes for ever to compute.", dictionary(shape="(9**9**9,)")),
        ("expression-comprehension", "Security", "expression",
            "A comprehension.", dictionary(shape="tuple(2 for _ in range(1))")),
        ("expression-repeated", "Resources", "expression",
            "A string repeated 10^9 times.", dictionary("'<f8'*1000000000")),
        ("deep-parentheses", "Resources", "nesting",
            "5000 parentheses inside one another.", dictionary(shape="(" * 5_000 + "2," + ")" * 5_000)),
        ("shape-overflow-to-size", "Resources", "overflow",
            "2^61 + 2 elements of 8 bytes: 16 bytes modulo 2^64.", dictionary(shape="(2305843009213693954,)")),
        ("shape-beyond-64-bits", "Resources", "overflow",
            "An extent of 2^64 + 2.", dictionary(shape="(18446744073709551618,)")),
        ("shape-beyond-32-bits", "Resources", "truncated-data",
            "An extent of 2^32 + 2: 2 to a reader of 32 bits.", dictionary(shape="(4294967298,)")),
        ("shape-huge", "Resources", "truncated-data",
            "2^40 numbers in a file of a few bytes.", dictionary(shape="(1048576, 1048576)")),
        ("shape-thousand-dimensions", "Resources", "wrong-shape",
            "A thousand dimensions.", dictionary(shape="(" + "1," * 1_000 + ")")),
        ("order-of-data", "Size", "truncated-data",
            "Too little data for the shape, in column-major order.", dictionary(order="True", shape="(2, 3)")),
    ]


def npy_cases():
    file = npy(dictionary(), TWO)
    files = [
        ("empty", "Size", "bad-magic", "A file of no bytes.", b""),
        ("magic-cut", "Size", "bad-magic", "The file ends inside the magic bytes.", file[:5]),
        ("bad-magic", "Header", "bad-magic", "The first byte is wrong.", b"\x92" + file[1:]),
        ("lower-case-magic", "Header", "bad-magic",
            "The magic bytes in lower case.", npy(dictionary(), TWO, magic=b"\x93numpy")),
        ("zip-magic", "Header", "bad-magic", "An NPZ file under the name of an NPY file.", zipped({"a.npy": file})),
        ("text-file", "Header", "bad-magic", "Numbers as text.", b"1.5,-2.25\n"),
        ("version-cut", "Size", "truncated-header", "The file ends inside the version.", file[:7]),
        ("version-0", "Header", "unsupported-version", "Version 0.0.", npy(dictionary(), TWO, (0, 0))),
        ("version-4", "Header", "unsupported-version", "Version 4.0.", npy(dictionary(), TWO, (4, 0))),
        ("version-1-1", "Header", "unsupported-version", "Version 1.1.", npy(dictionary(), TWO, (1, 1))),
        ("version-255", "Header", "unsupported-version",
            "Version 255.255: -1 to a reader of signed bytes.", npy(dictionary(), TWO, (255, 255))),
        ("header-length-cut", "Size", "truncated-header", "The file ends inside the header's length.", file[:9]),
        ("header-length-beyond-file", "Size", "truncated-header",
            "The header is said to be longer than the file.", npy(dictionary(), TWO, length=1_000)),
        ("header-length-4-gib", "Resources", "truncated-header",
            "A header of 2^32 - 1 bytes: -1 to a reader of signed numbers.", npy(dictionary(), TWO, (2, 0), 2**32 - 1)),
        ("header-length-2-gib", "Resources", "truncated-header",
            "A header of 2^31 bytes.", npy(dictionary(), TWO, (2, 0), 2**31)),
        ("header-length-zero", "Header", "header-not-dictionary",
            "A header of no bytes.", npy(dictionary(), TWO, length=0)),
        ("header-length-short", "Header", "header-not-dictionary",
            "The header is said to end inside the dictionary.", npy(dictionary(), TWO, length=20)),
        ("header-cut-short", "Size", "truncated-header", "The file ends inside the header.", file[:40]),
        ("no-data", "Size", "truncated-data", "The file ends behind the header.", file[:-16]),
        ("truncated-by-one", "Size", "truncated-data", "The last byte is missing.", file[:-1]),
        ("truncated-by-element", "Size", "truncated-data", "The last number is missing.", file[:-8]),
        ("trailing-byte", "Size", "trailing-data", "One byte too many.", file + b"\0"),
        ("trailing-element", "Size", "trailing-data", "A number too many.", file + TWO[:8]),
        ("trailing-file", "Size", "trailing-data", "A second NPY file behind the first.", file + file),
        ("no-elements-but-data", "Size", "trailing-data",
            "A shape of no elements, and 16 bytes.", npy(dictionary(shape="(0,)"), TWO)),
        ("scalar-too-long", "Size", "trailing-data",
            "A single number, and 16 bytes.", npy(dictionary(shape="()"), TWO)),
        ("overflow-to-zero", "Resources", "overflow",
            "The product of the extents is 2^64: zero in 64 bits.", npy(dictionary(shape="(4294967296, 4294967296)"))),
        ("overflow-of-small-extents", "Resources", "overflow",
            "Four extents of 2^16: zero in 64 bits.", npy(dictionary(shape="(65536, 65536, 65536, 65536)"))),
        ("overflow-of-32-bits", "Resources", "truncated-data",
            "Two extents of 2^16: zero in 32 bits.", npy(dictionary("'|u1'", shape="(65536, 65536)"))),
        ("boolean-2", "Content", "wrong-boolean", "A boolean that is 2.", npy(dictionary("'|b1'"), b"\1\2")),
        ("object-pickle", "Security", "object-type",
            "Objects with a pickle that calls a function.",
            npy(dictionary("'|O'", shape="(1,)"), b"cbuiltins\nlen\n(S'x'\ntR.")),
    ]
    cases = [row(*file) for file in files]
    for name, flag, reason, comment, header in npy_headers():
        cases.append(row(name, flag, reason, comment, npy(header, TWO)))
    two = common.array([2], [1.5, -2.25])
    six = struct.pack("<6d", 1, 4, 2, 5, 3, 6)
    in_rows = common.array([2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    cases += [
        valid("valid", "Two float64 numbers.", file, array=two),
        valid("valid-version-2", "Version 2.0: a header's length of four bytes.",
            npy(dictionary(), TWO, (2, 0)), array=two),
        valid("valid-version-3", "Version 3.0: the header is UTF-8.", npy(dictionary(), TWO, (3, 0)), array=two),
        valid("valid-column-major", "Column-major order: data 1 4 2 5 3 6.",
            npy(dictionary(order="True", shape="(2, 3)"), six), array=in_rows),
        valid("valid-big-endian", "Big-endian numbers.",
            npy(dictionary("'>f8'"), struct.pack(">2d", 1.5, -2.25)), array=two),
        valid("valid-float32", "Float32 numbers.", npy(dictionary("'<f4'"), struct.pack("<2f", 1.5, -2.25)), array=two),
        valid("valid-int32", "32-bit integers.",
            npy(dictionary("'<i4'"), struct.pack("<2i", 7, -8)), array=common.array([2], [7, -8])),
        valid("valid-scalar", "A shape without extents.",
            npy(dictionary(shape="()"), TWO[:8]), array=common.array([], [1.5])),
        valid("valid-nothing", "No elements.", npy(dictionary(shape="(0, 3)")), array=common.array([0, 3], [])),
        valid("valid-key-order", "Keys in another order, double quotes, no last comma.",
            npy('{"shape": (2,), "fortran_order": False, "descr": "<f8"}', TWO), array=two),
        valid("valid-library", "Written by NumPy.",
            saved(numpy.array([[1.5], [-2.25]])), array=common.array([2, 1], [1.5, -2.25])),
    ]
    return cases


def saved(array):
    out = io.BytesIO()
    numpy.save(out, array)
    return out.getvalue()


def load_npy(content):
    return numpy.load(io.BytesIO(content), allow_pickle=False)


# --- NPZ --------------------------------------------------------------------------------------------------------------


def zipped(members, method=zipfile.ZIP_STORED):
    """A zip file of {name: bytes} or a list of pairs, which may repeat a name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            info = zipfile.ZipInfo(name, (1980, 2, 1, 0, 0, 0))
            info.create_system = 3
            # Level 0, deflate's blocks without compression: other levels depend on zlib's version.
            archive.writestr(info, content, method, compresslevel=0)
    return out.getvalue()


def replaced(content, old, new):
    assert len(old) == len(new) and old in content
    return content.replace(old, new)


def npz_cases():
    file = npy(dictionary(), TWO)
    one = zipped({"a.npy": file})
    directory = one.index(b"PK\1\2")
    crc = one[directory + 16 : directory + 20]
    sizes = struct.pack("<II", len(file), len(file))
    longer = struct.pack("<II", len(file) + 64, len(file) + 64)
    bomb = npy(dictionary(shape="(1000000000000,)"), TWO)
    files = [
        ("empty", "Size", "not-a-zip", "A file of no bytes.", b""),
        ("not-zip", "Header", "not-a-zip", "An NPY file under the name of an NPZ file.", file),
        ("text-file", "Header", "not-a-zip", "Text.", b"hello, world"),
        ("no-directory", "Size", "not-a-zip", "The zip file ends before its directory.", one[:directory]),
        ("truncated-by-one", "Size", "not-a-zip", "The last byte is missing.", one[:-1]),
        ("cut-in-member", "Size", "not-a-zip", "The zip file ends inside a member.", one[:60]),
        ("wrong-crc", "Content", "wrong-crc", "The CRC-32 is not that of the data.", replaced(one, crc, bytes(4))),
        ("changed-data", "Content", "wrong-crc",
            "A bit of the data was changed.", replaced(one, TWO, TWO[:-1] + b"\xc1")),
        ("size-too-large", "Places", "wrong-size",
            "The directory gives a member more bytes than it has.", replaced(one, sizes, longer)),
        ("member-bad-magic", "Content", "bad-magic",
            "A member that is not an NPY file.", zipped({"a.npy": b"hello, world"})),
        ("member-empty", "Content", "bad-magic", "A member of no bytes.", zipped({"a.npy": b""})),
        ("member-truncated", "Content", "truncated-data",
            "A member whose last byte is missing.", zipped({"a.npy": file[:-1]})),
        ("member-too-long", "Content", "trailing-data",
            "A member with a byte too many.", zipped({"a.npy": file + b"\0"})),
        ("member-object", "Security", "object-type",
            "A member of objects: NumPy would unpickle it.", zipped({"a.npy": npy(dictionary("'|O'"), b"N.")})),
        ("second-member-bad", "Content", "truncated-data",
            "The first member is right, the second truncated.", zipped({"a.npy": file, "b.npy": file[:-8]})),
        ("duplicate-member", "Content", "duplicate-member", "Two members of the same name.", zipped_twice(file)),
        ("huge-shape", "Resources", "truncated-data",
            "A member of a few bytes that announces 8 TB.", zipped({"a.npy": bomb}, zipfile.ZIP_DEFLATED)),
        ("deflate-damaged", "Content", "damaged", "The compressed data is damaged.", damaged(file)),
    ]
    cases = [row(*file) for file in files]
    two = common.array([2], [1.5, -2.25])
    ints = common.array([1, 2], [7, -8])
    members = {"a.npy": file, "n.npy": npy(dictionary("'<i4'", shape="(1, 2)"), struct.pack("<2i", 7, -8))}
    cases += [
        valid("valid", "One stored member.", one, arrays={"a": two}),
        valid("valid-deflated", "Two deflated members.",
            zipped(members, zipfile.ZIP_DEFLATED), arrays={"a": two, "n": ints}),
        valid("valid-folder-in-name", "A member's name with a slash.", zipped({"x/a.npy": file}), arrays={"x/a": two}),
        valid("valid-empty", "No members.", zipped({}), arrays={}),
    ]
    return cases


def zipped_twice(file):
    """Two members a.npy; written under two names, because the library warns of one."""
    return zipped({"a.npy": file, "b.npy": file}).replace(b"b.npy", b"a.npy")


def damaged(file):
    """A deflated member whose first block has the type 3, which does not exist."""
    content = bytearray(zipped({"a.npy": file}, zipfile.ZIP_DEFLATED))
    content[30 + len("a.npy")] |= 0b110
    return bytes(content)


def load_npz(content):
    with numpy.load(io.BytesIO(content), allow_pickle=False) as arrays:
        if not isinstance(arrays, numpy.lib.npyio.NpzFile):
            raise ValueError("not an NPZ file")
        return {name: arrays[name] for name in arrays.files}


# --- all three --------------------------------------------------------------------------------------------------------


def accepted(load, content):
    """What the library reads, or None if it refuses."""
    try:
        return load(content)
    except Exception:  # whatever it throws: the library refuses
        return None


def same(case, read):
    """Whether the library read what a valid case says."""
    expected = case["arrays"] if "arrays" in case else {"": case["array"]}
    actual = read if isinstance(read, dict) else {"": read}
    return expected.keys() == actual.keys() and all(
        common.array(actual[name].shape, actual[name].flatten().tolist()) == value for name, value in expected.items()
    )


def complete(case, kind, load):
    """The case as it is stored, after a trial by the library."""
    content = case.pop("content")
    read = accepted(load, content)
    if case["valid"]:
        assert read is not None and same(case, read), f"{kind} {case['id']}: the library reads {read}"
    elif read is not None:
        case["flags"] = sorted([*case["flags"], STRICTER])
    return case | {"id": f"{kind}-{case['id']}", "base64": base64.b64encode(content).decode()}


KINDS = {
    "safetensors": ("safetensors", safetensors.__version__, safetensors_cases, load_safetensors),
    "npy": ("NumPy", numpy.__version__, npy_cases, load_npy),
    "npz": ("NumPy", numpy.__version__, npz_cases, load_npz),
}


def build():
    files = {}
    for kind, (library, version, cases, load) in KINDS.items():
        source = {
            "name": library,
            "version": version,
            "generator": "generate/rejected.py",
            "note": "made by hand from the format's description; every file was tried on the library",
        }
        done = [complete(case, kind, load) for case in cases()]
        files[f"rejected/{kind}.json"] = common.document(f"rejected-{kind}", source, FLAGS, done)
    return files


def report():
    for kind in KINDS:
        lax = [case["id"] for case in common.cases_in(f"rejected/{kind}.json") if STRICTER in case["flags"]]
        print(f"{kind}: the library accepts {len(lax)}: {', '.join(lax)}")


if __name__ == "__main__":
    sys.exit(common.main(build, __doc__, after=report))
