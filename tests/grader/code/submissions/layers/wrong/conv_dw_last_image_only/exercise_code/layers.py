from builtins import range
import matplotlib.pyplot as plt
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    out = None
    pad = conv_param['pad']
    stride = conv_param['stride']
    N, C, H, W = np.int_(x.shape)
    F, C, HH, WW = w.shape
    assert (H + 2 * pad - HH) % stride == 0
    assert (W + 2 * pad - WW) % stride == 0
    H_new = np.int(1 + (H + 2 * pad - HH) / stride)
    W_new = np.int(1 + (W + 2 * pad - WW) / stride)
    x_padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], 'constant', constant_values=0)
    out = np.zeros((N, F, H_new, W_new), dtype=np.float)
    for j in range(H_new):
        for k in range(W_new):
            masked = x_padded[:, :, j * stride:j * stride + HH, k * stride:k * stride + WW]
            for f in range(F):
                out[:, f, j, k] = np.sum(masked * w[f, :, :, :], axis=(1, 2, 3))
    out = out + b[None, :, None, None]
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    pad, stride = conv_param['pad'], conv_param['stride']
    F, C, HH, WW = w.shape
    N, C, H, W = x.shape
    x_padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], 'constant')
    dx_padded = np.zeros(x_padded.shape, dtype=np.float)
    dw = np.zeros(w.shape, np.float)
    db = np.sum(dout, axis=(0, 2, 3))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            masked = x_padded[:, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
            for k in range(F):
                dw[k] += (masked * dout[:, k, i, j][:, None, None, None])[-1]
            for n in range(N):
                dx_padded[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW] += np.sum(
                    w * dout[n, :, i, j][:, None, None, None], axis=0)
    dx = dx_padded[:, :, pad:-pad, pad:-pad] if pad else dx_padded
    return dx, dw, db
