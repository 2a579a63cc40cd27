"""Isolation of student code: Linux layers through ctypes, and the fork server that applies them.

Everything in this folder except `host` runs in processes that may not see the rest of the project,
so it imports the standard library only.
"""
