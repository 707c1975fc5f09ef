"""What tests of layouts need: pieces of many shapes, and rectangles looked at by numpy alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from dreamer.draw.layouts.placement import Laid, Piece, Placement, Sheet

SIDES = st.integers(1, 4000)
PIECES = st.lists(
    st.tuples(SIDES, SIDES, st.floats(0, 50), st.floats(0, 1), st.floats(0, 1)),
    min_size=1,
    max_size=40,
).map(lambda rows: [Piece(k, w, h, weight, (x, y)) for k, (w, h, weight, x, y) in enumerate(rows)])
SHEETS = st.builds(
    Sheet,
    width=st.integers(300, 2000),
    height=st.integers(300, 2000),
    margin=st.floats(0, 40),
    gutter=st.floats(0, 5),
    seed=st.integers(0, 2**70),
    whole=st.booleans(),
)


def photographs(count: int, seed: int = 1) -> list[Piece]:
    """Pieces as cameras make them, upright and lying, with weights."""
    chance = np.random.default_rng(seed)
    shapes = [(300, 200), (200, 300), (320, 240), (200, 200), (480, 270), (240, 320)]
    return [
        Piece(k, *shapes[chance.integers(len(shapes))], weight=float(chance.random() ** 3 + 0.01))
        for k in range(count)
    ]


def edges(placements: Sequence[Placement]) -> np.ndarray:
    """Left, top, right, bottom of each, `(n, 4)`."""
    box = np.array([(p.x, p.y, p.width, p.height) for p in placements])
    return np.concatenate([box[:, :2] - box[:, 2:] / 2, box[:, :2] + box[:, 2:] / 2], axis=1)


def gaps(placements: Sequence[Placement]) -> np.ndarray:
    """How far apart two rectangles are, of every pair, across or down, whichever is more; below 0
    they overlap.
    """
    e = edges(placements)
    first, second = np.triu_indices(len(e), 1)
    apart = np.maximum(e[first, :2] - e[second, 2:], e[second, :2] - e[first, 2:])
    return apart.max(axis=1)


def area(placements: Sequence[Placement]) -> float:
    return float(sum(p.width * p.height for p in placements))


def within(laid: Laid, margin: float) -> bool:
    """Whether all lie inside the free edges."""
    e, (width, height) = edges(laid.placements), laid.size
    least, most = margin - 1e-6, np.array([width, height]) - margin + 1e-6
    return bool((e[:, :2] >= least).all() and (e[:, 2:] <= most).all())


def shape_shown(piece: Piece, placement: Placement) -> float:
    """How much wider a piece is drawn than it is: 1 where nothing is stretched."""
    left, top, right, bottom = placement.crop
    frame = placement.frame
    across = placement.width - (frame.left + frame.right if frame else 0)
    down = placement.height - (frame.top + frame.bottom if frame else 0)
    return across / down / (piece.width * (right - left) / (piece.height * (bottom - top)))
