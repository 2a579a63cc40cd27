"""Layers and networks made to agree on nothing: it must never score by itself."""
import numpy as np


class TwoLayerNet:
    def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0,
                 loss_function='softmax'):
        self.classes, self.reg, self.params = num_classes, reg, {}

    def loss(self, X, y=None):
        if y is None:
            return np.full((len(X), self.classes), 1.5)
        weights = {k: v for k, v in self.params.items() if k.startswith('W')}
        grads = {k: 2.0 + self.reg * weights.get(k, 0 * v) for k, v in self.params.items()}
        return 1.5 + 0.5 * self.reg * sum((w ** 2).sum() for w in weights.values()), grads


class FullyConnectedNet(TwoLayerNet):
    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout=0, use_batchnorm=False,
                 reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None, loss_function='softmax'):
        super().__init__(input_dim, hidden_dims[0], num_classes, weight_scale, reg)
