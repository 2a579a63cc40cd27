"""Both networks with all formulas in one place, without layers.py."""
import numpy as np


def softmax_with_loss(scores, y):
    e = np.exp(scores - scores.max(1)[:, None])
    probs = e / e.sum(1)[:, None]
    rows = range(len(y))
    loss = -np.log(probs[rows, y]).mean()
    probs[rows, y] -= 1
    return loss, probs / len(y)


def distance(scores, y):
    d = np.linalg.norm(scores - y)
    return d, (scores - y) / d


class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout=0,
                 use_batchnorm=False, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None,
                 loss_function="softmax"):
        self.L = len(hidden_dims) + 1
        self.reg, self.p, self.norm, self.dtype = reg, dropout, use_batchnorm, dtype
        self.loss_of = softmax_with_loss if loss_function == "softmax" else distance
        sizes = (input_dim, *hidden_dims, num_classes)
        self.params = {}
        for l in range(1, self.L + 1):
            self.params["W%d" % l] = np.random.standard_normal(sizes[l - 1:l + 1]) * weight_scale
            self.params["b%d" % l] = np.zeros(sizes[l])
        if self.norm:
            for l in range(1, self.L):
                self.params["gamma%d" % l] = np.ones(sizes[l])
                self.params["beta%d" % l] = np.zeros(sizes[l])
        self.params = {k: v.astype(dtype) for k, v in self.params.items()}
        self.rng = np.random.RandomState(seed)
        self.averages = {}

    def _normalise(self, l, z, train):
        if train:
            mean, var = z.mean(0), ((z - z.mean(0)) ** 2).mean(0)
            old_mean, old_var = self.averages.get(l, (0.0, 0.0))
            self.averages[l] = (0.9 * old_mean + 0.1 * mean, 0.9 * old_var + 0.1 * var)
        else:
            mean, var = self.averages.get(l, (0.0, 0.0))
        std = np.sqrt(var + 1e-5)
        return (z - mean) / std, std

    def loss(self, X, y=None):
        P, train = self.params, y is not None
        a = np.reshape(X, (X.shape[0], -1)).astype(self.dtype)
        saved = []
        for l in range(1, self.L):
            x, xhat, std, mask = a, None, None, None
            z = x @ P["W%d" % l] + P["b%d" % l]
            if self.norm:
                xhat, std = self._normalise(l, z, train)
                z = xhat
            a = np.where(z > 0, z, 0)
            if self.p > 0 and train:
                mask = self.rng.binomial(1, 1 - self.p, a.shape) / (1 - self.p)
                a = a * mask
            saved.append((x, z, xhat, std, mask))
        scores = a @ P["W%d" % self.L] + P["b%d" % self.L]
        if not train:
            return scores
        loss, d = self.loss_of(scores, y)
        grads = {"W%d" % self.L: a.T @ d, "b%d" % self.L: d.sum(0)}
        d = d @ P["W%d" % self.L].T
        for l in range(self.L - 1, 0, -1):
            x, z, xhat, std, mask = saved[l - 1]
            if mask is not None:
                d = d * mask
            d = d * (z > 0)
            if self.norm:
                grads["beta%d" % l], grads["gamma%d" % l] = d.sum(0), (d * xhat).sum(0)
                dxhat = d * P["gamma%d" % l]
                d = (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0)) / std
            grads["W%d" % l], grads["b%d" % l] = x.T @ d, d.sum(0)
            d = d @ P["W%d" % l].T
        for l in range(1, self.L + 1):
            loss += 0.5 * self.reg * np.linalg.norm(P["W%d" % l]) ** 2
            grads["W%d" % l] += self.reg * P["W%d" % l]
        return float(loss), grads


class TwoLayerNet(FullyConnectedNet):
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3,
                 reg=0.0, loss_function="softmax"):
        FullyConnectedNet.__init__(self, [hidden_dim], input_dim, num_classes, reg=reg,
                                   weight_scale=weight_scale, dtype=np.float64,
                                   loss_function=loss_function)
