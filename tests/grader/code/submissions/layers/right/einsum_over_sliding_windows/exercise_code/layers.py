import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _windows(x, height, width, stride):
    return sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]


def conv_forward_naive(x, w, b, conv_param):
    p = conv_param["pad"]
    padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    seen = _windows(padded, *w.shape[2:], conv_param["stride"])
    out = np.einsum("ncijhw,fchw->nfij", seen, w) + b[None, :, None, None]
    return out, {"x": x, "w": w, "seen": seen, "param": conv_param}


def conv_backward_naive(dout, cache):
    x, w, s, p = cache["x"], cache["w"], cache["param"]["stride"], cache["param"]["pad"]
    n, c, height, width = x.shape
    grown = np.zeros((n, c, height + 2 * p, width + 2 * p))
    target = sliding_window_view(grown, w.shape[2:], axis=(2, 3), writeable=True)[:, :, ::s, ::s]
    share = np.einsum("nfij,fchw->ncijhw", dout, w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            target[:, :, i, j] += share[:, :, i, j]
    dx = grown[:, :, p:p + height, p:p + width]
    return dx, np.einsum("nfij,ncijhw->fchw", dout, cache["seen"]), np.einsum("nfij->f", dout)


def max_pool_forward_naive(x, pool_param):
    seen = _windows(x, pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"])
    return seen.max((-2, -1)), (x, seen, pool_param)


def max_pool_backward_naive(dout, cache):
    x, seen, pool_param = cache
    s = pool_param["stride"]
    best = seen == seen.max((-2, -1), keepdims=True)
    share = best / best.sum((-2, -1), keepdims=True) * dout[..., None, None]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i * s:i * s + pool_param["pool_height"], j * s:j * s + pool_param["pool_width"]] += share[:, :, i, j]
    return dx
