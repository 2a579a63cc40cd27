import numpy as np
from numpy.lib.stride_tricks import as_strided

def _win(x, hh, ww, s):
    N, C, H, W = x.shape
    a, b, c, d = x.strides
    return as_strided(x, (N, C, (H - hh) // s + 1, (W - ww) // s + 1, hh, ww), (a, b, c * s, d * s, c, d), writeable=False)

def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param['stride'], conv_param['pad']
    xp = np.pad(x, ((0,), (0,), (p,), (p,)), mode='constant')
    out = np.tensordot(_win(xp, *w.shape[2:], s), w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + b[None, :, None, None]
    return out.astype(np.float32), (x, w, b, conv_param)

def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param['stride'], conv_param['pad']
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dw = np.einsum('nfij,ncijhw->fchw', dout, _win(xp, *w.shape[2:], s), optimize=True)
    dxp = np.zeros(xp.shape, np.float32)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dxp[:, :, i*s:i*s+w.shape[2], j*s:j*s+w.shape[3]] += np.tensordot(dout[:, :, i, j], w, 1)
    dx = dxp[:, :, p:p+x.shape[2], p:p+x.shape[3]]
    return dx, dw, np.sum(dout, (0, 2, 3))

def max_pool_forward_naive(x, pool_param):
    hh, ww, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    return _win(x, hh, ww, s).max((-1, -2)), (x, pool_param)

def max_pool_backward_naive(dout, cache):
    x, pp = cache
    hh, ww, s = pp['pool_height'], pp['pool_width'], pp['stride']
    v = _win(x, hh, ww, s)
    k = v.reshape(*v.shape[:4], -1).argmax(-1)
    dx = np.zeros(x.shape, np.float32)
    n, c, i, j = np.indices(k.shape)
    np.add.at(dx, (n, c, i * s + k // ww, j * s + k % ww), dout)
    return dx
