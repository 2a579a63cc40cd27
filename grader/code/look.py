"""A look at the text of a recurrent network, without running it: does it reach for a finished one?

The watch in the worker lives in the student's process, where code can switch it off. This look
cannot be switched off. It does not search for tricks: it knows the plain way to write a network
(`plain`), and whatever else the text does goes to a person, never to a mark. What makes that
sound: modules are only ever asked for names from a list, and never handed on as values; other
values are only asked for attributes that lead to no module, frame or namespace; and nothing runs
text. The watch then sees what is left, such as `getattr(torch, activation)`.

It covers the network's file and every file of the submission that it imports, however far.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from grader.code import plain

MOST_BYTES, MOST_FILES = 1 << 18, 100
_STRINGS = plain.CLASSES | plain.FUNCTIONS | plain.INNER - {"ops", "jit"} | plain.MODULES
_REGISTERING = {"register_buffer", "register_parameter", "add_module"}
_STRINGS |= {"__import__", "exec", "eval"}


def uses(files: Mapping[str, bytes], start: str) -> tuple[str, ...]:
    """What the file `start` and all it imports mention that a person should see, sorted."""
    seen: set[str] = set()
    trees: list[ast.Module] = []
    waiting, done, size = [start], set(), 0
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        if name not in files:
            seen |= set(_compiled(files, name))
            continue
        size += len(files[name])
        if size > MOST_BYTES or len(trees) >= MOST_FILES:
            seen.add(f"a very long file {name}")
            break
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(files[name])
        except SyntaxError as error:
            # A file that is written plainly cannot be imported either; a codec may be the student's.
            if "encod" in str(error):
                seen.add(f"a file in an unknown encoding, {name}")
            continue
        except (ValueError, RecursionError, MemoryError):
            seen.add(f"a file that cannot be looked at, {name}")
            continue
        trees.append(tree)
        waiting += _imported(tree, name)
    own = {name for tree in trees for name in _own_names(tree)}
    for tree in trees:
        seen |= set(_Reader(tree, own).mentions())
    return tuple(sorted(seen))


def _compiled(files: Mapping[str, bytes], name: str) -> Iterator[str]:
    """A module that would be imported, and has no text that could be looked at."""
    stem = name.removesuffix("py")
    for suffix in ("pyc", "so", "abi3.so"):
        if stem + suffix in files:
            yield f"a compiled file {stem}{suffix}"


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


def _own_names(tree: ast.AST) -> Iterator[str]:
    """Names that the text gives to attributes, functions and classes of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    targets = line.targets if isinstance(line, ast.Assign) else []
                    targets += [line.target] if isinstance(line, ast.AnnAssign) else []
                    yield from (t.id for t in targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _REGISTERING:
            yield from (str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant))


class _Reader:
    """One file: what its names stand for, and what it does with them."""

    def __init__(self, tree: ast.AST, own: set[str]) -> None:
        self.tree, self.own = tree, own
        self.nodes = list(ast.walk(tree))
        self.modules: dict[str, str] = {}  # name in this file -> whitelisted module
        self.foreign: dict[str, str] = {}  # name in this file -> anything else that is imported
        self.quiet = {id(inner) for node in self.nodes for inner in _harmless(node)}
        self.asked: set[int] = set()  # expressions that are asked for an attribute

    def mentions(self) -> Iterator[str]:
        """What a person should see."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from self._import(node)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from self._from(node)
        self._aliases()
        for node in self.nodes:
            if isinstance(node, ast.Attribute):
                self.asked.add(id(node.value))
            elif isinstance(node, ast.Call) and _called(node) in {"getattr", "hasattr"}:
                self.asked.update(id(inner) for inner in (node.func, *node.args[:1]))
            elif isinstance(node, ast.Call) and _called(node) in {"setattr", "type"}:
                self.asked.add(id(node.func))
        for node in self.nodes:
            yield from self._expression(node)

    def _import(self, node: ast.Import) -> Iterator[str]:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if alias.name in plain.modules():
                self.modules[bound] = alias.name if alias.asname else bound
            elif self._is_own(alias.name):
                continue
            else:
                self.foreign[bound] = alias.name
                if set(alias.name.split(".")) & (plain.MODULES | plain.INNER | {"torch"}):
                    yield alias.name

    def _from(self, node: ast.ImportFrom) -> Iterator[str]:
        module = node.module or ""
        if self._is_own(module) or module == "__future__":
            return
        for alias in node.names:
            bound, full = alias.asname or alias.name, f"{module}.{alias.name}"
            if full in plain.modules():
                self.modules[bound] = full
            elif module in plain.modules():
                if alias.name not in plain.names(module):
                    yield full
            else:
                self.foreign[bound] = full
                inner = plain.MODULES | plain.INNER | {"torch"}
                if set(module.split(".")) & inner or alias.name == "*":
                    yield full

    def _is_own(self, module: str) -> bool:
        return module.partition(".")[0] == "exercise_code"

    def _aliases(self) -> None:
        """F = torch.nn.functional is another name for a module, not a value."""
        for node in self.nodes:
            if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
                module = self._module(node.value)
                if module in plain.modules():
                    self.quiet.add(id(node.value))
                    names = [t.id for t in node.targets if isinstance(t, ast.Name)]
                    self.modules.update(dict.fromkeys(names, module))

    def _module(self, node: ast.AST) -> str:
        """The module that a dotted name stands for; "" where it is none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.modules:
            return ""
        found = ".".join([self.modules[node.id], *reversed(parts)])
        return found if found in plain.modules() else ""

    def _expression(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Attribute):
            yield from self._attribute(node.value, node.attr, stored=_stored(node))
            if self._module(node) and not {id(node)} & (self.asked | self.quiet):
                yield f"{node.attr} as a value"
        elif isinstance(node, ast.Name):
            yield from self._name(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in _STRINGS and id(node) not in self.quiet:
                yield repr(node.value)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.MatchClass):
            for name in node.kwd_attrs:
                yield from self._attribute(node.cls, name, stored=False)

    def _attribute(self, value: ast.AST, name: str, *, stored: bool) -> Iterator[str]:
        base = value.id if isinstance(value, ast.Name) else "..."
        module = self._module(value)
        if module:
            fine = not stored and (
                f"{module}.{name}" in plain.modules() or name in plain.names(module)
            )
        elif base in self.foreign:
            fine = False
        elif name.startswith("__") and name.endswith("__"):
            fine = not stored and name in plain.DUNDERS
        elif name in plain.FRAMES:
            fine = False
        elif base in {"self", "cls"}:
            fine = not name.startswith("_") or name in self.own
        elif name in plain.CLASSES | plain.FUNCTIONS | plain.INNER:
            fine = False
        else:
            fine = name in self.own or name in plain.attributes()
        if stored and self._root(value):
            fine = False
        if not fine:
            yield f"{base}.{name}"

    def _root(self, node: ast.AST) -> bool:
        """Whether an expression begins with something that was imported from elsewhere."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in {*self.modules, *self.foreign}

    def _name(self, node: ast.Name) -> Iterator[str]:
        name, free = node.id, id(node) not in self.asked | self.quiet
        if not isinstance(node.ctx, ast.Load):
            return
        if name in self.foreign:
            yield self.foreign[name]
        elif name in {*self.modules, "getattr", "setattr", "hasattr", "type"}:
            if free:
                yield f"{name} as a value"
        elif name in plain.REFUSED or (name.startswith("__") and id(node) not in self.quiet):
            yield name

    def _call(self, node: ast.Call) -> Iterator[str]:
        called = _called(node)
        if called == "type" and (len(node.args) != 1 or node.keywords):
            yield "a class made by type"
        if called not in {"getattr", "setattr", "hasattr"}:
            return
        if len(node.args) < 2 or any(isinstance(a, ast.Starred) for a in node.args):
            yield f"{called} with a computed name"
            return
        value, name = node.args[:2]
        if called == "setattr" and not (isinstance(value, ast.Name) and value.id == "self"):
            yield "setattr"
        elif isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield from self._attribute(value, name.value, stored=called == "setattr")
        elif not self._may_be_computed(value, name):
            yield f"{called} with a computed name"

    def _may_be_computed(self, value: ast.AST, name: ast.AST) -> bool:
        """getattr(torch, activation) is usual, and so is getattr(self, f"W_{gate}")."""
        if isinstance(value, ast.Name) and value.id == "self":
            return _first_letter(name).isalpha()
        if self._module(value) not in {"torch", "torch.nn.functional"}:
            return False
        texts = [n for n in self.nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        known = plain.names("torch") | plain.names("torch.nn.functional")
        # A name that is put together needs pieces; names of functions are no pieces of anything.
        return isinstance(name, (ast.Name, ast.Attribute)) and all(
            n.value in known or id(n) in self.quiet for n in texts
        )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _stored(node: ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _first_letter(node: ast.AST) -> str:
    """What a computed text begins with for certain; "." where that is not known."""
    while True:
        if isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.JoinedStr) and node.values:
            node = node.values[0]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            return node.value[0]
        else:
            return "."


def _harmless(node: ast.AST) -> Iterator[ast.AST]:
    """Strings that only say something: docstrings, messages of errors, and the list __all__."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Raise):
        yield from (n for n in ast.walk(node) if isinstance(n, ast.Constant))
    elif isinstance(node, ast.Assign):
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            yield from ast.walk(node.value)
    elif isinstance(node, ast.Compare):  # if mode == "lstm", if __name__ == "__main__"
        sides = (node.left, *node.comparators)
        yield from (
            c
            for side in sides
            for c in (side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side])
            if isinstance(c, ast.Constant) or (isinstance(c, ast.Name) and c.id == "__name__")
        )
