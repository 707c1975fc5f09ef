"""Which of a layer's channels an objective sees: those listed, or those that a look at the picture
puts first.

neural-dream's modes. Looked at once at the start, a picture grows more of what it began with;
looked at in every step, it follows what the dream itself brings up.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming.masking import weighed
from dreamer.dreaming.objectives import wide

MODES = ("strongest", "weakest", "average")


def strengths(activation: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean activation of each channel of `(B, C, h, w)`, `(B, C)`, without a gradient.

    With a mask, how strong a channel is where the mask lets it be.
    """
    return weighed(wide(activation.detach()), mask).mean((2, 3))


def by_strength(activation: Tensor, mode: str, count: int, mask: Tensor | None = None) -> Tensor:
    """The `count` channels that `mode` puts first, picture by picture: int64 `(B, count)`.

    Of equals the lower number comes first, so that a resumed film chooses as before.

    Args:
        activation: `(B, C, h, w)`, looked at without a gradient.
        mode: `strongest` and `weakest` by `strengths`, or `average`: from the middle of their
            order, (C − 1) // 2 − count // 2 onwards (neural-dream's `avg`).
        count: from 1 to C.
        mask: as for `strengths`.

    Raises:
        ValueError: an unknown mode, or a count that the layer does not have.
    """
    channels = activation.shape[1]
    if mode not in MODES:
        raise ValueError(f"channels are chosen by {', '.join(MODES)}, not {mode!r}")
    if not 1 <= count <= channels:
        raise ValueError(f"{count} channels cannot be chosen of the layer's {channels}")
    strong = strengths(activation, mask)
    order = torch.argsort(strong, stable=True, dim=1, descending=mode == "strongest")
    start = max(0, (channels - 1) // 2 - count // 2) if mode == "average" else 0
    return order[:, start : start + count]


def picked(activation: Tensor, channels: Tensor | None) -> Tensor:
    """Channels of `(B, C, h, w)`: the same `(k,)` of all pictures, or each picture's own `(B, k)`.

    Indices are int64 on the activation's device; `None` stands for all.

    Raises:
        ValueError: choices for another number of pictures.
    """
    if channels is None:
        return activation
    if channels.dim() == 1:
        return activation[:, channels]
    if channels.dim() != 2 or channels.shape[0] != activation.shape[0]:
        raise ValueError(
            f"channels {tuple(channels.shape)} are no choice for {activation.shape[0]} pictures"
        )
    # not `gather`, whose gradient is added up in no fixed order on a GPU
    return activation[torch.arange(len(channels), device=channels.device)[:, None], channels]
