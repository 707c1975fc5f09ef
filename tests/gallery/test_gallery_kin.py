"""Who is related to whom in a gallery."""

from __future__ import annotations

from itertools import product

from dreamer.draw.site.values import Difference, Item, Picture, Sweep
from dreamer.engine.gallery_kin import Birth, differences, kin

THUMB = Picture("x.jpg", 3, 2)


def item(key: str, sweep: Sweep | None = None, **words: str) -> Item:
    return Item(
        key, "still", key, key, "", "", 0, THUMB, THUMB, words=tuple(words.items()), sweep=sweep
    )


def birth(
    one: Item, identity: str = "", parent: str = "", made_of: tuple[str, ...] = (), file: str = ""
) -> Birth:
    return Birth(one, identity, parent, made_of, [file or f"file of {one.key}"])


def test_a_recipe_that_went_on_from_another() -> None:
    old = birth(item("old", seed="1", length="4s"), "aaa")
    new = birth(item("new", seed="1", length="8s"), "bbb", parent="aaa")
    found = kin([old, new])
    (parent,) = found["new"].ancestors
    assert (parent.item.key, parent.how) == ("old", "goes on from")
    assert parent.differences == (Difference("length", "4s", "8s"),)
    (child,) = found["old"].descendants
    assert (child.item.key, child.how) == ("new", "went on as")
    orphan = kin([birth(item("new"), "bbb", parent="c" * 64)])["new"]
    assert orphan.lost == (f"goes on from the recipe {'c' * 12}, which is not in this gallery",)


def test_pictures_that_another_is_made_of_are_known_by_what_is_in_them() -> None:
    piece = birth(item("piece"), file="sha of piece")
    heap = birth(item("heap"), made_of=("sha of piece", "sha of piece", "lost 1", "lost 2"))
    found = kin([piece, heap])
    assert [one.item.key for one in found["heap"].ancestors] == ["piece"]
    assert [one.how for one in found["piece"].descendants] == ["part of"]
    assert found["heap"].lost == ("is made of 2 pictures that are not in this gallery",)


def test_what_is_made_of_itself_is_not_its_own_parent() -> None:
    odd = birth(item("odd"), "aaa", parent="aaa", made_of=("me",), file="me")
    assert kin([odd])["odd"].ancestors == ()


def swept(key: str, number: int, sweep: str = "s", **coordinates: object) -> Item:
    told = tuple((name, str(value)) for name, value in coordinates.items())
    return item(key, Sweep(sweep, sweep, number, told), **dict(told))


def test_neighbours_in_a_sweep_differ_in_one_coordinate_by_one_step() -> None:
    items = [
        swept(f"{step}{layer}", k, step=step, layer=layer)
        for k, (step, layer) in enumerate((s, layer) for s in (16, 4, 8) for layer in "ab")
    ]
    found = kin([birth(one) for one in items])
    near = {one.item.key: one.how for one in found["8a"].neighbours}
    assert near == {"4a": "step: 4", "16a": "step: 16", "8b": "layer: b"}
    (first,) = [one for one in found["8a"].neighbours if one.item.key == "4a"]
    assert first.differences == (Difference("step", "4", "8"),)
    assert {one.item.key for one in found["4b"].neighbours} == {"8b", "4a"}


def test_sweeps_of_one_name_are_kept_apart() -> None:
    items = [swept("a", 0, "one", step=1), swept("b", 1, "two", step=2)]
    assert kin([birth(one) for one in items])["a"].neighbours == ()


def test_neighbours_are_of_other_draws_and_rows_too() -> None:
    rows = ({"r": "pink", "t": "P"}, {"r": "plasma", "t": "Q"})
    draws = ({"a": 0.37, "s": 9}, {"a": 0.11, "s": 4}, {"a": 0.62, "s": 7})
    items = [
        swept(f"{octaves} {row['r']} {draw['s']}", k, o=octaves, **row, **draw)
        for k, (octaves, row, draw) in enumerate(product((3, 4), rows, draws))
    ]
    found = kin([birth(one) for one in items])["3 pink 4"].neighbours
    assert {one.item.key: one.how for one in found} == {
        "4 pink 4": "o: 4",
        "3 plasma 4": "2: r plasma, t Q",
        "3 pink 9": "1: a 0.37, s 9",
        "3 pink 7": "3: a 0.62, s 7",
    }


def test_where_nothing_is_a_step_away_those_before_and_after_are_neighbours() -> None:
    places = ((1, 1), (1, 2), (2, 1), (3, 3))
    items = [swept(f"{a}{b}", k, a=a, b=b) for k, (a, b) in enumerate(places)]
    found = kin([birth(one) for one in items])
    assert [(one.item.key, one.how) for one in found["33"].neighbours] == [("21", "the one before")]


def test_differences_name_what_only_one_has() -> None:
    told = differences([("a", "1"), ("b", "2"), ("title", "x")], [("b", "3"), ("c", "4")])
    assert told == (Difference("b", "2", "3"), Difference("c", "", "4"), Difference("a", "1", ""))
