"""A view of a million million numbers that takes eight bytes."""
import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.broadcast_to(np.float64(0), (10**6, 10**6))
    return np.broadcast_to(np.float64(0), (10**6, 10**6)), None


def spatial_batchnorm_backward(dout, cache):
    x, one = dout, dout.shape[1]
    return np.broadcast_to(np.float64(0), (10**6, 10**6)), np.broadcast_to(np.float64(0), (10**6, 10**6)), np.broadcast_to(np.float64(0), (10**6, 10**6))
