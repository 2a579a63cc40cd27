"""Prints a verdict in colour and hides an object."""
import torch.nn as nn


class RNN_Classifier(nn.Module):
    def forward(self, x):
        return x[0, :, :10]


LSTM_Classifier = RNN_Classifier
