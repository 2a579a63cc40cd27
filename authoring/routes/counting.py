"""Counts, by building torch's own layers and counting their entries."""

from __future__ import annotations


def torch_linear_weights(inputs: int, outputs: int) -> int:
    """The number of entries in the weight matrix of torch's Linear."""
    import torch

    return torch.nn.Linear(inputs, outputs).weight.numel()
