import numpy as np


def l2_loss(x, y):
    loss = np.sqrt(np.sum((x - y) ** 2))
    dx = (y - x) / loss
    return loss, dx
