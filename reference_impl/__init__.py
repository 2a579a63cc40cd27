"""The course's algorithms in torch, one concept a file, to be read like a textbook.

Nothing here calls the finished layer that it explains: the tests do, and compare.
"""
