"""Pieces of a collage move about their places by schedules."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path

import pytest
from small_collages import parsed

from dreamer.draw.layouts.placement import Placement
from dreamer.engine import moving_pieces
from dreamer.engine.collage_layout import Layout, Placed, Source
from dreamer.engine.moving_pieces import at_frame, courses
from dreamer.errors import RecipeError
from dreamer.recipe.dressing import Dressed

TOP = "size: [200, 100]\nlength: 2s\nfps: 4\nseed: 5"


def layout(*numbers: int) -> Layout:
    placed = tuple(Placed(Placement(n, 100, 50, 40, 30, alpha=0.5), Dressed()) for n in numbers)
    return Layout((200, 100), {n: Source(n, Path("x"), "") for n in numbers}, placed)


def test_a_piece_goes_by_time_and_in_widths_of_the_sheet(tmp_path: Path) -> None:
    recipe = parsed(
        tmp_path,
        "a",
        "moves: {move: [{expr: 0.1*t}, -0.05], turn: {expr: 90*u}, scale: 2, alpha: 0.5}",
        TOP,
    )
    moving = courses(recipe, layout(1), 8)
    places = [at_frame(layout(1), moving, k)[0].place for k in (0, 4, 7)]
    assert [place.x for place in places] == pytest.approx([100, 120, 100 + 0.1 * 1.75 * 200])
    assert {place.y for place in places} == {50 - 0.05 * 200}
    assert [place.turn for place in places] == pytest.approx([0, 90 * 4 / 7, 90])
    assert (places[0].width, places[0].height, places[0].alpha) == (80, 60, 0.25)


def test_each_has_its_place_in_the_row_and_its_own_chance(tmp_path: Path) -> None:
    recipe = parsed(tmp_path, "a", "moves: {move: [{expr: piece}, {expr: chance}]}", TOP)
    first = courses(recipe, layout(3, 1, 8), 8)
    assert [course.across[0] for course in first] == [0, 0.5, 1]
    chances = {number: c.down[0] for number, c in zip((3, 1, 8), first, strict=True)}
    assert len(set(chances.values())) == 3
    assert all(0 <= chance < 1 for chance in chances.values())
    more = courses(recipe, layout(3, 1, 8, 4), 8)
    assert [c.down[0] for c in more[:3]] == list(chances.values()), "one more changes no other's"


def test_keys_are_the_same_for_all(tmp_path: Path) -> None:
    keys = "{keys: [{at: 0, value: 0}, {at: end, value: 14}]}"
    recipe = parsed(tmp_path, "a", f"moves: {{turn: {keys}}}", TOP)
    moving = courses(recipe, layout(1, 2), 8)
    assert list(moving[0].turn) == list(moving[1].turn)
    assert moving[0].turn[-1] == pytest.approx(14)
    assert math.isclose(moving[0].turn[1], 2)


def test_a_long_film_of_many_pieces_is_reckoned_as_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving_pieces, "MOST_CHECKED", 20_000)
    said = "moves: {move: [{expr: 0.1*sin(t + chance)}, {expr: piece}]}"
    recipe = parsed(tmp_path, "a", said, "size: [200, 100]\nlength: 30000\nfps: 25")
    many = layout(*range(20))
    tracemalloc.start()
    moving = courses(recipe, many, 30_000)
    for frame in (0, 12_345, 29_999):
        at_frame(many, moving, frame)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8_000_000, "all of it would be 1.2 million values"
    across = moving[7].across
    chance = math.asin(across[0] / 0.1)
    assert across[12_345] == pytest.approx(0.1 * math.sin(12_345 / 25 + chance))
    assert across[-1] == across[29_999] == pytest.approx(0.1 * math.sin(29_999 / 25 + chance))


def test_what_is_wrong_far_into_a_long_film_is_said_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving_pieces, "MOST_CHECKED", 5_000)
    top = "size: [200, 100]\nlength: 30000"
    own = parsed(tmp_path, "a", "moves: {scale: {expr: 'chance/1e9 + 1 - (n == 20000)'}}", top)
    many = layout(1, 2)
    with pytest.raises(RecipeError, match=r"moves\.scale: \S+ at frame 20000 is below 0\.001"):
        at_frame(many, courses(own, many, 30_000), 20_000)
    shared = parsed(tmp_path, "a", "moves: {scale: {expr: 1 - (n == 20000)}}", top)
    with pytest.raises(RecipeError, match=r"moves\.scale: 0 at frame 20000 is below 0\.001"):
        courses(shared, many, 30_000)


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ("scale: {expr: 1 - t}", "collage.moves.scale: 0 at frame 4 is below 0.001"),
        ("alpha: 2", "collage.moves.alpha: 2 is above 1"),
        ("turn: {expr: peace}", "unknown name 'peace'; did you mean 'piece'?"),
        ("move: [{expr: 1/0}, 0]", "collage.moves.move.0"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(tmp_path: Path, moves: str, words: str) -> None:
    recipe = parsed(tmp_path, "a", f"moves: {{{moves}}}", TOP)
    with pytest.raises(RecipeError) as refused:
        courses(recipe, layout(1, 2), 8)
    assert words in str(refused.value)
