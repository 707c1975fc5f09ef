"""Where a film is cut from one shot to another, found in tiny grey pictures of its frames.

A cut is between two frames that show different things, and so do the frames on both sides of them.
What is shown is compared piece by piece, each piece being looked for around its place and by its
drawing, not its light: so a pan, however fast, is none, and neither is a flash or a lightning,
after which what was there before is there again. Fades are none either: nothing jumps in them.
"""

from __future__ import annotations

from collections import deque

import numpy as np

WIDTH, HEIGHT = 64, 36  # of the tiny pictures, whatever the film's shape
ACROSS, DOWN = 4, 3  # pieces of one
REACH = (9, 20)  # pixels down and across that a piece is looked for: a quarter, a third
NEAR = 3  # frames on each side of a cut that must show different things: a flash is no longer
SAME = 0.9  # correlation of whole tiny pictures above which nothing else is asked
LIKE = 0.76  # median of the pieces' best correlations above which two pictures show the same
FLAT = 0.012  # deviation below which a piece has no drawing
LIGHT = 0.08  # difference of means that two flat pictures may have


class CutFinder:
    """Tiny pictures in, cuts out; holds no more than a few pictures at any time."""

    def __init__(self) -> None:
        self._last: deque[np.ndarray] = deque(maxlen=2 * NEAR)
        self._changes: dict[int, bool] = {}  # whether frame k shows other things than k - 1
        self._count = 0
        self.cuts: list[int] = []

    def see(self, tiny: np.ndarray) -> None:
        """The next frame, `(HEIGHT, WIDTH)` float32 in [0, 1]."""
        tiny = smoothed(tiny)
        if self._last:
            self._changes[self._count] = not alike(self._last[-1], tiny)
        self._last.append(tiny)
        self._count += 1
        self._decide(self._count - NEAR)

    def end(self) -> list[int]:
        """The numbers of the frames that begin another shot, no more frames being to come."""
        for frame in range(self._count - NEAR + 1, self._count):
            self._decide(frame)
        return self.cuts

    def _decide(self, frame: int) -> None:
        if not self._changes.pop(frame, False):
            return
        first = self._count - len(self._last)
        before = [self._last[k - first] for k in range(max(first, frame - NEAR), frame)]
        after = [self._last[k - first] for k in range(frame, min(self._count, frame + NEAR))]
        if not any(alike(a, b) for a in before for b in after):
            self.cuts.append(frame)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tiny pictures may be of one shot."""
    flat = [float(picture.std()) < FLAT for picture in (one, other)]
    if any(flat):
        return all(flat) and abs(float(one.mean() - other.mean())) < LIGHT
    if _correlation(one, other) > SAME:
        return True
    return min(likeness(one, other), likeness(other, one)) > LIKE


def smoothed(tiny: np.ndarray) -> np.ndarray:
    """`tiny` under the binomial (1, 2, 1) / 4, both ways: its finest drawing flickers in a zoom."""
    wide = np.pad(tiny, 1, mode="edge")
    wide = (2 * wide[1:-1] + wide[2:] + wide[:-2]) / 4
    found: np.ndarray = (2 * wide[:, 1:-1] + wide[:, 2:] + wide[:, :-2]) / 4
    return found


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The median, over the pieces of `one` that have a drawing, of the best correlation that each
    has with what lies around its place in `other`.
    """
    tall, wide = HEIGHT // DOWN, WIDTH // ACROSS
    found = []
    for top in range(0, HEIGHT, tall):
        for left in range(0, WIDTH, wide):
            piece = one[top : top + tall, left : left + wide]
            if piece.std() >= FLAT:
                found.append(_best(piece, _around(other, top, left, tall, wide)))
    return float(np.median(found)) if found else 0.0


def _around(picture: np.ndarray, top: int, left: int, tall: int, wide: int) -> np.ndarray:
    down, across = REACH
    rows = slice(max(0, top - down), top + tall + down)
    return picture[rows, max(0, left - across) : left + wide + across]


def _best(piece: np.ndarray, around: np.ndarray) -> float:
    """The highest correlation of `piece` with any part of `around` of its size."""
    windows = np.lib.stride_tricks.sliding_window_view(around, piece.shape)
    apart = piece - piece.mean()
    count = piece.size
    mean = windows.mean((2, 3))
    varies = np.einsum("yxhw,yxhw->yx", windows, windows) - count * mean**2
    together = np.einsum("yxhw,hw->yx", windows, apart)
    scale = np.sqrt(np.maximum(varies, count * FLAT**2) * np.square(apart).sum())
    return float((together / scale).max())


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / np.sqrt(np.square(a).sum() * np.square(b).sum()))
