import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    N, C, H, W = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(C, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(C, dtype=x.dtype))
    g = gamma[None, :, None, None]
    b = beta[None, :, None, None]
    cache = None
    if mode == 'train':
        mu = x.mean(axis=(0, 2, 3), keepdims=True)
        var = x.var(axis=(0, 2, 3), keepdims=True)
        istd = 1 / np.sqrt(var + eps)
        xhat = (x - mu) * istd
        out = g * xhat + b
        running_mean = momentum * running_mean + (1 - momentum) * mu.mean(axis=(0, 2, 3))
        running_var = momentum * running_var + (1 - momentum) * var.mean(axis=(0, 2, 3))
        cache = (xhat, g, istd)
    else:
        out = g * (x - running_mean[None, :, None, None]) / np.sqrt(running_var[None, :, None, None] + eps) + b
    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    xhat, g, istd = cache
    N, C, H, W = dout.shape
    m = N * H * W
    ax = 0
    dbeta = dout.sum(axis=ax)
    dgamma = (dout * xhat).sum(axis=ax)
    dxhat = dout * g
    ax = (0, 2, 3)
    dx = istd / m * (m * dxhat - dxhat.sum(axis=ax, keepdims=True) - xhat * (dxhat * xhat).sum(axis=ax, keepdims=True))
    return dx, dgamma, dbeta
