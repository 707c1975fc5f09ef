"""Outcomes made up for tests of what is counted from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dreamer.learn.outcomes import Outcomes


def outcomes(
    labels: Sequence[int],
    probabilities: Sequence[Sequence[float]] | np.ndarray,
    classes: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Outcomes:
    """Of pictures called `things/0.jpg` …, of classes `a`, `b` …, where no names are given."""
    found = np.asarray(probabilities, np.float32)
    letters = [chr(ord("a") + k % 26) + ("" if k < 26 else str(k)) for k in range(found.shape[1])]
    return Outcomes(
        tuple(names or [f"things/{k}.jpg" for k in range(len(found))]),
        np.asarray(labels, np.int64),
        found,
        tuple(classes or letters),
    )


def by_chance(count: int, classes: int, seed: int, skill: float = 1.5) -> Outcomes:
    """A classifier that is often right, of pictures whose classes come unevenly."""
    chance = np.random.default_rng(seed)
    labels = (classes * chance.random(count) ** 1.5).astype(int)
    logits = chance.normal(size=(count, classes))
    logits[np.arange(count), labels] += skill
    risen = np.exp(logits)
    return outcomes(labels.tolist(), risen / risen.sum(1, keepdims=True))
