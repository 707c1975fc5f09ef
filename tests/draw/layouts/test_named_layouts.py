"""The table of layouts: its words are the functions', and every layout lays the same twice."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from rectangles import photographs

from dreamer.draw.layouts.named import LAYOUTS, laid
from dreamer.draw.layouts.placement import Piece, Sheet
from dreamer.draw.layouts.scatter import Pass
from dreamer.draw.layouts.words import Words, check

ARRAYS = {
    "target": np.random.default_rng(0).uniform(0, 100, (6, 8, 4, 3)),
    "features": np.random.default_rng(1).uniform(0, 100, (40, 4, 3)),
}


def needed(name: str, count: int = 40) -> dict[str, np.ndarray]:
    arrays = {**ARRAYS, "features": ARRAYS["features"][:count]}
    return {word: arrays[word] for word in LAYOUTS[name].needs}


@pytest.mark.parametrize("name", LAYOUTS)
def test_words_are_those_of_the_function_and_defaults_fit(name: str) -> None:
    layout = LAYOUTS[name]
    function = Pass if name == "scatter" else layout.lay
    taken = {
        word: parameter.default
        for word, parameter in inspect.signature(function).parameters.items()
        if word not in ("pieces", "sheet", *layout.needs)
    }
    assert list(taken) == list(layout.words)
    check(name, layout.words, taken)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("height", [None, 900])
@pytest.mark.parametrize("whole", [False, True])
def test_a_layout_is_the_same_twice_and_of_plain_numbers(
    name: str, height: int | None, whole: bool
) -> None:
    sheet = Sheet(1200, height, margin=12, gutter=4, seed=5, whole=whole)
    first = laid(name, photographs(40), sheet, **needed(name))
    assert first == laid(name, photographs(40), sheet, **needed(name))
    assert first.size[0] == 1200
    assert isinstance(first.size[1], int)
    assert first.size[1] == (height or first.size[1])
    assert [p.z for p in first.placements] == sorted(p.z for p in first.placements)
    for p in first.placements:
        numbers = (p.x, p.y, p.width, p.height, p.turn, p.alpha, *p.crop, *(p.tint or ()))
        assert {type(number) for number in numbers} <= {float, int}
        assert type(p.z) is int
        assert 0 <= p.crop[0] < p.crop[2] <= 1 + 1e-9
        assert 0 <= p.crop[1] < p.crop[3] <= 1 + 1e-9


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(
    "piece", [Piece(0, 1, 1), Piece(0, 10, 1000), Piece(0, 20_000, 200), Piece(0, 640, 480)]
)
def test_one_piece_alone_lies_on_the_sheet(name: str, piece: Piece) -> None:
    for sheet in (Sheet(300, 200), Sheet(300, None), Sheet(200, 300, 20, 10, whole=True)):
        only = laid(name, [piece], sheet, **needed(name, 1)).placements
        assert {p.number for p in only} == {0}
        for p in only:
            assert p.width > 0
            assert p.height > 0
            assert -300 < p.x < 600


@pytest.mark.parametrize("name", LAYOUTS)
def test_margins_as_large_as_the_sheet_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="margin: expected less than half of the sheet's height"):
        laid(name, photographs(40), Sheet(300, 200, margin=120), **needed(name))
    with pytest.raises(ValueError, match="gutter: expected less than the sheet's height, 200"):
        laid(name, photographs(40), Sheet(300, 200, gutter=200), **needed(name))


def test_names_that_are_none_get_the_nearest() -> None:
    with pytest.raises(ValueError, match="gird: no layout; did you mean 'grid'"):
        laid("gird", photographs(3), Sheet(300, 200))
    with pytest.raises(ValueError, match="grid: colums: unknown word; did you mean 'columns'"):
        laid("grid", photographs(3), Sheet(300, 200), colums=3)
    with pytest.raises(ValueError, match="mosaic: target: expected an array"):
        laid("mosaic", photographs(3), Sheet(300, 200))
    with pytest.raises(ValueError, match="zzz: no layout; expected 'contact', 'grid', 'just"):
        laid("zzz", photographs(3), Sheet(300, 200))


def test_a_scaled_placement_is_the_same_picture_larger() -> None:
    first = laid("polaroid", photographs(5), Sheet(300, 200)).placements[0]
    large = first.scaled(12.5)
    assert large.frame is not None
    assert first.frame is not None
    assert (large.x, large.width, large.frame.bottom) == (
        first.x * 12.5,
        first.width * 12.5,
        first.frame.bottom * 12.5,
    )
    assert (large.turn, large.crop, large.number) == (first.turn, first.crop, first.number)


def test_every_word_has_a_range_that_it_can_say() -> None:
    words: list[Words] = [layout.words for layout in LAYOUTS.values()]
    for table in words:
        for name, word in table.items():
            assert not word.fits(object())
            assert word.expected()
            with pytest.raises(ValueError, match=f"x: {name}: expected "):
                check("x", table, {name: object()})
