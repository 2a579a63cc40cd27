"""Generators and iterators in the place of arrays."""
import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = iter(int, 1)
    return (v for v in iter(int, 1)), None


def spatial_batchnorm_backward(dout, cache):
    x, one = dout, dout.shape[1]
    return (v for v in iter(int, 1)), iter(int, 1), iter(int, 1)
