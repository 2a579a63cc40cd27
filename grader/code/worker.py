"""The student's side: loads the submission, makes the calls it is asked for, sends raw arrays back.

This file needs nothing of the project and holds no reference, test or expected value. It is
trusted only until the submission is imported; after that the judge believes nothing but bytes,
lengths and shapes, and compares the numbers with its own.

A frame is MAGIC, the lengths of header and body (little-endian 4 and 8 bytes), a JSON header, and
the body: the raw C-order bytes of the arrays that header["buffers"] describes. A request's header
has `id`, `seed`, `cpu_s`, `wall_s` and `steps`; a reply's has `id`, `sent` (label -> tree), and `raised`
when a step raised. Arrays in a tree are references into the buffers.

Steps (`value` trees may hold {"array": i}, {"tensor": i, "grad": bool}, {"kept": name,
"path": [...]}, {"dict": {...}}, {"list": [...]}, {"tuple": [...]} and plain scalars):
    call            target "module:name" or a kept value, args, kwargs -> kept as `as`
    keep            value -> kept as `as`
    parameters      names, dtypes and shapes of a torch module -> kept as `as`
    set_parameters  of a kept module, values by name
    gradient        of kept tensors along cotangents, with respect to kept tensors and, where
                    `module` names one, to its parameters (None where one is frozen) -> kept as `as`
    file            text under a name in the scratch folder; its path -> kept as `as`
    load_model      the saved model in `file` of the submission (or weights for the class `target`;
                    `words` choose among several), opened once per worker -> kept as `as`
    predict         what the kept model `of` gives for the inputs `value`, in evaluation mode and
                    without gradients -> kept as `as`; with `axis`, only the index of the largest
                    value along that axis, and whether all values were finite
    send            a value under a label
"""

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import random
import resource
import signal
import struct
import sys
import traceback
import types
from pathlib import Path
from typing import Any, NoReturn, Self

# Beside this file, wherever it is: the fork server imports them by their bare names.
saved_models = importlib.import_module(f"{__package__ or ''}.saved_models".lstrip("."))
finished_layers = importlib.import_module(f"{__package__ or ''}.finished_layers".lstrip("."))

MAGIC = b"MXF1"
LENGTHS = struct.Struct("<IQ")
MAX_DEPTH, MAX_ITEMS, MAX_TEXT = 8, 20_000, 2000

_read_file, _write_file = os.read, os.write


# ------------------------------------------------------------------------------------ frames


def _read_exactly(fd: int, count: int) -> bytes:
    parts = []
    while count:
        part = _read_file(fd, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(fd: int) -> tuple[dict[str, Any], bytes]:
    """Read one request; ends the process when the grader has closed the pipe."""
    prefix = _read_exactly(fd, len(MAGIC) + LENGTHS.size)
    header_length, body_length = LENGTHS.unpack(prefix[len(MAGIC) :])
    header = json.loads(_read_exactly(fd, header_length))
    return header, _read_exactly(fd, body_length)


def write_frame(fd: int, header: dict[str, Any], buffers: list[bytes]) -> None:
    """Write one reply."""
    text = json.dumps(header).encode()
    body = b"".join(buffers)
    rest = memoryview(MAGIC + LENGTHS.pack(len(text), len(body)) + text + body)
    while rest:
        rest = rest[_write_file(fd, rest) :]


# --------------------------------------------------------------------- stand-ins for packages


class Absent:
    """Something of a package that is not there. Imports may mention it; using it raises."""

    loading = True

    def __init__(self, name: str, reason: str) -> None:
        self.__dict__.update(_name=name, _reason=reason)

    def _use(self) -> Absent:
        if not Absent.loading:
            raise ImportError(f"{self._name} was used, but {self._reason}")
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}", self._reason)

    def __setattr__(self, name: str, value: object) -> None:
        self._use()

    def __call__(self, *args: object, **_: object) -> Any:
        self._use()
        # As a decorator of a function that the course's helpers define and nobody calls.
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Let a class be derived from it; making an instance is the use that raises."""
        owner = self

        def refuse(*_: object, **__: object) -> None:
            Absent.loading = False
            owner._use()

        return (type("Absent", (), {"__init__": refuse}),)

    def __getitem__(self, key: object) -> Absent:
        return self._use()

    def __setitem__(self, key: object, value: object) -> None:
        self._use()

    def __or__(self, other: object) -> Absent:
        return self

    __ror__ = __or__

    def __bool__(self) -> bool:
        self._use()
        return False

    def __iter__(self) -> NoReturn:
        raise ImportError(f"{self._name} was used, but {self._reason}")

    def __enter__(self) -> Self:
        self._use()
        return self

    def __exit__(self, *_: object) -> None:
        return None


class AbsentModule(types.ModuleType):
    """A package that is not there: any name can be imported from it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.__dict__.update(__path__=[], __all__=[], _reason=reason)
        if name in {"past.builtins", "six.moves"}:  # Python 2's names, as old notebooks use them
            self.__dict__.update(xrange=range, range=range)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}", self._reason)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import hook behind all others: helper packages that are missing must sink nothing."""

    def __init__(self, reasons: dict[str, str]) -> None:
        self.reasons = reasons

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002  (the import system passes it)
        target: object = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the listed packages and everything below them."""
        if name.partition(".")[0] in self.reasons:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make the stand-in."""
        return AbsentModule(spec.name, self.reasons[spec.name.partition(".")[0]])

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def restore_removed_names(numpy: Any) -> None:
    """Names that old course code uses and NumPy has removed since 1.24 and 2.0."""
    removed = {
        "float": float, "int": int, "object": object, "str": str, "complex": complex,
        "unicode": str, "bool8": numpy.bool_, "float_": numpy.float64,
        "complex_": numpy.complex128, "int0": numpy.intp, "Inf": numpy.inf, "Infinity": numpy.inf,
        "infty": numpy.inf, "NaN": numpy.nan, "NAN": numpy.nan, "product": numpy.prod,
        "cumproduct": numpy.cumprod, "alltrue": numpy.all, "sometrue": numpy.any,
        "round_": numpy.round, "row_stack": numpy.vstack, "asscalar": lambda a: a.item(),
    }  # fmt: skip
    for name, value in removed.items():
        if name not in numpy.__dict__:
            setattr(numpy, name, value)
    if "bool" not in numpy.__dict__:
        numpy.bool = bool


# ------------------------------------------------------------------------------------- values


class Missing(Exception):
    """A file, class or function that the submission does not have."""


class Values:
    """Translates between frames and the arrays and tensors of this process."""

    def __init__(self, numpy: Any, torch: Any, reply_bytes: int, device: str = "cpu") -> None:
        self.numpy, self.torch, self.reply_bytes = numpy, torch, reply_bytes
        self.device = device
        self.kept: dict[str, Any] = {}
        self.models: dict[str, Any] = {}  # these stay from request to request
        self.incoming: list[Any] = []
        self.outgoing: list[bytes] = []
        self.described: list[dict[str, Any]] = []
        self.items = self.sent_bytes = 0

    def receive(self, header: dict[str, Any], body: bytes) -> None:
        """Take the arrays of a request; each is a copy that the student may write to."""
        self.kept, self.outgoing, self.described = {}, [], []
        self.items = self.sent_bytes = 0
        self.incoming, start = [], 0
        for buffer in header["buffers"]:
            dtype = self.numpy.dtype(buffer["dtype"])
            count = 1
            for length in buffer["shape"]:
                count *= length
            flat = self.numpy.frombuffer(body, dtype, count, start)
            self.incoming.append(flat.reshape(buffer["shape"]).copy())
            start += count * dtype.itemsize

    def decode(self, tree: Any) -> Any:
        """The value that a request's tree stands for."""
        if isinstance(tree, dict):
            if "array" in tree:
                return self.incoming[tree["array"]].copy()
            if "tensor" in tree:
                array = self.incoming[tree["tensor"]].copy()
                tensor = self.torch.from_numpy(array).to(self.device)
                return tensor.requires_grad_() if tree.get("grad") else tensor
            if "kept" in tree:
                value = self.kept[tree["kept"]]
                for step in tree.get("path", ()):
                    value = value[step]
                return value
            if "dict" in tree:
                return {key: self.decode(value) for key, value in tree["dict"].items()}
            kind, items = next(iter(tree.items()))
            decoded = [self.decode(item) for item in items]
            return tuple(decoded) if kind == "tuple" else decoded
        return tree

    def encode(self, value: Any, depth: int = 0) -> Any:
        """A tree for a reply: arrays as raw bytes, anything unknown by the name of its type."""
        numpy, torch = self.numpy, self.torch
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            return {"object": "something nested too deep or too long"}
        if value is None or type(value) in (bool, int, float):
            return {"scalar": repr(value), "type": type(value).__name__}
        if type(value) is str:
            return {"text": value[:MAX_TEXT]}
        if isinstance(value, numpy.generic):
            return self._array(numpy.asarray(value), "number")
        if isinstance(value, numpy.ndarray):
            # The base class's own view: a subclass cannot say what its bytes are.
            return self._array(numpy.ndarray.view(value, numpy.ndarray), "array")
        if torch is not None and isinstance(value, torch.Tensor):
            plain = torch.Tensor.detach(value).as_subclass(torch.Tensor).to("cpu")
            if plain.dtype is torch.bfloat16:
                plain = plain.to(torch.float32)
            return self._array(plain.contiguous().numpy(), "tensor")
        if isinstance(value, (list, tuple)):
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [self.encode(item, depth + 1) for item in list(value)[:64]]}
        if isinstance(value, dict):
            pairs = list(value.items())[:64]
            return {"dict": {str(k)[:64]: self.encode(v, depth + 1) for k, v in pairs}}
        return {"object": type(value).__name__[:64]}

    def _array(self, array: Any, kind: str) -> dict[str, Any]:
        if array.dtype.kind not in "biuf":
            return {"object": f"an array of {str(array.dtype)[:32]}"}
        self.sent_bytes += array.nbytes
        if self.sent_bytes > self.reply_bytes:
            raise ValueError(f"the result is larger than {self.reply_bytes} bytes")
        # asarray keeps a shape of (), which ascontiguousarray would turn into (1,).
        array = self.numpy.asarray(array, array.dtype.newbyteorder("<"), order="C")
        self.described.append({"dtype": array.dtype.str, "shape": list(array.shape)})
        self.outgoing.append(array.tobytes())
        return {"array": len(self.described) - 1, "kind": kind}


# -------------------------------------------------------------------------------------- steps


def find(target: str) -> Any:
    """The function or class "module:name" of the submission; raises Missing, or what it raises."""
    module_name, _, name = target.partition(":")
    try:
        Absent.loading = True
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise Missing(f"{module_name.replace('.', '/')}.py") from None
        raise
    finally:
        Absent.loading = False
    value: Any = module
    for part in name.split("."):
        value = getattr(value, part, None)
        if value is None:
            raise Missing(f"{name} in {module_name.replace('.', '/')}.py")
    return value


class Steps:
    """Carries out the steps of one request."""

    def __init__(self, values: Values, scratch: Path, submission: Path) -> None:
        self.values, self.scratch, self.submission = values, scratch, submission
        self.sent: dict[str, Any] = {}

    def run(self, step: dict[str, Any]) -> None:
        """One step; raises whatever the student's code raises."""
        action = step["do"]
        values = self.values
        if action == "call":
            target = step["target"]
            function = find(target) if isinstance(target, str) else values.decode(target)
            args = [values.decode(a) for a in step.get("args", [])]
            kwargs = {k: values.decode(v) for k, v in step.get("kwargs", {}).items()}
            values.kept[step["as"]] = function(*args, **kwargs)
        elif action == "keep":
            values.kept[step["as"]] = values.decode(step["value"])
        elif action == "parameters":
            module = values.kept[step["of"]]
            values.kept[step["as"]] = {
                name: [str(p.dtype), list(p.shape)] for name, p in self._parameters(module)
            }
        elif action == "set_parameters":
            self._set(values.kept[step["of"]], step["values"])
        elif action == "gradient":
            values.kept[step["as"]] = self._gradient(step)
        elif action == "file":
            path = self.scratch / step["name"]
            path.write_text(step["text"], encoding="utf-8")
            values.kept[step["as"]] = str(path)
        elif action == "load_model":
            values.kept[step["as"]] = self._model(step)
        elif action == "predict":
            values.kept[step["as"]] = self._predict(step)
        elif action == "send":
            self.sent[step["label"]] = values.encode(values.decode(step["value"]))
        else:
            raise ValueError(f"unknown step {action!r}")

    def _model(self, step: dict[str, Any]) -> Any:
        values = self.values
        key = json.dumps([step["file"], step["words"]])
        if key not in values.models:

            def build() -> Any:
                return find(step["target"])()

            words = tuple(step["words"])
            model = saved_models.open_model(
                self.submission, step["file"], words, build, values.torch, Absent
            )
            if values.device != "cpu":
                values.torch.nn.Module.to(model, values.device)
            values.models[key] = model
        return values.models[key]

    def _predict(self, step: dict[str, Any]) -> Any:
        torch, model = self.values.torch, self.values.kept[step["of"]]
        model.eval()
        with torch.no_grad():
            found = model(self.values.decode(step["value"]))
            if step.get("axis") is None:
                return found
            return {
                "shape": list(found.shape),
                "finite": bool(torch.isfinite(found).all()),
                "largest": found.argmax(step["axis"]).to(torch.uint8),
            }

    def _parameters(self, module: Any) -> list[tuple[str, Any]]:
        if not isinstance(module, self.values.torch.nn.Module):
            raise TypeError(f"{type(module).__name__} is not a torch.nn.Module")
        return list(self.values.torch.nn.Module.named_parameters(module))

    def _set(self, module: Any, trees: dict[str, Any]) -> None:
        parameters = dict(self._parameters(module))
        with self.values.torch.no_grad():
            for name, tree in trees.items():
                parameters[name].copy_(self.values.decode(tree))

    def _gradient(self, step: dict[str, Any]) -> list[Any]:
        decode = self.values.decode
        outputs = [decode(o) for o in step["of"]]
        along = [decode(c) for c in step["along"]]
        sources = [decode(s) for s in step.get("wrt", [])]
        if step.get("module"):
            sources += [p for _, p in self._parameters(self.values.kept[step["module"]])]
        free = [s for s in sources if s.requires_grad]
        found = iter(self._pullback(outputs, free, along))
        return [next(found) if s.requires_grad else None for s in sources]

    def _pullback(self, outputs: list[Any], sources: list[Any], along: list[Any]) -> Any:
        torch = self.values.torch
        for number, (output, cotangent) in enumerate(zip(outputs, along, strict=True)):
            if not output.requires_grad:
                raise RuntimeError(f"output {number} does not require grad: nothing leads to it")
            if output.shape != cotangent.shape:
                raise RuntimeError(
                    f"an output has shape {list(output.shape)}, where {list(cotangent.shape)} "
                    "was expected"
                )
        # As the gradient of one number: given cotangents, torch imports its symbolic shapes (0.4 s).
        total = sum(torch.sum(o * c) for o, c in zip(outputs, along, strict=True))
        return torch.autograd.grad(total, sources, allow_unused=True)


def _describe(error: BaseException, step: int, folder: str) -> dict[str, Any]:
    place = ""
    # Without the lines of text: to read those may run a codec of the student's.
    walk = traceback.walk_tb(error.__traceback__)
    for frame in traceback.StackSummary.extract(walk, lookup_lines=False):
        if frame.filename.startswith(folder):
            place = f"{frame.filename[len(folder) :].lstrip('/')}:{frame.lineno}"
    if isinstance(error, SyntaxError) and str(error.filename).startswith(folder):
        place = f"{str(error.filename)[len(folder) :].lstrip('/')}:{error.lineno}"
    try:
        text = str(error)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001  (an exception may be written so that it cannot be shown)
        text = "(its text cannot be read)"
    return {"step": step, "type": type(error).__name__[:64], "text": text, "at": place}


def serve(requests: int, replies: int, submission: str, options: dict[str, Any]) -> None:
    """Answer requests until the grader closes the pipe. Runs in the locked process."""
    numpy = importlib.import_module("numpy")
    torch = importlib.import_module("torch") if options["torch"] else None
    restore_removed_names(numpy)
    sys.meta_path.append(StandIns(options["stand_ins"]))
    sys.path.append(submission)  # behind the standard library, which nothing can shadow
    sys.argv = [""]
    builtins.input = _no_input
    _dump_where_it_ends()
    values = Values(numpy, torch, options["reply_bytes"], options.get("device", "cpu"))
    scratch = Path.cwd()
    while True:
        header, body = read_frame(requests)
        _allow_cpu(header["cpu_s"])
        signal.setitimer(signal.ITIMER_REAL, header["wall_s"])
        _seed(header["seed"], numpy, torch)
        values.receive(header, body)
        steps = Steps(values, scratch, Path(submission))
        reply: dict[str, Any] = {"id": header["id"], "sent": steps.sent}
        number = 0
        try:
            for number, step in enumerate(header["steps"]):  # noqa: B007  (read in the handler)
                steps.run(step)
        except Missing as error:
            reply["missing"] = str(error)[:MAX_TEXT]
        except BaseException as error:  # noqa: BLE001  (sys.exit and the like are answers too)
            reply["raised"] = _describe(error, number, submission)
        signal.setitimer(signal.ITIMER_REAL, 0)
        reply["buffers"] = values.described
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # the student may have put anything there
                stream.flush()
        write_frame(replies, reply, values.outgoing)


def _dump_where_it_ends() -> None:
    """At a crash, and at the end of its time, what the code was doing goes to the output."""
    faulthandler.enable(2, all_threads=False)
    for number in (signal.SIGXCPU, signal.SIGALRM):
        faulthandler.register(number, 2, all_threads=False, chain=True)


def _no_input(_: object = "") -> NoReturn:
    raise EOFError("input() has nothing to read while a submission is graded")


def _allow_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))


def _seed(seed: int, numpy: Any, torch: Any) -> None:
    random.seed(seed)
    numpy.random.seed(seed % (1 << 32))
    if torch is not None:
        torch.manual_seed(seed)
