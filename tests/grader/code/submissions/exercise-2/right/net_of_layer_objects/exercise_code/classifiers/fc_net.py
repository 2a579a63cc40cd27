import numpy as np

from exercise_code import layers as F


class Step:
    """One layer: names of its parameters, forward and backward from layers.py."""

    def __init__(self, forward, backward, names=(), extra=()):
        self.forward_function, self.backward_function = forward, backward
        self.names, self.extra, self.cache = names, extra, None

    def forward(self, x, params):
        out, self.cache = self.forward_function(x, *[params[n] for n in self.names], *self.extra)
        return out

    def backward(self, dout, grads):
        result = self.backward_function(dout, self.cache)
        if not self.names:
            return result
        grads.update(zip(self.names, result[1:]))
        return result[0]


class Net:
    def build(self, dims, weight_scale, use_batchnorm, dropout, seed):
        self.params, self.steps, self.modes = {}, [], []
        if seed is not None:
            np.random.seed(seed)
        for n in range(1, len(dims)):
            W, b, gamma, beta = [f"{kind}{n}" for kind in ("W", "b", "gamma", "beta")]
            self.params[W] = weight_scale * np.random.randn(dims[n - 1], dims[n])
            self.params[b] = np.zeros(dims[n])
            self.steps.append(Step(F.affine_forward, F.affine_backward, (W, b)))
            if n == len(dims) - 1:
                break
            if use_batchnorm:
                self.params[gamma], self.params[beta] = np.ones(dims[n]), np.zeros(dims[n])
                self.modes.append({"mode": "train"})
                self.steps.append(Step(F.batchnorm_forward, F.batchnorm_backward, (gamma, beta),
                                       self.modes[-1:]))
            self.steps.append(Step(F.relu_forward, F.relu_backward))
            if dropout:
                # Seeded once above: every batch gets a mask of its own.
                self.modes.append({"mode": "train", "p": dropout})
                self.steps.append(Step(F.dropout_forward, F.dropout_backward, (), self.modes[-1:]))

    def loss(self, X, y=None):
        for mode in self.modes:
            mode["mode"] = "test" if y is None else "train"
        out = X.astype(self.dtype)
        for step in self.steps:
            out = step.forward(out, self.params)
        if y is None:
            return out
        loss, dout = {"softmax": F.softmax_loss, "l2": F.l2_loss}[self.loss_function](out, y)
        grads = {}
        for step in self.steps[::-1]:
            dout = step.backward(dout, grads)
        for name in [n for n in grads if n.startswith("W")]:
            loss = loss + 0.5 * self.reg * (self.params[name] ** 2).sum()
            grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads


class TwoLayerNet(Net):
    dtype = np.float64

    def __init__(self, input_dim=3*32*32, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, loss_function='softmax'):
        self.reg, self.loss_function = reg, loss_function
        self.build([input_dim, hidden_dim, num_classes], weight_scale, False, 0, None)


class FullyConnectedNet(Net):
    def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10, dropout=0,
                 use_batchnorm=False, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None,
                 loss_function='softmax'):
        self.reg, self.dtype, self.loss_function = reg, dtype, loss_function
        self.build([input_dim, *hidden_dims, num_classes], weight_scale, use_batchnorm, dropout, seed)
        for name in self.params:
            self.params[name] = self.params[name].astype(dtype)
