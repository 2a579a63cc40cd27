"""Ends by abort(), with a core as large as it may be."""
import os
import resource


def spatial_batchnorm_forward(*args):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    except (OSError, ValueError):
        pass
    os.abort()


spatial_batchnorm_backward = spatial_batchnorm_forward
