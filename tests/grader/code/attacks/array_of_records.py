"""A structured dtype that is as long as a float."""
import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.zeros(x.shape[1])
    return np.zeros(x.shape, [("a", "<f4"), ("b", "<f4")]), None


def spatial_batchnorm_backward(dout, cache):
    x, one = dout, dout.shape[1]
    return np.zeros(x.shape, [("a", "<f4"), ("b", "<f4")]), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
