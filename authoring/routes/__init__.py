"""Second, independent routes to the keys: torch, autograd, brute force.

Each public function of a module of this folder is a route that a question may name under `verify`. A route must
not use the solver that it confirms. It gives what the answer type of the key takes: a number, a list for shapes
and matrices, a formula as text, or a list of true and false for the options (in the author's order).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from question_bank.catalogue import functions_of


@lru_cache(maxsize=1)
def routes() -> Mapping[str, Callable[..., Any]]:
    """Every route by name."""
    return functions_of(sys.modules[__name__])
