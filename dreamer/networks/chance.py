"""What weights are before anything is learnt."""

from __future__ import annotations

import torch
from torch import nn

FAINT = 0.01


def initialise(module: nn.Module, seed: int) -> None:
    """Fill every weight from `seed` ≥ 0 alone (He initialisation), leaving torch's own random state
    untouched.
    """
    generator = torch.Generator().manual_seed(seed % 2**63)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                fan = part.weight[0].numel()
                part.weight.normal_(0, (2 / fan) ** 0.5, generator=generator)
                if part.bias is not None:
                    part.bias.zero_()


def initialise_with_faint_filters(module: nn.Module, seed: int) -> None:
    """As `initialise`, but the first convolution's weights with a deviation of `FAINT`, as
    Krizhevsky began his.

    The batch norm after it takes the scale away, so that nothing else changes; but of a training of
    minutes, steps of the size that the others need would leave He's ten times larger noise as good
    as it is, and the filters are to be looked at.
    """
    initialise(module, seed)
    first = next(part for part in module.modules() if isinstance(part, nn.Conv2d))
    with torch.no_grad():
        first.weight.mul_(FAINT / (2 / first.weight[0].numel()) ** 0.5)
