"""Starts ten thousand threads."""
import threading
import time


def spatial_batchnorm_forward(*args):
    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    return args[0], args[0], args[0]


spatial_batchnorm_backward = spatial_batchnorm_forward
