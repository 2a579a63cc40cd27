import numpy as np
from numpy.lib.stride_tricks import as_strided


def _columns(x, hh, ww, stride):
    """All windows as a read-only view (N, C, I, J, hh, ww)."""
    n, c, h, w = x.shape
    i, j = (h - hh) // stride + 1, (w - ww) // stride + 1
    a, b, d, e = x.strides
    return as_strided(x, (n, c, i, j, hh, ww), (a, b, d * stride, e * stride, d, e), writeable=False)


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    f, c, hh, ww = w.shape
    padded = np.pad(x, ((0,), (0,), (pad,), (pad,)), "constant")
    cols = _columns(padded, hh, ww, stride)
    n, _, i, j = cols.shape[:4]
    rows = cols.transpose(0, 2, 3, 1, 4, 5).reshape(n * i * j, -1)
    out = rows @ w.reshape(f, -1).T + b
    out = out.reshape(n, i, j, f).transpose(0, 3, 1, 2)
    return out, (padded.shape, rows, w, conv_param)


def conv_backward_naive(dout, cache):
    shape, rows, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    f, c, hh, ww = w.shape
    n, _, i, j = dout.shape
    flat = dout.transpose(0, 2, 3, 1).reshape(-1, f)
    db = flat.sum(axis=0)
    dw = (flat.T @ rows).reshape(w.shape)
    drows = (flat @ w.reshape(f, -1)).reshape(n, i, j, c, hh, ww)
    dpadded = np.zeros(shape)
    for p in range(hh):
        for q in range(ww):
            dpadded[:, :, p:p + i * stride:stride, q:q + j * stride:stride] += (
                drows[..., p, q].transpose(0, 3, 1, 2)
            )
    return dpadded[:, :, pad:shape[2] - pad, pad:shape[3] - pad], dw, db


def max_pool_forward_naive(x, pool_param):
    hh, ww, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    cols = _columns(np.ascontiguousarray(x), hh, ww, stride)
    return cols.max(axis=(4, 5)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    hh, ww, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    cols = _columns(np.ascontiguousarray(x), hh, ww, stride)
    n, c, i, j = dout.shape
    winner = cols.reshape(n, c, i, j, -1).argmax(axis=-1)
    dx = np.zeros(x.shape)
    ni, ci, ii, ji = np.indices(dout.shape)
    np.add.at(dx, (ni, ci, ii * stride + winner // ww, ji * stride + winner % ww), dout)
    return dx
