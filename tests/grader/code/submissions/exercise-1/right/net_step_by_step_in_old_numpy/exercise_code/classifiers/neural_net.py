from __future__ import print_function
import numpy as np
import matplotlib.pyplot as plt


class TwoLayerNet(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        rng = np.random.RandomState(231)
        self.params = {
            'W1': std * rng.randn(input_size, hidden_size),
            'b1': np.zeros(hidden_size, dtype=np.float),
            'W2': std * rng.randn(hidden_size, output_size),
            'b2': np.zeros(output_size, dtype=np.float),
        }

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = [self.params[k] for k in ['W1', 'b1', 'W2', 'b2']]
        N = np.float(X.shape[0])
        layer1 = np.dot(X, W1) + b1
        layer1[layer1 < 0] = 0
        scores = np.dot(layer1, W2) + b2
        if y is None:
            return scores
        scores = scores - np.max(scores, axis=1).reshape(-1, 1)
        exp = np.exp(scores)
        probs = exp / np.sum(exp, axis=1).reshape(-1, 1)
        loss = 0.0
        for i in range(X.shape[0]):
            loss += -np.log(probs[i, y[i]])
        loss = loss / N + 0.5 * reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
        d = probs.copy()
        for i in range(X.shape[0]):
            d[i, y[i]] -= 1
        d /= N
        mask = (layer1 > 0).astype(np.float)
        dlayer1 = np.dot(d, W2.T) * mask
        ones = np.ones(X.shape[0])
        grads = {'W1': np.dot(X.T, dlayer1) + reg * W1, 'b1': np.dot(ones, dlayer1),
                 'W2': np.dot(layer1.T, d) + reg * W2, 'b2': np.dot(ones, d)}
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(num_train / batch_size, 1)
        loss_history = []
        train_acc_history = []
        val_acc_history = []
        for it in range(num_iters):
            idx = np.random.choice(np.arange(num_train), size=batch_size, replace=True)
            loss, grads = self.loss(X[idx, :], y=y[idx], reg=reg)
            loss_history.append(loss)
            for k in sorted(grads.keys()):
                self.params[k] += -learning_rate * grads[k]
            if it % iterations_per_epoch == 0:
                train_acc = (self.predict(X[idx]) == y[idx]).mean()
                val_acc = (self.predict(X_val) == y_val).mean()
                train_acc_history.append(train_acc)
                val_acc_history.append(val_acc)
                learning_rate *= learning_rate_decay
        return {'loss_history': loss_history, 'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        y_pred = None
        hidden = np.maximum(X.dot(self.params['W1']) + self.params['b1'], 0)
        y_pred = np.argmax(hidden.dot(self.params['W2']) + self.params['b2'], axis=1)
        return y_pred
