import numpy as np


def affine_forward(x, w, b):
    N, D, M = x.shape[0], w.shape[0], w.shape[1]
    rows = [x[n].ravel() for n in range(N)]
    out = np.zeros((N, M))
    for n in range(N):
        for m in range(M):
            total = b[m]
            for d in range(D):
                total += rows[n][d] * w[d, m]
            out[n, m] = total
    return out, {'x': x, 'w': w, 'b': b}


def affine_backward(dout, cache):
    x, w = cache['x'], cache['w']
    N, M = dout.shape
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(M)
    for n in range(N):
        row = x[n].ravel()
        drow = np.zeros(w.shape[0])
        for m in range(M):
            db[m] += dout[n, m]
            dw[:, m] += row * dout[n, m]
            drow += w[:, m] * dout[n, m]
        dx[n] = drow.reshape(x[n].shape)
    return [dx, dw, db]


def relu_forward(x):
    out = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        if x[index] > 0:
            out[index] = x[index]
    return out, x


def relu_backward(dout, cache):
    dx = np.zeros(dout.shape)
    for index in np.ndindex(*cache.shape):
        if cache[index] > 0:
            dx[index] = dout[index]
    return (dx,)
