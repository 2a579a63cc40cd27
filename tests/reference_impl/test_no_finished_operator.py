"""What explains an operator does not call it: told by every operator that torch runs below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from reference_impl.convolution import conv2d, conv2d_backward
from reference_impl.heatmaps import soft_argmax, soft_argmax_backward
from reference_impl.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from reference_impl.transposed_convolution import conv_transpose2d, conv_transpose2d_backward

FINISHED = ("conv", "pool", "softmax", "im2col", "col2im", "fold")


class Watch(TorchDispatchMode):
    """Notes the names of the operators that run."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.seen.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))

    def finished(self) -> set[str]:
        """Those that do the whole work; `unfold` alone is a view and does none."""
        return {name for name in self.seen if any(f in name for f in FINISHED) and name != "unfold"}


x, w, back = torch.ones(1, 2, 6, 6), torch.ones(3, 2, 3, 3), torch.ones(2, 3, 3, 3)
RUNS: dict[str, Callable[[], Any]] = {
    "conv2d": lambda: conv2d(x, w, None, 1, 1),
    "conv2d_backward": lambda: conv2d_backward(torch.ones(1, 3, 4, 4), x, w),
    "conv_transpose2d": lambda: conv_transpose2d(x, back, None, 2),
    "conv_transpose2d_backward": lambda: conv_transpose2d_backward(torch.ones(1, 3, 8, 8), x, back),
    "max_pool": lambda: max_pool(x, 2),
    "max_pool_backward": lambda: max_pool_backward(torch.ones(1, 2, 3, 3), x, 2),
    "average_pool": lambda: average_pool(x, 2),
    "average_pool_backward": lambda: average_pool_backward(torch.ones(1, 2, 3, 3), x, 2),
    "soft_argmax": lambda: soft_argmax(x),
    "soft_argmax_backward": lambda: soft_argmax_backward(torch.ones(1, 2, 2), x),
}


@pytest.mark.parametrize("name", RUNS)
def test_no_finished_operator_runs(name: str) -> None:
    with Watch() as watch:
        RUNS[name]()
    assert watch.seen
    assert watch.finished() == set()


@pytest.mark.parametrize(
    "finished",
    [
        lambda: torch.nn.functional.conv2d(x, w),
        lambda: torch.nn.functional.max_pool2d(x, 2),
        lambda: torch.nn.functional.avg_pool2d(x, 2),
        lambda: torch.nn.functional.unfold(x, 2),
        lambda: x.softmax(-1),
    ],
)
def test_the_watch_sees_finished_operators(finished: Callable[[], Any]) -> None:
    with Watch() as watch:
        finished()
    assert watch.finished()
