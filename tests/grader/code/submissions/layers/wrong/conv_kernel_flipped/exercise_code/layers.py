from builtins import range
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    """Seven loops, as on the blackboard."""
    stride, pad = conv_param['stride'], conv_param['pad']
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    x_pad[:, :, pad:pad + H, pad:pad + W] = x
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    total = b[f]
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                total += x_pad[n, c, i * stride + p, j * stride + q] * w[f, c, HH - 1 - p, WW - 1 - q]
                    out[n, f, i, j] = total
    cache = (x, w, b, conv_param)
    return out, cache
