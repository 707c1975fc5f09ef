"""Scenes as recipes: each with what the recipe says for all, and what it says itself on top."""

from __future__ import annotations

from pydantic import ValidationError

from dreamer.errors import Problem
from dreamer.errors import RecipeError as RecipeError
from dreamer.recipe.layering import overlaid
from dreamer.recipe.marks import Tree
from dreamer.recipe.messages import problems_of
from dreamer.recipe.parsed import FPS, Parsed, Staged
from dreamer.recipe.rates import parse_fps
from dreamer.recipe.scene import ITS_OWN
from dreamer.recipe.schema import Recipe
from dreamer.recipe.times import parse_time


def staged(words: Recipe, tree: Tree, name: str) -> tuple[Staged, ...]:
    """The scenes of a recipe, each as a recipe: what it says laid over what is said for all."""
    found: list[Staged] = []
    problems: list[Problem] = []
    fps, moment = parse_fps(words.fps or FPS), 0.0
    for k, scene in enumerate(words.scenes or ()):
        start, part = round(moment), ("scenes", k)
        moment += parse_time(scene.length).frame(fps, None)
        frames = max(1, round(moment) - start)
        fade = round(parse_time(scene.transition).frame(fps, None))
        own = {p[2:]: mark for p, mark in tree.marks.items() if p[:2] == part}
        if round(moment) == start:
            message = f"is shorter than a frame; there are {fps} a second"
            problems.append(tree.problem((*part, "length"), message))
        elif fade and k == 0:
            message = "the first scene has none before it to fade from; leave it out"
            problems.append(tree.problem((*part, "transition"), message))
        elif fade > frames:
            message = f"takes longer than the scene: {fade} frames of {frames}"
            problems.append(tree.problem((*part, "transition"), message))
        value = {key: v for key, v in tree.value["scenes"][k].items() if key not in ITS_OWN}
        # Targets are a list, whichever way one is written, and a list takes another one's place.
        others = {"scenes", "target"} if "target" in value else {"scenes"}
        below = {key: v for key, v in tree.value.items() if key not in others} | {"length": frames}
        gone = ("target",) if "target" in value else ()
        marks = {at: mark for at, mark in tree.marks.items() if not gone or at[:1] != gone}
        merged = overlaid(Tree(below, marks), Tree(value, own))
        try:
            its_words = Recipe.model_validate(merged.value)
        except ValidationError as error:
            problems += problems_of(error, merged, Recipe)
            continue
        recipe = Parsed(its_words, merged, name, (), part, frozenset(own))
        found.append(Staged(recipe, scene.title, start, frames, fade, scene.ease))
    if problems:
        raise RecipeError(problems)
    return tuple(found)
