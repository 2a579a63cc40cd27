"""Replies of the right form whose arrays cannot be made: our numpy raises over them."""
import json
import os
import struct
import sys

BUFFERS = [
    {"dtype": ["<f8"], "shape": [0]},
    {"dtype": "<f8", "shape": [0] + [1000] * 7},
    {"dtype": "<f8", "shape": [0] + [100] * 7},
]


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    frame = sys._getframe()
    while "header" not in frame.f_locals:
        frame = frame.f_back
    header = json.dumps(
        {
            "id": frame.f_locals["header"]["id"],
            "sent": {"out": {"array": 0, "kind": "array"}},
            "buffers": [BUFFERS[x.shape[0] % len(BUFFERS)]],
        }
    ).encode()
    os.write(4, b"MXF1" + struct.pack("<IQ", len(header), 0) + header)
    os._exit(0)


spatial_batchnorm_backward = spatial_batchnorm_forward
