"""What `spikecast predict` does, in PyTorch: predict.py M.safetensors X.npy Y.npy."""

import sys

import numpy
import torch
from safetensors.torch import load_file

weights = load_file(sys.argv[1])
outputs, hidden = weights["fc.weight"].shape
layers = sum(name.startswith("lstm.weight_ih") for name in weights)
lstm = torch.nn.LSTM(weights["lstm.weight_ih_l0"].shape[1], hidden, layers, batch_first=True, dtype=torch.float64)
network = torch.nn.ModuleDict({"lstm": lstm, "fc": torch.nn.Linear(hidden, outputs, dtype=torch.float64)})
network.load_state_dict(weights)
with torch.inference_mode():
    y = network["fc"](lstm(torch.from_numpy(numpy.load(sys.argv[2])))[0][:, -1])
numpy.save(sys.argv[3], y.numpy())
