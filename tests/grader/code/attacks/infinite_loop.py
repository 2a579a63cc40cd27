"""Never returns."""


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    while True:
        pass


spatial_batchnorm_backward = spatial_batchnorm_forward
