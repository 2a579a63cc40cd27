import numpy as np


def l2_loss(x, y):
    loss = np.sum((x - y) ** 2)
    dx = 2 * (x - y)
    return loss, dx
