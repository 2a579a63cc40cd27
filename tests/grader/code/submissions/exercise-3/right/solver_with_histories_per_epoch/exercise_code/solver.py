import torch


class Solver:
    """Percent instead of shares, mean losses, a schedule of the rate."""

    def __init__(self, optim=torch.optim.Adam, optim_args=None, loss_func=None):
        self.optim, self.optim_args = optim, dict(optim_args or {})
        self.loss_func = loss_func or torch.nn.CrossEntropyLoss()

    def accuracy(self, model, loader):
        model.eval()
        right = count = 0
        with torch.no_grad():
            for x, y in loader:
                right += (model(x).argmax(1) == y).sum()
                count += y.numel()
        return 100.0 * right / count

    def train(self, model, train_loader, val_loader, num_epochs=10, log_nth=100):
        optimizer = self.optim(model.parameters(), **self.optim_args)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.5)
        self.train_loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        for _ in range(num_epochs):
            model.train()
            total = 0.0
            for x, y in train_loader:
                optimizer.zero_grad()
                loss = self.loss_func(model(x), y)
                loss.backward()
                optimizer.step()
                total += loss.item()
            schedule.step()
            self.train_loss_history.append(total / len(train_loader))
            self.train_acc_history.append(self.accuracy(model, train_loader))
            self.val_acc_history.append(self.accuracy(model, val_loader))
        return model
