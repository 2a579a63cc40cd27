from builtins import range
import matplotlib.pyplot as plt
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    out = None
    pad = conv_param['pad']
    stride = conv_param['stride']
    N, C, H, W = np.int_(x.shape)
    F, C, HH, WW = w.shape
    x_padded = x
    H_new = 1 + (H - HH) // stride
    W_new = 1 + (W - WW) // stride
    out = np.zeros((N, F, H_new, W_new), dtype=np.float)
    for j in range(H_new):
        for k in range(W_new):
            masked = x_padded[:, :, j * stride:j * stride + HH, k * stride:k * stride + WW]
            for f in range(F):
                out[:, f, j, k] = np.sum(masked * w[f, :, :, :], axis=(1, 2, 3))
    out = out + b[None, :, None, None]
    cache = (x, w, b, conv_param)
    return out, cache
