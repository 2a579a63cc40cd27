import numpy as np


def affine_forward(x, w, b):
    out = np.empty((x.shape[0], w.shape[1]), dtype=x.dtype)
    np.dot(x.reshape(x.shape[0], -1), w, out=out)
    out += b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dw, db = np.zeros_like(w), np.zeros_like(b)
    dx = np.empty_like(x)
    for i, row in enumerate(x):
        dw += np.outer(row.flatten(), dout[i])
        db += dout[i]
        dx[i] = w.dot(dout[i]).reshape(row.shape)
    return dx, dw, db


def relu_forward(x):
    out = x.copy()
    np.maximum(out, 0, out=out)
    return out, (out,)


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache[0] <= 0] = 0
    return (dx,)


class BatchNormCache:
    def __init__(self, centred, std, gamma):
        self.centred, self.std, self.gamma = centred, std, gamma


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param['eps'] if 'eps' in bn_param else 1e-5
    momentum = bn_param['momentum'] if 'momentum' in bn_param else 0.9
    x = x.copy()
    if bn_param['mode'] == 'test':
        x -= bn_param['running_mean']
        x /= np.sqrt(bn_param['running_var'] + eps)
        x *= gamma
        x += beta
        return x, None
    mean = x.mean(axis=0, keepdims=True)
    x -= mean
    var = (x ** 2).mean(axis=0, keepdims=True)
    if 'running_mean' not in bn_param:
        bn_param.update(running_mean=0 * mean, running_var=0 * var)
    bn_param['running_mean'] = momentum * bn_param['running_mean'] + (1 - momentum) * mean
    bn_param['running_var'] = momentum * bn_param['running_var'] + (1 - momentum) * var
    cache = BatchNormCache(x.copy(), np.sqrt(var + eps), gamma)
    x /= cache.std
    x *= gamma
    x += beta
    return x, cache


def batchnorm_backward(dout, cache):
    N = dout.shape[0]
    dbeta, dgamma = np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
    xhat = cache.centred / cache.std
    for n in range(N):
        dbeta += dout[n]
        dgamma += dout[n] * xhat[n]
    dx = dout.copy()
    dx *= N
    dx -= dbeta
    dx -= xhat * dgamma
    dx *= cache.gamma
    dx /= N * cache.std
    return dx, dgamma, dbeta


batchnorm_backward_alt = batchnorm_backward


def dropout_forward(x, dropout_param):
    p = dropout_param['p']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    out = x.copy()
    if dropout_param['mode'] == 'train':
        dropped = np.random.uniform(size=x.shape) < p
        out[dropped] = 0
        out /= 1 - p
        return out, (p, dropped)
    return out, None


def dropout_backward(dout, cache):
    dx = dout.copy()
    if cache is not None:
        p, dropped = cache
        dx[dropped] = 0
        dx /= 1 - p
    return dx


def softmax_loss(x, y):
    N = x.shape[0]
    dx = x - x.max(axis=1)[:, np.newaxis]
    np.exp(dx, out=dx)
    dx /= dx.sum(axis=1)[:, np.newaxis]
    loss = 0
    for n in range(N):
        loss -= np.log(dx[n, y[n]]) / N
        dx[n, y[n]] -= 1
    dx /= N
    return loss, dx


def l2_loss(x, y):
    dx = x.copy()
    dx -= y
    loss = np.sqrt((dx * dx).sum())
    dx /= loss
    return loss, dx
