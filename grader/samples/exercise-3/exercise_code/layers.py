import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """
    Forward pass of spatial batch normalization.

    Inputs:
    - x: Input data of shape (N, C, H, W)
    - gamma: Scale parameter, of shape (C,)
    - beta: Shift parameter, of shape (C,)
    - bn_param: Dictionary with mode, eps, momentum, running_mean, running_var

    Returns a tuple of:
    - out: Output data, of shape (N, C, H, W)
    - cache: Values needed for the backward pass
    """
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)

    N, C, H, W = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(C, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(C, dtype=x.dtype))

    g = gamma.reshape(1, C, 1, 1)
    b = beta.reshape(1, C, 1, 1)
    cache = None

    if mode == 'train':
        # normalize with the statistics of the mini batch
        mean = np.mean(x, axis=0)
        var = np.var(x, axis=0)
        x_hat = (x - mean) / np.sqrt(var + eps)
        out = g * x_hat + b
        running_mean = momentum * running_mean + (1 - momentum) * mean.mean(axis=(1, 2))
        running_var = momentum * running_var + (1 - momentum) * var.mean(axis=(1, 2))
        cache = (x_hat, g, var, eps)
    elif mode == 'test':
        mean = running_mean.reshape(1, C, 1, 1)
        var = running_var.reshape(1, C, 1, 1)
        out = g * (x - mean) / np.sqrt(var + eps) + b
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)

    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """
    Backward pass of spatial batch normalization.

    Returns a tuple of dx (N, C, H, W), dgamma (C,), dbeta (C,).
    """
    x_hat, g, var, eps = cache
    N = dout.shape[0]

    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3))
    dbeta = np.sum(dout, axis=(0, 2, 3))

    dx_hat = dout * g
    dx = (dx_hat - np.mean(dx_hat, axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0))
    dx /= np.sqrt(var + eps)
    return dx, dgamma, dbeta
