"""A regular expression that backtracks for ages inside of C."""
import re


def spatial_batchnorm_forward(*args):
    return re.match(r"(a*)*b", "a" * 40)


spatial_batchnorm_backward = spatial_batchnorm_forward
