import numpy as np


def l2_loss(x, y):
    loss = np.sqrt(np.sum((x - y) ** 2))
    dx = 2 * (x - y) / loss
    return loss, dx
