"""Recurses after it has lifted the interpreter's own limit."""
import sys


def spatial_batchnorm_forward(*args):
    sys.setrecursionlimit(10**9)
    return spatial_batchnorm_forward(*args)


spatial_batchnorm_backward = spatial_batchnorm_forward
