"""Scatter: a new picture moves none of the others, Poisson discs keep apart, words mean what they
say.
"""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rectangles import PIECES, SHEETS, photographs

from dreamer.draw.layouts.chance import parts
from dreamer.draw.layouts.placement import WHOLE, Piece, Placement, Sheet
from dreamer.draw.layouts.scatter import Pass, closest, scatter

SHEET = Sheet(800, 600, seed=7)
PLACINGS = ["poisson", "random", "jittered"]


def middles(placements: tuple[Placement, ...]) -> np.ndarray:
    return np.array([(p.x, p.y) for p in placements])


def corners(placement: Placement) -> np.ndarray:
    turn = math.radians(-placement.turn)  # y goes down
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    half = np.array([placement.width, placement.height]) / 2
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return (signs * half) @ turned.T + (placement.x, placement.y)


@settings(max_examples=40)
@given(
    PIECES,
    SHEETS,
    st.lists(
        st.builds(
            Pass,
            placing=st.sampled_from(PLACINGS),
            sizes=st.sampled_from(["falling", "uniform", "log"]),
            order=st.sampled_from(["small above", "large above", "random", "given"]),
            where=st.sampled_from(["everywhere", "middle", "ellipse", "edges"]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_one_more_picture_moves_none_of_the_others(
    pieces: list[Piece], sheet: Sheet, passes: list[Pass]
) -> None:
    before = scatter(pieces, sheet, passes=passes).placements
    more = [*pieces, Piece(1000, 300, 200)]
    after = scatter(more, sheet, passes=passes).placements
    assert tuple(p for p in after if p.number != 1000) == before
    assert sum(p.number == 1000 for p in after) == len(passes)


def test_one_more_in_the_middle_leaves_turns_and_nearly_all_places() -> None:
    pieces = photographs(120)
    before = {p.number: p for p in scatter(pieces, SHEET).placements}
    more = [*pieces[:60], Piece(1000, 300, 200), *pieces[60:]]
    after = {p.number: p for p in scatter(more, SHEET).placements}
    assert all(after[n].turn == before[n].turn for n in before), "chance is a piece's own"
    assert all(after[n] == before[n] for n in range(60))
    moved = [n for n in before if math.dist(place(after[n]), place(before[n])) > 40]
    assert len(moved) < 30, "whoever comes later may find its place taken"


@pytest.mark.parametrize("placing", PLACINGS)
@pytest.mark.parametrize("count", [60, 300])
def test_one_more_before_all_others_leaves_nearly_all_sizes(placing: str, count: int) -> None:
    """Each step of size holds as many as ever, so that one of each goes on to the next."""
    once, pieces = [Pass(placing=placing)], photographs(count)
    before = {p.number: p for p in scatter(pieces, SHEET, passes=once).placements}
    more = [Piece(1000, 300, 200), *pieces]
    after = {p.number: p for p in scatter(more, SHEET, passes=once).placements}
    shrunk = [after[n].width / before[n].width for n in before if after[n].width != before[n].width]
    steps = 4 * math.log2(math.sqrt((8 + count) / 8))  # of which each is 2 ** -0.25
    assert len(shrunk) <= math.ceil(steps)
    assert min(shrunk) == pytest.approx(2**-0.25, abs=1e-4)
    if placing == "random":
        changed = [n for n in before if place(after[n]) != place(before[n])]
        assert len(changed) <= len(shrunk), "those only that are drawn in by their new size"


def test_falling_sizes_halve_as_they_become_four_times_as_many() -> None:
    """As the root of 8 / (8 + n) falls, by hand, whatever step each is in."""
    sides = [
        math.sqrt(p.width * p.height)
        for seed in range(40)
        for p in scatter(photographs(300), Sheet(800, 600, seed=seed)).placements
        if max(p.width / p.height, p.height / p.width) < 1.75**2
    ]
    expected = [
        0.42 * 600 * math.sqrt(8 / (8 + rank)) * (1 - 0.35 / 2)
        for rank in range(300)
        if 0.42 * math.sqrt(8 / (8 + rank)) * 0.65 > 0.06
    ]
    largest = sorted(sides)[-40 * len(expected) :]
    assert np.mean(largest) == pytest.approx(np.mean(expected), rel=0.05)


def place(one: Placement) -> tuple[float, float]:
    return one.x, one.y


@pytest.mark.parametrize("placing", PLACINGS)
def test_where_fewer_are_laid_one_more_replaces_at_most_one(placing: str) -> None:
    pieces, few = photographs(60), [Pass(count=12, placing=placing)]
    replaced = 0
    for number in range(100, 130):
        before = {p.number: p for p in scatter(pieces, SHEET, passes=few).placements}
        pieces.append(Piece(number, 50, 60))
        after = {p.number: p for p in scatter(pieces, SHEET, passes=few).placements}
        assert len(after) == 12
        assert len(before.keys() - after.keys()) <= 1
        assert all(after[k] == before[k] for k in before.keys() & after.keys())
        replaced += number in after
    assert replaced > 1


def test_where_fewer_are_laid_all_are_as_likely() -> None:
    once = [Pass(count=2, placing="random")]
    drawn = [
        p.number
        for seed in range(600)
        for p in scatter(photographs(5), Sheet(80, 60, seed=seed), passes=once).placements
    ]
    assert np.bincount(drawn) == pytest.approx([240] * 5, abs=50)


@pytest.mark.parametrize("placing", PLACINGS)
def test_a_seed_and_a_pass_are_another_chance(placing: str) -> None:
    pieces = photographs(20)
    first = scatter(pieces, SHEET, passes=[Pass(placing=placing)] * 2).placements
    other = scatter(pieces, Sheet(800, 600, seed=2**80), passes=[Pass(placing=placing)])
    assert not np.isin(middles(first[:20]), middles(other.placements)).any()
    assert not np.isin(middles(first[:20]), middles(first[20:])).any()
    assert [p.layer for p in first] == [0] * 20 + [1] * 20
    assert max(p.z for p in first[:20]) < min(p.z for p in first[20:])


def test_poisson_keeps_squares_apart_while_there_is_room() -> None:
    once = Pass(size=(0.05, 0.05), sizes="uniform", apart=1.5, over=0.5)
    at = middles(scatter(photographs(60), Sheet(800, 600, gutter=6), passes=[once]).placements)
    away = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[np.triu_indices(60, 1)]
    assert away.min() >= 1.5 * 0.05 * 600 + 6 - 1e-3
    free = middles(
        scatter(
            photographs(60), SHEET, passes=[dataclasses.replace(once, placing="random")]
        ).placements
    )
    random = np.hypot(*(free[:, None] - free[None]).transpose(2, 0, 1))[np.triu_indices(60, 1)]
    assert random.min() < away.min() / 2


@pytest.mark.parametrize(("placing", "least"), [("poisson", 0.5), ("jittered", 0.3)])
def test_full_sheets_are_even_all_the_same(placing: str, least: float) -> None:
    once = Pass(size=(0.1, 0.1), placing=placing, over=0.5)
    at = middles(scatter(photographs(400), Sheet(600, 600), passes=[once]).placements)
    away = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    nearest = np.sort(away, axis=1)[:, 1]
    assert np.median(nearest) > least * 30  # of 400 in a square grid: 30 pixels
    cells = np.histogram2d(at[:, 0], at[:, 1], bins=5, range=[[0, 600]] * 2)[0]
    assert cells.min() >= 8  # of 16; chance alone leaves one of 25 with fewer
    assert cells.max() <= 26


def test_nothing_hangs_over_what_it_may_not() -> None:
    for over in (0.0, 0.2):
        laid = scatter(photographs(80), Sheet(800, 600, margin=20), passes=[Pass(over=over)])
        for p in laid.placements:
            box = corners(p)
            across, down = np.ptp(box, axis=0)
            assert box[:, 0].min() >= 20 - over * across - 1e-3
            assert box[:, 0].max() <= 780 + over * across + 1e-3
            assert box[:, 1].min() >= 20 - over * down - 1e-3
            assert box[:, 1].max() <= 580 + over * down + 1e-3


def test_words_mean_what_they_say() -> None:
    pieces = photographs(300)
    once = Pass(
        count=700, size=(0.1, 0.2), sizes="uniform", turn=(10, 30), alpha=(0.4, 0.9), over=0.5,
        order="large above", box=(0.0, 0.5, 1.0, 0.75), placing="random",
    )  # fmt: skip
    placed = scatter(pieces, SHEET, passes=[once]).placements
    sides = np.sqrt([p.width * p.height for p in placed])
    assert len(placed) == 700
    assert {p.number for p in placed} == set(range(300))
    assert (sides.min(), sides.max()) == pytest.approx((60, 120), abs=1)
    assert np.mean(sides) == pytest.approx(90, abs=3)
    assert (np.diff(sides) >= -1e-3).all()  # the lowest first
    turns, alphas = [p.turn for p in placed], [p.alpha for p in placed]
    assert (min(turns), max(turns)) == pytest.approx((10, 30), abs=0.2)
    assert (min(alphas), max(alphas)) == pytest.approx((0.4, 0.9), abs=0.01)
    at = middles(placed)
    assert (at[:, 1].min(), at[:, 1].max()) == pytest.approx((300, 450), abs=2)
    assert {p.crop for p in placed} == {WHOLE}


def test_where_is_where() -> None:
    def unit(where: str) -> np.ndarray:
        once = Pass(placing="random", where=where, over=0.5)
        return middles(scatter(photographs(2000), SHEET, passes=[once]).placements) / (400, 300) - 1

    ellipse = np.hypot(*unit("ellipse").T)
    assert ellipse.max() <= 1 + 1e-6
    assert np.mean(ellipse < 0.5) == pytest.approx(0.25, abs=0.03)
    assert np.mean(np.hypot(*unit("middle").T) < 0.5) == pytest.approx(0.5, abs=0.03)
    assert np.abs(unit("edges")).max(axis=1).min() >= 0.6 - 1e-6


def test_falling_sizes_fill_the_sheet_whatever_their_number() -> None:
    for count in (10, 100, 1000):
        laid = scatter(photographs(count), Sheet(1600, 1200)).placements
        covered = sum(p.width * p.height for p in laid) / (1600 * 1200)
        assert 0.5 < covered < 5


def test_extreme_shapes_stay_on_a_scale() -> None:
    laid = scatter([Piece(0, 1, 1), Piece(1, 10_000, 100), Piece(2, 1, 4000)], SHEET).placements
    for p in laid:
        assert max(p.width, p.height) <= 1.75 * 0.42 * 600 + 1e-3


def test_five_thousand_pieces_take_no_time() -> None:
    pieces = photographs(5000)
    begun = time.process_time()
    first = scatter(pieces, Sheet(1600, 1200))
    assert time.process_time() - begun < 4  # about one
    assert first == scatter(pieces, Sheet(1600, 1200))


def test_chance_is_uniform_and_its_beginning_stays() -> None:
    drawn = parts(20_000, 3, "x")
    assert (parts(10, 3, "x") == drawn[:10]).all()
    assert not np.isin(parts(10, 31, "x"), drawn).any()
    assert 0 <= drawn.min() < drawn.max() < 1
    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx([2000] * 10, abs=200)
    assert parts(2, 7, "scatter", 0, 1).tolist() == parts(2, 7, "scatter", "0", "1").tolist()


@pytest.mark.parametrize(
    ("once", "said"),
    [
        (Pass(count=-1), "pass 2: count: expected a whole number from 0 to"),
        (Pass(placing="grid"), "placing: expected poisson or random or jittered, not 'grid'"),
        (Pass(size=(0.5, 0.2)), "size: expected two numbers from 0.001 to 4, the lower first"),
        (Pass(alpha=(0.0, 1.5)), "alpha: expected two numbers from 0 to 1"),
        (Pass(box=(0, 0.5, 1, 0.5)), "box: expected left, top, right, bottom"),
        (Pass(over=2), "over: expected a number from 0 to 1"),
    ],
)
def test_words_that_cannot_be_say_why(once: Pass, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scatter(photographs(3), SHEET, passes=[Pass(), once])


def test_no_passes_are_none() -> None:
    with pytest.raises(ValueError, match="at least one pass"):
        scatter(photographs(3), SHEET, passes=[])


def test_what_has_no_room_is_counted() -> None:
    few, many = (scatter(photographs(n), SHEET, passes=[Pass(apart=1.5)]) for n in (3, 80))
    assert few.crowded == (0,)
    assert closest(few.placements) >= 1.5 * 0.99
    assert 40 < many.crowded[0] < 80
    assert closest(many.placements) < 1
    at_random = scatter(photographs(80), SHEET, passes=[Pass(placing="random"), Pass(apart=0)])
    assert at_random.crowded == (0, 0)


def test_the_closest_two_by_hand() -> None:
    """Middles 50 apart, squares of 100 and 60 pixels; a third is far away."""
    placed = [
        Placement(0, 0, 0, 200, 50),
        Placement(1, 30, 40, 60, 60),
        Placement(2, 500, 0, 100, 100),
    ]
    assert closest(placed) == pytest.approx(50 / 80)
    assert closest(placed[:1]) == math.inf
