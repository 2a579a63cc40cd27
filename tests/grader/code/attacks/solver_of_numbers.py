"""Sets weights that no training reaches: infinite, of other shapes, none at all."""
import torch


class Solver:
    def __init__(self, optim=None, optim_args=None, loss_func=None):
        self.train_loss_history = [float("nan")] * 10**5
        self.train_acc_history = [10**400, float("inf"), "1.0", None]
        self.val_acc_history = range(10**12)

    def train(self, model, train_loader, val_loader, num_epochs=10, log_nth=0):
        model.weight = torch.nn.Parameter(torch.full((3, 4), float("inf")))
        model.bias = torch.nn.Parameter(torch.zeros(1000, 7))
