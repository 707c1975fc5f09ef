"""What matters in a picture, where a part of it must be left out: the place that looks to a network
least like the rest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.engine.execution import Execution, under
from dreamer.engine.perceive import cut, normaliser
from dreamer.engine.scores import exact
from dreamer.networks.blocks import blocks
from dreamer.networks.cards import Card
from dreamer.networks.trace import Point

SIDE = 128  # pixels that a picture is squashed to
EDGE = 16  # mirrored around it, that a network's own border is no sight
DEPTHS = (0.3, 0.5, 0.75)  # of the blocks that are looked at: what differs in texture, and in kind
CELLS = 16  # of a map of what stands out, on a side
STRONGEST = 0.15  # the part of a picture that counts
SOFT = 1.5  # cells, over which a map is smoothed
AIMED = 0.6  # parts of a side off the middle: people aim at what matters, and corners count half
PLAIN = 4 / 255  # levels: a picture that differs by less everywhere has nothing in it
CENTRE = (0.5, 0.5)
Focus = Callable[[np.ndarray], list[tuple[float, float]]]


def focus(card: Card, execution: Execution) -> Focus:
    """A function from squashed pictures `(N, SIDE, SIDE, 3)` uint8 to what matters in each:
    (across, down) as parts of its width and height; the centre where nothing stands out. Computed
    under `exact(execution)`.

    At some depths of the network of `card`, each place is as strong as its activations differ from
    the median of all places, root mean square over channels, and a little stronger in the middle.
    The centroid of the strongest places is what matters.
    """
    execution = exact(execution)
    rows = blocks(card)
    layers = dict.fromkeys(rows[round(depth * (len(rows) - 1))].name for depth in DEPTHS)
    network = cut(card, [Point(layer) for layer in layers], execution)
    normalised = normaliser(card, execution)

    def found(pictures: np.ndarray) -> list[tuple[float, float]]:
        bytes_ = torch.from_numpy(pictures).to(execution.device)
        levels = bytes_.permute(0, 3, 1, 2).float() / 255
        with torch.no_grad(), under(execution):
            wide = F.pad(levels, (EDGE,) * 4, mode="reflect")
            maps = [standing_out(_inside(seen.float())) for seen in network(normalised(wide))]
            plain = (levels.amax((2, 3)) - levels.amin((2, 3))).amax(1) < PLAIN
            whole = torch.stack(maps).sum(0) * aimed(execution.device)
            whole[plain] = 0
            return [(round(x, 4), round(y, 4)) for x, y in centroids(whole).tolist()]

    return found


def _inside(seen: Tensor) -> Tensor:
    """Activations without those of the mirrored edge."""
    height, width = seen.shape[2:]
    down, across = (round(side * EDGE / (SIDE + 2 * EDGE)) for side in (height, width))
    return seen[:, :, down : height - down, across : width - across]


def standing_out(seen: Tensor) -> Tensor:
    """How unlike the rest each place of activations `(B, C, H, W)` is: `(B, CELLS, CELLS)`, 0 to 1;
    0 everywhere where all places are alike.
    """
    cells = F.adaptive_avg_pool2d(seen, CELLS)
    usual = cells.flatten(2).median(2).values[:, :, None, None]
    found = (cells - usual).square().mean(1, keepdim=True).sqrt()
    least, most = found.amin((2, 3), keepdim=True), found.amax((2, 3), keepdim=True)
    spread = (most - least).clamp(min=torch.finfo(found.dtype).tiny)
    return ((found - least) / spread)[:, 0]


def aimed(device: str) -> Tensor:
    """How much each place of a map counts, `(CELLS, CELLS)`: 1 in the middle."""
    off = ((torch.arange(CELLS, device=device) + 0.5) / CELLS - 0.5).square()
    return torch.exp(-(off[:, None] + off) / (2 * AIMED**2))


def centroids(maps: Tensor) -> Tensor:
    """The centroid, (across, down) as parts, of the strongest places of each of `maps` `(B, H, W)`
    ≥ 0, smoothed: `(B, 2)`; the centre of a map without any.
    """
    reach = int(2 * SOFT)
    bell = torch.exp(-torch.arange(-reach, reach + 1, device=maps.device).square() / (2 * SOFT**2))
    bell = bell / bell.sum()
    wide = F.pad(maps[:, None], (reach,) * 4, mode="replicate")
    soft = F.conv2d(F.conv2d(wide, bell.view(1, 1, 1, -1)), bell.view(1, 1, -1, 1))[:, 0]
    least = torch.quantile(soft.flatten(1), 1 - STRONGEST, dim=1)[:, None, None]
    strong = (soft - least).clamp(min=0)
    total = strong.sum((1, 2))
    height, width = maps.shape[1:]
    across = (torch.arange(width, device=maps.device) + 0.5) / width
    down = (torch.arange(height, device=maps.device) + 0.5) / height
    places = torch.stack([(strong.sum(1) * across).sum(1), (strong.sum(2) * down).sum(1)], 1)
    found = places / total[:, None].clamp(min=torch.finfo(maps.dtype).tiny)
    return torch.where(total[:, None] > 0, found, torch.full_like(found, 0.5))
