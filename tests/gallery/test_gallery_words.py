"""What recipes are about, in words."""

from __future__ import annotations

import pytest

from dreamer.engine.gallery_words import aims_of, described, flat, source_of, told, words_of

MANY = {
    "network": "googlenet",
    "target": [
        "inception_3b",
        {"layer": "inception_4d", "channels": [12, 40]},
        {"class": {"keys": [{"at": "0s", "value": "daisy"}, {"at": "6s", "value": "vault"}]}},
        {"class": 7, "network": {"weights": "nets/mine.pth"}},
    ],
    "scenes": [{"target": {"layer": "conv2"}}, {"length": "2s"}],
}


def test_aims_are_found_wherever_a_recipe_names_them() -> None:
    found = aims_of(MANY)
    assert found.networks == ("googlenet", "mine")
    assert found.layers == ("inception_3b", "inception_4d", "conv2")
    assert found.classes == ("daisy", "vault", "7")


@pytest.mark.parametrize(
    "tree",
    [{}, {"target": None}, {"target": 3}, {"scenes": "x"}, {"target": {"class": {"keys": 4}}}],
)
def test_what_is_not_understood_is_passed_over(tree: dict[str, object]) -> None:
    assert aims_of(tree) == (("house",), (), ())


def test_a_recipe_told_flat() -> None:
    tree = {
        "size": [480, 320],
        "fps": 6.0,
        "classify": None,
        "seamless": True,
        "target": [{"class": "daisy"}, "conv2"],
        "motion": {"rotate": {"expr": "5*sin(t)"}},
        "empty": {},
    }
    assert dict(flat(tree)) == {
        "size": "[480, 320]",
        "fps": "6",
        "classify": "none",
        "seamless": "on",
        "target.0.class": "daisy",
        "target.1": "conv2",
        "motion.rotate.expr": "5*sin(t)",
        "empty": "{}",
    }
    assert len(words_of({str(k): k for k in range(5000)})) == 400
    assert len(told("x" * 5000)) == 300
    assert told("two\nlines") == "two lines"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"noise": "plasma"}, "plasma noise"),
        ({"image": "sources/photo.png"}, "the picture photo.png"),
        ({"procedural": {"motif": "shell"}}, "a drawing"),
        ({"collage": {"pictures": []}}, "a collage"),
        (None, ""),
        ({"unheard": 1}, ""),
    ],
)
def test_sources(source: object, words: str) -> None:
    assert source_of({"source": source}) == words


def test_pictures_in_words_for_those_who_do_not_see_them() -> None:
    still = {
        "target": [{"class": "dome_outer"}, {"class": "bell_tower"}],
        "source": {"noise": "plasma"},
    }
    assert described(still, "still", 1) == (
        "A picture of dome outer and bell tower, as house sees them, dreamt from plasma noise"
    )
    assert described({"target": "conv2"}, "film", 24) == (
        "A film of 24 frames of the layer conv2, as house sees it"
    )
    many = {"target": [{"class": name} for name in "abcdef"]}
    assert "of a, b, c and 3 more, as" in described(many, "still", 1)
    collage = {"collage": {"layout": {"contact": {}}, "class": "flowers"}}
    assert described(collage, "collage", 0) == (
        "A collage, laid as contact, of what is most flowers"
    )
    laid = {"layout": {"mosaic": {"target": "../night/moon.jpg"}}}
    assert described({"collage": laid}, "collage", 66) == (
        "A collage of 66 pictures, laid as mosaic that shows moon.jpg"
    )
    assert described({"clips": [1, 2, 3]}, "compilation", 0) == "A compilation of 3 clips"
