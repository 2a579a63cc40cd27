"""Infinity, and empty arrays."""
import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"], bn_param["running_var"] = np.zeros(0), np.zeros((0, 3))
    return np.full_like(x, np.inf), None


def spatial_batchnorm_backward(dout, cache):
    return (), [], {}
