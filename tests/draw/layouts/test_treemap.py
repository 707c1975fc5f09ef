"""Treemaps: areas are weights, all of the sheet is shared out, rectangles are near to squares."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, area, gaps, photographs, shape_shown, within

from dreamer.draw.layouts.placement import Piece, Sheet
from dreamer.draw.layouts.treemap import squarified, treemap

WEIGHTS = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60)


def test_the_example_of_the_paper() -> None:
    # figure 4: areas 6, 6, 4, 3, 2, 2, 1 on 6 × 4; y goes down here
    shared = squarified([6, 6, 4, 3, 2, 2, 1], (0, 0, 6, 4))
    assert np.array(shared) == pytest.approx(
        np.array(
            [
                (0, 0, 3, 2),
                (0, 2, 3, 2),
                (3, 0, 12 / 7, 7 / 3),
                (3 + 12 / 7, 0, 9 / 7, 7 / 3),
                (3, 7 / 3, 6 / 5, 5 / 3),
                (4.2, 7 / 3, 6 / 5, 5 / 3),
                (5.4, 7 / 3, 3 / 5, 5 / 3),
            ]
        )
    )


@given(WEIGHTS, st.integers(100, 3000), st.integers(100, 3000))
def test_areas_are_weights(weights: list[float], width: int, height: int) -> None:
    pieces = [Piece(k, 30, 20, weight) for k, weight in enumerate(weights)]
    laid = treemap(pieces, Sheet(width, height))
    shown = {p.number: p.width * p.height for p in laid.placements}
    share = np.array(weights) / sum(weights) * width * height
    assert [shown[k] for k in range(len(weights))] == pytest.approx(share.tolist(), rel=1e-6)
    assert area(laid.placements) == pytest.approx(width * height)
    assert within(laid, 0)
    assert (gaps(laid.placements) >= -1e-6).all()


@given(PIECES, SHEETS)
def test_gutters_lie_between_and_nothing_overlaps(pieces: list[Piece], sheet: Sheet) -> None:
    if not any(piece.weight for piece in pieces):
        return
    laid = treemap(pieces, sheet)
    assert within(laid, sheet.margin)
    assert (gaps(laid.placements) >= -1e-6).all()
    assert {p.number for p in laid.placements} == {p.number for p in pieces if p.weight > 0}
    numbered = {piece.number: piece for piece in pieces}
    for placement in laid.placements:
        if min(placement.width, placement.height) > 1e-3:
            shown = shape_shown(numbered[placement.number], placement)
            assert shown == pytest.approx(1, rel=1e-5)


def test_gutters_are_whole_where_rectangles_are_large() -> None:
    laid = treemap([Piece(k, 30, 20) for k in range(4)], Sheet(420, 320, margin=10, gutter=12))
    assert {(p.width, p.height) for p in laid.placements} == {(194.0, 144.0)}
    assert gaps(laid.placements).min() == pytest.approx(12)


def test_the_heaviest_is_first_and_equal_ones_in_turn() -> None:
    pieces = [Piece(3, 9, 9, 1), Piece(1, 9, 9, 5), Piece(0, 9, 9, 1), Piece(2, 9, 9, 0)]
    laid = treemap(pieces, Sheet(100, 100))
    assert [p.number for p in laid.placements] == [1, 3, 0]


def test_rectangles_have_the_shape_that_is_wanted() -> None:
    for shape in (0.5, 1.0, 2.0):
        laid = treemap(photographs(200), Sheet(1600, 1200), shape=shape)
        middle = np.median([p.width / p.height for p in laid.placements])
        assert middle == pytest.approx(shape, rel=0.2)


def test_five_thousand_pieces_and_any_weights() -> None:
    pieces = photographs(5000)
    begun = time.process_time()
    laid = treemap(pieces, Sheet(1600, 1200, gutter=2))
    assert time.process_time() - begun < 2  # about a fifth
    assert laid == treemap(pieces[::-1], Sheet(1600, 1200, gutter=2))
    huge = [Piece(k, 9, 9, weight) for k, weight in enumerate([1e308, 1e308, 1e-300, 5e-324])]
    shown = treemap(huge, Sheet(100, 100)).placements
    assert [p.width * p.height for p in shown[:2]] == pytest.approx([5000, 5000])


def test_weights_that_share_nothing_out_say_so() -> None:
    with pytest.raises(ValueError, match="at least one piece with a weight above 0"):
        treemap([Piece(0, 2, 2, 0.0)], Sheet(100, 100))
