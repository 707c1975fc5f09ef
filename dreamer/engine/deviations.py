"""The scale of each channel that a dream amplifies: from the network's file, or measured here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.draw.procedural import PROCEDURALS
from dreamer.dreaming.objectives import Tap
from dreamer.engine import warm
from dreamer.engine.execution import Execution, under
from dreamer.engine.perceive import normaliser
from dreamer.networks import deviations
from dreamer.networks.cards import Card
from dreamer.networks.modules import opened
from dreamer.networks.trace import Point
from dreamer.networks.weights import tensors_of

SEED = 1


def of_taps(
    cards: Mapping[str, Card], taps: Sequence[Tap], execution: Execution
) -> dict[Tap, Tensor]:
    """Standard deviation of each channel at each of `taps`, `(C,)` float32 on the render's device.

    A file's own are those of real pictures. A network whose file has none sees every noise and
    drawing there is, once, in float32 on the CPU: what counts is the ratio of its channels.

    Raises:
        NetworkError: weights that are not there or not right.
    """
    found: dict[Tap, Tensor] = {}
    for network in dict.fromkeys(tap.network for tap in taps):
        card, mine = cards[network], tuple(tap for tap in taps if tap.network == network)
        points = tuple(Point(tap.layer, tap.before) for tap in mine)
        seen = card.mean, card.std, card.scale, card.order, card.native
        what = "std", points, seen, execution.threads, execution.channels_last
        known = warm.kept(card, what, partial(_known, card, points, execution))
        found |= {
            tap: known[point].to(execution.device) for tap, point in zip(mine, points, strict=True)
        }
    return found


def _known(card: Card, points: Sequence[Point], execution: Execution) -> dict[Point, Tensor]:
    tensors = tensors_of(card)
    found: dict[Point, Tensor] = {}
    absent = []
    for point in points:
        std = deviations.kept(tensors, point, card.layer(point.layer).channels)
        if std is None:
            absent.append(point)
        else:
            found[point] = std
    if absent:
        found.update(_measured(card, absent, execution))
    return found


def _measured(card: Card, points: Sequence[Point], execution: Execution) -> dict[Point, Tensor]:
    exact = replace(execution, device="cpu", precision="float32")
    traced = opened(card)
    normalised, side = normaliser(card, exact), card.native
    pictures = [
        normalised(draw(side, side, SEED)) for draw in (*NOISES.values(), *PROCEDURALS.values())
    ]
    with under(exact):
        found = deviations.measured(traced, points, pictures)
    return {point: found[deviations.key_of(point)] for point in points}
