import torch.nn as layers
import torch as lib
