"""Scores and classes of every wrong kind."""
import numpy as np


class Yes:
    def __eq__(self, other):
        return True

    __hash__ = None

    def __array__(self, *a, **k):
        return np.zeros(0)


def cross_entropy_loss_naive(W, X, y, reg):
    return Yes(), W.view(np.uint8)


def cross_entropy_loss_vectorized(W, X, y, reg):
    W[...] = np.nan
    return np.float64("inf"), np.matrix(W)


class TwoLayerNet:
    def __init__(self, *a, **k):
        self.params = {"W1": Yes(), "b1": [], "W2": np.zeros((0, 10**6)), "b2": np.array(Yes(), object)}

    def loss(self, X, y=None, reg=0.0):
        return (1e999, self.params) if y is not None else np.full((len(X), 10**3), -1e308)

    def train(self, *a, **k):
        return {k: [1e308, -1e308] * 50 for k in ("loss_history", "train_acc_history", "val_acc_history")}

    def predict(self, X):
        return np.broadcast_to(np.int8(1), (10**12,))
