"""Which pictures of a collage stay, in which order, and what layouts are told of them."""

from __future__ import annotations

import calendar
import colorsys
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from small_collages import flat, noise, parsed, truncated

from dreamer.draw.layouts.placement import Piece
from dreamer.engine.choosing import chosen
from dreamer.engine.collage_inputs import Entry, found_pieces
from dreamer.engine.collage_kept import Kept, Look, load_kept, save_kept
from dreamer.engine.collage_looks import look_of, look_over
from dreamer.engine.collage_pieces import named, pieces_of
from dreamer.engine.execution import decide
from dreamer.errors import RecipeError

HERE = decide("cpu", "float32")
SIZES = {"b2": (40, 30), "b10": (30, 50), "a": (20, 20), "c": (60, 10)}
DAYS = {"b2": (2024, 5, 1), "b10": (2024, 5, 2), "a": (2020, 1, 1), "c": (2022, 6, 30)}
SCORES = {"b2": 0.2, "b10": 0.7, "a": 0.2, "c": 0.5}


@dataclass
class Known:
    """Scores as a network might give them."""

    scores: dict[str, float]

    def of(self, entries: Sequence[Entry], word: str) -> np.ndarray:
        assert word == "daisy"
        return np.array([self.scores[named(entry)] for entry in entries])

    def name(self, word: str) -> str:
        return word


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """Four pictures of different sizes and days, the last second of each."""
    for seed, (name, size) in enumerate(SIZES.items()):
        path = noise(tmp_path / f"{name}.png", seed, size)
        moment = calendar.timegm((*DAYS[name], 23, 59, 59))
        os.utime(path, (moment, moment))
    return tmp_path


def order(folder: Path, more: str, pictures: str = "[c.png, a.png, b10.png, b2.png]") -> list[str]:
    recipe = parsed(folder, pictures, f"class: daisy\n{more}")
    kept = Kept()
    entries = found_pieces(recipe).entries
    look_over(entries, kept, None, HERE)
    found = chosen(entries, recipe, lambda entry: kept.looks[entry.sha256], Known(SCORES))
    return [named(entry) for entry in found]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", "c a b10 b2"),
        ("sort: {by: given, reverse: true}", "b2 b10 a c"),
        ("sort: name", "a b2 b10 c"),
        ("sort: {by: name, reverse: true}", "c b10 b2 a"),
        ("sort: date", "a c b2 b10"),
        ("sort: size", "b10 b2 c a"),
        ("sort: {by: size, reverse: true}", "a c b2 b10"),
        ("sort: score", "b10 c a b2"),  # what is alike comes by name
        ("sort: {by: score, reverse: true}", "a b2 c b10"),
        ("limit: 2", "c a"),
        ("sort: score\nlimit: 1", "b10"),
        ("only: {name: 'B*'}", "b10 b2"),
        ("only: {newer: 2024-05-02}", "b10"),
        ("only: {older: 2022-06-30}", "a"),
        ("only: {newer: 2022-06-30, older: 2024-05-02}", "c b2"),
        ("only: {larger: 30}", "b10 b2"),
        ("only: {above: 0.5}", "c b10"),
        ("only: {below: 0.5}", "a b2"),
        ("only: {above: 0.2, name: '*2*'}", "b2"),
        ("only: [{name: a.png}, {above: 0.6}]", "a b10"),
    ],
)
def test_what_stays_and_in_which_order(art: Path, more: str, wanted: str) -> None:
    assert order(art, more) == wanted.split()


def test_chance_gives_every_picture_its_own_and_another_seed_another(art: Path) -> None:
    for k in range(12):
        noise(art / "more" / f"{k}.png", 100 + k)
    pictures = "[., more]"

    def by_chance(seed: int, listed: str = pictures) -> list[str]:
        recipe = parsed(art, listed, "sort: chance", f"seed: {seed}")
        found = chosen(found_pieces(recipe).entries, recipe, lambda entry: Look(0, 0, 0))
        return [entry.name for entry in found]

    first = by_chance(1)
    assert first == by_chance(1) != by_chance(2)
    assert first != sorted(first)
    without = [name for name in first if not (art / name).is_file()]
    assert by_chance(1, "more") == without  # others do not move


def test_colours_go_round_the_hues_with_greys_first(tmp_path: Path) -> None:
    hues = {"red": 0.02, "yellow": 0.16, "green": 0.36, "blue": 0.62}
    for name, hue in hues.items():
        flat(tmp_path / f"{name}.png", hue)
    flat(tmp_path / "a-white.png", None, 0.9)
    flat(tmp_path / "black.png", None, 0.1)
    assert order(tmp_path, "sort: colour", ".") == ["black", "a-white", *hues]
    assert order(tmp_path, "sort: lightness", ".")[0] == "black"
    assert order(tmp_path, "sort: {by: colour, reverse: true}", ".")[0] == "blue"


def test_a_hue_is_that_of_what_is_colourful_and_not_a_mean_of_all() -> None:
    square = np.full((64, 64, 3), 120, np.uint8)
    square[:40] = np.array(colorsys.hsv_to_rgb(0.0, 1, 1)) * 255  # red
    square[40:60] = np.array(colorsys.hsv_to_rgb(0.33, 1, 1)) * 255  # green
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    assert look_of(square).hue == pytest.approx(look_of(red).hue, abs=0.02)
    assert look_of(np.full((8, 8, 3), 255, np.uint8))[1:] == pytest.approx((0, 1), abs=1e-4)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("only: {name: 'b3.png'}", "no name fits 'b3.png'; did you mean 'b2.png'"),
        ("only: {newer: 2025-01-01}", "the newest is of 2024-05-02"),
        ("only: {older: 2020-01-01}", "the oldest is of 2020-01-01"),
        ("only: {larger: 31}", "the longest shorter side is 30 pixels"),
        ("only: {above: 0.75}", "the highest score of daisy is 0.7"),
        ("only: {below: 0.1}", "the lowest score of daisy is 0.2"),
        ("only: {name: 'a*', above: 0.5}", "each of its conditions keeps some of them, and none"),
        ("only: [{name: x}, {above: 0.9}]", "no name fits 'x'; the highest score of daisy is 0.7"),
    ],
)
def test_a_filter_that_keeps_nothing_says_what_there_is(art: Path, more: str, message: str) -> None:
    wanted = re.escape(f"c.yaml:5: collage.only: keeps none of 4 pictures; {message}")
    with pytest.raises(RecipeError, match=wanted):
        order(art, more)


def test_damage_is_found_where_all_are_looked_over(art: Path) -> None:
    broken = truncated(art / "broken.png")
    entries = found_pieces(parsed(art, ".")).entries
    kept, counts = Kept(), []
    failed = look_over(entries, kept, None, HERE, on_looks=counts.append)
    assert list(failed) == [str(broken)]
    assert "damaged" in failed[str(broken)]
    assert len(kept.looks) == 4
    assert counts[-1] == 5


def test_pieces_have_weights_and_captions_as_the_recipe_says(art: Path) -> None:
    pictures = "[{files: c.png, weight: 2.5, caption: A strip}, b2.png]"

    def pieces(more: str) -> list[Piece]:
        recipe = parsed(art, pictures, f"class: daisy\n{more}")
        entries = found_pieces(recipe).entries
        words = recipe.words.collage
        return pieces_of(entries, words, lambda entry: (0.2, 0.7), Known(SCORES))

    first, second = pieces("")
    numbers = [entry.number for entry in found_pieces(parsed(art, pictures)).entries]
    assert first == Piece(numbers[0], 60, 10, 1.0, (0.2, 0.7), "")
    assert second == Piece(numbers[1], 40, 30, 1.0, (0.2, 0.7), "")

    def both(what: str, more: str) -> list[object]:
        return [getattr(piece, what) for piece in pieces(more)]

    assert both("weight", "weights: given") == [2.5, 1.0]
    assert both("weight", "weights: pixels") == [600.0, 1200.0]
    assert both("weight", "weights: score") == [0.5, 0.2]
    assert both("caption", "captions: given") == ["A strip", ""], "and nothing else"
    assert both("caption", "captions: name") == ["c", "b2"]
    assert both("caption", "captions: score") == ["daisy 50 %", "daisy 20 %"]
    assert both("caption", "captions: date") == ["2022-06-30", "2024-05-01"]


def test_what_was_seen_is_kept_and_what_is_damaged_is_seen_anew(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    assert load_kept(path) == Kept()
    row = np.random.default_rng(1).random(7).astype(np.float32)
    kept = Kept({"a": Look(0.1, 0.2, 0.3)}, {"n": {"a": (0.25, 0.5)}}, {"n": {"a": row}})
    save_kept(path, kept)
    again = load_kept(path)
    assert (again.looks, again.focus) == (kept.looks, kept.focus)
    assert (again.rows["n"]["a"] == row).all()
    whole = path.read_text()
    wrong = [whole.replace(*pair) for pair in (("0.25", '"x"'), ("0.25", "1.25"), ("1", "7"))]
    for damaged in (whole[:-40], "[]", "{}", *wrong):
        path.write_text(damaged)
        assert load_kept(path) == Kept()
