"""A recipe given to the wrong verb is told the right one, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.collage_recipe import parse_collage
from dreamer.recipe.collage_words import CollageRecipe
from dreamer.recipe.compilation import Compilation, parse_compilation
from dreamer.recipe.kinds import KINDS, OF_TRAININGS
from dreamer.recipe.parse import parse_recipe
from dreamer.recipe.retraining import Retraining, parse_retraining
from dreamer.recipe.schema import Recipe
from dreamer.recipe.sweep import parse_sweep
from dreamer.recipe.sweep_words import Sweep
from dreamer.recipe.training import Training, parse_training

RECIPES = Path(__file__).parents[2] / "recipes"
MODELS = {
    "render": Recipe,
    "collage": CollageRecipe,
    "train": Training,
    "retrain": Retraining,
    "compile": Compilation,
    "sweep": Sweep,
}
PARSED = {
    "render": parse_recipe,
    "collage": parse_collage,
    "train": parse_training,
    "retrain": lambda path: parse_retraining(path, {}),
    "compile": parse_compilation,
    "sweep": parse_sweep,
}
FILES = {
    "render": [RECIPES / "first-dream.yaml", RECIPES / "objectives" / "style.yaml"],
    "collage": sorted((RECIPES / "collage").glob("*.yaml")),
    "train": sorted((RECIPES / "train").glob("*.yaml")),
    "retrain": sorted((RECIPES / "retrain").glob("*.yaml")),
    "compile": [RECIPES / "compilation.yaml"],
    "sweep": sorted(RECIPES.glob("sweep-*.yaml")),
}


@pytest.mark.parametrize("wanted", PARSED)
@pytest.mark.parametrize(
    ("verb", "path"),
    [(verb, path) for verb, paths in FILES.items() for path in paths],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)
def test_our_recipes_are_sent_to_their_verb(wanted: str, verb: str, path: Path) -> None:
    if wanted == verb:
        assert PARSED[wanted](path).words
        return
    with pytest.raises(RecipeError) as refused:
        PARSED[wanted](path)
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}: this is a ")
    assert f"; run `dreamer {verb} {path}" in line


def problems(tmp_path: Path, wanted: str, text: str) -> str:
    path = tmp_path / "my own.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError) as refused:
        PARSED[wanted](path)
    return str(refused.value).replace(str(tmp_path), "")


def test_the_command_can_be_typed_as_it_is_said(tmp_path: Path) -> None:
    text = "photographs: {folders: [flowers]}\nbatch: 8\n"
    assert problems(tmp_path, "render", text) == (
        "/my own.yaml: this is a recipe for training; run `dreamer train '/my own.yaml' "
        "--data FOLDER`"
    )


def test_a_base_and_a_name_are_words_of_retraining(tmp_path: Path) -> None:
    assert "dreamer retrain" in problems(tmp_path, "render", "title: mine\nbase: house\n")


@pytest.mark.parametrize(
    ("wanted", "text", "message"),
    [
        ("render", "target: daisy\nunfreeze: []\n", ":2: unfreeze: unknown key"),
        ("train", "batch: 8\nunfreeze: []\n", ":2: unfreeze: unknown key"),
        ("retrain", "head: {}\nstages: []\n", ":2: stages: unknown key"),
        ("render", "title: mine\ntargett: daisy\n", "did you mean 'target'"),
    ],
)
def test_a_key_too_many_makes_no_other_kind(
    tmp_path: Path, wanted: str, text: str, message: str
) -> None:
    found = problems(tmp_path, wanted, text)
    assert message in found
    assert "run `dreamer" not in found


def test_what_is_set_now_is_no_sign_of_a_kind() -> None:
    with pytest.raises(RecipeError, match=r"^--set stages: unknown key"):
        parse_retraining(None, {"base": "house"}, ["stages=3"])


def test_the_telling_keys_are_those_that_only_one_kind_has() -> None:
    known = {
        verb: {field.alias or name for name, field in model.model_fields.items()}
        for verb, model in MODELS.items()
    }
    for verb, kind in KINDS.items():
        others = set().union(*(keys for other, keys in known.items() if other != verb))
        assert kind.keys == known[verb] - others
    learning = known["train"] & known["retrain"]
    assert learning - known["render"] - known["collage"] == OF_TRAININGS
