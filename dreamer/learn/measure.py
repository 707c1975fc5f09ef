"""How good a classifier is on pictures it has not seen, plain and under attack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import torch
from torch import Tensor

from dreamer.learn.attack import pgd
from dreamer.learn.augment import centred
from dreamer.learn.photographs import Squares

Classifier = Callable[[Tensor], Tensor]


def shuffled(held: Squares, most: int) -> tuple[Tensor, Tensor]:
    """At most `most` pictures and labels of a fixed shuffle."""
    order = torch.randperm(len(held.labels), generator=torch.Generator().manual_seed(7))[:most]
    order = order.to(held.labels.device)
    return held.pictures[order], held.labels[order]


def batches(squares: Tensor, labels: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Both in pieces of at most `count`."""
    for start in range(0, len(labels), count):
        yield squares[start : start + count], labels[start : start + count]


def accuracy(model: Classifier, held: Squares, side: int, most: int = 10**9) -> dict[str, float]:
    """Top-1 accuracy of each group on the middles of `held`."""
    squares, labels = shuffled(held, most)
    with torch.no_grad():
        right = torch.cat(
            [model(centred(p, side)).argmax(1) == y for p, y in batches(squares, labels, 250)]
        )
    groups = [held.groups[k] for k in labels.tolist()]
    out = {}
    for name in dict.fromkeys(held.groups):
        mine = torch.tensor([g == name for g in groups], device=right.device)
        if mine.any():
            out[name] = right[mine].float().mean().item()
    return out


def robust_accuracy(
    model: Classifier, held: Squares, side: int, radius: float, most: int, steps: int = 10
) -> float:
    """Top-1 accuracy under PGD in L2 (`attack.pgd`) of at most `most` pictures; plain where
    `steps` is 0.
    """
    squares, labels = shuffled(held, most)
    right = 0
    for p, y in batches(squares, labels, 100):
        attacked = pgd(model, centred(p, side), y, radius, steps)
        with torch.no_grad():
            right += int((model(attacked).argmax(1) == y).sum())
    return right / max(1, len(labels))


def of_groups(held: Squares, groups: Collection[str]) -> Squares:
    """The pictures of some groups, their labels unchanged."""
    keep = torch.tensor([group in groups for group in held.groups], dtype=torch.bool)
    keep = keep.to(held.labels.device)[held.labels]
    return Squares(held.pictures[keep], held.labels[keep], held.classes, held.groups)
