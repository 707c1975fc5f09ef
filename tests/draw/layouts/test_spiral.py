"""Spirals: the first in the middle, all on the sheet and over all of it, sizes as they are said to
grow.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, photographs, shape_shown

from dreamer.draw.layouts.placement import WHOLE, Piece, Sheet
from dreamer.draw.layouts.spiral import spiral

KINDS = ["sunflower", "ribbon"]


@given(
    PIECES,
    SHEETS,
    st.sampled_from(KINDS),
    st.floats(-1.5, 0.85),
    st.sampled_from(["square", "own"]),
)
def test_every_piece_has_its_middle_on_the_sheet(
    pieces: list[Piece], sheet: Sheet, kind: str, growth: float, shape: str
) -> None:
    sheet = Sheet(sheet.width, sheet.height, sheet.margin, 0.0, 0, sheet.whole)
    laid = spiral(pieces, sheet, kind=kind, growth=growth, shape=shape)
    assert sorted(p.number for p in laid.placements) == [p.number for p in pieces]
    for p in laid.placements:
        assert sheet.margin - 1e-3 <= p.x <= laid.size[0] - sheet.margin + 1e-3
        assert sheet.margin - 1e-3 <= p.y <= laid.size[1] - sheet.margin + 1e-3
        if min(p.width, p.height) > 5:
            assert shape_shown(pieces[p.number], p) == pytest.approx(1, rel=1e-3)
    first = next(p for p in laid.placements if p.number == 0)
    assert (first.x, first.y) == pytest.approx((sheet.width / 2, sheet.height / 2), abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("growth", [-0.5, 0.0, 0.6])
def test_sizes_go_with_the_distance_and_cover_the_sheet(kind: str, growth: float) -> None:
    laid = spiral(
        [Piece(k, 10, 10) for k in range(800)],
        Sheet(1200, 900),
        kind=kind,
        growth=growth,
        fill=1,
        follow=False,
    )
    places = sorted(laid.placements, key=lambda p: p.number)[20:]
    away = np.hypot([p.x - 600 for p in places], [p.y - 450 for p in places])
    slope = np.polyfit(np.log(away), np.log([p.width for p in places]), 1)[0]
    assert slope == pytest.approx(growth, abs=0.01)
    covered = np.zeros((900, 1200), bool)
    for p in laid.placements:
        left, right = round(p.x - p.width / 2), round(p.x + p.width / 2)
        top, bottom = round(p.y - p.height / 2), round(p.y + p.height / 2)
        covered[max(0, top) : bottom, max(0, left) : right] = True
    assert covered.mean() > 0.7  # of squares that follow no rows, without overlap
    corners = [covered[y : y + 150, x : x + 150] for y in (0, 750) for x in (0, 1050)]
    assert min(corner.mean() for corner in corners) > 0.4


def test_sunflower_pieces_are_a_golden_angle_apart() -> None:
    laid = spiral(photographs(100), Sheet(900, 900), kind="sunflower", growth=0)
    places = sorted(laid.placements, key=lambda p: p.number)[1:60]
    angle = np.unwrap([np.arctan2(p.y - 450, p.x - 450) for p in places])
    steps = np.degrees(np.diff(angle)) % 360
    assert steps == pytest.approx(np.full(58, 137.5077), abs=1e-2)


def test_ribbon_pieces_stand_side_by_side() -> None:
    # all of one shape, turn by turn: the next piece on the ribbon is a width away
    pieces = [Piece(k, 15, 10) for k in range(200)]
    laid = spiral(pieces, Sheet(900, 900), kind="ribbon", growth=0, fill=1)
    places = sorted(laid.placements, key=lambda p: p.number)[60:130]
    at = np.array([(p.x, p.y) for p in places])
    apart = np.hypot(*np.diff(at, axis=0).T)
    assert apart == pytest.approx(np.full(69, places[0].width), rel=0.03)


def test_pieces_follow_the_spiral_or_stay_upright() -> None:
    laid = spiral(photographs(50), Sheet(900, 700))
    for p in laid.placements:
        if (p.x, p.y) == (450, 350):
            continue
        # the top edge's middle of what is turned counter-clockwise; y goes down
        turn = np.radians(p.turn)
        out = np.array([-np.sin(turn), -np.cos(turn)])
        away = np.array([p.x - 450, p.y - 350])
        assert out @ away == pytest.approx(np.hypot(*away), rel=1e-4)
    assert {p.turn for p in spiral(photographs(9), Sheet(90, 70), follow=False).placements} == {0}


def test_shapes_and_gutters() -> None:
    cut = spiral(photographs(60), Sheet(900, 700), shape="square")
    assert all(p.width == p.height for p in cut.placements)
    apart = spiral(photographs(60), Sheet(900, 700, gutter=5), shape="square")
    for p, q in zip(cut.placements, apart.placements, strict=True):
        assert q.width == pytest.approx(p.width - 5, abs=1e-3)
    whole = spiral(photographs(60), Sheet(900, 700, whole=True), shape="square")
    assert {p.crop for p in whole.placements} == {WHOLE}
    with pytest.raises(ValueError, match="spiral: a gutter of 60 pixels leaves nothing"):
        spiral(photographs(600), Sheet(900, 700, gutter=60))


@pytest.mark.parametrize("kind", KINDS)
def test_five_thousand_pieces_take_no_time(kind: str) -> None:
    pieces = photographs(5000)
    begun = time.process_time()
    first = spiral(pieces, Sheet(1600, 1200), kind=kind)
    assert time.process_time() - begun < 2  # about a fifth
    assert first == spiral(pieces, Sheet(1600, 1200, seed=4), kind=kind)
