"""Uses no CPU time at all, ignores every signal it can, and never returns."""
import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    while True:
        try:
            time.sleep(10**6)
        except BaseException:
            pass


spatial_batchnorm_backward = spatial_batchnorm_forward
