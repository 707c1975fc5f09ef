"""What a classifier says of pictures that it has not seen: all that its evaluation needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST = 1e-12  # a probability of 0 has no logarithm


@dataclass(frozen=True)
class Outcomes:
    """A classifier's probabilities for labelled pictures.

    `names` are what people call the pictures (paths below the data folder, where they are files),
    `labels` `(N,)` int64 count `classes`, `probabilities` `(N, C)` float32 sum to 1 in each row.
    """

    names: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]


def log_loss(found: Outcomes) -> float:
    """The mean of −log p of the true classes, in nats."""
    own = found.probabilities[np.arange(len(found.labels)), found.labels].astype(np.float64)
    return float(-np.log(own.clip(LEAST)).mean())
