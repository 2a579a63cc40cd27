import numpy as np


def _softmax(scores):
    shifted = scores - scores.max()  # one number for all: enough for scores that are close
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy_loss_naive(W, X, y, reg):
    N = len(y)
    loss, dW = np.float64(0), np.zeros(W.shape)
    for x_i, y_i in zip(X, y):
        p = _softmax(x_i @ W)
        loss -= np.log(p[y_i])
        p[y_i] -= 1
        dW += np.outer(x_i, p)
    loss /= N
    dW /= N
    loss += reg / 2 * (W ** 2).sum()
    dW += reg * W
    return loss, dW


def cross_entropy_loss_vectorized(W, X, y, reg):
    p = _softmax(X @ W)
    onehot = np.zeros_like(p)
    onehot[np.arange(len(y)), y] = 1
    loss = -(onehot * np.log(p)).sum() / len(y) + reg * np.square(W).sum()
    return np.asarray(loss), X.T @ (p - onehot) / len(y) + 2 * reg * W
