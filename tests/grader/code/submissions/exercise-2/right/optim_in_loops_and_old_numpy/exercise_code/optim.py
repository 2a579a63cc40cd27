import numpy as np


def sgd(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    next_w = np.zeros(w.shape, dtype=np.float)
    for i in np.ndindex(*w.shape):
        next_w[i] = w[i] - config['learning_rate'] * dw[i]
    return next_w, config


def sgd_momentum(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('momentum', 0.9)
    v_old = config.get('velocity', np.zeros(w.shape, dtype=np.float))
    v = np.empty(w.shape, dtype=np.float)
    next_w = np.empty(w.shape, dtype=np.float)
    it = np.nditer(w, flags=['multi_index'])
    while not it.finished:
        i = it.multi_index
        v[i] = config['momentum'] * v_old[i] - config['learning_rate'] * dw[i]
        next_w[i] = w[i] + v[i]
        it.iternext()
    config['velocity'] = v
    return next_w, config


def adam(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-3)
    config.setdefault('beta1', 0.9)
    config.setdefault('beta2', 0.999)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('m', np.zeros_like(w))
    config.setdefault('v', np.zeros_like(w))
    config.setdefault('t', np.int(0))
    flat_m, flat_v = config['m'].flatten(), config['v'].flatten()
    flat_w, flat_dw = w.flatten(), dw.flatten()
    config['t'] = np.int64(config['t'] + 1)
    for i in range(flat_w.size):
        g = flat_dw[i]
        flat_m[i] = config['beta1'] * flat_m[i] + (1 - config['beta1']) * g
        flat_v[i] = config['beta2'] * flat_v[i] + (1 - config['beta2']) * g * g
        m_hat = flat_m[i] / (1 - np.power(config['beta1'], config['t']))
        v_hat = flat_v[i] / (1 - np.power(config['beta2'], config['t']))
        flat_w[i] -= config['learning_rate'] * m_hat / (v_hat ** 0.5 + config['epsilon'])
    config['m'], config['v'] = flat_m.reshape(w.shape), flat_v.reshape(w.shape)
    return flat_w.reshape(w.shape), config
