"""A small made-up world for plans: two networks, one picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from dreamer.recipe.facts import Facts, NetworkFacts, PictureFacts, fold

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
