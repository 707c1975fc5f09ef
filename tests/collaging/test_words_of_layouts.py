"""What recipes may say of a collage is what layouts and drawing take: neither side gains a word,
a bound or a default alone.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from dreamer.draw.blending import MODES
from dreamer.draw.cutouts import SHAPES
from dreamer.draw.cutouts import Mask as DrawnMask
from dreamer.draw.layouts.named import LAYOUTS
from dreamer.draw.layouts.scatter import Pass
from dreamer.draw.layouts.words import OneOf
from dreamer.draw.looks import LOOKS
from dreamer.engine.dressed import dress_of, looks_of
from dreamer.engine.laying import pass_of
from dreamer.recipe import dressing, laying
from dreamer.recipe.collage_recipe import collage_from_text
from dreamer.recipe.dressing import Dressed, Look, Mask
from dreamer.recipe.laying import LayoutWords
from dreamer.recipe.numbers import Words

# what recipes say and is made into arrays before a layout sees it: a mosaic's target as cells
GIVEN = {"mosaic": {"target", "columns", "shape"}}
# what recipes do not say: how high captions are; cells of a sheet without a height, which no mosaic
# has
UNSAID = {"contact": {"caption"}, "mosaic": {"shape"}}
# said in recipes as other units: a part of the width, in place of pixels
IN_PARTS = {("justified", "row_height")}
# words that a recipe gives a default of its own
OWN = {("scatter", "count")}


def words_of(name: str) -> type[Words]:
    (kind,) = [
        one for one in get_args(LayoutWords.model_fields[name].annotation) if one is not type(None)
    ]
    assert isinstance(kind, type)
    assert issubclass(kind, Words)
    return kind


def said(name: str) -> dict[str, Any]:
    """What a recipe may say of a layout, and its defaults."""
    kind = laying.Pass if name == "scatter" else words_of(name)
    own = set(Dressed.model_fields) if name == "scatter" else GIVEN.get(name, set())
    return {key: field for key, field in kind.model_fields.items() if key not in own}


def test_recipes_know_every_layout_and_no_other() -> None:
    assert list(LayoutWords.model_fields) == list(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_words_are_those_of_the_layout(name: str) -> None:
    assert set(said(name)) == set(LAYOUTS[name].words) - UNSAID.get(name, set())


@pytest.mark.parametrize("name", LAYOUTS)
def test_defaults_are_those_of_the_function(name: str) -> None:
    if name == "scatter":
        taken = {field.name: field.default for field in fields(Pass)}
    else:
        parameters = inspect.signature(LAYOUTS[name].lay).parameters.values()
        taken = {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
    found = {key: field.default for key, field in said(name).items() if (name, key) not in OWN}
    assert found == {key: taken[key] for key in found}
    assert set(taken) - set(said(name)) == {*LAYOUTS[name].needs, *UNSAID.get(name, ())}


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_a_recipe_lets_through_the_layout_takes(name: str) -> None:
    for key, field in said(name).items():
        word = LAYOUTS[name].words[key]
        if isinstance(word, OneOf):
            assert set(get_args(field.annotation)) == set(word.names), key
            continue
        if (name, key) in IN_PARTS or not hasattr(word, "least"):
            continue
        bounds = {type(one).__name__: one for one in field.metadata}
        if "Ge" not in bounds:
            least, most = laying.BOUNDS[key]
        else:
            least, most = bounds["Ge"].ge, bounds["Le"].le
        assert word.least <= least, key
        assert most <= word.most, key


def test_a_pass_goes_over_as_it_is() -> None:
    assert pass_of(laying.Pass()) == Pass()


def test_modes_shapes_and_looks_are_those_that_are_drawn() -> None:
    assert set(get_args(dressing.Mode)) == set(MODES)
    assert set(get_args(dressing.Shape)) == set(SHAPES)
    assert set(Look.model_fields) == set(LOOKS)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_drawn_as_it_is_said(mode: str) -> None:
    assert dress_of(Dressed.model_validate({"blend": mode}), 10).mode == mode


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_too(shape: str) -> None:
    mask = dress_of(Dressed.model_validate({"mask": shape}), 10).mask
    assert mask is not None
    assert mask.shape == shape


def test_a_mask_of_few_words_is_as_drawing_has_it() -> None:
    for field in fields(DrawnMask):
        if field.name in ("shape", "points"):
            continue
        assert Mask.model_fields[field.name].default == field.default, field.name


@pytest.mark.parametrize(
    "look",
    [
        {"kaleidoscope": 6},
        {"posterise": 5},
        {"bloom": 0.4},
        {"duotone": ["navy", "#ffeeaa"]},
        {"duotone": ["navy", "red", "white"]},
        {"threshold": 0.5},
        {"threshold": "local"},
        {"grain": 0.2},
    ],
)
def test_every_look_is_taken_as_it_is_said(look: dict[str, Any]) -> None:
    words = Dressed.model_validate({"looks": look})
    ((name, _),) = looks_of(tuple(words.looks or ()))
    assert dress_of(words, 10).looks[0][0] == name == next(iter(look))


def test_recipes_of_the_page_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "collage.md").read_text()
    recipes = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(recipes) >= 2
    for text in recipes:
        assert collage_from_text(text, tmp_path, "page.yaml").words.collage.pictures
