"""Finds the public functions of a package's modules: a new closed form, or route, is one new function."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def functions_of(package: ModuleType) -> Mapping[str, Callable[..., Any]]:
    """Every public function that is defined in a module of the package, by name, in alphabetical order."""
    found: dict[str, Callable[..., Any]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{info.name}")
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if not own or name.startswith("_"):
                continue
            if name in found:
                raise ImportError(f"two functions of {package.__name__} are named {name}")
            found[name] = function
    return dict(sorted(found.items()))
