"""Polaroids: frames, captions below, loose rows that cover the sheet and keep their places."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, photographs, shape_shown

from dreamer.draw.layouts.placement import WHOLE, Piece, Sheet
from dreamer.draw.layouts.polaroid import polaroid


@given(st.integers(29, 41), st.integers(0, 99))
def test_one_more_moves_none_while_prints_stay_as_large(count: int, seed: int) -> None:
    pieces, sheet = photographs(count + 1), Sheet(800, 600, seed=seed)
    before = polaroid(pieces[:-1], sheet).placements
    after = polaroid(pieces, sheet).placements
    assert tuple(p for p in after if p.number != count) == before


def test_with_a_size_one_more_never_moves_any() -> None:
    pieces, sheet = photographs(200), Sheet(800, 600)
    laid = polaroid(pieces, sheet, size=0.25).placements
    for count in (1, 7, 100, 199):
        fewer = polaroid(pieces[:count], sheet, size=0.25).placements
        assert fewer == tuple(p for p in laid if p.number < count)


def test_prints_have_broad_feet_with_the_caption() -> None:
    pieces = [Piece(0, 300, 200, focus=(0.1, 0.5), caption="Ostsee 1974")]
    only = polaroid(pieces, Sheet(800, 600), color="ivory").placements[0]
    assert only.frame is not None
    assert only.frame.bottom > 2 * only.frame.top
    assert only.frame.left == only.frame.right == only.frame.top
    assert (only.caption, only.frame.color) == ("Ostsee 1974", "ivory")
    assert only.crop == pytest.approx((0, 0, 2 / 3, 1))
    assert max(only.width, only.height) < 600


@given(PIECES, SHEETS, st.sampled_from(["square", "own"]))
def test_nothing_is_stretched_and_little_hangs_over(
    pieces: list[Piece], sheet: Sheet, shape: str
) -> None:
    laid = polaroid(pieces, sheet, shape=shape, turn=0)
    numbered = {piece.number: piece for piece in pieces}
    width, height = laid.size
    for p in laid.placements:
        assert shape_shown(numbered[p.number], p) == pytest.approx(1, rel=2e-3)
        assert p.crop == WHOLE or not (sheet.whole or shape == "own")
        assert p.turn == 0
        assert sheet.margin - 0.6 * p.width < p.x - p.width / 2
        assert p.x + p.width / 2 < width - sheet.margin + 0.6 * p.width
        assert sheet.margin - 0.6 * p.height < p.y - p.height / 2
        assert p.y + p.height / 2 < height - sheet.margin + 0.6 * p.height


@pytest.mark.parametrize("count", [20, 64, 141, 300, 2000])
def test_the_sheet_is_covered_loosely(count: int) -> None:
    laid = polaroid(photographs(count), Sheet(800, 600, seed=3), turn=0)
    covered = np.zeros((600, 800), bool)
    for p in laid.placements:
        left, right = round(p.x - p.width / 2), round(p.x + p.width / 2)
        top, bottom = round(p.y - p.height / 2), round(p.y + p.height / 2)
        covered[max(0, top) : bottom, max(0, left) : right] = True
    assert covered.mean() > 0.62
    quarters = [covered[y : y + 300, x : x + 400].mean() for y in (0, 300) for x in (0, 400)]
    assert min(quarters) > 0.55


def test_turns_stray_and_heights_are_chance() -> None:
    pieces = photographs(300)
    laid = polaroid(pieces, Sheet(800, 600), turn=20).placements
    turns = np.array([p.turn for p in laid])
    assert np.abs(turns).max() <= 20
    assert turns.std() == pytest.approx(20 / 6**0.5, rel=0.15)
    assert list(laid) == sorted(laid, key=lambda p: (p.z, p.number))
    assert [p.number for p in laid] != sorted(p.number for p in laid)
    other = polaroid(pieces, Sheet(800, 600, seed=1), turn=20).placements
    assert not {(p.x, p.y) for p in laid} & {(p.x, p.y) for p in other}


def test_five_thousand_pieces_take_no_time() -> None:
    pieces = photographs(5000)
    begun = time.process_time()
    polaroid(pieces, Sheet(1600, 1200))
    assert time.process_time() - begun < 2  # about a tenth


def test_words_that_cannot_be_say_why() -> None:
    with pytest.raises(ValueError, match=r"polaroid: cover: expected a number from 0\.2 to 10"):
        polaroid(photographs(3), Sheet(80, 60), cover=0)
