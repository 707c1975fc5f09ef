"""Retraining recipes: read strictly, options of the command line above, told from other kinds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.retraining import STAGES, parse_retraining

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted((RECIPES / "retrain").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_retraining_recipe_reads(path: Path) -> None:
    assert parse_retraining(path, {}).words.title


def test_without_a_recipe_all_is_as_the_page_says() -> None:
    words = parse_retraining(None, {}).words
    assert words.base == "house"
    assert words.unfreeze == STAGES
    assert words.augment.flip


def test_the_command_lines_words_stand_over_the_recipes(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("base: judge\nhead: {epochs: 3}\nunfreeze: [{depth: 0.5}]\n")
    words = parse_retraining(path, {"base": "house", "unfreeze": []}, ["head.batch=7"]).words
    assert (words.base, words.unfreeze) == ("house", [])
    assert (words.head.epochs, words.head.batch) == (3, 7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bas: house", "mine.yaml:1: bas: unknown key; did you mean 'base'?"),
        ("unfreeze: [{depth: 0}]", "mine.yaml:1: unfreeze.0.depth: must be above 0, not 0"),
        ("unfreeze: [{depth: 1, first: conv1}]", "expected depth or first"),
        ("unfreeze: [{depth: 1, rate: -1}]", "unfreeze.0: rate must be more than 0"),
        ("unfreeze: [{depth: 1, rate: fast}]", "unfreeze.0.rate"),
        ("split: {validation: 0.5, test: 0.45}", "leave less than a tenth to learn from"),
        ("augment: {rotate: 200}", "augment.rotate: must be at most 180"),
        ("name: a/b", "name: expected a name for files, not 'a/b'"),
    ],
)
def test_words_that_mean_nothing(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{text}\n")
    with pytest.raises(RecipeError, match=re.escape(message)):
        parse_retraining(path, {})
