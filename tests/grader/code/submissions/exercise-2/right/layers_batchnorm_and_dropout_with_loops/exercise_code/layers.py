import math
import random

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    N, D = x.shape
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    means = bn_param.get('running_mean', [0.0] * D)
    variances = bn_param.get('running_var', [0.0] * D)
    out, cache = np.zeros((N, D)), []
    for d in range(D):
        if bn_param['mode'] == 'train':
            mean = sum(x[n, d] for n in range(N)) / N
            var = sum((x[n, d] - mean) ** 2 for n in range(N)) / N
            means = np.array(means, dtype=float)
            variances = np.array(variances, dtype=float)
            means[d] = means[d] * momentum + mean * (1 - momentum)
            variances[d] = variances[d] * momentum + var * (1 - momentum)
        else:
            mean, var = means[d], variances[d]
        std = math.sqrt(var + eps)
        column = [(x[n, d] - mean) / std for n in range(N)]
        cache.append((column, std, gamma[d]))
        for n in range(N):
            out[n, d] = gamma[d] * column[n] + beta[d]
    bn_param['running_mean'], bn_param['running_var'] = means, variances
    return out, cache


def batchnorm_backward(dout, cache):
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d, (column, std, gamma) in enumerate(cache):
        for n in range(N):
            dbeta[d] += dout[n, d]
            dgamma[d] += dout[n, d] * column[n]
        for i in range(N):
            for n in range(N):
                inner = (1.0 if i == n else 0.0) - 1 / N - column[i] * column[n] / N
                dx[i, d] += dout[n, d] * gamma / std * inner
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p = dropout_param['p']
    if 'seed' in dropout_param:
        random.seed(dropout_param['seed'])
    if dropout_param['mode'] == 'test':
        return x, (dropout_param, None)
    mask = [0.0 if random.random() < p else 1 / (1 - p) for _ in range(x.size)]
    mask = np.array(mask).reshape(x.shape)
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout if dropout_param['mode'] == 'test' else mask * dout


def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros((N, C))
    for n in range(N):
        top = max(x[n])
        weights = [math.exp(s - top) for s in x[n]]
        total = sum(weights)
        loss += math.log(total) - (x[n, y[n]] - top)
        for c in range(C):
            dx[n, c] = (weights[c] / total - (c == y[n])) / N
    return loss / N, dx


def l2_loss(x, y):
    total = 0.0
    for a, b in zip(x.ravel(), y.ravel()):
        total += (a - b) * (a - b)
    return math.sqrt(total), np.array([[(a - b) / math.sqrt(total) for a, b in zip(r, s)] for r, s in zip(x, y)])
