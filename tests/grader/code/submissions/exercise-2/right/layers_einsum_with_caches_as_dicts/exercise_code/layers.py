import numpy as np

FLAT = 'nd,dm->nm'


def affine_forward(x, w, b):
    return np.einsum(FLAT, x.reshape(len(x), -1), w) + b[None, :], {'x': x, 'w': w}


def affine_backward(dout, cache):
    x, w = cache['x'], cache['w']
    dx = np.einsum('nm,dm->nd', dout, w).reshape(*x.shape)
    dw = np.einsum('nd,nm->dm', x.reshape(len(x), -1), dout)
    return dx, dw, np.einsum('nm->m', dout)


def relu_forward(x):
    return x.clip(min=0), {'out': x.clip(min=0)}


def relu_backward(dout, cache):
    return np.where(cache['out'] > 0, dout, 0)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get('eps', 1e-5), bn_param.get('momentum', .9)
    if bn_param['mode'] == 'test':
        scale = gamma / np.sqrt(bn_param['running_var'] + eps)
        return x * scale + (beta - bn_param['running_mean'] * scale), {}
    cov = np.cov(x, rowvar=False, bias=True).reshape(x.shape[1], -1)
    stats = {'running_mean': np.average(x, axis=0), 'running_var': np.diag(cov)}
    for name, value in stats.items():
        old = bn_param.get(name, np.zeros_like(value))
        bn_param[name] = old - (1 - momentum) * (old - value)
    istd = (stats['running_var'] + eps) ** -.5
    xhat = (x - stats['running_mean']) * istd
    return xhat * gamma + beta, {'xhat': xhat, 'istd': istd, 'gamma': gamma}


def batchnorm_backward(dout, cache):
    xhat, N = cache['xhat'], len(dout)
    # The Jacobian of x_hat for each feature: (I - 1/N - xhat xhat^T / N) / std.
    jacobian = np.eye(N)[None] - 1 / N - np.einsum('nd,md->dnm', xhat, xhat) / N
    dx = np.einsum('dnm,md->nd', jacobian, dout) * cache['istd'] * cache['gamma']
    return dx, np.einsum('nd,nd->d', dout, xhat), np.einsum('nd->d', dout)


def batchnorm_backward_alt(dout, cache):
    xhat = cache['xhat']
    part = dout - dout.mean(0) - xhat * (dout * xhat).mean(0)
    return [cache['gamma'] * cache['istd'] * part, (dout * xhat).sum(0), dout.sum(0)]


def dropout_forward(x, dropout_param):
    rng = np.random.default_rng(dropout_param.get('seed'))
    train = dropout_param['mode'] == 'train'
    factor = (rng.random(x.shape) > dropout_param['p']) / (1 - dropout_param['p']) if train else 1.0
    return x * factor, {'factor': factor}


def dropout_backward(dout, cache):
    return dout * cache['factor']


def softmax_loss(x, y):
    shifted = x - x.max(1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    one_hot = np.eye(x.shape[1])[y]
    return -(one_hot * log_probs).sum(1).mean(), (np.exp(log_probs) - one_hot) / len(x)


def l2_loss(x, y):
    difference = np.ravel(x - y)
    loss = difference.dot(difference) ** 0.5
    return float(loss), difference.reshape(x.shape) / loss
