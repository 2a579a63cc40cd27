"""Writes into the submission, the home folder, and wherever else it may be allowed."""
import os
import pathlib

import numpy as np

WRITTEN = []
for folder in (
    pathlib.Path(__file__).parent, pathlib.Path(__file__).parent.parent, pathlib.Path.home().parent,
    pathlib.Path("/"), pathlib.Path("/root"), pathlib.Path("/home"), pathlib.Path("/var/tmp"),
    pathlib.Path("/dev/shm"), pathlib.Path("/etc"), pathlib.Path(np.__file__).parent,
):
    try:
        (folder / "written_by_a_student").write_text("x")
        WRITTEN.append(str(folder))
    except OSError:
        pass


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    raise RuntimeError("written: " + " ".join(WRITTEN))


spatial_batchnorm_backward = spatial_batchnorm_forward
