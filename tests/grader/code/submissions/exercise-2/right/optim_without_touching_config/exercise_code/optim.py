"""Settings are read where they are needed; config comes back as a new dict with the state alone added."""
import numpy as np


def sgd(w, dw, config=None):
    config = dict(config or {})
    return w - config.get("learning_rate", 1e-2) * dw, config


def sgd_momentum(w, dw, config=None):
    config = dict(config or {})
    velocity = config.get("momentum", 0.9) * config.get("velocity", 0.0)
    velocity = velocity - config.get("learning_rate", 1e-2) * dw
    return w + velocity, {**config, "velocity": velocity}


def adam(w, dw, config=None):
    config = dict(config or {})
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    t = config.get("t", 0) + 1
    m = b1 * config.get("m", 0.0) + (1 - b1) * dw
    v = b2 * config.get("v", 0.0) + (1 - b2) * np.square(dw)
    step = (m / (1 - b1 ** t)) / (np.sqrt(v / (1 - b2 ** t)) + config.get("epsilon", 1e-8))
    return w - config.get("learning_rate", 1e-3) * step, {**config, "m": m, "v": v, "t": t}
