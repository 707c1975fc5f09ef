"""Networks as they learn: with their batch norms, and pictures in [0, 1] as input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.learn.squares import Squares
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card
from dreamer.networks.shapes import shapes, without_numbers
from dreamer.networks.trace import Traced
from dreamer.networks.unlearnt import MEAN, STD
from dreamer.networks.vgg_pattern import PREFIX
from dreamer.networks.weights import load_module

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Range:
    """What a network wants of pictures in [0, 1]: `(x · scale − mean) / std`, channels in
    `order`.
    """

    mean: Triple = (MEAN,) * 3
    std: Triple = (STD,) * 3
    scale: float = 1.0
    order: Literal["RGB", "BGR"] = "RGB"


HOUSE = Range()
AS_IT_IS = Range((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def range_of(card: Card) -> Range:
    """What the network of `card` wants."""
    return Range(card.mean, card.std, card.scale, card.order)


def measured_range(squares: Squares) -> Range:
    """The mean and standard deviation of each channel over all pixels of `squares`."""
    total = torch.zeros(3, dtype=torch.float64)
    square, count = total.clone(), 0
    for some in torch.split(squares.pictures, 256):
        levels = some.double() / 255
        total += levels.sum((0, 2, 3)).cpu()
        square += levels.square().sum((0, 2, 3)).cpu()
        count += levels[:, 0].numel()
    mean = total / count
    std = (square / count - mean.square()).clamp(min=1e-4).sqrt()
    return Range(_triple(mean.tolist()), _triple(std.tolist()))


def _triple(numbers: Sequence[float]) -> Triple:
    red, green, blue = (round(float(n), 4) for n in numbers)
    return red, green, blue


class Normalised(nn.Module):
    """A network behind the range it wants; pictures `(B, 3, H, W)` in [0, 1] go in."""

    def __init__(self, net: nn.Module, wanted: Range = HOUSE) -> None:
        super().__init__()
        self.net = net
        self.wanted = wanted
        std = torch.tensor(wanted.std)
        self.register_buffer("factor", (wanted.scale / std)[:, None, None], persistent=False)
        shift = (-torch.tensor(wanted.mean) / std)[:, None, None]
        self.register_buffer("shift", shift, persistent=False)

    def seen(self, x: Tensor) -> Tensor:
        """`x` as the network sees it."""
        ordered = x.flip(1) if self.wanted.order == "BGR" else x
        factor, shift = self.get_buffer("factor"), self.get_buffer("shift")
        return ordered * factor + shift

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(self.seen(x))
        return logits


def grown(base: Card, classes: int, seed: int) -> Normalised:
    """The network of `base` with its weights and a new head of `classes`, to be trained on.

    Its batch norms are as they were shipped: folded away, for house.

    Raises:
        NetworkError: it has no class head that could be replaced.
    """
    if base.architecture.startswith("module:"):
        raise NetworkError(f"base: {base.name} is a module in memory; name one of the catalogue")
    row = ARCHITECTURES[base.architecture]
    head = f"{row.head}."
    if not row.head:
        raise NetworkError(f"base: {base.name} has no class head that could be replaced")
    net = row.build(classes)
    if not isinstance(net.get_submodule(row.head), nn.Linear):
        raise NetworkError(f"base: the class head of {base.name} is not a linear layer")
    row.initialise(net, seed)
    learnt = load_module(base).state_dict()
    new = {k: v for k, v in net.state_dict().items() if k.startswith(head)}
    net.load_state_dict({k: v for k, v in {**learnt, **new}.items() if k in net.state_dict()})
    return Normalised(net, range_of(base))


def trained_here(architecture: str) -> Callable[[int], nn.Module]:
    """What builds `architecture` for learning.

    Raises:
        NetworkError: none of those that we train, or a pattern that is none.
    """
    names = [name for name, row in ARCHITECTURES.items() if row.trainable is not None]
    known = architecture in ARCHITECTURES or architecture.startswith(PREFIX)
    build = ARCHITECTURES[architecture].trainable if known else None
    if build is None:
        near = did_you_mean(architecture, names)
        listed = f"{', '.join(names)}, or {PREFIX}PATTERN"
        raise NetworkError(f"no architecture '{architecture}' to train ({listed}){near}")
    return build


def require_side(architecture: str, side: int) -> None:
    """Refuse pictures that `architecture` would learn otherwise than it is used later.

    Fully connected layers look at a map as large as that of pictures of the native side. What is
    smaller is enlarged to it, while learning and later; of what is larger learning sees the whole,
    averaged, and a class head at every position one crop after another.

    Args:
        architecture: a row's name.
        side: of the pictures, in pixels.

    Raises:
        NetworkError: pictures too large for its head, or too small for its layers.
    """
    row = ARCHITECTURES[architecture]
    traced = Traced(without_numbers(row.build(2)), row)
    if traced.head is not None and traced.head.crops and side > row.native:
        raise NetworkError(
            f"{architecture} is made for pictures of {row.native} pixels, and its fully connected "
            f"layers learn from none that are larger; got {side}"
        )
    shapes(traced.root, traced.graph, side, side)


def trainable(architecture: str, classes: int, seed: int, wanted: Range = HOUSE) -> Normalised:
    """A network of `architecture` that has learnt nothing yet, its weights drawn from `seed`.

    Raises:
        NetworkError: none of those that we train.
    """
    net = trained_here(architecture)(classes)
    ARCHITECTURES[architecture].initialise(net, seed)
    return Normalised(net, wanted)
