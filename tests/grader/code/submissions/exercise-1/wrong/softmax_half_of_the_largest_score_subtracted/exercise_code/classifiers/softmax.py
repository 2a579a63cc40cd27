"""Softmax classifier."""
import os
import numpy as np
from past.builtins import xrange


def cross_entropy_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    num_train, num_classes = X.shape[0], W.shape[1]
    for i in xrange(num_train):
        scores = X[i].dot(W)
        scores = scores - 0.5 * np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(p[y[i]])
        for j in xrange(num_classes):
            dW[:, j] += (p[j] - (j == y[i])) * X[i]
    loss = loss / num_train + 0.5 * reg * np.sum(W * W)
    dW = dW / num_train + reg * W
    return loss, dW


def cross_entropy_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    scores -= 0.5 * np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[range(num_train), y])) + 0.5 * reg * np.sum(W ** 2)
    p[range(num_train), y] -= 1
    dW = X.T.dot(p) / num_train + reg * W
    return loss, dW
