"""Label scores: what networks see in pictures, as probabilities over their classes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dreamer.engine.execution import Execution, is_here, under
from dreamer.engine.perceive import kept, normaliser
from dreamer.media.small_pictures import Rows
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS, Point

Ranking = list[tuple[str, float]]
Classifier = Callable[[Sequence[np.ndarray]], np.ndarray]
BATCH = 16


def fit(picture: Tensor, card: Card) -> Tensor:
    """`(1, 3, H, W)` in [0, 1] as the card wants to classify it: `(1, 3, native, native)`.

    `squash` stretches to the square; `centre` scales the short side to `resize` and takes the
    middle.
    """
    size = fitted_size(card, (picture.shape[2], picture.shape[3]))
    return _middle(F.interpolate(picture, size=size, mode="bilinear", antialias=True), card)


def fit_rows(rows: Rows, cards: Sequence[Card]) -> list[Tensor]:
    """A picture that comes in pieces as each of `cards` wants it, as `fit` makes it of the whole;
    the same tensor where two say the same.

    Each row is made narrow by itself, and then all of them low, which is how the whole is made
    small too (the filter is separable), so that no more than a piece is ever held as it was.
    """
    keys = [(card.native, card.fit, card.resize) for card in cards]
    wanted = dict(zip(keys, cards, strict=True))
    sizes = {key: fitted_size(card, rows.size) for key, card in wanted.items()}
    narrow: dict[int, list[Tensor]] = {width: [] for _, width in sizes.values()}
    for piece in rows.pieces:
        levels = torch.from_numpy(piece)[None]
        for width, found in narrow.items():
            size = (piece.shape[1], width)
            found.append(F.interpolate(levels, size=size, mode="bilinear", antialias=True))
    tall = {width: torch.cat(found, 2) for width, found in narrow.items()}
    made = {
        key: _middle(
            F.interpolate(tall[sizes[key][1]], size=sizes[key], mode="bilinear", antialias=True),
            card,
        )
        for key, card in wanted.items()
    }
    return [made[key] for key in keys]


def fitted_size(card: Card, size: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) that a picture of (height, width) `size` gets before its middle is
    taken.
    """
    if card.fit == "squash":
        return card.native, card.native
    scale = card.resize / min(size)
    height, width = (max(card.native, round(side * scale)) for side in size)
    return height, width


def _middle(small: Tensor, card: Card) -> Tensor:
    side = card.native
    top, left = (small.shape[2] - side) // 2, (small.shape[3] - side) // 2
    return small[:, :, top : top + side, left : left + side].clamp(0, 1)


def exact(execution: Execution) -> Execution:
    """What scores are made under: `execution` in float32 whatever the render's precision, and on
    the processor where its device is not here.
    """
    device = execution.device if is_here(execution.device) else "cpu"
    return replace(execution, precision="float32", device=device)


def judge(card: Card, execution: Execution) -> Callable[[Tensor], np.ndarray]:
    """A function from pictures `(N, 3, native, native)` in [0, 1], fitted as `card` wants them, to
    probabilities `(N, classes)`, computed under `exact(execution)`.
    """
    execution = exact(execution)
    network = kept(card, [Point(LOGITS)], execution).plain
    normalised = normaliser(card, execution)

    def scores(fitted: Tensor) -> np.ndarray:
        with torch.no_grad(), under(execution):
            (logits,) = network(normalised(fitted.to(execution.device)))
            return torch.softmax(logits.mean((2, 3)), 1).cpu().numpy()

    return scores


def classifier(card: Card, execution: Execution) -> Classifier:
    """A function from pictures `(3, H, W)` in [0, 1], of any sizes, to probabilities `(N,
    classes)`, computed under `exact(execution)`.
    """
    scores = judge(card, execution)

    def fitting(pictures: Sequence[np.ndarray]) -> np.ndarray:
        with torch.no_grad(), under(exact(execution)):
            batch = torch.cat([fit(torch.from_numpy(p)[None], card) for p in pictures])
        return scores(batch)

    return fitting


def ranked(probabilities: np.ndarray, classes: Sequence[str], top: int) -> Ranking:
    """The `top` likeliest classes with their probabilities, likeliest first, ties in the order
    of the classes.
    """
    order = np.argsort(-probabilities, kind="stable")[:top]
    return [(classes[k], round(float(probabilities[k]), 6)) for k in order]


def batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """`items` in lists of `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def line(name: str, score: float) -> str:
    """A score as label_image prints it."""
    return f"{name} (score={score:.5f})"


def as_csv(scores: Mapping[str, Mapping[str, Any]]) -> str:
    """scores.json as a table: network, when (before, after, a frame's number), rank, label,
    score.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("network", "when", "rank", "label", "score"))
    for network, parts in scores.items():
        moments = {"before": parts["before"], **parts["frames"], "after": parts["after"]}
        for when, ranking in moments.items():
            for rank, (label, score) in enumerate(ranking, 1):
                table.writerow((network, when, rank, label, f"{score:.6f}"))
    return text.getvalue()
