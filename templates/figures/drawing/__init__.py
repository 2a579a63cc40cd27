"""What every figure is drawn with: typeset labels, a picture that knows its own extent, axes,
checks of arguments.
"""
