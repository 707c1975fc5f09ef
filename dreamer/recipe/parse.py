"""From a recipe's text to a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dreamer.errors import Problem
from dreamer.errors import RecipeError as RecipeError
from dreamer.recipe.beats import Beats, counts_beats, in_seconds
from dreamer.recipe.drafting import drafted
from dreamer.recipe.kinds import KINDS, misplaced
from dreamer.recipe.layering import alone, read_layers, with_overrides
from dreamer.recipe.marks import Mark, Path_, Tree, read_yaml
from dreamer.recipe.messages import problems_of
from dreamer.recipe.parsed import Parsed
from dreamer.recipe.schema import Recipe
from dreamer.recipe.staging import staged

# What beats are heard in a film whose recipe counts them; a ValueError says why none can be.
Hear = Callable[["Parsed"], Beats]


def parse_recipe(
    path: Path | str,
    overrides: Sequence[str] = (),
    cwd: Path | None = None,
    hear: Hear | None = None,
) -> Parsed:
    """The recipe in the file at `path`, with what it extends below it and `overrides`
    (`key=value`) on top. Its beats are said in seconds by what `hear` tells of its sound.

    Raises:
        RecipeError: all that is wrong with its text.
    """
    path = Path(path)
    tree = with_overrides(read_layers(path), overrides, cwd or Path.cwd())
    return _checked(tree, path.stem, hear)


def recipe_from_text(
    text: str,
    folder: Path,
    name: str,
    overrides: Sequence[str] = (),
    cwd: Path | None = None,
    hear: Hear | None = None,
) -> Parsed:
    """A recipe that stands in no file of its own, its file names relative to `folder`."""
    tree = alone(read_yaml(text, name, folder))
    return _checked(with_overrides(tree, overrides, cwd or Path.cwd()), Path(name).stem, hear)


def recipe_from_tree(
    value: Mapping[str, Any],
    folder: Path | None = None,
    name: str = "recipe",
    marks: Mapping[Path_, Mark] | None = None,
    hear: Hear | None = None,
) -> Parsed:
    """A recipe from plain data, its file names relative to `folder`; `marks` say where its words
    were written.
    """
    root = {(): Mark(name, 0, folder or Path.cwd())}
    return _checked(Tree(dict(value), root | dict(marks or {})), name, hear)


def draft_of(recipe: Parsed, size: tuple[int, int]) -> Parsed:
    """The same film as `recipe` at a quarter of `size` (width, height) and 6 frames a second, its
    shape and moments staying as they are.
    """
    words = recipe.canonical()
    if recipe.clip() is not None and "length" not in recipe.tree.value:
        del words["length"]  # which is the clip's, in as many frames as the draft will have
    tree = drafted(words, size, recipe.fps)
    return recipe_from_tree(
        tree, recipe.tree.mark(()).folder, f"{recipe.name}-draft", recipe.tree.marks
    )


def _checked(tree: Tree, name: str, hear: Hear | None) -> Parsed:
    try:
        words = Recipe.model_validate(tree.value)
        counted = counts_beats(tree.value)
        if counted:
            tree = _timed(Parsed(words, tree, name), counted, hear)
            words = Recipe.model_validate(tree.value)
    except ValidationError as error:
        wrong = misplaced(tree, "render") or problems_of(error, tree, Recipe, KINDS["sweep"].keys)
        raise RecipeError(wrong) from error
    return Parsed(words, tree, name, staged(words, tree, name))


def _timed(recipe: Parsed, counted: Sequence[Path_], hear: Hear | None) -> Tree:
    """The tree of `recipe` with beats said in seconds; `counted` is where it counts them."""
    tree = recipe.tree
    if not recipe.sounds:
        message = "counts the beats of a sound, and there is none; say sound: FILE"
        raise RecipeError([tree.problem(path, message) for path in counted])
    problems: list[Problem] = []

    def refuse(path: Path_, message: str) -> None:
        problems.append(tree.problem(path, message))

    timed = {}
    if hear is None:
        refuse(counted[0], "counts beats, which nobody listens for here; say seconds")
    else:
        try:
            beats = hear(recipe)
        except ValueError as error:
            refuse(("sound", "file"), str(error))
        else:
            timed = in_seconds(tree.value, beats, recipe.fps, refuse)
    if problems:
        raise RecipeError(problems)
    return Tree(timed, tree.marks)
