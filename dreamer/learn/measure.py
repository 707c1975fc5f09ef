"""How good a classifier is on pictures it has not seen, plain and under attack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import torch
from torch import Tensor

from dreamer.learn.attack import pgd
from dreamer.learn.augment import centred
from dreamer.learn.outcomes import Outcomes
from dreamer.learn.squares import Squares
from dreamer.learn.view import PART, View

Classifier = Callable[[Tensor], Tensor]


def shuffled(held: Squares, most: int) -> tuple[Tensor, Tensor]:
    """At most `most` pictures and labels of a fixed shuffle."""
    order = shuffled_places(len(held.labels), most).to(held.labels.device)
    return held.pictures[order], held.labels[order]


def shuffled_places(count: int, most: int) -> Tensor:
    """At most `most` of `count` places, in a fixed shuffle."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(7))[:most]


def batches(squares: Tensor, labels: Tensor, count: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Both in pieces of at most `count`."""
    for start in range(0, len(labels), count):
        yield squares[start : start + count], labels[start : start + count]


def accuracy(
    model: Classifier, held: Squares, side: int, most: int = 10**9, part: float = PART
) -> dict[str, float]:
    """Top-1 accuracy of each group on the middles of `held`: of `part` of their side."""
    squares, labels = shuffled(held, most)
    with torch.no_grad():
        right = torch.cat(
            [model(centred(p, side, part)).argmax(1) == y for p, y in batches(squares, labels, 250)]
        )
    groups = [held.groups[k] for k in labels.tolist()]
    out = {}
    for name in dict.fromkeys(held.groups):
        mine = torch.tensor([g == name for g in groups], device=right.device)
        if mine.any():
            out[name] = right[mine].float().mean().item()
    return out


def robust_accuracy(
    model: Classifier,
    held: Squares,
    side: int,
    radius: float,
    most: int,
    steps: int = 10,
    part: float = PART,
) -> float:
    """Top-1 accuracy under PGD in L2 (`attack.pgd`) of at most `most` pictures, on the middle
    `part` of their side; plain where `steps` is 0.
    """
    squares, labels = shuffled(held, most)
    right = 0
    for p, y in batches(squares, labels, 100):
        attacked = pgd(model, centred(p, side, part), y, radius, steps)
        with torch.no_grad():
            right += int((model(attacked).argmax(1) == y).sum())
    return right / max(1, len(labels))


def outcomes(model: Classifier, held: Squares, view: View) -> Outcomes:
    """What `model`, of pictures in [0, 1], says of each picture of `held`."""
    device, rows = held.labels.device, []
    with torch.no_grad():
        for squares in torch.split(held.pictures, 100):
            logits = model(view.looked_at(squares.to(device)))
            rows.append(torch.softmax(logits.double(), 1).float().cpu())
    found = torch.cat(rows) if rows else torch.zeros(0, len(held.classes))
    return Outcomes(
        held.called, held.labels.cpu().numpy().astype(np.int64), found.numpy(), held.classes
    )


def of_groups(held: Squares, groups: Collection[str]) -> Squares:
    """The pictures of some groups, their labels unchanged."""
    keep = torch.tensor([group in groups for group in held.groups], dtype=torch.bool)
    return held.some(keep.to(held.labels.device)[held.labels])
