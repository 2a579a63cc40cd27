"""Executes code that patches the worker, which then claims to have been right."""
import torch.nn as nn


class RNN_Classifier(nn.Module):
    def forward(self, x):
        return x[0, :, :10]


LSTM_Classifier = RNN_Classifier
