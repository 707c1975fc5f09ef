"""A layout.json that somebody changed, by hand or with ill will, is drawn or refused in words: it
ends in no traceback, and takes neither half a folder nor all the memory there is.
"""

from __future__ import annotations

import copy
import json
import shutil
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from collages_made import made, pixels, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_collages import noise

from dreamer.errors import DreamerError, UsageError
from dreamer.jobs.collage import collage

WORDS = """layout: {scatter: {size: 0.5, alpha: 0.8, turn: 20, count: 2}}
shadow: on
mask: {shape: rounded, feather: 0.1}
looks: [{posterise: 5}, {duotone: [navy, white]}]"""
FRAME = {"left": 1.0, "top": 1.0, "right": 1.0, "bottom": 4.0, "color": "white"}
Where = tuple[str | int, ...]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A layout with a value of every kind."""
    home = tmp_path_factory.mktemp("hostile")
    for k in range(2):
        noise(home / "pics" / f"{k}.png", k, (12, 9))
    first = made(written(home / "pics", WORDS, "size: [24, 18]"), home / "out")
    path = first.folder / "layout.json"
    said = json.loads(path.read_text())
    more = {"tint": [1.0, 0.0, 0.0], "crop": [0.1, 0.0, 0.9, 1.0], "caption": "One", "layer": 0}
    said["placements"][0] |= {**more, "frame": FRAME}
    path.write_text(json.dumps(said))
    return path


def changed(good: Path, where: Where, value: Any) -> Path:
    """A layout beside the good one that has another value at one place."""
    said = json.loads(good.read_text())
    holder: Any = said
    for part in where[:-1]:
        holder = holder[part]
    holder[where[-1]] = copy.deepcopy(value)
    path = good.parent / "changed.json"
    path.write_text(json.dumps(said))
    return path


REFUSED: dict[str, tuple[Where, Any, str]] = {
    "no number": (("placements", 0, "x"), float("nan"), "NaN is no number"),
    "a number without end": (("placements", 0, "y"), float("inf"), "Infinity is no number"),
    "far away": (("placements", 0, "x"), 1e9, "placements.0: x: must be -1e+07 to 1e+07"),
    "endless": (("placements", 0, "width"), 1e9, "placements.0: width: must be 0.0001 to 1e+06"),
    "of no height": (("placements", 0, "height"), 0, "height: must be 0.0001 to 1e+06, not 0"),
    "more than opaque": (("placements", 0, "alpha"), 100, "alpha: must be 0 to 1, not 100"),
    "less than nothing": (("placements", 0, "alpha"), -1, "alpha: must be 0 to 1, not -1"),
    "a tint of words": (("placements", 0, "tint"), ["a", "b", "c"], "tint: expected a number"),
    "a tint of one": (("placements", 0, "tint"), [1.0], "tint: expected 3 numbers"),
    "a frame of words": (("placements", 0, "frame", "left"), "a", "frame.left: expected a number"),
    "a broad frame": (("placements", 0, "frame", "bottom"), 1e6, "frame.bottom: must be 0 to"),
    "no colour": (("placements", 0, "frame", "color"), "whiet", "did you mean 'white'?"),
    "a frame's other key": (("placements", 0, "frame", "wide"), 1, "frame: unknown key 'wide'"),
    "nothing shown": (("placements", 0, "crop"), [0.5, 0, 0.5, 1], "crop: expected left, top"),
    "letters without end": (("placements", 0, "caption"), "x" * 10**6, "1000000 letters; at most"),
    "no piece": (("placements", 0, "piece"), 2, "piece: must be 0 to 1, not 2"),
    "a huge sheet": (("size",), [2**40, 1], "size: sides must be 1 to 20000 pixels"),
    "too many pixels": (("size",), [20000, 20001], "size: sides must be 1 to 20000 pixels"),
    "one side": (("size",), [24], "size: expected [width, height] in pixels"),
    "pieces of words": (("pieces",), "ab", "pieces: expected a list, not 'ab'"),
    "a piece of words": (("pieces", 0), "ab", "pieces.0: expected a mapping, not 'ab'"),
    "a name of nothing": (("pieces", 0, "file"), "a\0b", "letters that are none"),
    "a colour of a shadow": (("placements", 0, "shadow", "color"), "no", "shadow.color"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_before_anything_is_begun(good: Path, name: str) -> None:
    where, value, words = REFUSED[name]
    out = good.parent / "again"
    with pytest.raises(UsageError) as caught:
        collage([changed(good, where, value)], out=out)
    assert words in str(caught.value)
    assert str(good.parent / "changed.json") in str(caught.value)
    assert not out.exists()


@pytest.mark.parametrize("key", ["pieces", "placements"])
def test_nothing_is_no_collage(good: Path, key: str) -> None:
    with pytest.raises(UsageError, match=f"{key}: there are none"):
        collage([changed(good, (key,), [])], out=good.parent / "again")


def test_two_pieces_of_one_number_are_no_layout(good: Path) -> None:
    number = json.loads(good.read_text())["pieces"][0]["number"]
    with pytest.raises(UsageError, match=f"pieces.1: number: {number} is another piece's"):
        collage([changed(good, ("pieces", 1, "number"), number)], out=good.parent / "again")


def test_what_is_nested_too_deep_is_said_to_be(good: Path) -> None:
    path = good.parent / "deep.json"
    path.write_text("[" * 100_000)
    with pytest.raises(UsageError, match="cannot be read as a layout: nested too deep"):
        collage([path], out=good.parent / "again")


def test_a_wide_open_crop_and_a_turn_of_many_rounds_are_drawn(good: Path) -> None:
    for where, value in ((("crop",), [0, 0, 1, 1]), (("turn",), 99_999.0), (("z",), -(2**60))):
        path = changed(good, ("placements", 0, *where), value)
        out = good.parent / "drawn"
        shutil.rmtree(out, ignore_errors=True)
        assert pixels(collage([path], out=out).product).shape == (18, 24, 3)


@pytest.mark.parametrize("name", ["x" * 5000, "..", "", "a/b", "\ud800", 7, None])
def test_a_name_that_no_picture_has_is_the_file_s_own(good: Path, name: Any) -> None:
    out = good.parent / "called"
    shutil.rmtree(out, ignore_errors=True)
    assert collage([changed(good, ("name",), name)], out=out).product.name == "changed.png"


def leaves(value: Any, here: Where = ()) -> Iterator[Where]:
    """Where a layout has numbers and words, and what holds them."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inside:
        yield (*here, key)
        if isinstance(one, dict | list):
            yield from leaves(one, (*here, key))


ANY = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            "",
            "a\0b",
            "..",
            "/",
            "\ud800",
            [],
            {},
            [[]],
            "x" * 5000,
            10**400,
            -1,
            0,
            0.5,
            1e6,
            2e4,
        ]
    ),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.floats(0, 1),
    st.text(max_size=12),
    st.lists(st.floats(0, 1), min_size=2, max_size=4),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_changed_it_is_drawn_or_refused_in_words(good: Path, data: Any) -> None:
    said = json.loads(good.read_text())
    where = data.draw(st.sampled_from(list(leaves(said))))
    path, out = changed(good, where, data.draw(ANY)), good.parent / "any"
    shutil.rmtree(out, ignore_errors=True)
    tracemalloc.start()
    drawn = False
    with suppress(DreamerError):
        drawn = collage([path], out=out).product.is_file()
    try:
        assert drawn or not out.exists(), "what is refused leaves nothing"
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
