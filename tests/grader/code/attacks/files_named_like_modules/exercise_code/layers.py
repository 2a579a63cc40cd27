"""Beside it lie files with the names of modules, hooks and reports."""
import json
import struct

import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    return np.zeros(x.shape), None


def spatial_batchnorm_backward(dout, cache):
    return np.zeros(dout.shape), np.zeros(1), np.zeros(1)
