"""Photomosaics: the nearest piece in Lab, never twice within a distance, fair, tinted so far."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamer.draw.layouts.mosaic import mosaic
from dreamer.draw.layouts.mosaic_features import cell_features, piece_features
from dreamer.draw.layouts.placement import Laid, Piece, Sheet


def colours(seed: int, *shape: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.uniform((0, -60, -60), (100, 60, 60), (*shape, 3))


def grid_of(laid: Laid, rows: int, columns: int) -> np.ndarray:
    places = sorted(laid.placements, key=lambda p: (round(p.y), p.x))
    return np.array([p.number for p in places]).reshape(rows, columns)


def pieces_of(count: int) -> list[Piece]:
    return [Piece(k, 40, 30) for k in range(count)]


def test_each_cell_shows_the_nearest_piece() -> None:
    target, features = colours(1, 20, 30, 4), colours(2, 700, 4)
    laid = mosaic(
        pieces_of(700), Sheet(900, 600), target=target, features=features,
        repeat_distance=0, fairness=0,
    )  # fmt: skip
    # by hand, on colours rounded as it says
    rounded = [np.rint(a.reshape(-1, 12) * 4) / 4 for a in (target, features)]
    away = ((rounded[0][:, None] - rounded[1][None]) ** 2).mean(axis=2)
    assert (grid_of(laid, 20, 30).ravel() == away.argmin(axis=1)).all()
    assert {(p.width, p.height) for p in laid.placements} == {(30.0, 30.0)}


@given(st.integers(0, 999), st.integers(1, 4), st.integers(3, 9), st.integers(3, 9))
def test_no_piece_is_near_itself(seed: int, distance: int, rows: int, columns: int) -> None:
    count = (2 * distance + 1) ** 2
    shown = grid_of(
        mosaic(
            pieces_of(count), Sheet(900, 900, seed=seed),
            target=np.zeros((rows, columns, 1, 3)), features=colours(seed, count, 1),
            repeat_distance=distance, fairness=0,
        ), rows, columns,
    )  # fmt: skip
    for row in range(rows):
        for column in range(columns):
            around = shown[
                max(0, row - distance) : row + distance + 1,
                max(0, column - distance) : column + distance + 1,
            ]
            assert (around == shown[row, column]).sum() == 1


def test_beyond_the_nearest_all_are_tried() -> None:
    # 300 pieces nearer than all others, all of them taken one after another
    target = np.zeros((18, 18, 1, 3))
    features = np.concatenate([colours(3, 300, 1) * 0.01, colours(4, 100, 1) + 50.0])
    laid = mosaic(
        pieces_of(400), Sheet(900, 900), target=target, features=features,
        repeat_distance=17, fairness=0,
    )  # fmt: skip
    assert {p.number for p in laid.placements} > set(range(300))


def test_fairness_shares_cells_out() -> None:
    target, features = colours(5, 30, 30, 1) * 0.1, colours(6, 100, 1)
    most = {}
    for fairness in (0.0, 3.0, 100.0):
        laid = mosaic(
            pieces_of(100), Sheet(900, 900), target=target, features=features,
            fairness=fairness, repeat_distance=0,
        )  # fmt: skip
        most[fairness] = max(Counter(p.number for p in laid.placements).values())
    assert most[0.0] > most[3.0] > most[100.0]
    assert most[100.0] <= 2 * 900 / 100


def test_tints_go_to_the_mean_of_the_cell_but_no_further_than_said() -> None:
    target, features = colours(7, 8, 8, 4), colours(8, 40, 4)
    for furthest in (0.0, 5.0, 200.0):
        laid = mosaic(pieces_of(40), Sheet(80, 80), target=target, features=features, tint=furthest)
        for cell, p in enumerate(sorted(laid.placements, key=lambda p: (round(p.y), p.x))):
            wanted = target.reshape(64, 4, 3)[cell].mean(0) - features[p.number].mean(0)
            if not furthest:
                assert p.tint is None
            elif furthest == 200:
                assert p.tint == pytest.approx(wanted.tolist(), abs=1e-3)
            else:
                assert np.linalg.norm(p.tint) == pytest.approx(5, abs=2e-3)
                assert np.cross(p.tint, wanted) == pytest.approx(np.zeros(3), abs=0.2)


def test_equal_pieces_go_by_number_and_order_does_not_matter() -> None:
    pieces = [Piece(k, 40, 30) for k in (5, 3, 9)]
    same = np.ones((3, 1, 3))
    laid = mosaic(
        pieces, Sheet(40, 40), target=np.ones((1, 1, 1, 3)), features=same, repeat_distance=0
    )
    assert laid.placements[0].number == 3
    target, features = colours(1, 9, 9, 4), colours(2, 60, 4)
    there = mosaic(pieces_of(60), Sheet(90, 90), target=target, features=features)
    back = mosaic(pieces_of(60)[::-1], Sheet(90, 90), target=target, features=features[::-1])
    assert there == back


def test_few_pieces_come_again_as_far_apart_as_they_can() -> None:
    laid = mosaic(
        pieces_of(10), Sheet(90, 90), target=colours(1, 6, 6, 1), features=colours(2, 10, 1)
    )
    shown = grid_of(laid, 6, 6)
    assert not (shown[:, 1:] == shown[:, :-1]).any()
    assert not (shown[1:, 1:] == shown[:-1, :-1]).any()


def test_cells_share_the_sheet_out() -> None:
    given = {"target": colours(1, 3, 4, 1), "features": colours(2, 60, 1)}
    laid = mosaic(pieces_of(60), Sheet(430, None, margin=10, gutter=6), shape=2.0, **given)
    assert laid.size == (430, round(3 * 98 / 2 + 2 * 6 + 20))
    assert laid.placements[5].x == pytest.approx(10 + 98 + 6 + 49)
    assert laid.placements[0].crop == pytest.approx((0, 1 / 6, 1, 5 / 6))


def test_features_are_means_of_parts() -> None:
    lab = colours(9, 12, 18)
    found = piece_features(lab, 3)
    by_hand = [
        lab[y : y + 4, x : x + 6].mean((0, 1)) for y in (0, 4, 8) for x in (0, 6, 12)
    ]  # fmt: skip
    assert found == pytest.approx(np.array(by_hand), abs=1e-4)
    cropped = piece_features(lab, 1, (1 / 3, 0.25, 1, 0.75))
    assert cropped == pytest.approx(lab[3:9, 6:].mean((0, 1))[None], abs=1e-4)
    # parts of pixels count as parts
    ramp = np.repeat(np.arange(3.0)[None, :, None], 3, axis=2)
    assert piece_features(ramp, 2)[:, 0] == pytest.approx([1 / 3, 5 / 3] * 2)
    cells = cell_features(lab, 2, 3, 2)
    assert cells.shape == (2, 3, 4, 3)
    assert cells[1, 2, 1] == pytest.approx(lab[6:9, 15:18].mean((0, 1)), abs=1e-4)
    assert piece_features(lab[:1, :1], 4) == pytest.approx(np.tile(lab[0, 0], (16, 1)), abs=1e-4)


def test_five_thousand_pieces_and_cells_take_seconds() -> None:
    target, features = colours(1, 60, 90, 9), colours(2, 5000, 9)
    begun = time.process_time()
    laid = mosaic(pieces_of(5000), Sheet(1800, 1200), target=target, features=features)
    assert time.process_time() - begun < 8  # about one
    assert len(laid.placements) == 5400


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"target": np.zeros((2, 2, 3))}, "target: expected an array"),
        ({"features": np.zeros((4, 2, 3))}, "features: expected an array"),
        ({"target": np.full((2, 2, 1, 3), np.nan)}, "colours that are numbers"),
        ({"repeat_distance": 1, "target": np.zeros((3, 3, 1, 3))}, "1 needs 9 pieces and there"),
        ({"target": np.zeros((50, 2, 1, 3))}, "cells with gutters of 0 pixels leave less than"),
        ({"fairness": -1.0}, "mosaic: fairness: expected a number"),
    ],
)
def test_what_does_not_go_together_says_why(words: dict[str, object], said: str) -> None:
    given = {"target": np.zeros((2, 2, 1, 3)), "features": np.zeros((4, 1, 3)), **words}
    with pytest.raises(ValueError, match=said):
        mosaic(pieces_of(4), Sheet(40, 40), **given)
