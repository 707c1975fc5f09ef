"""Networks with random weights, ready to be looked at."""

from __future__ import annotations

import torch
from torch import nn

from dreamer.networks.architectures import ARCHITECTURES, initialise


def network(name: str, classes: int = 6) -> nn.Module:
    """A network with weights by chance, batch norms included."""
    module = ARCHITECTURES[name].build(classes).eval()
    initialise(module, 1)
    generator = torch.Generator().manual_seed(2)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1, generator=generator)
            part.running_var.uniform_(0.5, 2, generator=generator)
    return module
