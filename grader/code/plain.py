"""The plain way to write a network: the modules, names and attributes that such code asks for.

The lists are read off the installed libraries, so that they follow their versions; what is taken
out is what holds a finished recurrent layer, or leads to other modules, frames, namespaces or to
code that is made from text.
"""

from __future__ import annotations

import builtins
import importlib
import re
import types
from functools import cache

CLASSES = frozenset({
    "LSTM", "RNN", "GRU", "LSTMCell", "RNNCell", "GRUCell", "RNNBase", "RNNCellBase",
})  # fmt: skip
FUNCTIONS = frozenset({
    "lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell",
    "rnn_relu_cell", "mkldnn_rnn_layer",
})  # fmt: skip
INNER = frozenset({
    "ops", "_C", "_VF", "jit", "DisableTorchFunction", "DisableTorchFunctionSubclass",
    "_DisableTorchDispatch", "_getframe", "__globals__", "__builtins__", "__subclasses__",
    "f_globals",
})  # fmt: skip
MODULES = frozenset({
    "threading", "_thread", "ctypes", "gc", "importlib", "inspect", "runpy", "builtins",
    "concurrent", "multiprocessing", "codecs", "marshal", "code", "codeop", "pkgutil",
})  # fmt: skip
DUNDERS = frozenset({
    "__init__", "__call__", "__name__", "__class__", "__len__", "__repr__", "__str__", "__doc__",
    "__getitem__", "__setitem__", "__version__", "__enter__", "__exit__", "__iter__", "__next__",
})  # fmt: skip
# Ways from a generator, a traceback or a class to frames and other classes.
FRAMES = frozenset({
    "f_globals", "f_locals", "f_builtins", "f_back", "f_code", "gi_frame", "gi_code", "tb_frame",
    "tb_next", "cr_frame", "cr_code", "ag_frame", "ag_code", "mro", "func_globals", "with_traceback",
})  # fmt: skip
_BUILTINS = frozenset({
    "abs", "all", "any", "bool", "bytes", "callable", "chr", "classmethod", "complex", "dict",
    "divmod", "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash",
    "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next",
    "object", "ord", "pow", "print", "property", "range", "repr", "reversed", "round", "set",
    "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "zip",
    "Ellipsis", "NotImplemented", "None", "True", "False", "__name__", "__doc__", "__debug__",
})  # fmt: skip
REFUSED = frozenset(
    name
    for name, value in vars(builtins).items()
    if name not in _BUILTINS
    and not (isinstance(value, type) and issubclass(value, BaseException))
)  # fmt: skip

_ANY = frozenset({
    "math", "collections", "collections.abc", "abc", "itertools", "functools", "time", "random",
    "copy", "enum", "numbers", "warnings", "typing", "dataclasses",
})  # fmt: skip
# Of torch itself, besides the operators and dtypes.
_TORCH = frozenset({
    "Tensor", "FloatTensor", "DoubleTensor", "LongTensor", "IntTensor", "BoolTensor", "ByteTensor",
    "device", "dtype", "Size", "Generator", "no_grad", "enable_grad", "set_grad_enabled",
    "inference_mode", "manual_seed", "seed", "initial_seed", "is_tensor", "is_grad_enabled",
    "finfo", "iinfo", "pi", "inf", "nan", "e", "einsum", "norm", "split", "stack", "tensordot",
    "cdist", "meshgrid", "block_diag", "cartesian_prod", "broadcast_tensors", "broadcast_shapes",
    "chain_matmul", "unique", "unravel_index", "set_printoptions", "get_default_dtype",
    "set_default_dtype", "get_num_threads", "atleast_1d", "atleast_2d", "atleast_3d",
})  # fmt: skip
_ONLY = {
    "torch.autograd": frozenset({"Variable", "Function", "grad", "no_grad"}),
    "torch.nn.utils": frozenset({"clip_grad_norm_", "clip_grad_value_", "parameters_to_vector"}),
    "torch.nn.parameter": frozenset({"Parameter"}),
    "torch.cuda": frozenset({"is_available", "device_count"}),
}
_MODULES_OF_LIBRARIES = frozenset({
    "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.optim", "numpy",
    "numpy.random", "numpy.linalg", *_ONLY,
})  # fmt: skip
# What reads files, makes code from text, or opens what others have pickled.
_NEVER = frozenset({
    "load", "save", "savez", "savez_compressed", "fromfile", "loadtxt", "savetxt", "genfromtxt",
    "memmap", "DataSource", "fromregex", "show_config", "get_include", "info", "who", "source",
    "deprecate", "set_string_function", "get_type_hints", "ForwardRef", "evaluate_forward_ref",
    "make_dataclass", "handle_torch_function", "has_torch_function", "boolean_dispatch",
    "WarningMessage", "catch_warnings",
})  # fmt: skip
_OLD_NUMPY = frozenset({"float", "int", "bool", "object"})
_RECURRENT = re.compile(r"lstm|gru|rnn", re.IGNORECASE)
# Attributes of the layers that networks are built from.
_OF_LAYERS = frozenset({
    "in_features", "out_features", "weight", "bias", "hidden_size", "input_size", "num_layers",
    "params", "activation", "forward", "save_for_backward", "saved_tensors", "needs_input_grad",
    "training", "needs_grad", "mark_dirty", "mark_non_differentiable",
})  # fmt: skip


def modules() -> frozenset[str]:
    """Modules that a network may import and ask for names."""
    return _ANY | _MODULES_OF_LIBRARIES


@cache
def names(module: str) -> frozenset[str]:
    """Names that a network may ask a module for; none of them is a module."""
    if module in _ONLY:
        return _ONLY[module]
    found = importlib.import_module(module)
    public = {
        name
        for name, value in vars(found).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    if module == "torch":
        dtypes = {name for name in public if isinstance(getattr(found, name), found.dtype)}
        operators = {name for name in dir(found._C._VariableFunctions) if name in public}  # noqa: SLF001  (torch has no other list of them)
        public = operators | dtypes | _TORCH
    elif module == "torch.nn":
        public = {name for name in public if isinstance(getattr(found, name), type)}
    elif module == "numpy":
        public |= _OLD_NUMPY
    kept = public - _NEVER
    if module.startswith("torch"):
        kept = {name for name in kept if not _RECURRENT.search(name)}
    return frozenset(kept)


@cache
def attributes() -> frozenset[str]:
    """Attributes of tensors, layers, arrays and Python's own types; none leads to a module."""
    torch = importlib.import_module("torch")
    numpy = importlib.import_module("numpy")
    kinds = (
        torch.Tensor, torch.nn.Module, torch.nn.Parameter, torch.nn.ModuleList,
        torch.nn.ModuleDict, torch.nn.Sequential, torch.optim.Optimizer, torch.device, torch.dtype,
        numpy.ndarray, numpy.random.Generator, list, dict, tuple, set, str, int, float, slice,
        property,
    )  # fmt: skip
    found = {name for kind in kinds for name in dir(kind) if not name.startswith("_")}
    finite = {"eps", "max", "min", "tiny", "smallest_normal"}
    return frozenset(found | finite | _OF_LAYERS) - {"compile", *CLASSES, *FUNCTIONS, *INNER}
