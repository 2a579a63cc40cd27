import numpy as np


def l2_loss(x, y):
    loss = np.mean((x - y) ** 2)
    dx = 2 * (x - y) / x.size
    return loss, dx
