"""Takes torch's finished recurrent layers out of a worker, for tasks whose point is to write one.

It runs before anything of a submission is imported. Afterwards there is no finished layer left:

- Its operators raise, whatever way leads to them: modules, torch.ops, TorchScript, functorch,
  hooks. Each kernel of each such operator is overridden at torch's dispatcher, at every key that
  it is registered for, and no object of Python holds the overriding, so none can take it back.
- What torch has written in Python (decompositions, layers to be quantised) has lost its code.
- The machine code of the kernels is overwritten, for those who call addresses.

Whoever registers an operator anew registers a function of their own. The files that hold the
layers are named, so that they can be kept from being read again. Like `worker`, this file needs
nothing of the project.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import mmap
import os
import re
import struct
import types
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

GONE = "is taken away here, where the task is to write such a layer"

# Each library that torch is built with adds kernels under names of its own. Those that only lay
# weights out in memory compute nothing, and a finished module can be made without being used.
_RECURRENT = re.compile(r"lstm|gru|rnn", re.IGNORECASE)
_HARMLESS = re.compile(r"flatten_weight")
_IN_PYTHON = ("torch._decomp.decompositions", "torch.ao.nn.quantizable.modules.rnn")
_TEXTS = ("_decomp/decompositions.py", "ao/nn/quantizable/modules/rnn.py", "export/_patches.py")
_OURS = "taken away"


def take_away(torch: Any) -> list[str]:
    """Remove the layers from this process; the files that still hold them.

    Raises RuntimeError or OSError where one of them would be left.
    """
    _override_operators(torch)
    for name in _IN_PYTHON:
        for function in _functions(importlib.import_module(name)):
            _empty(function)
    for library in _libraries(torch):
        _destroy_code(library)
    texts = [Path(torch.__path__[0], text) for text in _TEXTS]
    compiled = [Path(importlib.util.cache_from_source(str(text))) for text in texts]
    return [str(path) for path in (*_libraries(torch), *texts, *compiled) if path.exists()]


def prepare(torch: Any) -> None:
    """Find out, once for all processes that are forked from this one, what stays the same."""
    for library in _libraries(torch):
        _kernels_of(library)


def _libraries(torch: Any) -> list[Path]:
    """Those that hold kernels, of which torch loads all that it is built with."""
    files = [Path(torch.__path__[0], "lib", f"libtorch_{device}.so") for device in ("cpu", "cuda")]
    return [file for file in files if file.exists()]


# --------------------------------------------------------------------------------- operators


def _override_operators(torch: Any) -> None:
    dispatcher = torch._C  # noqa: SLF001  (torch.library keeps a list of what it overrides, for all to see)
    names = [
        name
        for name in dispatcher._dispatch_get_all_op_names()  # noqa: SLF001
        if _RECURRENT.search(name) and not _HARMLESS.search(name)
    ]
    libraries: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns whoever overrides
        for name in names:
            namespace, _, operator = name.partition("::")
            if namespace not in libraries:
                libraries[namespace] = _unreachable_library(dispatcher, namespace)
            for key, _ in _kernels(dispatcher, name):
                libraries[namespace].impl(operator, key, _kernel(operator))
    left = [n for n in names for _, origin in _kernels(dispatcher, n) if origin != _OURS]
    if left or not names:
        raise RuntimeError(f"finished layers are left: {', '.join(left) or 'none was found'}")


def _unreachable_library(dispatcher: Any, namespace: str) -> Any:
    """What registers kernels; it would take them back when it is collected, or when it is asked to.

    With a reference that nobody holds it lives as long as the process, and nothing leads to it:
    the garbage collector does not know objects of this type.
    """
    library = dispatcher._dispatch_library("IMPL", namespace, "", _OURS, 0)  # noqa: SLF001
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
    return library


def _kernels(dispatcher: Any, name: str) -> Iterator[tuple[str, str]]:
    """Keys of the dispatcher that an operator has a kernel for, and where each was registered."""
    listed = dispatcher._dispatch_dump(name)  # noqa: SLF001
    for key, origin in re.findall(
        r"^(\w+)(?:\[alias\])?: registered at (.*?):\d+", listed, re.MULTILINE
    ):
        if key != "debug":
            yield key, origin


def _kernel(operator: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(f"torch's {operator} {GONE}")

    return refuse


# ------------------------------------------------------------------------------------ Python


def _functions(module: types.ModuleType) -> Iterator[types.FunctionType]:
    """Functions of the module that are called like a recurrent layer, and methods of such classes."""
    for name, value in vars(module).items():
        if not _RECURRENT.search(name) or getattr(value, "__module__", "") != module.__name__:
            continue
        members = vars(value).values() if isinstance(value, type) else [value]
        for member in members:
            function = getattr(member, "__func__", member)  # of a class method
            if isinstance(function, types.FunctionType):
                yield function


def _empty(function: types.FunctionType) -> None:
    """Whoever has it in a table of their own then finds it without its code, too."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("what")

    said = f"torch's {function.__qualname__} {GONE}"
    constants = tuple(said if value == "what" else value for value in refuse.__code__.co_consts)
    function.__code__ = refuse.__code__.replace(
        co_consts=constants, co_freevars=function.__code__.co_freevars, co_name=function.__name__
    )


# ------------------------------------------------------------------------------ machine code

_NATIVE = re.compile(rb"\0(_ZN2at6native\d+[a-z_]*(?:lstm|gru|rnn)[a-z_]*E\w*)(?=\0)")
# Not an instruction, so the process ends.
_TRAP = {"x86_64": b"\x0f\x0b"}.get(os.uname().machine, b"\0\0")
_DYNAMIC_SYMBOLS, _FUNCTION = 11, 2  # SHT_DYNSYM, STT_FUNC
_SYMBOL = struct.Struct("<IBBHQQ")  # name, kind, -, -, place, size


def _destroy_code(path: Path) -> None:
    """Overwrite the recurrent kernels of a loaded library, in this process's copy. Raises OSError."""
    library, system = ctypes.CDLL(str(path)), ctypes.CDLL(None, use_errno=True)
    for name, size in _kernels_of(path):
        start = ctypes.cast(library[name], ctypes.c_void_p).value or 0
        page = start // mmap.PAGESIZE * mmap.PAGESIZE
        for protection in (mmap.PROT_READ | mmap.PROT_WRITE, mmap.PROT_READ | mmap.PROT_EXEC):
            pages = ctypes.c_void_p(page), ctypes.c_size_t(start + size - page)
            if system.mprotect(*pages, protection):
                raise OSError(ctypes.get_errno(), f"the code of {name} cannot be overwritten")
            if protection & mmap.PROT_WRITE:
                ctypes.memmove(start, _TRAP * (size // len(_TRAP)), size // len(_TRAP) * len(_TRAP))


@cache
def _kernels_of(path: Path) -> list[tuple[str, int]]:
    """Names and sizes of the recurrent kernels that a library shows (ELF, 64 bits)."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as content:
        (start,) = struct.unpack_from("<Q", content, 0x28)
        size, count = struct.unpack_from("<HH", content, 0x3A)
        sections = [
            struct.unpack_from("<IIQQQQIIQQ", content, start + number * size)
            for number in range(count)
        ]
        symbols = next(section for section in sections if section[1] == _DYNAMIC_SYMBOLS)
        names = sections[symbols[6]]
        texts = content[names[4] : names[4] + names[5]]
        table = content[symbols[4] : symbols[4] + symbols[5]]
    wanted = {m.start(1): m[1].decode() for m in _NATIVE.finditer(texts)}
    # The first of a symbol's six numbers of 32 bits says where its name begins.
    places = enumerate(memoryview(table).cast("I")[::6].tolist())
    found = []
    for number, name in [(number, wanted[name]) for number, name in places if name in wanted]:
        _, kind, _, section, _, length = _SYMBOL.unpack_from(table, number * _SYMBOL.size)
        if kind & 0xF == _FUNCTION and section and not _HARMLESS.search(name):
            found.append((name, length))
    return found
