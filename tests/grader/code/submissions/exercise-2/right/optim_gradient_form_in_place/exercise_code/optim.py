"""Update rules; momentum as in torch, Adam with the corrected learning rate of the paper."""
import numpy as np


def _filled(config, **defaults):
    return {**defaults, **(config or {})}


def sgd(w, dw, config=None):
    config = _filled(config, learning_rate=0.01)
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    config = _filled(config, learning_rate=0.01, momentum=0.9)
    if config.get("velocity") is None:
        config["velocity"] = np.zeros(w.shape, w.dtype)
    config["velocity"] *= config["momentum"]
    config["velocity"] += dw
    w -= config["learning_rate"] * config["velocity"]
    return w, config


def adam(w, dw, config=None):
    config = _filled(config, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
                     m=np.zeros_like(w), v=np.zeros_like(w), t=0)
    t = config["t"] = config["t"] + 1
    b1, b2 = config["beta1"], config["beta2"]
    m, v = config["m"], config["v"]
    m += (1 - b1) * (dw - m)
    v += (1 - b2) * (np.square(dw) - v)
    rate = config["learning_rate"] * np.sqrt(1 - b2 ** t) / (1 - b1 ** t)
    w -= rate * m / (np.sqrt(v) + config["epsilon"])
    return w, config
