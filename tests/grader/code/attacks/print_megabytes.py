"""Prints without end."""
import sys


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    while True:
        sys.stdout.write("\x1b[2J\x1b]0;right\x07" * 10000)


spatial_batchnorm_backward = spatial_batchnorm_forward
