"""A look at the text of a recurrent network, without running it: does it reach for a finished one?

The watch in the worker lives in the student's process, where code can switch it off. This look
cannot be switched off; it sees names only, and what it sees goes to a person, never to a mark.
It covers the network's file and every file of the submission that it imports, however far.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

MOST_BYTES = 1 << 20
_CLASSES = {"LSTM", "RNN", "GRU", "LSTMCell", "RNNCell", "GRUCell", "RNNBase", "RNNCellBase"}
_FUNCTIONS = {
    "lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell",
    "rnn_relu_cell",
}  # fmt: skip
_INNER = {
    "ops", "_C", "_VF", "jit", "DisableTorchFunction", "DisableTorchFunctionSubclass",
    "_DisableTorchDispatch", "_getframe", "__globals__", "__builtins__", "__subclasses__",
    "f_globals",
}  # fmt: skip
_MODULES = {"threading", "_thread", "ctypes", "gc", "importlib", "inspect", "runpy"}
_NAMES = {"__import__", "__builtins__", "exec", "eval"}
_STRINGS = _CLASSES | _FUNCTIONS | _INNER - {"ops", "jit"} | _MODULES | _NAMES


def uses(files: Mapping[str, bytes], start: str) -> tuple[str, ...]:
    """What the file `start` and all it imports mention that a person should see, sorted."""
    seen: set[str] = set()
    waiting, done = [start], set()
    while waiting:
        name = waiting.pop()
        if name in done or name not in files:
            continue
        done.add(name)
        if len(files[name]) > MOST_BYTES:
            seen.add(f"a very long file {name}")
            continue
        try:
            tree = ast.parse(files[name])
        except SyntaxError:
            continue  # it cannot be imported either
        except (ValueError, RecursionError, MemoryError):
            seen.add(f"a file that cannot be looked at, {name}")
            continue
        seen |= set(_mentions(tree))
        waiting += _imported(tree, name)
    return tuple(sorted(seen))


def _imported(tree: ast.AST, name: str) -> Iterator[str]:
    """Files that the imports may mean, there or not; a package's own file runs before its parts."""
    package = PurePosixPath(name).parent
    modules = [".".join(PurePosixPath(name).with_suffix("").parts)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.parts[: len(package.parts) - node.level + 1] if node.level else ()
            base = ".".join((*parts, *([node.module] if node.module else [])))
            modules += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    for module in modules:
        parts = tuple(module.split("."))
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            yield f"{path}/__init__.py"
            yield f"{path}.py"


def _mentions(tree: ast.AST) -> Iterator[str]:
    quiet = {id(constant) for node in ast.walk(tree) for constant in _harmless(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if set(alias.name.split(".")) & (_MODULES | _INNER):
                    yield alias.name
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node)
        elif isinstance(node, ast.Attribute):
            yield from _attribute(node)
        elif isinstance(node, ast.Name) and node.id in _NAMES:
            yield node.id
        elif isinstance(node, ast.Constant) and id(node) not in quiet:
            if isinstance(node.value, str) and node.value in _STRINGS:
                yield repr(node.value)
        elif isinstance(node, ast.Call) and _computes_a_name(node):
            yield "getattr with a computed name"


def _from(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    if not node.level and set(module.split(".")) & (_MODULES | _INNER):
        yield module
    names = {"torch": _CLASSES | _FUNCTIONS | _INNER | {"*"}, "sys": {"modules", "_getframe"}}
    for alias in node.names:
        if not node.level and alias.name in names.get(module.partition(".")[0], ()):
            yield f"{module}.{alias.name}"


def _attribute(node: ast.Attribute) -> Iterator[str]:
    base = ast.unparse(node.value) if isinstance(node.value, ast.Name) else "..."
    if base in {"self", "cls"}:
        return  # the student's own attribute
    if node.attr in _CLASSES | _FUNCTIONS | _INNER or (base, node.attr) == ("sys", "modules"):
        yield f"{base}.{node.attr}"


def _computes_a_name(node: ast.Call) -> bool:
    """getattr(torch, activation) is usual; getattr(nn, "LS" + "TM") hides something."""
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
        and isinstance(node.args[1], (ast.BinOp, ast.JoinedStr, ast.Call))
    )


def _harmless(node: ast.AST) -> Iterator[ast.AST]:
    """Strings that only say something: docstrings, and the list __all__."""
    if isinstance(node, ast.Expr):
        yield node.value
    elif isinstance(node, ast.Assign):
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            yield from ast.walk(node.value)
    elif isinstance(node, ast.Compare):  # if mode == "lstm"
        yield from (c for c in (node.left, *node.comparators) if isinstance(c, ast.Constant))
