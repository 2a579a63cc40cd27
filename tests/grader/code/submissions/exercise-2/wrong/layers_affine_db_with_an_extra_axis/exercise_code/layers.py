import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    x_rows = np.reshape(x, (N, -1))
    out = x_rows.dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.reshape(x, (N, -1)).T.dot(dout)
    db = np.sum(dout, axis=0, keepdims=True)
    return dx, dw, db
