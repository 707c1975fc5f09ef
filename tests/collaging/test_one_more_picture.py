"""One more picture moves none of the others, as far as a layout can promise it."""

from __future__ import annotations

from pathlib import Path

import pytest
from collages_made import made, pictures, written
from small_collages import noise

from dreamer.draw.layouts.placement import Placement
from dreamer.engine.collage_layout import read_layout
from dreamer.engine.collaged import Collaged


def places(of: Collaged) -> dict[str, list[Placement]]:
    """Where everything lies, by file's name."""
    layout, _ = read_layout(of.folder / "layout.json")
    names = {number: source.file.name for number, source in layout.sources.items()}
    found: dict[str, list[Placement]] = {name: [] for name in names.values()}
    for one in layout.placed:
        found[names[one.place.number]].append(one.place)
    return found


@pytest.mark.parametrize("placing", ["poisson", "random", "jittered"])
@pytest.mark.parametrize("sizes", ["falling", "log", "uniform"])
def test_at_the_end_of_a_scatter_it_moves_none(tmp_path: Path, placing: str, sizes: str) -> None:
    said = f"layout: {{scatter: {{placing: {placing}, sizes: {sizes}}}}}"
    recipe = written(pictures(tmp_path / "pics"), said)
    before = places(made(recipe, tmp_path / "before"))
    noise(tmp_path / "pics" / "99.png", 99)
    after = places(made(recipe, tmp_path / "after"))
    assert set(after) - set(before) == {"99.png"}
    assert {name: after[name] for name in before} == before


def test_wherever_it_comes_what_is_kept_comes_first(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: scatter")
    before = made(recipe, tmp_path / "before")
    noise(tmp_path / "pics" / "1b.png", 99)  # between 1 and 2
    noise(tmp_path / "pics" / "0a.png", 98)
    after = places(made(recipe, tmp_path / "moved"))
    assert {name: after[name] for name in places(before)} != places(before)
    for keep in ("before", "before/layout.json"):
        recipe = written(tmp_path / "pics", f"layout: scatter\nkeep: {keep}", name="kept")
        kept = made(recipe, tmp_path / keep.replace("/", "-") / "out")
        found = places(kept)
        assert {name: found[name] for name in places(before)} == places(before)
        assert list(found)[-2:] == ["0a.png", "1b.png"], "new ones last, in their order"


def test_the_order_that_is_kept_is_the_earlier_one_s(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics")
    earlier = made(written(folder, "sort: {by: name, reverse: true}"), tmp_path / "earlier")
    found = made(written(folder, "keep: earlier", name="d"), tmp_path / "out")
    assert list(places(found)) == list(places(earlier))
    assert next(iter(places(found))) == "8.png"


@pytest.mark.parametrize("sort", ["name", "size", "lightness", "{by: given, reverse: true}"])
def test_what_is_kept_comes_first_whatever_else_is_sorted_by(tmp_path: Path, sort: str) -> None:
    folder = pictures(tmp_path / "pics")
    earlier = made(written(folder, "sort: chance\nlimit: 4"), tmp_path / "earlier")
    before = list(places(earlier))
    found = made(written(folder, f"keep: earlier\nsort: {sort}", name="d"), tmp_path / "out")
    alone = made(written(folder, f"sort: {sort}", name="e"), tmp_path / "alone")
    new = [name for name in places(alone) if name not in before]
    assert list(places(found)) == [*before, *new]
    few = made(
        written(folder, f"keep: earlier\nsort: {sort}\nlimit: 5", name="f"), tmp_path / "few"
    )
    assert list(places(few)) == [*before, new[0]]


def test_a_picture_is_itself_whatever_it_is_called_and_wherever_it_lies(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: scatter")
    before = places(made(recipe, tmp_path / "before"))
    (tmp_path / "pics" / "8.png").rename(tmp_path / "pics" / "9 renamed.png")
    after = places(made(recipe, tmp_path / "after"))
    assert after.pop("9 renamed.png") == before.pop("8.png")
    assert after == before


def test_another_picture_of_the_same_name_is_another(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: {scatter: {placing: random}}")
    before = places(made(recipe, tmp_path / "before"))
    noise(tmp_path / "pics" / "4.png", 1234)
    after = places(made(recipe, tmp_path / "after"))
    assert before.pop("4.png") != after.pop("4.png")
    assert after == before


def test_copies_that_are_kept_have_numbers_of_their_own(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 4)
    (folder / "9.png").write_bytes((folder / "2.png").read_bytes())
    dropped = made(written(folder, "layout: scatter"), tmp_path / "dropped")
    assert len(places(dropped)) == 4
    kept = made(written(folder, "layout: scatter\nduplicates: keep"), tmp_path / "kept")
    found = places(kept)
    assert {name: found[name] for name in places(dropped)} == places(dropped)
    assert found["9.png"] != found["2.png"]


def test_a_polaroid_keeps_its_turn(tmp_path: Path) -> None:
    recipe = written(pictures(tmp_path / "pics"), "layout: {polaroid: {size: 0.3}}")
    before = places(made(recipe, tmp_path / "before"))
    noise(tmp_path / "pics" / "99.png", 99)
    after = places(made(recipe, tmp_path / "after"))
    turns = {name: [place.turn for place in found] for name, found in before.items()}
    assert {name: [place.turn for place in after[name]] for name in before} == turns
