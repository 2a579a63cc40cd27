"""The judge's reading of replies: whatever comes, it is a reply or rubbish, never a crash."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.code import frames
from grader.code.sanitise import one_line, sanitise
from grader.code.worker import LENGTHS, MAGIC, Values


def test_both_halves_speak_the_same_format() -> None:
    assert (frames.MAGIC, frames.LENGTHS.format) == (MAGIC, LENGTHS.format)
    x, t = np.arange(6.0).reshape(2, 3), np.array([[1, 2]], np.float32)
    tree = {"x": x, "pair": (1, [None, "two"]), "kept": frames.Kept("a")[0]}
    steps = [{"do": "call", "target": "m:f", "args": [tree, frames.Tensor(t)], "as": "out"}]
    frame = frames.encode_request(3, 7, 1.5, 4.5, steps)
    start = len(MAGIC) + LENGTHS.size
    length, body = LENGTHS.unpack(frame[len(MAGIC) : start])
    header = json.loads(frame[start : start + length])
    assert len(frame) == start + length + body
    values = Values(np, None, 10**6)
    values.receive(header, frame[start + length :])
    values.kept["a"] = ("first",)
    got = values.decode(header["steps"][0]["args"][0])
    assert np.array_equal(got["x"], x)
    assert got["pair"] == (1, [None, "two"])
    assert got["kept"] == "first"


def reply_of(value: Any) -> Any:
    """What the judge reads when the worker encodes `value`."""
    values = Values(np, None, 10**6)
    values.receive({"buffers": []}, b"")
    tree = values.encode(value)
    header = {"id": 1, "sent": {"v": tree}, "buffers": values.described}
    text = json.dumps(header).encode()
    return frames.decode_reply(1, text, b"".join(values.outgoing)).sent["v"]


@pytest.mark.parametrize("value", [None, True, 3, -2.5, "text", (1, 2), [1, (2, "x")], {"a": 1}])
def test_plain_values_survive(value: Any) -> None:
    assert reply_of(value) == value


@pytest.mark.parametrize(
    "array",
    [np.float64(3.5), np.zeros((2, 0, 3)), np.arange(6).reshape(3, 2).T, np.array(True),
     np.ones(3, dtype=">f4"), np.full((2, 2), np.nan), np.zeros((), np.float32)],
)  # fmt: skip
def test_arrays_survive(array: Any) -> None:
    got = reply_of(array)
    assert got.values.shape == np.shape(array)
    assert np.array_equal(got.values, array, equal_nan=True)


def test_what_cannot_be_sent_is_named() -> None:
    assert reply_of(object()) == frames.Other("object")
    assert "object" in reply_of(np.array([object()])).type_name
    nested: Any = 1
    for _ in range(50):
        nested = [nested]
    assert reply_of(nested)
    circle: list[Any] = []
    circle.append(circle)
    assert reply_of(circle)


def header_with(**change: Any) -> bytes:
    plain = {"id": 1, "sent": {"v": {"array": 0, "kind": "array"}},
             "buffers": [{"dtype": "<f8", "shape": [2]}]}  # fmt: skip
    return json.dumps(plain | change).encode()


RUBBISH = {
    "not JSON": (b"{", bytes(16)),
    "deep JSON": (b"[" * 100_000, bytes(16)),
    "a list": (b"[]", bytes(16)),
    "another request": (header_with(id=2), bytes(16)),
    "no buffers": (header_with(buffers=None), bytes(16)),
    "object dtype": (header_with(buffers=[{"dtype": "|O", "shape": [2]}]), bytes(16)),
    "negative shape": (header_with(buffers=[{"dtype": "<f8", "shape": [-2]}]), bytes(16)),
    "huge shape": (header_with(buffers=[{"dtype": "<f8", "shape": [2**62, 4]}]), bytes(16)),
    "many axes": (header_with(buffers=[{"dtype": "<f8", "shape": [1] * 40}]), bytes(8)),
    "shape of text": (header_with(buffers=[{"dtype": "<f8", "shape": ["2"]}]), bytes(16)),
    "dtype that is a list": (header_with(buffers=[{"dtype": ["<f8"], "shape": [2]}]), bytes(16)),
    "empty but too big": (
        header_with(buffers=[{"dtype": "<f8", "shape": [0] + [100] * 7}] * 2),
        b"",
    ),
    "number of many digits": (b'{"id": 1' + b"0" * 9000 + b"}", b""),
    "true as a length": (header_with(buffers=[{"dtype": "<f8", "shape": [True]}]), bytes(8)),
    "too short": (header_with(), bytes(15)),
    "too long": (header_with(), bytes(17)),
    "array that is not there": (header_with(sent={"v": {"array": 1}}), bytes(16)),
    "negative index": (header_with(sent={"v": {"array": -1}}), bytes(16)),
    "result of text": (header_with(sent={"v": "right"}), bytes(16)),
    "sent as a list": (header_with(sent=[]), bytes(16)),
    "exception of text": (header_with(raised="ValueError"), bytes(16)),
    "scalar that is none": (header_with(sent={"v": {"scalar": "__import__('os')"}}), bytes(16)),
}


@pytest.mark.parametrize("name", sorted(RUBBISH))
def test_rubbish_is_called_so(name: str) -> None:
    header, body = RUBBISH[name]
    with pytest.raises(frames.RubbishError):
        frames.decode_reply(1, header, body)


def test_lengths_are_bounded() -> None:
    with pytest.raises(frames.RubbishError):
        frames.body_lengths(MAGIC + struct.pack("<IQ", 10, 2**60), 1000)
    with pytest.raises(frames.RubbishError):
        frames.body_lengths(b"\x80\x04" + bytes(20), 1000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["id", "sent", "buffers", "array", "tuple", "list", "dict", "scalar",
                         "text", "raised", "dtype", "shape", "step"]), inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(header=JSON, body=st.binary(max_size=32))
def test_any_json_is_a_reply_or_rubbish(header: Any, body: bytes) -> None:
    if isinstance(header, dict):
        header = {"id": 1, "buffers": [], "sent": {}} | header
    try:
        outcome: Any = frames.decode_reply(1, json.dumps(header).encode(), body)
    except frames.RubbishError as error:
        outcome = error
    assert isinstance(outcome, (frames.Reply, frames.RubbishError))


def test_printed_text_is_made_safe() -> None:
    shown = sanitise("\x1b[2J\u202eright\u2028\x00 fine\n", 100)
    assert "fine\n" in shown
    assert not set("\x1b\u202e\u2028\x00") & set(shown)
    assert one_line("a\n\n b\tc") == "a b c"
    assert len(sanitise("x" * 10_000)) < 450


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_reply_that_was_damaged_is_a_reply_or_rubbish(data: st.DataObject) -> None:
    values = Values(np, None, 10**6)
    values.receive({"buffers": []}, b"")
    shape = data.draw(st.lists(st.integers(0, 4), max_size=4))
    dtype = data.draw(st.sampled_from(sorted(frames.DTYPES)))
    array = np.zeros(shape, dtype)
    sent = {"v": values.encode([array, "text", 3])}
    text = json.dumps({"id": 1, "sent": sent, "buffers": values.described}).encode()
    body = b"".join(values.outgoing)
    whole = frames.decode_reply(1, text, body).sent["v"]
    assert (whole[0].values.shape, whole[0].values.dtype.str) == (array.shape, dtype)
    assert whole[1:] == ["text", 3]
    damaged = bytearray(MAGIC + struct.pack("<IQ", len(text), len(body)) + text + body)
    cut = data.draw(st.integers(0, len(damaged)))
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    prefix, rest = bytes(damaged[: frames.PREFIX_BYTES]), bytes(damaged[frames.PREFIX_BYTES : cut])
    try:
        header, length = frames.body_lengths(prefix, 10**6)
        outcome: Any = frames.decode_reply(1, rest[:header], rest[header : header + length])
    except frames.RubbishError as error:
        outcome = error
    assert isinstance(outcome, (frames.Reply, frames.RubbishError))
