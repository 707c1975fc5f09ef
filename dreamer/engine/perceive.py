"""The callable that dreams are made with: pictures in, activations at the asked-for taps out.

Preprocessing is inside, each network runs once and no further than its deepest tap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, fx

from dreamer.dreaming.objectives import Perceive, Tap
from dreamer.engine import warm
from dreamer.engine.execution import Execution
from dreamer.networks.arranging import arranged
from dreamer.networks.cards import Card
from dreamer.networks.fusing import SILU, fused
from dreamer.networks.modules import opened
from dreamer.networks.reach import Reach, reaches
from dreamer.networks.redirected import redirected
from dreamer.networks.shapes import shapes, without_numbers
from dreamer.networks.trace import Point


class Through(Protocol):
    """How a network is run: itself, or for several renders at once (`together`)."""

    def __call__(self, network: fx.GraphModule, pictures: Tensor) -> Sequence[Tensor]:
        """The activations of normalised `pictures` `(B, 3, H, W)`, one for each tap."""
        ...


def alone(network: fx.GraphModule, pictures: Tensor) -> Sequence[Tensor]:
    """The network itself."""
    activations: tuple[Tensor, ...] = network(pictures)
    return activations


def normaliser(card: Card, execution: Execution) -> Callable[[Tensor], Tensor]:
    """What turns a picture `(B, 3, H, W)` in [0, 1] into what the network of `card` was trained
    on.
    """
    scale = card.scale / torch.tensor(card.std)
    offset = -torch.tensor(card.mean) / torch.tensor(card.std)
    scale = scale.to(execution.device)[:, None, None]
    offset = offset.to(execution.device)[:, None, None]
    layout = torch.channels_last if execution.channels_last else torch.contiguous_format

    def normalised(image: Tensor) -> Tensor:
        ordered = image.flip(1) if card.order == "BGR" else image
        wanted = torch.addcmul(offset, ordered, scale)
        return wanted.to(dtype=execution.dtype, memory_format=layout)

    return normalised


def cut(card: Card, points: Sequence[Point], execution: Execution) -> fx.GraphModule:
    """The network of `card` up to `points`, with its weights, ready to run under `execution`."""
    whole = warm.kept(card, "opened", lambda: opened(card), lambda made: warm.bytes_of(made.root))
    part = whole.perception(points).to(execution.device, execution.dtype)
    if execution.channels_last:
        # torch's types know memory_format only beside a tensor
        part = part.to(memory_format=torch.channels_last)
    return part


def outline(card: Card, points: Sequence[Point]) -> fx.GraphModule:
    """The network of `card` up to `points` as its authors laid it out, sizes without numbers."""

    def made() -> fx.GraphModule:
        whole = warm.kept(
            card, "opened", lambda: opened(card), lambda made: warm.bytes_of(made.root)
        )
        found: fx.GraphModule = without_numbers(whole.perception(points))  # type: ignore[assignment]
        return found

    return warm.kept(card, ("outline", *points), made)


class Networks(NamedTuple):
    """A network up to its taps, and the same with the gradients of stopped ReLUs redirected
    (`networks.redirected`), which has the first one's weights.
    """

    plain: fx.GraphModule
    redirected: fx.GraphModule


def kept(card: Card, points: Sequence[Point], execution: Execution) -> Networks:
    """As `cut`, the same ones every time while the weights of `card` are the same: nobody may
    change them.
    """

    def made() -> Networks:
        network = cut(card, points, execution)
        if execution.device == "cpu" and execution.channels_last:
            network = arranged(network)
            return Networks(fused(network), redirected(fused(network, (SILU,))))
        return Networks(network, redirected(network))

    layout = execution.device, execution.precision, execution.channels_last
    return warm.kept(card, ("cut", *points, *layout), made, lambda n: warm.bytes_of(n.plain))


def perceiver(
    cards: Mapping[str, Card],
    taps: Sequence[Tap],
    execution: Execution,
    through: Through = alone,
) -> Perceive:
    """`perceive(image) -> {tap: activation}` for `taps`, each naming a network that is a key of
    `cards`; networks are run by `through`.
    """
    return perceivers(cards, taps, execution, through)[0]


def perceivers(
    cards: Mapping[str, Card],
    taps: Sequence[Tap],
    execution: Execution,
    through: Through = alone,
) -> tuple[Perceive, Perceive]:
    """What `perceiver` gives, and the same with the gradients of stopped ReLUs redirected
    (`networks.redirected`), for the first steps of a dream. Both have the same values, and the
    networks are in memory once.
    """
    parts = _parts(cards, taps, execution)
    plain = [(part, part.networks.plain) for part in parts]
    led = [(part, part.networks.redirected) for part in parts]
    return _seeing(plain, through), _seeing(led, through)


class _Part(NamedTuple):
    """One network of several, and which taps it answers."""

    taps: tuple[Tap, ...]
    normalised: Callable[[Tensor], Tensor]
    networks: Networks


def _parts(cards: Mapping[str, Card], taps: Sequence[Tap], execution: Execution) -> list[_Part]:
    parts = []
    for network in dict.fromkeys(tap.network for tap in taps):
        mine = tuple(tap for tap in taps if tap.network == network)
        points = [Point(tap.layer, tap.before) for tap in mine]
        card = cards[network]
        parts.append(_Part(mine, normaliser(card, execution), kept(card, points, execution)))
    return parts


def reaches_of(cards: Mapping[str, Card], taps: Sequence[Tap]) -> dict[Tap, Reach]:
    """What of a picture the places of `taps` look at.

    Raises:
        NetworkError: something in a network looks at the whole picture at once.
    """
    found: dict[Tap, Reach] = {}
    for mine, network in _outlines(cards, taps):
        found.update(zip(mine, reaches(network), strict=True))
    return found


def maps_of(
    cards: Mapping[str, Card], taps: Sequence[Tap], size: tuple[int, int]
) -> dict[Tap, tuple[int, int]]:
    """How high and wide the maps of `taps` are on a picture of (height, width) `size`."""
    found: dict[Tap, tuple[int, int]] = {}
    for mine, network in _outlines(cards, taps):
        sizes = shapes(network, network.graph, *size)
        (out,) = (node for node in network.graph.nodes if node.op == "output")
        for tap, end in zip(mine, out.args[0], strict=True):
            found[tap] = (sizes[end][2], sizes[end][3])
    return found


def _outlines(
    cards: Mapping[str, Card], taps: Sequence[Tap]
) -> Iterator[tuple[tuple[Tap, ...], fx.GraphModule]]:
    for network in dict.fromkeys(tap.network for tap in taps):
        mine = tuple(tap for tap in taps if tap.network == network)
        yield mine, outline(cards[network], [Point(tap.layer, tap.before) for tap in mine])


def _seeing(parts: Sequence[tuple[_Part, fx.GraphModule]], through: Through) -> Perceive:
    def perceive(image: Tensor) -> dict[Tap, Tensor]:
        seen: dict[Tap, Tensor] = {}
        for part, network in parts:
            seen.update(zip(part.taps, through(network, part.normalised(image)), strict=True))
        return seen

    return perceive
