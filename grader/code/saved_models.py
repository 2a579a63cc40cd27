"""Opening a saved model, in the worker: weights first, whole objects only where it must be.

Loading a pickle runs code, so this happens beside the student's code and nowhere else. Like
`worker`, this file needs nothing of the project.
"""

from __future__ import annotations

import importlib
import io
import pickle
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ZIP = b"PK\x03\x04"
# How files by torch before 1.6 begin: a pickled number that says so.
_LEGACY_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
# Names under which training scripts keep the weights beside other things.
_WEIGHTS = ("state_dict", "model_state_dict", "model", "net", "network", "weights")


class ModelError(Exception):
    """The file holds no model that can be used; the text says why, for the student."""


def open_model(
    folder: Path,
    file: str,
    words: tuple[str, ...],
    build: Callable[[], Any],
    torch: Any,
    absent: Any,
) -> Any:
    """The torch module in a file of the submission's folder.

    `words` tell the right one among several named objects; `build` makes the class that bare
    weights belong to; `absent` is the type of stand-ins for packages that are not there.
    Raises ModelError, or whatever the file's own code raises.
    """
    path = folder / file
    head = _head(path)
    if not head:
        raise ModelError("the file is empty")
    pickles = _pickles(folder, torch, absent)
    if head.startswith(_ZIP) or _LEGACY_MAGIC in head:
        try:
            found = torch.load(path, map_location="cpu", weights_only=True)
        except Exception:  # noqa: BLE001  (whatever it is: it is not weights alone)
            try:
                found = torch.load(
                    path, map_location="cpu", weights_only=False, pickle_module=pickles
                )
            except RuntimeError as error:
                if "PytorchStreamReader" not in str(error):
                    raise
                raise ModelError("the file is damaged or cut off: save it again") from None
    else:
        try:
            with path.open("rb") as stream:
                found = pickles.load(stream)
        except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError) as error:
            raise ModelError(
                f"the file is neither a torch file nor a pickle ({type(error).__name__}: {error})"
            ) from None
    return _chosen(found, words, build, torch, 0)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(64)


def _chosen(
    found: Any, words: tuple[str, ...], build: Callable[[], Any], torch: Any, depth: int
) -> Any:
    """The module itself, or the one that these weights belong to."""
    if isinstance(found, torch.nn.Module):
        return found
    if not isinstance(found, dict) or not found or depth > 2:
        raise ModelError(f"the file holds {_shown(found)}, not a model")
    if all(isinstance(value, torch.Tensor) for value in found.values()):
        return _with_weights(build(), found)
    modules = {str(k): v for k, v in found.items() if isinstance(v, torch.nn.Module)}
    named = [name for name in modules if any(word in name.lower() for word in words)]
    if len(modules) == 1 or len(named) == 1:
        return modules[(named or list(modules))[0]]
    if modules:
        names = ", ".join(sorted(modules)[:5])
        raise ModelError(f"the file holds several models, and which one counts is open: {names}")
    for name in _WEIGHTS:
        if isinstance(found.get(name), dict) and found[name]:
            return _chosen(found[name], words, build, torch, depth + 1)
    raise ModelError(f"the file holds {_shown(found)}, and no model among it")


def _with_weights(module: Any, weights: dict[str, Any]) -> Any:
    if all(name.startswith("module.") for name in weights):  # saved from DataParallel
        weights = {name.removeprefix("module."): value for name, value in weights.items()}
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise ModelError(
            f"its weights do not fit {type(module).__name__} as it is made without arguments: "
            f"{' '.join(lines[1:3])[:400]} (save the whole model, or make these sizes the defaults)"
        ) from None
    return module


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(str(name)[:30] for name in list(value)[:4])
        return f"a dict of {len(value)} entries ({names})" if value else "an empty dict"
    return f"an object of type {type(value).__name__}"


def _pickles(folder: Path, torch: Any, absent: Any) -> Any:
    """A module like pickle, whose objects come to the CPU and whose classes are looked for."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            if (module, name) == ("torch.storage", "_load_from_bytes"):
                return _to_cpu
            if module in {"__main__", "__mp_main__"}:
                return _from_a_notebook(name)
            absent.loading = True  # imports may mention what is not there
            try:
                found = super().find_class(module, name)
            finally:
                absent.loading = False
            if isinstance(found, absent):
                found._use()  # noqa: SLF001  (raises, and says why)
            return found

    def _to_cpu(content: bytes) -> Any:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)

    def _from_a_notebook(name: str) -> Any:
        """A class that was defined in a notebook: perhaps one of the submission's files has it."""
        for file in sorted(folder.glob("exercise_code/**/*.py")):
            if f"class {name}(" in file.read_text(errors="replace"):
                parts = file.relative_to(folder).with_suffix("").parts
                return getattr(importlib.import_module(".".join(parts)), name)
        raise ModelError(
            f"its class {name} was defined in a notebook or script, and no file of exercise_code has "
            "it: define the class in a file, import it from there, and save the model again"
        )

    def load(stream: Any, **options: Any) -> Any:
        return Unpickler(stream, **options).load()

    module = types.ModuleType("pickle")
    module.__dict__.update(vars(pickle))
    module.__dict__.update(Unpickler=Unpickler, load=load)
    return module
