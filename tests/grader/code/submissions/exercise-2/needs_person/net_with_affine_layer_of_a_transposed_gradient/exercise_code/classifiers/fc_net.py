import numpy as np

from exercise_code.layers import *


class TwoLayerNet(object):
    def __init__(self, input_dim=3*32*32, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, loss_function='softmax'):
        self.params = {}
        self.reg = reg
        self.loss_function = loss_function
        self.params['W1'] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params['b1'] = np.zeros(hidden_dim)
        self.params['W2'] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params['b2'] = np.zeros(num_classes)

    def loss(self, X, y=None):
        p = self.params
        z, cache1 = affine_forward(X, p['W1'], p['b1'])
        a, relu_cache = relu_forward(z)
        scores, cache2 = affine_forward(a, p['W2'], p['b2'])
        if y is None:
            return scores
        loss_func = softmax_loss if self.loss_function == 'softmax' else l2_loss
        loss, dscores = loss_func(scores, y)
        loss += 0.5 * self.reg * (np.sum(p['W1'] ** 2) + np.sum(p['W2'] ** 2))
        grads = {}
        da, grads['W2'], grads['b2'] = affine_backward(dscores, cache2)
        dz = relu_backward(da, relu_cache)
        _, grads['W1'], grads['b1'] = affine_backward(dz, cache1)
        grads['W2'] += self.reg * p['W2']
        grads['W1'] += self.reg * p['W1']
        return loss, grads


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10, dropout=0,
                 use_batchnorm=False, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None,
                 loss_function='softmax'):
        self.use_batchnorm = use_batchnorm
        self.use_dropout = dropout > 0
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.loss_function = loss_function
        self.params = {}
        dims = [input_dim] + hidden_dims + [num_classes]
        for i in range(1, self.num_layers + 1):
            self.params['W%d' % i] = np.random.normal(0, weight_scale, (dims[i - 1], dims[i]))
            self.params['b%d' % i] = np.zeros(dims[i])
            if use_batchnorm and i < self.num_layers:
                self.params['gamma%d' % i] = np.ones(dims[i])
                self.params['beta%d' % i] = np.zeros(dims[i])
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {'mode': 'train', 'p': dropout}
            if seed is not None:
                self.dropout_param['seed'] = seed
        self.bn_params = []
        if self.use_batchnorm:
            self.bn_params = [{'mode': 'train'} for _ in range(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = 'test' if y is None else 'train'
        if self.use_dropout:
            self.dropout_param['mode'] = mode
        for bn_param in self.bn_params:
            bn_param['mode'] = mode

        p, L = self.params, self.num_layers
        caches = {}
        out = X
        for i in range(1, L):
            out, caches['affine', i] = affine_forward(out, p['W%d' % i], p['b%d' % i])
            if self.use_batchnorm:
                out, caches['bn', i] = batchnorm_forward(
                    out, p['gamma%d' % i], p['beta%d' % i], self.bn_params[i - 1])
            out, caches['relu', i] = relu_forward(out)
            if self.use_dropout:
                out, caches['dropout', i] = dropout_forward(out, self.dropout_param)
        scores, caches['affine', L] = affine_forward(out, p['W%d' % L], p['b%d' % L])
        if mode == 'test':
            return scores

        grads = {}
        loss_func = softmax_loss if self.loss_function == 'softmax' else l2_loss
        loss, dout = loss_func(scores, y)
        for i in range(L, 0, -1):
            if i < L:
                if self.use_dropout:
                    dout = dropout_backward(dout, caches['dropout', i])
                dout = relu_backward(dout, caches['relu', i])
                if self.use_batchnorm:
                    dout, grads['gamma%d' % i], grads['beta%d' % i] = batchnorm_backward(
                        dout, caches['bn', i])
            dout, grads['W%d' % i], grads['b%d' % i] = affine_backward(dout, caches['affine', i])
        for i in range(1, L + 1):
            loss += 0.5 * self.reg * np.sum(p['W%d' % i] ** 2)
            grads['W%d' % i] += self.reg * p['W%d' % i]
        return loss, grads
