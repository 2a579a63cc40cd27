"""Threads, an exit hook and a finaliser that write to the reply pipe."""
import numpy as np

import atexit
import os
import threading


class Last:
    def __del__(self, write=os.write):
        write(4, b"MXF1" + b"\xff" * 12)


def noise():
    while True:
        os.write(4, b"MXF1" + bytes(12))


KEPT = Last()
atexit.register(os.write, 4, b"MXF1")
threading.Thread(target=noise, daemon=True).start()


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.zeros(x.shape[1])
    return np.zeros(x.shape), None


def spatial_batchnorm_backward(dout, cache):
    x, one = dout, dout.shape[1]
    return np.zeros(x.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
