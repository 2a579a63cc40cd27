"""Backward passes of convolution and pooling, by torch's autograd in float64."""

from __future__ import annotations

from typing import Any


def torch_conv_relu_pool(
    image: Any, kernel: Any, bias: Any, pool: int, stride: int, wanted: str, upstream: Any = None
) -> Any:
    """One value of convolution - ReLU - max pooling: `wanted` is "Z", "P", or "dZ", "dK", "db" for dL/dP = upstream."""
    import torch

    functional = torch.nn.functional
    x = torch.tensor(image, dtype=torch.float64)[None, None]
    k = torch.tensor(kernel, dtype=torch.float64)[None, None].requires_grad_()
    b = torch.tensor([float(bias)], dtype=torch.float64, requires_grad=True)
    z = functional.conv2d(x, k, b)
    p = functional.max_pool2d(torch.relu(z), pool, stride)
    if wanted in ("Z", "P"):
        return {"Z": z, "P": p}[wanted][0, 0].tolist()
    outer = torch.tensor(upstream, dtype=torch.float64)[None, None]
    dz, dk, db = torch.autograd.grad(p, (z, k, b), outer)
    return {"dZ": dz[0, 0], "dK": dk[0, 0], "db": db[0]}[wanted].tolist()


def torch_max_pool2d(image: Any, kernel: int, stride: int) -> Any:
    """The values of torch's max_pool2d, in float64."""
    import torch

    x = torch.tensor(image, dtype=torch.float64)[None, None]
    return torch.nn.functional.max_pool2d(x, kernel, stride)[0, 0].tolist()
