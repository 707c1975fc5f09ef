"""What a network sees in whole pictures, and from where in them a class's score comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.dreaming.integrated import integrated_gradients, saliency
from dreamer.engine.execution import Execution
from dreamer.engine.perceive import cut, normaliser
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS, Point


@dataclass(frozen=True)
class Viewer:
    """A network that looks at whole pictures, squashed to its native size: `logits` of `(B, 3, H,
    W)` in [0, 1] are `(B, classes)`.
    """

    card: Card
    logits: Callable[[Tensor], Tensor]

    def probabilities(self, pictures: Tensor) -> Tensor:
        """Of all classes, `(B, classes)`, each picture by itself."""
        with torch.no_grad():
            rows = [torch.softmax(self.logits(picture), 1) for picture in torch.split(pictures, 1)]
        return torch.cat(rows)

    def log_odds(self, pictures: Tensor, number: int) -> Tensor:
        """Log-odds of the class `number` against all others together, `(B,)`. Unlike a
        probability, it does not stand still where the network is sure; unlike a logit, it does not
        count what speaks for all classes alike.
        """
        logits = self.logits(pictures)
        own = logits[:, number]
        if logits.shape[1] == 1:
            return own
        rest = torch.cat([logits[:, :number], logits[:, number + 1 :]], 1)
        return own - torch.logsumexp(rest, 1)

    def saliency(self, pictures: Tensor, number: int) -> Tensor:
        """Where in each picture `(B, 3, H, W)` the log-odds of a class come from: `(B, 1, H, W)`
        ≥ 0, each summing to 1.
        """
        each = torch.split(squashed(pictures, self.card.native), 1)
        score = partial(self.log_odds, number=number)
        found = torch.cat([integrated_gradients(score, picture) for picture in each])
        shares = squashed(saliency(found), *pictures.shape[2:])
        total = shares.sum((1, 2, 3), keepdim=True)
        return shares / total.clamp(min=torch.finfo(shares.dtype).tiny)


def squashed(x: Tensor, height: int, width: int = 0) -> Tensor:
    """`x` stretched to a size, or to a square."""
    size = (height, width or height)
    if x.shape[2:] == size:
        return x
    return F.interpolate(x, size, mode="bilinear", antialias=True)


def viewer(card: Card, execution: Execution) -> Viewer:
    """The network of `card`, ready to look under `execution`.

    Raises:
        NetworkError: no class head, or weights that are missing.
    """
    network, normalised = cut(card, [Point(LOGITS)], execution), normaliser(card, execution)

    def logits(pictures: Tensor) -> Tensor:
        (found,) = network(normalised(squashed(pictures, card.native)))
        return found.float().mean((2, 3))  # type: ignore[no-any-return]

    return Viewer(card, logits)
