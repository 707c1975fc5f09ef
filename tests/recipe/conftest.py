"""A small made-up world for plans: two networks, one picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dreamer.errors import RecipeError
from dreamer.recipe.facts import Facts, NetworkFacts, PictureFacts, fold
from dreamer.recipe.parse import recipe_from_text
from dreamer.recipe.planning import plan

LAYERS = (
    "conv1",
    "inception_3b/5x5_reduce",
    "inception_3b",
    "inception_4c",
    "inception_5b",
)
CLASSES = ("daisy", "sunflower", "sunflowers", "dome_inner", "dome_outer", "stained_glass")


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """`house` and `big`, and a picture of 640 × 480 called photo.jpg."""
    channels = dict(zip(LAYERS, (16, 12, 160, 248, 400), strict=True))
    stem = {fold("stem"): "conv1"}
    house = NetworkFacts("house", LAYERS, CLASSES, 64, 32, channels, aliases=stem)
    big = NetworkFacts("big", LAYERS, CLASSES, 224, 64, channels)
    absent = "no network 'hause' in the catalogue (house, big); did you mean 'house'?"
    return Facts(
        {"house": house, "big": big, "hause": absent},
        {
            str(tmp_path / "photo.jpg"): PictureFacts(640, 480, "ab" * 32),
            str(tmp_path / "gone.jpg"): f"no such file: {tmp_path / 'gone.jpg'}",
        },
        ("shell", "eye"),
    )


@pytest.fixture
def world(facts: Facts, tmp_path: Path) -> Facts:
    """`facts`, with a network without a head, another of house's size, and pictures beside."""
    house = facts.networks["house"]
    assert isinstance(house, NetworkFacts)
    headless = NetworkFacts("headless", house.layers, (), 64, 32, house.channels)
    sizes = {
        "guide.jpg": (300, 200),
        "wide.png": (100, 50),
        "square.png": (100, 100),
        "dot.png": (1, 1),
        "strip.png": (4000, 400),
        "small.png": (3, 3),
    }
    pictures = {
        str(tmp_path / name): PictureFacts(*size, f"{k:02d}" * 32)
        for k, (name, size) in enumerate(sizes.items())
    }
    return Facts(
        {**facts.networks, "headless": headless}, {**facts.pictures, **pictures}, facts.motifs
    )


@pytest.fixture
def refusals(world: Facts, tmp_path: Path) -> Callable[[str], list[str]]:
    """`refusals(text)`: what planning a recipe that cannot be had says, after "x.yaml:", with
    `{folder}` for the folder.
    """

    def said(text: str) -> list[str]:
        with pytest.raises(RecipeError) as caught:
            plan(recipe_from_text(text, tmp_path, "x.yaml"), world)
        lines = str(caught.value).replace(str(tmp_path), "{folder}").split("\n")
        assert all(line.startswith("x.yaml:") for line in lines), lines
        return [line.removeprefix("x.yaml:") for line in lines]

    return said
