"""Masonry: one width, the shortest column next, even bottoms, bounded crops."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given
from rectangles import PIECES, SHEETS, edges, gaps, photographs, shape_shown, within

from dreamer.draw.layouts.masonry import LONGEST, masonry
from dreamer.draw.layouts.placement import WHOLE, Piece, Sheet


def test_each_piece_goes_to_the_shortest_column() -> None:
    pieces = [Piece(k, 100, high) for k, high in enumerate([50, 200, 100, 100, 10])]
    laid = masonry(pieces, Sheet(220, None, gutter=20), columns=2)
    tops = [(round(p.x), round(p.y - p.height / 2)) for p in laid.placements]
    assert tops == [(50, 0), (170, 0), (50, 70), (50, 190), (170, 220)]
    assert laid.size == (220, 290)


@given(PIECES, SHEETS)
def test_pieces_never_overlap_nor_lie_outside_nor_are_cut_much(
    pieces: list[Piece], sheet: Sheet
) -> None:
    laid = masonry(pieces, sheet)
    assert [p.number for p in laid.placements] == [p.number for p in pieces]
    assert within(laid, sheet.margin)
    assert (gaps(laid.placements) >= sheet.gutter - 1e-6).all()
    for piece, placement in zip(pieces, laid.placements, strict=True):
        assert shape_shown(piece, placement) == pytest.approx(1, rel=1e-6)
        left, top, right, bottom = placement.crop
        sides = (piece.width / piece.height, piece.height / piece.width)
        least = 1 if sheet.whole else 0.75 * min(1, LONGEST / max(sides))
        assert (right - left) * (bottom - top) >= least - 1e-9
    if not sheet.whole:  # every column has one width
        assert len({round(p.width, 6) for p in laid.placements}) == 1


@pytest.mark.parametrize("count", [20, 300])
def test_bottoms_are_even(count: int) -> None:
    laid = masonry(photographs(count), Sheet(1600, 1200, margin=10, gutter=8))
    box = edges(laid.placements)
    columns = np.unique(box[:, 0].round(6))
    for left in columns:
        bottoms = box[np.isclose(box[:, 0], left), 3]
        assert bottoms.max() == pytest.approx(1190)
    assert (columns.min(), box[:, 2].max()) == pytest.approx((10, 1590))
    cut = [1 - (p.crop[2] - p.crop[0]) * (p.crop[3] - p.crop[1]) for p in laid.placements]
    assert max(cut) < (0.12 if count == 300 else 0.25)


def test_without_a_height_pieces_are_as_they_are() -> None:
    pieces = photographs(50)
    laid = masonry(pieces, Sheet(900, None, gutter=4), columns=5)
    assert {p.crop for p in laid.placements} == {WHOLE}
    assert edges(laid.placements)[:, 3].max() == pytest.approx(laid.size[1], abs=1)


def test_whole_pieces_are_never_cut_to_fit() -> None:
    laid = masonry(photographs(50), Sheet(900, 600, whole=True), columns=3)
    assert {p.crop for p in laid.placements} == {WHOLE}
    assert within(laid, 0)


def test_five_thousand_pieces_take_no_time() -> None:
    pieces, sheet = photographs(5000), Sheet(1600, 1200)
    begun = time.process_time()
    first = masonry(pieces, sheet)
    assert time.process_time() - begun < 2  # about a fifth
    assert first == masonry(pieces, dataclasses.replace(sheet, seed=9))


def test_columns_that_cannot_be_say_why() -> None:
    with pytest.raises(ValueError, match="gutters of 40 pixels leave nothing of 30 pieces in 9"):
        masonry(photographs(30), Sheet(300, 200, gutter=40), columns=9)
    with pytest.raises(ValueError, match="any number of columns"):
        masonry(photographs(300), Sheet(300, 200, gutter=40))
