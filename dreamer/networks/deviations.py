"""How much each channel of a network varies on pictures: the scale of its answers.

A file of weights may carry them beside its own tensors, as `std.<layer>` for what a layer puts out
and `std.<layer>:pre` for what goes into its activation; a file without them is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from dreamer.errors import NetworkError
from dreamer.networks.trace import Point, Traced

PREFIX = "std."
LEAST = 0.1  # of a layer's mean: a channel that was silent so far must not become the loudest


def key_of(point: Point) -> str:
    """What the deviations at `point` are called in a file."""
    return f"{PREFIX}{point.layer}{':pre' if point.before else ''}"


def kept(tensors: Mapping[str, Tensor], point: Point, channels: int) -> Tensor | None:
    """The deviations at `point` that a file's `tensors` carry, `(channels,)` float32, or None.

    Files that know only what layers put out give that for what goes into their activations too.

    Raises:
        NetworkError: they are of another layer, or no deviations.
    """
    for key in dict.fromkeys((key_of(point), key_of(Point(point.layer)))):
        if key not in tensors:
            continue
        found = tensors[key].float()
        if found.shape != (channels,):
            raise NetworkError(f"'{key}' is {tuple(found.shape)}, expected ({channels},)")
        if not (found.isfinite() & (found > 0)).all():
            raise NetworkError(f"'{key}' holds values that are no standard deviations")
        return found
    return None


def measured(
    traced: Traced, points: Sequence[Point], pictures: Sequence[Tensor]
) -> dict[str, Tensor]:
    """The deviations at `points` over all places of `pictures`, `{key_of(point): (C,)}`, as a file
    keeps them.

    Args:
        traced: the network.
        points: layers, before or after their activation.
        pictures: batches `(B, 3, H, W)`, normalised as the card says.
    """
    see = traced.perception(points)
    sums: list[Tensor] = []
    squares: list[Tensor] = []
    counts = [0] * len(points)
    with torch.no_grad():
        for batch in pictures:
            for k, activation in enumerate(see(batch)):
                flat = activation.double().transpose(0, 1).flatten(1)
                if k == len(sums):
                    sums.append(torch.zeros_like(flat[:, 0]))
                    squares.append(torch.zeros_like(flat[:, 0]))
                sums[k] += flat.sum(1)
                squares[k] += flat.square().sum(1)
                counts[k] += flat.shape[1]
    found = {}
    for point, total, square, count in zip(points, sums, squares, counts, strict=True):
        std = (square / count - (total / count).square()).clamp(min=0).sqrt()
        least = max(LEAST * std.mean().item(), 1e-6)
        found[key_of(point)] = std.clamp(min=least).float()
    return found
