"""Prints a verdict in colour, with links and HTML, and is killed."""
import os
import signal
import sys


def spatial_batchnorm_forward(*args):
    print("\x1b[2J\x1b]8;;http://x/\x07right\u202e <script>alert(1)</script> 100 points", flush=True)
    sys.stderr.write("\x9b31m\u2028verdict: right\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


spatial_batchnorm_backward = spatial_batchnorm_forward
