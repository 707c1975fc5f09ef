"""Colours that no screen shows, brought into range without clipping: a clipped channel turns the
hue and wipes out what is drawn in it, so chroma is taken back instead, the hue kept.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dreamer.dreaming import oklab

ROUNDS = 22  # of halving MOST_CHROMA: to 1e-7
MOST_CHROMA = 0.4  # sRGB's own goes to 0.323
# A line of blue hue leaves sRGB by a hair a fifth before its end: the part of a grey's light by
# which a channel may be under 0, so that blue keeps its chroma. `shown` cuts it off.
SLACK = 0.01
# The same line comes back before its end, so that at hues near 264° the search may find the second
# crossing and pass over a dip: of so much of a grey's light where its far side just reaches SLACK.
DIP = 0.0185
TINY = 1e-20


def softly_within(x: Tensor, width: float) -> Tensor:
    """`x` bent into [0, 1]: untouched from `width` to 1 − `width`, 0 and 1 where it is out by
    `width` or more, parabolas between (C1).
    """
    over, under = (x - (1 - width)).clamp(0, 2 * width), (width - x).clamp(0, 2 * width)
    return x.clamp(-width, 1 + width) + (under.square() - over.square()) / (4 * width)


def most_chroma(lightness: Tensor, hue: Tensor) -> Tensor:
    """The largest chroma that sRGB has at a lightness `(N,)` in [0, 1] and a hue `(N, 2)`, a unit
    vector along a and b; `(N,)`.

    Found by halving, as no closed form is. The last step is Newton's, so that gradients of both
    arguments are those of the true edge.
    """
    with torch.no_grad():
        low = torch.zeros_like(lightness)
        step = MOST_CHROMA / 2
        for _ in range(ROUNDS):
            low = torch.where(_room(lightness, hue, low + step) >= 0, low + step, low)
            step /= 2
        near = 1e-4
        slope = (_room(lightness, hue, low + near) - _room(lightness, hue, low)) / near
        slope = slope.clamp(max=-1e-6)
    if not (torch.is_grad_enabled() and (lightness.requires_grad or hue.requires_grad)):
        return low
    room = _room(lightness, hue, low)
    return low - (room - room.detach()) / slope


def _room(lightness: Tensor, hue: Tensor, chroma: Tensor) -> Tensor:
    """How far the channel nearest to an edge of [0, 1] is inside, in linear light; `(N,)`."""
    slack = SLACK * lightness.clamp(min=0) ** 3
    lab = torch.cat([lightness[:, None], hue * chroma[:, None]], 1)
    light = oklab.linear_of_oklab(lab)
    return torch.minimum(light + slack[:, None], 1 - light).amin(1)


def compressed(lab: Tensor, knee: float = 0.9, bleach: float = 0.004) -> Tensor:
    """Oklab `(B, 3, H, W)` whose colours a screen shows, at the same hue.

    Chroma up to the part `knee` of what sRGB has at that lightness and hue is left as it is. What
    is beyond nears the edge as t / √(1 + t²) and never reaches it, so that the order of chromas is
    kept. A colour right on the edge loses 0.3 · (1 − knee) of its chroma. Along chroma and along
    lightness the map has no corner.

    Args:
        lab: any values.
        knee: in (0, 1).
        bleach: how near 0 and 1 lightness is bent; at the default white stays 255 of 255.

    Raises:
        ValueError: a knee out of (0, 1).
    """
    if not 0 < knee < 1:
        raise ValueError(f"knee must be between 0 and 1, not {knee}")
    lightness = softly_within(lab[:, 0], bleach)
    pairs = lab[:, 1:].movedim(1, -1).flatten(0, -2)
    light, chroma = lightness.flatten(), (pairs.square().sum(1) + TINY).sqrt()
    hue = pairs / chroma[:, None]
    with torch.no_grad():  # most colours are well inside, and need no search
        beyond = (_room(light, hue, chroma / knee) < 0).nonzero()[:, 0]
    own = chroma[beyond]
    edge = most_chroma(light[beyond], hue[beyond])
    room = ((1 - knee) * edge).clamp(min=1e-9)
    excess = ((own - knee * edge) / room).clamp(min=0)
    less = torch.minimum(own, knee * edge) + room * excess / (1 + excess.square()).sqrt()
    pairs = pairs.index_copy(0, beyond, pairs[beyond] * (less / own)[:, None])
    bent = pairs.view(*lightness.shape, 2).movedim(-1, 1)
    return torch.cat([lightness[:, None], bent], 1)


def rolled_off(lab: Tensor, knee: float = 0.75) -> Tensor:
    """Oklab `(B, 3, H, W)` whose lightness lies in [0, 1] again, in its own order.

    From `knee` up, and from 1 − `knee` down, lightness follows the extended curve of Reinhard et
    al. (*Photographic tone reproduction*, 2002), t · (1 + t / M²) / (1 + t), where M is the
    picture's own extreme: that comes to white (black), and a picture that is within bounds stays
    as it is.
    """
    lightness = lab[:, :1]
    room = 1 - knee
    for sign in (1, -1):
        away = (sign * (lightness - 0.5) + 0.5 - knee) / room
        most = away.amax((1, 2, 3), keepdim=True).clamp(min=1)
        t = away.clamp(min=0)
        bent = t * (1 + t / most.square()) / (1 + t)
        lightness = lightness + sign * room * (bent - t)
    return torch.cat([lightness, lab[:, 1:]], 1)


def shown(lab: Tensor, knee: float = 0.9) -> Tensor:
    """The picture `(B, 3, H, W)` in [0, 1] of any Oklab values; arguments as `compressed`."""
    return oklab.srgb_of_oklab(compressed(lab, knee)).clamp(0, 1)
