"""How much of it there is: what can be asked of an activation without comparing it to anything.

All take `(B, C, h, w)`, chosen channels or a whole layer, and give `(B,)`. They differ in what
they pull on: a mean on every value alike, energy on each by its size, higher powers on the few
largest, a norm as energy does but bounded, softplus most on what is already on. Sums grow with the
picture and means do not; after the step is brought to unit size only a sum of several targets
shows that. `objectives.energy` is the first of them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.masking import averaged, rooted, summed
from dreamer.dreaming.objectives import wide


def mean(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean: lucid's and captum's `channel` for one channel, neural-dream's `mean`."""
    return averaged(wide(activation).mean(1), mask)


def mean_square(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean of a²: lucid's `deepdream`, neural-dream's `mse` (to zero); energy, whatever the
    size of layer and picture.
    """
    return averaged(wide(activation).square().mean(1), mask)


def absolute_mean(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean of |a|: neural-dream's `abs_mean`."""
    return averaged(wide(activation).abs().mean(1), mask)


def absolute_sum(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """Σ|a|: lucid's `L1`, most often with a negative weight, to keep a layer quiet and sparse."""
    return summed(wide(activation).abs(), mask)


def norm(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """√Σa²: lucid's `L2`, and neural-dream's `norm`, `l2` and `abs_l2`, which are one number.

    Its gradient is the activation over its norm, 0 where nothing is active (lucid adds 10⁻⁶).
    """
    length: Tensor = torch.linalg.vector_norm(rooted(wide(activation), mask), dim=(1, 2, 3))
    return length


def power(activation: Tensor, exponent: float, mask: Tensor | None = None) -> Tensor:
    """Σ|a|ᵖ / p: 1 is `absolute_sum`, 2 is energy; from 3 on the loudest features take over.

    Raises:
        ValueError: an exponent below 1, whose pull on silent features would be infinite.
    """
    if exponent < 1:
        raise ValueError(f"the exponent of an energy is at least 1, not {exponent:g}")
    return summed(wide(activation).abs().pow(exponent), mask) / exponent


def softplus(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean of log(1 + eᵃ): neural-dream's `bce`, the cross-entropy of a to a zero.

    Its pull is the sigmoid of a: strongest where a feature is on, and none where it is far off;
    a layer is best asked before its ReLU.
    """
    return averaged(F.softplus(wide(activation)).mean(1), mask)


def variation(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """Σ|a − its right neighbour| + |a − the one below|: the total variation of lucid and
    neural-dream, with a negative weight to keep a layer, or the picture itself, smooth.
    """
    here = wide(activation)
    across, down = here.diff(dim=3).abs(), here.diff(dim=2).abs()
    return summed(F.pad(across, (0, 1)) + F.pad(down, (0, 0, 0, 1)), mask)


def each_channel(
    value: Callable[..., Tensor],
    activation: Tensor,
    mask: Tensor | None = None,
    **arguments: object,
) -> Tensor:
    """`value` of every channel by itself, added up, as neural-dream has listed channels.

    For a norm that is another thing than the norm of all: every channel pulls alike, however
    loud. `arguments` go to `value`.
    """
    batch, channels = activation.shape[:2]
    alone = activation.reshape(batch * channels, 1, *activation.shape[2:])
    if mask is not None and mask.shape[0] == batch:
        mask = mask.repeat_interleave(channels, 0)
    return value(alone, mask=mask, **arguments).view(batch, channels).sum(1)
