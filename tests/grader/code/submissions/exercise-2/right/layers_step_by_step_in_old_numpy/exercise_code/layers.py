"""Written for NumPy 1.16; every layer as a small graph, forward and back again."""
from builtins import range

import matplotlib.pyplot as plt
import numpy as np
from past.builtins import xrange

plt.rcParams['image.cmap'] = 'gray'


def affine_forward(x, w, b):
    D = np.int(np.product(x.shape[1:]))
    flat = x.astype(np.float).reshape([-1, D])
    product = np.matmul(flat, w)
    out = product + np.tile(b, (len(x), 1))
    return out, dict(flat=flat, w=w, shape=x.shape)


def affine_backward(dout, cache):
    dproduct = dout
    db = np.ones(len(dout), dtype=np.float).dot(dout)
    dflat = np.matmul(dproduct, np.transpose(cache['w']))
    dw = np.matmul(np.transpose(cache['flat']), dproduct)
    return dflat.reshape(cache['shape']), dw, db


def relu_forward(x):
    out = np.copy(x)
    out[out < 0] = 0
    return out, (x > 0).astype(np.bool)


def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[np.logical_not(cache)] = 0
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param['mode'] not in ('train', 'test'):
        raise ValueError('unknown mode')
    eps = bn_param.setdefault('eps', 1e-5)
    momentum = bn_param.setdefault('momentum', 0.9)
    N, D = x.shape
    bn_param.setdefault('running_mean', np.zeros(D, dtype=np.float))
    bn_param.setdefault('running_var', np.zeros(D, dtype=np.float))
    if bn_param['mode'] == 'test':
        out = (x - bn_param['running_mean']) / np.sqrt(bn_param['running_var'] + eps)
        out *= gamma
        out += beta
        return out, None
    # 1: mean; 2: centre; 3: square; 4: variance; 5: root; 6: inverse; 7: normalise; 8, 9: scale, shift
    mu = 1. / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1. / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    gammax = gamma * xhat
    out = gammax + beta
    bn_param['running_mean'] *= momentum
    bn_param['running_mean'] += (1. - momentum) * mu
    bn_param['running_var'] *= momentum
    bn_param['running_var'] += (1. - momentum) * var
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps)


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + eps) * dsqrtvar
    dsq = 1. / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1. / N * np.ones((N, D)) * dmu
    return dx1 + dx2, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def dropout_forward(x, dropout_param):
    if dropout_param.get('seed') is not None:
        np.random.seed(dropout_param['seed'])
    keep = np.float(1 - dropout_param['p'])
    if dropout_param['mode'] != 'train':
        return x.copy(), (keep, None)
    mask = np.random.binomial(1, keep, size=x.shape).astype(np.bool)
    out = np.zeros_like(x)
    out[mask] = x[mask] / keep
    return out, (keep, mask)


def dropout_backward(dout, cache):
    keep, mask = cache
    if mask is None:
        return dout
    return np.where(mask, dout / keep, np.float(0))


def softmax_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape, dtype=np.float)
    for n in xrange(len(x)):
        scores = x[n] - max(x[n])
        total = np.log(sum(np.exp(scores)))
        loss += total - scores[y[n]]
        for c in range(x.shape[1]):
            dx[n, c] = (np.exp(scores[c] - total) - np.int(c == y[n])) / len(x)
    return loss / np.float(len(x)), dx


def l2_loss(x, y):
    loss = np.linalg.norm(x - y)
    return loss, (x - y) / loss
