from builtins import range
import matplotlib.pyplot as plt
import numpy as np


def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param['pool_height'], pool_param['pool_width']
    s = pool_param['stride']
    N, C, H, W = x.shape
    H_new = np.int(1 + (H - HH) / s)
    W_new = np.int(1 + (W - WW) / s)
    out = np.zeros((N, C, H_new, W_new))
    for i in range(H_new):
        for j in range(W_new):
            out[:, :, i, j] = np.mean(x[:, :, i * s:i * s + HH, j * s:j * s + WW], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param['pool_height'], pool_param['pool_width']
    s = pool_param['stride']
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = x[:, :, i * s:i * s + HH, j * s:j * s + WW]
            flat = window.reshape(x.shape[0], x.shape[1], -1)
            mask = np.ones(flat.shape) / (HH * WW)
            dx[:, :, i * s:i * s + HH, j * s:j * s + WW] += mask.reshape(window.shape) * dout[:, :, i, j][:, :, None, None]
    return dx
