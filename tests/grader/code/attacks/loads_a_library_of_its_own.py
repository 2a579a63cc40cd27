"""Writes a shared library into the scratch folder and opens it, and the C library's system()."""
import ctypes
import os

import numpy as np

with open("own.so", "wb") as stream:
    stream.write(b"\x7fELF" + bytes(2000))
try:
    ctypes.CDLL(os.path.abspath("own.so"))
except OSError:
    pass
if ctypes.CDLL(None).system(b"exit 0") == 0:
    raise SystemExit("a shell could be started")


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.zeros(x.shape[1])
    return np.zeros(x.shape), None


def spatial_batchnorm_backward(dout, cache):
    return np.zeros(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
