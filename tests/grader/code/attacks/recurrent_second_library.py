"""Opens a second copy of torch's library, in a space of its own."""
import ctypes
import os
import shutil
import torch
import torch.nn as nn

FILE = os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so")
system = ctypes.CDLL(None)
system.dlmopen.restype = ctypes.c_void_p
handle = system.dlmopen(ctypes.c_long(-1), FILE.encode(), 2)
if not handle:
    shutil.copy(FILE, "copy.so")
    ctypes.CDLL(os.path.abspath("copy.so"))
raise RuntimeError("a second library was opened")
