"""The two kinds of workers: what each can import, what is loaded before, what gets a stand-in."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

WorkerKind = Literal["numpy", "torch"]

# Helper packages that tasks of exercise 3 may use in earnest (a table of faces, a pretrained net), and
# what they import in turn: real where they are installed, stand-ins where not. See the extra "course".
COURSE_PACKAGES = ("pandas", "dateutil", "six", "pytz", "tzdata", "PIL", "torchvision")
# What each kind of worker can import beyond the standard library. torch needs the others.
PACKAGES: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "torch": (
        "numpy", "torch", "torchgen", "functorch", "typing_extensions", "sympy", "mpmath",
        "networkx", "jinja2", "markupsafe", "filelock", "fsspec", "triton", "optree",
        *COURSE_PACKAGES,
    ),
}  # fmt: skip
# Folders beside the packages that hold shared libraries only.
LIBRARIES = (
    "numpy.libs", "torch.libs", "nvidia", "pandas.libs", "pillow.libs", "torchvision.libs",
)  # fmt: skip
# Imported once in the fork server instead of once per worker, before the first worker starts ...
PRELOAD: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": ("numpy", "numpy.random"),
    "torch": ("numpy", "numpy.random", "torch", "torch.overrides"),
}
# ... or when nothing has been asked for a while: some code never needs these, and they take longer.
# torch imports them at a gradient along a given vector, and where an optimiser is made.
PRELOAD_LATER: Mapping[WorkerKind, tuple[str, ...]] = {
    "numpy": (),
    "torch": ("torch.fx.experimental.symbolic_shapes", "torch._dynamo"),
}
# Packages that the course's helper files import; a stand-in fails only when it is used.
HELPERS = (
    "pandas", "PIL", "torchvision", "matplotlib", "scipy", "sklearn", "skimage", "cv2", "h5py",
    "imageio", "seaborn", "tqdm", "IPython", "tensorboard", "tensorboardX", "pytorch_lightning",
    "graphviz", "past", "future", "six",
)  # fmt: skip


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """Where the packages lie that are installed here: name -> folder or file."""
    found = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations and spec.origin:
            found[name] = str(Path(next(iter(spec.submodule_search_locations))).resolve())
        elif spec and spec.origin and spec.origin.endswith(".py"):
            found[name] = str(Path(spec.origin).resolve())
    return found


def stand_ins(kind: WorkerKind) -> dict[str, str]:
    """Packages that a worker of this kind gets as stand-ins, with the reason for the student."""
    reasons = dict.fromkeys(HELPERS, "it is not installed where submissions are graded")
    if kind == "numpy":
        reasons["torch"] = "this task is to be written in NumPy: there is no torch here"
    return reasons
