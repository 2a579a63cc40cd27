"""An exception that causes itself, with notes and a hostile traceback."""


def spatial_batchnorm_forward(*args):
    class Error(Exception):
        __traceback__ = property(lambda self: 1)
        __cause__ = property(lambda self: self)

        def with_traceback(self, _):
            return self


    error = Error("first")
    error.__context__ = Error("second")
    raise error


spatial_batchnorm_backward = spatial_batchnorm_forward
