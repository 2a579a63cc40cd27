"""Update rules that return views of endless arrays, the weights themselves, and configs that lie."""
import numpy as np


class Config(dict):
    def __getitem__(self, key):
        return 0.0

    def __contains__(self, key):
        return True


def sgd(w, dw, config=None):
    w[...] = np.nan
    return w, Config()


def sgd_momentum(w, dw, config=None):
    return np.broadcast_to(w.flat[0], (10**6, 10**6)), Config(velocity=Config())


def adam(w, dw, config=None):
    return w - dw * 1e308, Config(t=10**5000, m=w, v=dw)
