import numpy as np


def l2_loss(x, y):
    loss = np.sqrt(np.sum((x - y) ** 2)) / x.shape[0]
    dx = (x - y) / loss / x.shape[0] ** 2
    return loss, dx
