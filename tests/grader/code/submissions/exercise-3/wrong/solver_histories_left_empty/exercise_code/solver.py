from random import shuffle
import numpy as np

import torch
from torch.autograd import Variable


class Solver(object):
    default_adam_args = {"lr": 1e-4, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}

    def __init__(self, optim=torch.optim.Adam, optim_args={}, loss_func=torch.nn.CrossEntropyLoss()):
        optim_args_merged = self.default_adam_args.copy()
        optim_args_merged.update(optim_args)
        self.optim_args = optim_args_merged
        self.optim = optim
        self.loss_func = loss_func
        self._reset_histories()

    def _reset_histories(self):
        self.train_loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []

    def train(self, model, train_loader, val_loader, num_epochs=10, log_nth=0):
        optim = self.optim(model.parameters(), **self.optim_args)
        self._reset_histories()
        iter_per_epoch = len(train_loader)
        device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
        model.to(device)
        print('START TRAIN.')
        for epoch in range(num_epochs):
            model.train()
            for i, (inputs, targets) in enumerate(train_loader, 1):
                inputs, targets = Variable(inputs.to(device)), Variable(targets.to(device))
                optim.zero_grad()
                outputs = model(inputs)
                loss = self.loss_func(outputs, targets)
                loss.backward()
                optim.step()
                self.train_loss_history.append(loss.data.cpu().numpy())
                if log_nth and i % log_nth == 0:
                    last = self.train_loss_history[-log_nth:]
                    print('[Iteration %d/%d] TRAIN loss: %.3f' % (
                        i + epoch * iter_per_epoch, iter_per_epoch * num_epochs, np.mean(last)))
            _, preds = torch.max(outputs, 1)
            mask = targets >= 0
            self.train_acc_history.append(np.mean((preds == targets)[mask].data.cpu().numpy()))
            scores = []
            model.eval()
            for inputs, targets in val_loader:
                outputs = model.forward(inputs.to(device))
                _, preds = torch.max(outputs, 1)
                mask = targets >= 0
                scores.append(np.mean((preds == targets)[mask].data.cpu().numpy()))
        print('FINISH.')
