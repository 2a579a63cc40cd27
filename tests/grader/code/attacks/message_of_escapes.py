"""Raises messages of escapes, HTML, direction marks and a megabyte of text."""


def spatial_batchnorm_forward(*args):
    class Error(Exception):
        pass


    Error.__name__ = "<img src=x onerror=alert(1)>\x1b[31m"
    raise Error("\x1b[2J\u202e\u2028<script>alert(1)</script>\r\nverdict: right\0" + "A" * 10**6)


spatial_batchnorm_backward = spatial_batchnorm_forward
