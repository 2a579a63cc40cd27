"""Asking a worker about a saved model: does it load, what are its outputs, what does it predict.

Inputs go out in batches, predictions come back; targets never leave the judge. First the model is
tried on noise, and what goes wrong there is told in full. From then on the inputs are hidden ones,
and what the student's code says or prints about them is not shown to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.code.bench import Bench, FoundError, raised
from grader.code.compare import describe
from grader.code.frames import Array, Kept, Other, Raised, Reply, Tensor
from grader.code.models.naming import ModelKind
from grader.code.sanitise import one_line

Numbers = np.ndarray[Any, Any]
TRIED = 2  # images of noise


@dataclass(frozen=True)
class Opened:
    """A saved model that loads and whose outputs have the right shape."""

    kind: ModelKind
    file: str
    class_name: str


def open_model(bench: Bench, kind: ModelKind, file: str) -> Opened:
    """Load a file and try it on noise. Raises FoundError with what is wrong."""
    noise = bench.rng.random((TRIED, *kind.image), dtype=np.float32)
    reply = bench.ask(
        [
            _load(kind, file),
            {"do": "send", "value": Kept("model"), "label": "model"},
            _predict(kind, noise, axis=None),
            {"do": "send", "value": Kept("found"), "label": "found"},
        ]
    )
    shape = as_batch(kind, noise).shape
    doing = f"{file}: the {kind.title} on random images of shape {shape}"
    if reply.missing is not None:
        raise FoundError(
            f"{file} holds weights alone, and the submission has no {one_line(reply.missing)} to put "
            "them into."
        )
    if reply.raised is not None:
        raise _failed(reply.raised, file, doing)
    model, found = reply.sent.get("model"), reply.sent.get("found")
    _check_output(kind, found, file)
    return Opened(kind, file, model.type_name if isinstance(model, Other) else "")


def predictions(
    bench: Bench, opened: Opened, inputs: Numbers, order: Sequence[int], batch: int
) -> Numbers:
    """What the model predicts for the inputs with these numbers, in their order, `batch` at a time.

    Labels (n, ...) where the outputs are scores of classes, else the outputs (n, ...). Raises
    FoundError when a batch brings no proper answer.
    """
    parts = []
    for start in range(0, len(order), batch):
        images = inputs[list(order[start : start + batch])]
        parts.append(_batch(bench, opened, images))
    return np.concatenate(parts)


def as_batch(kind: ModelKind, images: Numbers) -> Numbers:
    """Images (n, ...) as the model takes them; for the recurrent ones x[t] holds all rows t."""
    return np.ascontiguousarray(np.moveaxis(images, 0, kind.batch_axis))


def _batch(bench: Bench, opened: Opened, images: Numbers) -> Numbers:
    kind, count = opened.kind, len(images)
    reply = bench.ask(
        [
            _load(kind, opened.file),
            _predict(kind, images, axis=kind.axis),
            {"do": "send", "value": Kept("found"), "label": "found"},
        ],
        quiet=True,
    )
    _answered(reply, opened.file)
    found = reply.sent.get("found")
    if kind.axis is None:
        values = _values(found, (count, *kind.output))
        if values is None or not np.isfinite(values).all():
            raise FoundError(
                f"{opened.file}: on some of the hidden images the outputs are NaN or infinite, or not "
                f"of shape {(count, *kind.output)}."
            )
        return values
    largest = found.get("largest") if isinstance(found, dict) else None
    labels = _values(largest, (count, *kind.output[1:]))
    if labels is None or labels.dtype != np.uint8 or not isinstance(found, dict):
        raise FoundError(
            f"{opened.file}: on some of the hidden images the outputs have another shape than on "
            "random ones."
        )
    if found.get("finite") is not True:
        raise FoundError(
            f"{opened.file}: on some of the hidden images outputs are NaN or infinite."
        )
    return labels


def _values(found: Any, shape: tuple[int, ...]) -> Numbers | None:
    """The array that came back in the wanted shape; None when it is something else."""
    if not isinstance(found, Array) or found.values.size != int(np.prod(shape)):
        return None
    same = found.values.shape == shape
    pairs = len(shape) == 2 and found.values.shape == (shape[0], shape[1] // 2, 2)
    return found.values.reshape(shape) if same or pairs else None


def _answered(reply: Reply, file: str) -> None:
    error = reply.raised
    if error is None:
        return
    place = f" ({one_line(error.place, 80)})" if error.place else ""
    raise FoundError(
        f"{file}: the model raised {one_line(error.type_name, 60)} on hidden images{place}, though it "
        "had worked on random ones. Let it depend on the shape of its input only."
    )


def _load(kind: ModelKind, file: str) -> dict[str, Any]:
    return {
        "do": "load_model", "file": file, "target": kind.target, "words": list(kind.words),
        "as": "model",
    }  # fmt: skip


def _predict(kind: ModelKind, images: Numbers, *, axis: int | None) -> dict[str, Any]:
    batch = Tensor(as_batch(kind, images))
    return {"do": "predict", "of": "model", "value": batch, "axis": axis, "as": "found"}


def _failed(error: Raised, file: str, doing: str) -> FoundError:
    if error.type_name == "ModelError":
        return FoundError(f"{file} cannot be used: {one_line(error.text, 600)}.")
    return raised(error, f"Loading {file}" if error.step == 0 else doing)


def _check_output(kind: ModelKind, found: Any, file: str) -> None:
    expected = (TRIED, *kind.output)
    rule = f"{file}: for {TRIED} images the {kind.title} should return a tensor of shape {expected}"
    if not isinstance(found, Array) or found.kind != "tensor":
        raise FoundError(f"{rule}; it returned {describe(found)}.")
    shape = found.values.shape
    if _values(found, expected) is None:
        raise FoundError(f"{rule}; its shape is {shape}. {_advice(kind, shape)}".rstrip())
    if found.values.dtype.kind != "f":
        raise FoundError(f"{rule} with floating-point numbers; its dtype is {found.values.dtype}.")
    if not np.isfinite(found.values).all():
        raise FoundError(
            f"{rule}; some of its values are NaN or infinite. Weights that became NaN in training "
            "stay so: lower the learning rate, and save a model from before."
        )


def _advice(kind: ModelKind, shape: tuple[int, ...]) -> str:
    expected = (TRIED, *kind.output)
    if shape == expected[::-1] and len(shape) == 2:
        return "The axes are the other way round: return one row for each image."
    if kind.kind == "segmentation" and len(shape) == 4:
        if shape == (TRIED, *kind.output[1:], kind.output[0]):
            return "The classes' scores belong on axis 1, before height and width."
        if shape[:2] == expected[:2]:
            return "The last layers have to bring it back to the height and width of the image."
    if kind.kind == "segmentation" and shape == (TRIED, *kind.output[1:]):
        return "Return the score of every class; the largest is looked for here."
    if kind.axis is not None and len(shape) == 1:
        return "Return the score of every class, not the class."
    return ""
