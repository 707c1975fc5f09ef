"""Grids: equal cells that fill the sheet, in the order given, and crops round what matters."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, area, edges, gaps, photographs, shape_shown, within

from dreamer.draw.layouts.cropping import crop_to, filling, inside
from dreamer.draw.layouts.grid import grid
from dreamer.draw.layouts.placement import WHOLE, Piece, Placement, Sheet
from dreamer.draw.spots import spot_of


def test_twelve_pictures_are_four_by_three() -> None:
    laid = grid(photographs(12), Sheet(430, 320, margin=10, gutter=10))
    assert laid.size == (430, 320)
    high = 280 / 3
    middles = np.array([(p.x, p.y) for p in laid.placements])
    assert middles[:5, 0] == pytest.approx([57.5, 162.5, 267.5, 372.5, 57.5])
    assert middles[[0, 4, 8], 1] == pytest.approx([10 + high / 2, 160, 310 - high / 2])
    assert [p.number for p in laid.placements] == list(range(12))
    assert {(p.width, round(p.height, 9)) for p in laid.placements} == {(95.0, round(high, 9))}


@given(PIECES, SHEETS, st.sampled_from(["left", "centre", "stretch"]))
def test_cells_never_overlap_and_stay_inside(pieces: list[Piece], sheet: Sheet, last: str) -> None:
    laid = grid(pieces, sheet, last=last)
    assert [p.number for p in laid.placements] == [p.number for p in pieces]
    assert within(laid, sheet.margin)
    assert (gaps(laid.placements) >= sheet.gutter - 1e-6).all()
    for piece, placement in zip(pieces, laid.placements, strict=True):
        assert shape_shown(piece, placement) == pytest.approx(1, rel=1e-6)
        assert (placement.crop == WHOLE) or not sheet.whole


@given(PIECES, st.integers(300, 2000), st.integers(300, 2000))
def test_stretched_rows_cover_the_sheet(pieces: list[Piece], width: int, height: int) -> None:
    laid = grid(pieces, Sheet(width, height), last="stretch")
    assert area(laid.placements) == pytest.approx(width * height)


def test_the_last_row_is_where_it_is_said() -> None:
    pieces, sheet = photographs(5), Sheet(300, 200)
    ends = {
        last: edges(grid(pieces, sheet, columns=3, last=last).placements)[3:, [0, 2]]
        for last in ("left", "centre", "stretch")
    }
    assert ends["left"] == pytest.approx(np.array([[0, 100], [100, 200]]))
    assert ends["centre"] == pytest.approx(np.array([[50, 150], [150, 250]]))
    assert ends["stretch"] == pytest.approx(np.array([[0, 150], [150, 300]]))


def test_without_a_height_cells_have_their_shape_and_the_sheet_whole_pixels() -> None:
    laid = grid(photographs(7), Sheet(304, None, margin=2, gutter=3), columns=3, shape=1.5)
    assert laid.size == (304, 206)  # three rows of 98 / 1.5 and what lies between
    assert max(p.y + p.height / 2 for p in laid.placements) == pytest.approx(206 - 2)
    assert laid.placements[0].width / laid.placements[0].height == pytest.approx(1.5, rel=0.01)


def test_crops_keep_what_matters_in() -> None:
    wide = Piece(0, 400, 100, focus=(0.9, 0.5))
    assert crop_to(wide, 50, 50) == pytest.approx((0.75, 0, 1, 1))
    assert crop_to(dataclasses.replace(wide, focus=(0.5, 0.5)), 50, 50)[0] == pytest.approx(0.375)
    tall = Piece(0, 100, 400, focus=(0.5, 0.3))
    assert crop_to(tall, 100, 100) == pytest.approx((0, 0.175, 1, 0.425))
    assert crop_to(tall, 25, 100) == WHOLE
    assert inside(tall, 100, 100) == (25, 100)
    shown = filling(tall, 10, 20, 100, 100, whole=True)
    assert (shown.x, shown.y, shown.width, shown.height, shown.crop) == (60, 70, 25, 100, WHOLE)


@given(st.integers(1, 3000), st.integers(1, 40), st.floats(0.1, 9))
def test_neighbours_meet_in_whole_pixels(width: int, columns: int, by: float) -> None:
    laid = grid(photographs(columns), Sheet(width + columns, 50), columns=columns)
    boxes = [spot_of(p.scaled(by), False).bounds for p in laid.placements]
    if by * laid.placements[0].width > 1:
        assert all(a[2] == b[0] for a, b in itertools.pairwise(boxes))
    assert all(a[2] > a[0] for a in boxes)


def test_edges_between_two_pixels_all_go_one_way() -> None:
    noise = 1e-10  # as 0.1 + 0.2 has it
    before = spot_of(Placement(0, 50.25 - noise, 5.0, 100.5, 10.0), False).bounds
    after = spot_of(Placement(1, 150.5 + noise, 5.0, 100.0, 10.0), False).bounds
    assert before[2] == after[0] == 101


def test_a_placement_below_a_pixel_is_one() -> None:
    assert spot_of(Placement(0, 10.7, 5.0, 0.01, 4.0), False).bounds == (10, 3, 11, 7)


@settings(max_examples=30)
@given(st.integers(1, 5000))
def test_few_cells_stay_empty(count: int) -> None:
    laid = grid([Piece(k, 1, 1) for k in range(count)], Sheet(1600, 1200))
    cell = laid.placements[0]
    assert count * cell.width * cell.height > 0.8 * 1600 * 1200 - 1e-6
    assert 0.45 < cell.width / cell.height < 2.2


@pytest.mark.parametrize(
    ("sheet", "words", "said"),
    [
        (
            Sheet(100, 80, margin=40),
            {},
            "margin: expected less than half of the sheet's height",
        ),
        (Sheet(100, 80, margin=-1), {}, "margin: expected 0 or more"),
        (Sheet(100, 80, gutter=100), {}, "gutter: expected less than the sheet's width, 100"),
        (Sheet(100, 80, gutter=33), {"columns": 4}, "4 × 3 cells with gutters of 33 pixels leave"),
        (Sheet(100, 80), {"columns": 0}, "grid: columns: expected a whole number from 1 to 10000"),
        (Sheet(100, 80), {"columns": True}, "columns: expected a whole number"),
        (Sheet(100, 80), {"shape": float("nan")}, "shape: expected a number from 0.05 to 20"),
        (Sheet(100, 80), {"last": "right"}, "last: expected left or centre or stretch"),
        (Sheet(0, 80), {}, "width: expected at least 1 pixel"),
    ],
)
def test_what_cannot_be_laid_says_why(sheet: Sheet, words: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        grid(photographs(10), sheet, **words)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([], "at least one piece"),
        ([Piece(1, 2, 2), Piece(1, 3, 3)], "a number of their own"),
        ([Piece(1, 0, 2)], "piece 1: expected at least a pixel, not 0 × 2"),
        ([Piece(1, 2, 2, weight=-1)], "piece 1: expected a weight of 0 or more"),
        ([Piece(1, 2, 2, focus=(0.5, 1.5))], "piece 1: expected a focus"),
    ],
)
def test_pieces_that_cannot_be_laid_are_named(pieces: list[Piece], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        grid(pieces, Sheet(100, 80))
