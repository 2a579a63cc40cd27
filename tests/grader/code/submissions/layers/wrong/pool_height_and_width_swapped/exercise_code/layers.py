from builtins import range
import matplotlib.pyplot as plt
import numpy as np


def max_pool_forward_naive(x, pool_param):
    WW, HH = pool_param['pool_height'], pool_param['pool_width']
    s = pool_param['stride']
    N, C, H, W = x.shape
    H_new = np.int(1 + (H - HH) / s)
    W_new = np.int(1 + (W - WW) / s)
    out = np.zeros((N, C, H_new, W_new))
    for i in range(H_new):
        for j in range(W_new):
            out[:, :, i, j] = np.max(x[:, :, i * s:i * s + HH, j * s:j * s + WW], axis=(2, 3))
    return out, (x, pool_param)
