"""Written for NumPy 1.16, with the helpers of the exercise imported and never used."""
from builtins import range

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from past.builtins import xrange
from scipy.ndimage import zoom

plt.rcParams['figure.figsize'] = (10.0, 8.0)
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


class Unused(nn.Module):
    @torch.no_grad()
    def show(self):
        plt.imshow(zoom(np.zeros((3, 3)), 2))


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    x = x.astype(np.float)
    N, C, H, W = x.shape
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    bn_param.setdefault("running_mean", np.zeros(C, dtype=np.float))
    bn_param.setdefault("running_var", np.zeros(C, dtype=np.float))
    out = np.empty_like(x)
    cache = []
    for c in xrange(C):
        channel = x[:, c].ravel()
        if bn_param["mode"] == "train":
            mean, var = channel.mean(), channel.var()
            bn_param["running_mean"][c] = momentum * bn_param["running_mean"][c] + (1 - momentum) * mean
            bn_param["running_var"][c] = momentum * bn_param["running_var"][c] + (1 - momentum) * var
        elif bn_param["mode"] == "test":
            mean, var = bn_param["running_mean"][c], bn_param["running_var"][c]
        else:
            raise ValueError("unknown mode")
        out[:, c] = (gamma[c] * (channel - mean) / np.sqrt(var + eps) + beta[c]).reshape(N, H, W)
        cache.append((channel - mean, var + eps, gamma[c]))
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx = np.empty_like(dout)
    dgamma, dbeta = np.zeros(C), np.zeros(C)
    for c, (centred, var, gamma) in enumerate(cache):
        d = dout[:, c].ravel()
        m = np.int(d.size)
        dbeta[c] = d.sum()
        dgamma[c] = (d * centred / np.sqrt(var)).sum()
        dxhat = d * gamma
        dvar = (dxhat * centred).sum() * -0.5 * var ** -1.5
        dmean = -dxhat.sum() / np.sqrt(var) - 2 * dvar * centred.mean()
        dx[:, c] = (dxhat / np.sqrt(var) + dvar * 2 * centred / m + dmean / m).reshape(N, H, W)
    return dx, dgamma, dbeta
