"""Justified rows: the best breaks (against all there are), full widths, bounded crops."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, area, edges, gaps, photographs, shape_shown, within

from dreamer.draw.layouts.breaking import broken
from dreamer.draw.layouts.justified import justified
from dreamer.draw.layouts.placement import WHOLE, Piece, Sheet


def badness(aspects: list[float], starts: tuple[int, ...], width: float, wanted: float) -> float:
    heights = [width / sum(aspects[a:b]) for a, b in itertools.pairwise(starts)]
    return sum(math.log(h / wanted) ** 2 for h in heights)


@given(st.lists(st.floats(0.4, 2.5), min_size=1, max_size=9), st.floats(60, 150))
def test_no_other_way_to_break_rows_is_better(aspects: list[float], wanted: float) -> None:
    count = len(aspects)
    all_ways = [
        (0, *inner, count)
        for cuts in range(count)
        for inner in itertools.combinations(range(1, count), cuts)
    ]
    # rows that are far too high count for more: only ways without one are compared
    fair = [
        way
        for way in all_ways
        if all(300 / sum(aspects[a:b]) <= 2 * wanted for a, b in itertools.pairwise(way))
    ]
    found = tuple(broken(np.array(aspects), 300, 0, wanted).tolist())
    assert found in all_ways
    if fair:
        best = min(badness(aspects, way, 300, wanted) for way in fair)
        assert badness(aspects, found, 300, wanted) <= best + 1e-9


def test_rows_are_not_broken_greedily() -> None:
    # filling rows up one by one takes three squares and leaves one alone, three times as high
    found = broken(np.array([1.0, 1.0, 1.0, 1.0]), 300, 0, 120)
    assert found.tolist() == [0, 2, 4]


@given(PIECES, SHEETS, st.booleans())
def test_pieces_never_overlap_nor_lie_outside_nor_are_cut_much(
    pieces: list[Piece], sheet: Sheet, endless: bool
) -> None:
    sheet = Sheet(
        sheet.width, None if endless else sheet.height, sheet.margin, sheet.gutter, 0, sheet.whole
    )
    laid = justified(pieces, sheet)
    assert [p.number for p in laid.placements] == [p.number for p in pieces]
    assert within(laid, sheet.margin)
    assert (gaps(laid.placements) >= sheet.gutter - 1e-6).all()
    for piece, placement in zip(pieces, laid.placements, strict=True):
        assert shape_shown(piece, placement) == pytest.approx(1, rel=1e-6)
        left, top, right, bottom = placement.crop
        if sheet.whole:
            assert placement.crop == WHOLE
        elif not endless:
            assert (right - left) * (bottom - top) >= 1 - 0.12 - 1e-9


@pytest.mark.parametrize("count", [12, 60, 300])
@pytest.mark.parametrize("gutter", [0, 8])
def test_photographs_fill_the_sheet_with_small_crops(count: int, gutter: float) -> None:
    sheet = Sheet(1600, 1200, margin=10, gutter=gutter)
    laid = justified(photographs(count), sheet)
    box = edges(laid.placements)
    rows = {}
    for left, top, right, bottom in box.round(6):
        rows.setdefault((top, bottom), []).append((left, right))
    assert all(min(r)[0] == pytest.approx(10) for r in rows.values())
    assert all(max(r)[1] == pytest.approx(1590) for r in rows.values())
    tops, bottoms = zip(*sorted(rows), strict=True)
    assert (tops[0], bottoms[-1]) == pytest.approx((10, 1190))
    assert np.subtract(tops[1:], bottoms[:-1]) == pytest.approx(gutter)
    shown = [(p.crop[2] - p.crop[0]) * (p.crop[3] - p.crop[1]) for p in laid.placements]
    assert min(shown) > (0.94 if count > 12 else 0.88)


def test_whole_pieces_fill_most_of_the_sheet() -> None:
    laid = justified(photographs(300), Sheet(1600, 1200, whole=True))
    assert area(laid.placements) > 0.99 * 1600 * 1200
    assert {p.crop for p in laid.placements} == {WHOLE}


def test_without_a_height_rows_are_as_high_as_wanted() -> None:
    laid = justified(photographs(300), Sheet(1600, None, gutter=6), row_height=220)
    heights = [p.height for p in laid.placements]
    assert np.mean(heights) == pytest.approx(220, rel=0.05)
    assert max(heights) / min(heights) < 1.5
    assert edges(laid.placements)[:, 3].max() == pytest.approx(laid.size[1])
    assert justified(photographs(300), Sheet(1600, None)).size[1] == pytest.approx(1200, rel=0.05)


def test_one_narrow_piece_is_not_a_tower() -> None:
    laid = justified([Piece(0, 10, 1000)], Sheet(800, None))
    assert laid.size[1] <= 1200
    laid = justified([Piece(0, 10, 1000)], Sheet(800, 600))
    assert laid.placements[0].height == pytest.approx(600)


def test_five_thousand_pieces_take_no_time() -> None:
    pieces = photographs(5000)
    begun = time.process_time()
    first = justified(pieces, Sheet(1600, 1200))
    assert time.process_time() - begun < 4  # about one
    assert first == justified(pieces, Sheet(1600, 1200))
    assert area(first.placements) == pytest.approx(1600 * 1200, rel=1e-3)


@pytest.mark.parametrize(
    ("sheet", "words", "said"),
    [
        (Sheet(100, 80), {"row_height": 20}, "row_height: a sheet with a height decides"),
        (Sheet(100, 80), {"crop": 0.9}, "crop: expected a number from 0 to 0.5, not 0.9"),
        (Sheet(100, 80, gutter=60), {}, "gutters of 60 pixels"),
    ],
)
def test_rows_that_cannot_be_say_why(sheet: Sheet, words: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        justified(photographs(30), sheet, **words)
