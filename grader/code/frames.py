"""The judge's half of the conversation with a worker: requests out, replies in, nothing trusted.

The format is described in `worker`. A reply is data from the student's process: every length,
dtype and index is checked before a byte of it is used, and the only things that come out are
numbers, texts, and arrays that own their bytes.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAGIC = b"MXF1"
LENGTHS = struct.Struct("<IQ")
PREFIX_BYTES = len(MAGIC) + LENGTHS.size
MAX_HEADER_BYTES = 4 << 20
MAX_DEPTH = 12
MAX_AXES = 8
MAX_EMPTY_AXIS = 100
MAX_EMPTY_PRODUCT = 1 << 30
DTYPES = frozenset({
    "|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8",
})  # fmt: skip


class RubbishError(Exception):
    """A reply that is not what the protocol says; the text says in what."""


@dataclass(frozen=True)
class Tensor:
    """An array that the worker is to receive as a torch tensor."""

    values: np.ndarray[Any, Any]
    grad: bool = False


@dataclass(frozen=True)
class Kept:
    """A value that an earlier step of the same request kept in the worker."""

    name: str
    path: tuple[int | str, ...] = ()

    def __getitem__(self, step: int | str) -> Kept:
        """The item of a kept tuple or dict."""
        return Kept(self.name, (*self.path, step))


@dataclass(frozen=True)
class Array:
    """An array that came back, and what it was: "array", "tensor", or "number" (a NumPy scalar)."""

    values: np.ndarray[Any, Any]
    kind: str


@dataclass(frozen=True)
class Other:
    """A value that cannot be sent; only the name of its type came back."""

    type_name: str


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code. All texts are the student's: show them sanitised."""

    step: int
    type_name: str
    text: str
    place: str


@dataclass(frozen=True)
class Reply:
    """What a worker answered to one request."""

    sent: Mapping[str, Any] = field(default_factory=dict)
    raised: Raised | None = None
    missing: str | None = None


# ----------------------------------------------------------------------------------- requests


def encode_request(
    number: int, seed: int, cpu_s: float, wall_s: float, steps: list[dict[str, Any]]
) -> bytes:
    """One request as a frame, with its time limits. Steps may hold NumPy arrays, `Tensor`, and `Kept` anywhere."""
    buffers: list[np.ndarray[Any, Any]] = []
    header = {
        "id": number,
        "seed": seed,
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "steps": [_encode_step(step, buffers) for step in steps],
    }
    header["buffers"] = [{"dtype": b.dtype.str, "shape": list(b.shape)} for b in buffers]
    text = json.dumps(header).encode()
    body = b"".join(b.tobytes() for b in buffers)
    return MAGIC + LENGTHS.pack(len(text), len(body)) + text + body


_TREES = {"args": "items", "along": "items", "of": "items", "wrt": "items", "target": "one"}
_TREES |= {"kwargs": "named", "values": "named", "value": "one"}


def _encode_step(step: dict[str, Any], buffers: list[np.ndarray[Any, Any]]) -> dict[str, Any]:
    encoded: dict[str, Any] = {}
    for key, value in step.items():
        form = _TREES.get(key)
        if form is None or isinstance(value, str):
            encoded[key] = value
        elif form == "items":
            encoded[key] = [_encode(item, buffers) for item in value]
        elif form == "named":
            encoded[key] = {name: _encode(item, buffers) for name, item in value.items()}
        else:
            encoded[key] = _encode(value, buffers)
    return encoded


def _encode(value: Any, buffers: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, np.ndarray):
        buffers.append(value)
        return {"array": len(buffers) - 1}
    if isinstance(value, Tensor):
        buffers.append(value.values)
        return {"tensor": len(buffers) - 1, "grad": value.grad}
    if isinstance(value, Kept):
        return {"kept": value.name, "path": list(value.path)}
    if isinstance(value, dict):
        return {"dict": {key: _encode(item, buffers) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(item, buffers) for item in value]}
    return value


# ------------------------------------------------------------------------------------ replies


def body_lengths(prefix: bytes, max_body_bytes: int) -> tuple[int, int]:
    """Lengths of header and body that the first bytes of a reply announce; RubbishError."""
    if prefix[: len(MAGIC)] != MAGIC:
        raise RubbishError("it does not begin like a reply")
    header, body = LENGTHS.unpack(prefix[len(MAGIC) : PREFIX_BYTES])
    if header > MAX_HEADER_BYTES or body > max_body_bytes:
        raise RubbishError("it announces more than the limit")
    return header, body


def decode_reply(number: int, header_bytes: bytes, body: bytes) -> Reply:
    """Read a reply to request `number`; RubbishError when anything about it is off."""
    try:
        return _decode_reply(number, header_bytes, body)
    except (ValueError, TypeError, LookupError, OverflowError, MemoryError, RecursionError):
        raise RubbishError("it cannot be read") from None


def _decode_reply(number: int, header_bytes: bytes, body: bytes) -> Reply:
    try:
        header = json.loads(header_bytes)
    except (ValueError, RecursionError):
        raise RubbishError("its header cannot be read") from None
    if not isinstance(header, dict) or header.get("id") != number:
        raise RubbishError("it does not belong to the request")
    arrays = _decode_buffers(header.get("buffers"), body)
    sent = header.get("sent")
    if not isinstance(sent, dict):
        raise RubbishError("it has no results")
    missing = header.get("missing")
    return Reply(
        sent={str(label)[:64]: _decode(tree, arrays, 0) for label, tree in sent.items()},
        raised=_decode_raised(header["raised"]) if "raised" in header else None,
        missing=missing[:500] if isinstance(missing, str) else None,
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise RubbishError("a list is missing")
    return value


def _decode_buffers(described: Any, body: bytes) -> list[np.ndarray[Any, Any]]:
    arrays, start = [], 0
    longest = max(len(body), MAX_EMPTY_AXIS)  # an array without numbers may have long axes
    for buffer in _list(described):
        name = buffer.get("dtype") if isinstance(buffer, dict) else None
        if not isinstance(name, str) or name not in DTYPES:
            raise RubbishError("an array has an unknown dtype")
        shape = _list(buffer.get("shape"))
        if len(shape) > MAX_AXES or not all(type(n) is int and 0 <= n <= longest for n in shape):
            raise RubbishError("an array has an impossible shape")
        # NumPy counts an array's axes without the empty ones, and refuses what is then too big.
        if math.prod(n for n in shape if n) > max(longest, MAX_EMPTY_PRODUCT):
            raise RubbishError("an array has an impossible shape")
        dtype = np.dtype(name)
        count = 1
        for length in shape:
            count *= length
        if start + count * dtype.itemsize > len(body):
            raise RubbishError("an array is longer than what came")
        flat = np.frombuffer(body, dtype, count, start)
        arrays.append(flat.reshape(shape).copy())
        start += count * dtype.itemsize
    if start != len(body):
        raise RubbishError("it is longer than its arrays")
    return arrays


def _decode(tree: Any, arrays: list[np.ndarray[Any, Any]], depth: int) -> Any:
    if depth > MAX_DEPTH or not isinstance(tree, dict):
        raise RubbishError("a result is nested too deep, or is none")
    if "array" in tree:
        index = tree["array"]
        if type(index) is not int or not 0 <= index < len(arrays):
            raise RubbishError("a result points at no array")
        return Array(arrays[index], str(tree.get("kind"))[:16])
    if "text" in tree:
        return str(tree["text"])[:2000]
    if "scalar" in tree:
        return _decode_scalar(str(tree["scalar"])[:64])
    for kind, make in (("tuple", tuple), ("list", list)):
        if kind in tree:
            return make(_decode(item, arrays, depth + 1) for item in _list(tree[kind]))
    if isinstance(tree.get("dict"), dict):
        return {
            str(key)[:64]: _decode(item, arrays, depth + 1) for key, item in tree["dict"].items()
        }
    return Other(str(tree.get("object"))[:64])


def _decode_scalar(text: str) -> bool | int | float | None:
    named = {"None": None, "True": True, "False": False}
    if text in named:
        return named[text]
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    raise RubbishError("a number cannot be read")


def _decode_raised(tree: Any) -> Raised:
    if not isinstance(tree, dict) or type(tree.get("step")) is not int:
        raise RubbishError("an exception cannot be read")
    return Raised(
        step=tree["step"],
        type_name=str(tree.get("type"))[:64],
        text=str(tree.get("text"))[:2000],
        place=str(tree.get("at"))[:200],
    )
