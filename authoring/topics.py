"""The topics of the course by lecture, as its questions, blueprints and `quiz --topic` name them."""

from __future__ import annotations

from collections.abc import Mapping

TOPICS: Mapping[int, tuple[str, ...]] = {
    1: (
        "motivation",
        "applications",
    ),
    2: (
        "supervised, unsupervised",
        "k-nearest neighbours",
        "data splitting, cross-validation",
        "linear regression",
        "logistic regression",
    ),
    3: (
        "neural networks",
        "activation functions",
        "loss functions",
        "computational graphs",
    ),
    4: (
        "computational graphs",
        "backpropagation",
        "gradient descent",
    ),
    5: (
        "stochastic gradient descent",
        "SGD variants",
        "convergence of GD and SGD",
        "Newton's method",
        "second-order methods",
    ),
    6: (
        "over- and underfitting",
        "reading train and validation curves",
        "learning rate schedules",
        "hyperparameter search",
        "debugging a training",
    ),
    7: (
        "activation functions",
        "loss functions",
        "weight initialisation",
    ),
    8: (
        "data augmentation",
        "normalisation",
        "dropout",
        "penalties and ensembles",
    ),
    9: (
        "convolutions (forward and backward pass)",
        "convolutions (dimensions)",
        "convolutions (parameters and cost)",
        "pooling",
    ),
    10: (
        "receptive field",
        "LeNet, AlexNet, VGGNet",
        "ResNet, Inception, EfficientNet",
        "R-CNNs",
        "FCN, U-Net",
        "keypoints",
    ),
    11: (
        "transfer learning",
        "RNN",
        "LSTM",
        "dependencies, vanishing gradients",
    ),
    12: (
        "autoencoder",
        "variational autoencoder",
        "GANs",
    ),
}
