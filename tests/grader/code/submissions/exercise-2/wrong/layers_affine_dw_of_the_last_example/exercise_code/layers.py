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
    for n in range(N):
        dw = np.outer(x[n].ravel(), dout[n])
    db = np.sum(dout, axis=0)
    return dx, dw, db
