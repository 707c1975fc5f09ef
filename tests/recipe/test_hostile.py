"""Recipes meant to crash, hang or read what is not theirs: each is an answer, and a quick one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.dumping import as_yaml
from dreamer.recipe.facts import Facts, NetworkFacts, find_class
from dreamer.recipe.layering import with_overrides
from dreamer.recipe.marks import MOST_NODES, read_yaml
from dreamer.recipe.parse import recipe_from_text, recipe_from_tree
from dreamer.recipe.planning import plan

# name: (text, message)
HOSTILE: dict[str, tuple[str, str]] = {
    "infinity in capitals": (
        "size: -.INF",
        "x.yaml:1: size: expected [width, height] or one number of pixels, not -inf",
    ),
    "a tag like our own": (
        "size: !int foo",
        "x.yaml:1: size: the tag !int is not allowed; a recipe is plain data",
    ),
    "an integer too large to show": (
        f"size: 0x{'f' * 6000}",
        "x.yaml:1: size: expected [width, height] or one number of pixels, not inf",
    ),
    "a rate of many digits": (
        'fps: "1e100000000"',
        "x.yaml:1: fps: expected frames a second like 24 or 24000/1001, not '1e100000000'",
    ),
    "a rate over nothing": (
        "fps: 24/0",
        "x.yaml:1: fps: expected frames a second like 24 or 24000/1001, not '24/0'",
    ),
    "a length without end": (
        f"length: {'9' * 400}s",
        "x.yaml:1: length: too long; for a film without end say endless",
    ),
    "too many frames": (
        "length: 999999999",
        "x.yaml:1: length: more than 1000000 frames; use endless",
    ),
    "a character no file name has": (
        'source: {image: "a\\0b"}',
        "x.yaml:1: source.image: a word cannot hold the character U+0000",
    ),
    "a user there is none of": (
        "source: {image: ~nobody-here/x.png}",
        "x.yaml:1: source.image: not looked at",
    ),
    "a control character": (
        "seed: 1\ntitle: \x07",
        "x.yaml:2: not YAML: the character U+0007 is not allowed",
    ),
    "a deep nest": (f"title: {'[' * 10_000}", "x.yaml:1: nested too deep"),
    "a circle": ("title: &a [*a]", "x.yaml:1: nested too deep once its anchors are unfolded"),
    "a long list": (
        "- x\n" * 200_000,
        f"x.yaml:{MOST_NODES}: more than {MOST_NODES} values",
    ),
    "a key like a type's name": (
        "int: 3",
        "x.yaml:1: int: unknown key; did you mean 'inpaint'?",
    ),
    "a key with brackets": (
        "'target[0]': daisy",
        "x.yaml:1: target[0]: unknown key; did you mean 'target'?",
    ),
    "half a network": (
        "network: {weights: random}",
        "x.yaml:1: network: random weights need {architecture: NAME, weights: random}",
    ),
    "a variable that would not be heard": (
        "motion: {rotate: {expr: pi, vars: {pi: 3}}}",
        "x.yaml:1: motion.rotate.vars: 'pi' is taken; it is 3.141…",
    ),
    "a clamp upside down": (
        "motion: {rotate: {expr: t, clamp: [6, -6]}}",
        "x.yaml:1: motion.rotate.clamp: expected the least first, not [6, -6]",
    ),
    "an infinite constant": (
        "motion: {rotate: {expr: '1 if t < 1e999 else 2'}}",
        "x.yaml:1: motion.rotate.expr: holds a number too large",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_in_our_words_and_soon(name: str, facts: Facts) -> None:
    text, message = HOSTILE[name]
    began = time.process_time()
    with pytest.raises(RecipeError) as caught:
        plan(recipe_from_text(text, Path("/recipes"), "x.yaml"), facts)
    assert str(caught.value) == message
    # A recipe of 20,000 values is read in about a second; 200,000 would take ten.
    assert time.process_time() - began < 4


def test_a_recipe_in_no_file_extends_none(tmp_path: Path) -> None:
    """One out of a picture is a stranger's, and even reading what it extends would open a file."""
    (tmp_path / "base.yaml").write_text("seed: 1\n")
    with pytest.raises(RecipeError) as caught:
        recipe_from_text("extends: base.yaml", tmp_path, "p.png")
    assert str(caught.value) == (
        "p.png:1: extends: only a recipe in a file of its own can extend another"
    )


def test_a_class_of_a_network_without_classes() -> None:
    headless = NetworkFacts("headless", ("conv1",), (), 64, 32)
    with pytest.raises(ValueError, match="headless has no classes; name a layer"):
        find_class(headless, 0)


@pytest.mark.parametrize(
    ("override", "target"),
    [
        ("target.0.class=daisy", {"class": "daisy", "weight": 2}),
        ("target.0.layer=conv2", {"layer": "conv2", "weight": 2}),
    ],
)
def test_a_class_set_over_a_layer_takes_its_place(override: str, target: object) -> None:
    tree = read_yaml("target: [{layer: conv1, weight: 2}]", "x.yaml", Path())
    assert with_overrides(tree, [override], Path()).value == {"target": [target]}


@pytest.mark.parametrize("word", ["#4a3426", "*zebra*"])
def test_colours_and_patterns_need_no_quotes_of_their_own(word: str) -> None:
    """YAML would have the one for a comment, the other for an alias."""
    tree = read_yaml("seed: 1", "r.yaml", Path())
    assert with_overrides(tree, [f"background={word}"], Path()).value["background"] == word


def test_a_key_set_to_nothing_is_null() -> None:
    tree = read_yaml("length: 20s", "x.yaml", Path())
    assert with_overrides(tree, ["length="], Path()).value == {"length": None}


def test_a_window_ends_where_its_film_does(facts: Facts) -> None:
    recipe = recipe_from_text("length: 10", Path(), "x.yaml")
    assert plan(recipe, facts, (8, 240)).count == 2


@pytest.mark.parametrize("number", [1e-05, 1e-300, 0.1, 2.0])
def test_a_number_survives_being_frozen(number: float) -> None:
    """What a render's folder keeps must read back, or the render cannot be resumed."""
    recipe = recipe_from_tree({"ascent": {"falloff": number}})
    text = as_yaml(recipe.canonical())
    assert recipe_from_text(text, Path(), "recipe.yaml").words == recipe.words
