import torch
import torch.nn as nn


class RNN_Classifier(torch.nn.Module):
    def __init__(self, classes=10, input_size=28, hidden_size=128, activation="relu"):
        super(RNN_Classifier, self).__init__()
        self.RNN = nn.RNN(input_size, hidden_size, nonlinearity=activation)
        self.fc = nn.Linear(hidden_size, classes)

    def forward(self, x):
        _, h = self.RNN(x)
        return self.fc(h[0])


class LSTM_Classifier(torch.nn.Module):
    def __init__(self, classes=10, input_size=28, hidden_size=128):
        super(LSTM_Classifier, self).__init__()
        self.LSTM = nn.LSTM(input_size, hidden_size)
        self.drop = nn.Dropout(0.2)
        self.fc1 = nn.Linear(hidden_size, 64)
        self.fc2 = nn.Linear(64, classes)

    def forward(self, x):
        h_seq, (h, c) = self.LSTM(x)
        return self.fc2(self.drop(torch.relu(self.fc1(h_seq))))
