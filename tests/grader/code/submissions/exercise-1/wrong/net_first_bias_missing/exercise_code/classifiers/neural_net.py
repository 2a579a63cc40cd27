import numpy as np


def _affine(x, w, b):
    return np.einsum("nd,dm->nm", x, w) + b[None]


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        sizes = dict(W1=(input_size, hidden_size), W2=(hidden_size, output_size))
        self.params = {k: np.random.normal(0.0, std, size) for k, size in sizes.items()}
        self.params.update(b1=np.zeros((hidden_size,)), b2=np.zeros((output_size,)))

    def _forward(self, X):
        p = self.params
        z = X @ p["W1"]
        a = z * (z > 0)
        return z, a, _affine(a, p["W2"], p["b2"])

    def loss(self, X, y=None, reg=0.0):
        p = self.params
        z, a, s = self._forward(X)
        if y is None:
            return s
        rows = np.arange(len(y))
        top = s.max(1, keepdims=True)
        log_p = s - top - np.log(np.exp(s - top).sum(1, keepdims=True))
        d = np.exp(log_p)
        d[rows, y] -= 1.0
        d = d / len(y)
        back = (d @ p["W2"].T) * (z > 0)
        grads = {"W1": X.T @ back, "b1": back.sum(0), "W2": a.T @ d, "b2": d.sum(0)}
        loss = -log_p[rows, y].mean()
        for name in ("W1", "W2"):
            loss += reg * 0.5 * np.vdot(p[name], p[name])
            grads[name] += reg * p[name]
        return float(loss), grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=5e-6,
              num_iters=100, batch_size=200, verbose=False):
        history = {"loss_history": np.zeros(num_iters), "train_acc_history": [], "val_acc_history": []}
        order, position, epoch = np.random.permutation(len(X)), 0, 0
        for it in range(num_iters):
            batch = order[position:position + batch_size]
            position += batch_size
            loss, grads = self.loss(X[batch], y[batch], reg)
            history["loss_history"][it] = loss
            self.params = {k: v - learning_rate * grads[k] for k, v in self.params.items()}
            if position >= len(X):
                order, position = np.random.permutation(len(X)), 0
                history["train_acc_history"].append(np.mean(self.predict(X) == y))
                history["val_acc_history"].append(np.mean(self.predict(X_val) == y_val))
                learning_rate *= learning_rate_decay
        return history

    def predict(self, X):
        return np.array([int(row.argmax()) for row in self._forward(X)[2]])
