"""An integer power that takes ages inside of C, where no signal is heard."""


def spatial_batchnorm_forward(*args):
    return 3 ** (3 ** 25)


spatial_batchnorm_backward = spatial_batchnorm_forward
