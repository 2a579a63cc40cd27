import matplotlib.pyplot as plt
import numpy as np

from ..layers import (affine_backward, affine_forward, batchnorm_backward, batchnorm_forward,
                      dropout_backward, dropout_forward, l2_loss, relu_backward, relu_forward,
                      softmax_loss)
from ..layer_utils import affine_relu_backward, affine_relu_forward

LOSSES = {'softmax': softmax_loss, 'l2_loss': l2_loss}


def show_weights(net):
    plt.imshow(net.params['W1'])
    plt.show()


class TwoLayerNet(object):
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0,
                 loss_function='softmax'):
        self.reg, self.loss_function = reg, LOSSES[loss_function]
        self.params = {'b1': np.zeros((hidden_dim,)), 'b2': np.zeros((num_classes,))}
        self.params['W1'] = np.random.normal(scale=weight_scale, size=(input_dim, hidden_dim))
        self.params['W2'] = np.random.normal(scale=weight_scale, size=(hidden_dim, num_classes))

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k] for k in ('W1', 'b1', 'W2', 'b2'))
        hidden, first = affine_relu_forward(X, W1, b1)
        scores, second = affine_forward(hidden, W2, b2)
        if y is None:
            return scores
        loss, dout = self.loss_function(scores, y)
        loss = loss + self.reg / 2 * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dout, dW2, db2 = affine_backward(dout, second)
        _, dW1, db1 = affine_relu_backward(dout, first)
        return loss, {'W1': dW1 + self.reg * W1, 'b1': db1, 'W2': dW2 + self.reg * W2, 'b2': db2}


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10, dropout=0,
                 use_batchnorm=False, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None,
                 loss_function='softmax'):
        self.use_batchnorm, self.use_dropout = use_batchnorm, dropout > 0
        self.reg, self.dtype, self.loss_function = reg, dtype, LOSSES[loss_function]
        self.num_layers = len(hidden_dims) + 1
        self.params = {}
        for n, (rows, cols) in enumerate(zip([input_dim, *hidden_dims], [*hidden_dims, num_classes])):
            self.params[f'W{n + 1}'] = (weight_scale * np.random.randn(rows, cols)).astype(dtype)
            self.params[f'b{n + 1}'] = np.zeros(cols, dtype)
            if use_batchnorm and n < self.num_layers - 1:
                self.params[f'gamma{n + 1}'] = np.ones(cols, dtype)
                self.params[f'beta{n + 1}'] = np.zeros(cols, dtype)
        self.dropout_param = {'mode': 'train', 'p': dropout}
        if seed is not None:
            self.dropout_param['seed'] = seed
        self.bn_params = [{'mode': 'train'} for _ in hidden_dims] if use_batchnorm else []

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = 'train' if y is not None else 'test'
        self.dropout_param['mode'] = mode
        for bn_param in self.bn_params:
            bn_param['mode'] = mode
        out, back = X, []
        for n in range(1, self.num_layers):
            W, b = self.params[f'W{n}'], self.params[f'b{n}']
            if self.use_batchnorm:
                out, fc = affine_forward(out, W, b)
                out, bn = batchnorm_forward(out, self.params[f'gamma{n}'], self.params[f'beta{n}'],
                                            self.bn_params[n - 1])
                out, relu = relu_forward(out)
                caches = [fc, bn, relu]
            else:
                out, fc_relu = affine_relu_forward(out, W, b)
                caches = [fc_relu]
            if self.use_dropout:
                out, drop = dropout_forward(out, self.dropout_param)
                caches.append(drop)
            back.append(caches)
        L = self.num_layers
        scores, last = affine_forward(out, self.params[f'W{L}'], self.params[f'b{L}'])
        if mode == 'test':
            return scores
        loss, dout = self.loss_function(scores, y)
        grads = {}
        dout, grads[f'W{L}'], grads[f'b{L}'] = affine_backward(dout, last)
        for n in reversed(range(1, L)):
            caches = back[n - 1]
            if self.use_dropout:
                dout = dropout_backward(dout, caches.pop())
            if self.use_batchnorm:
                fc, bn, relu = caches
                dout = relu_backward(dout, relu)
                dout, grads[f'gamma{n}'], grads[f'beta{n}'] = batchnorm_backward(dout, bn)
                dout, grads[f'W{n}'], grads[f'b{n}'] = affine_backward(dout, fc)
            else:
                dout, grads[f'W{n}'], grads[f'b{n}'] = affine_relu_backward(dout, caches[0])
        for name, value in self.params.items():
            if name[0] == 'W':
                loss += self.reg / 2 * np.sum(value * value)
                grads[name] = grads[name] + self.reg * value
        return loss, grads
