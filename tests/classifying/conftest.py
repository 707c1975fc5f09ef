"""A folder of colours, a film that turns from one into another, and a network that knows them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from colours import RGB, colour_card, painted

from dreamer.media.video import encode_film
from dreamer.networks.cards import Card


@pytest.fixture(scope="session")
def card() -> Card:
    return colour_card()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Four pictures, each of one colour, one of them in a folder of its own."""
    folder = tmp_path / "pictures"
    for name in ("green", "red", "yellow"):
        painted(folder / f"{name}.png", RGB[name])
    painted(folder / "deeper" / "blue.png", RGB["blue"])
    return folder


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Three seconds: eight frames of red, then four of blue."""
    red = painted(tmp_path / "frames" / "red.png", RGB["red"], (64, 48))
    blue = painted(tmp_path / "frames" / "blue.png", RGB["blue"], (64, 48))
    path = tmp_path / "turning.mp4"
    encode_film([red] * 8 + [blue] * 4, path, Fraction(4), crf=1)
    return path
