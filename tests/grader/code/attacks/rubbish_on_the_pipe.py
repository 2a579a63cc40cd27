"""Replies that announce far more than they hold, point nowhere, or nest without end."""
import os
import struct

REPLIES = [
    b"MXF1" + struct.pack("<IQ", 2**31, 2**60),
    b"MXF1" + struct.pack("<IQ", 200000, 0) + b"[" * 200000,
    b"MXF1" + struct.pack("<IQ", 2, 0) + b"{}",
    b"\x80\x04cos\nsystem\n(S'id'\ntR.",
]
COUNT = [0]


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    COUNT[0] += 1
    os.write(4, REPLIES[os.getpid() % len(REPLIES)])
    os.write(4, REPLIES[x.shape[0] % len(REPLIES)])
    os._exit(0)


spatial_batchnorm_backward = spatial_batchnorm_forward
