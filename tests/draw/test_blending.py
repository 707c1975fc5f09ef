"""Blend modes against the formulas of the W3C's *Compositing and Blending Level 1*, worked out once
more pixel by pixel in Python's floats, and against Pillow where it has the same mode.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageChops

from dreamer.draw.blending import MODES, Patch, blend, laid


def multiply(b: float, s: float) -> float:
    return b * s


def screen(b: float, s: float) -> float:
    return 1 - (1 - b) * (1 - s)


def hard_light(b: float, s: float) -> float:
    return multiply(b, 2 * s) if s <= 0.5 else screen(b, 2 * s - 1)


def soft_light(b: float, s: float) -> float:
    if s <= 0.5:
        return b - (1 - 2 * s) * b * (1 - b)
    d = ((16 * b - 12) * b + 4) * b if b <= 0.25 else math.sqrt(b)
    return b + (2 * s - 1) * (d - b)


PUBLISHED = {
    "normal": lambda b, s: s,
    "multiply": multiply,
    "screen": screen,
    "overlay": lambda b, s: hard_light(s, b),
    "soft-light": soft_light,
    "difference": lambda b, s: abs(b - s),
    "lighten": max,
    "darken": min,
}


def light_of(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def level_of(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def composited(
    mode: str, b: float, below: float, s: float, alpha: float, linear: bool
) -> tuple[float, float]:
    """A channel's level and the alpha of a source over a backdrop with alpha `below`."""
    if linear:
        b, s = light_of(b), light_of(s)
    mixed = (1 - below) * s + below * PUBLISHED[mode](b, s)
    whole = alpha + below * (1 - alpha)
    premultiplied = alpha * mixed + (1 - alpha) * below * b
    colour = premultiplied / whole if whole else 0.0
    return (level_of(colour) if linear else colour), whole


LEVELS = [0.0, 0.02, 0.1, 0.25, 0.3, 0.5, 0.51, 0.75, 0.9, 1.0]


@pytest.fixture
def pairs() -> tuple[np.ndarray, np.ndarray]:
    """All pairs of levels, and some by chance: backdrop and source, `(3, 12, 12)`."""
    chance = np.random.default_rng(4)
    b, s = chance.random((2, 3, 144)).astype(np.float32)
    b[:, :100], s[:, :100] = np.repeat(LEVELS, 10), np.tile(LEVELS, 10)
    return b.reshape(3, 12, 12), s.reshape(3, 12, 12)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0, None])
@pytest.mark.parametrize("below", [0.0, 0.6, 1.0, None])
@pytest.mark.parametrize("mode", list(MODES))
def test_every_mode_is_as_published(
    mode: str,
    below: float | None,
    alpha: float | None,
    linear: bool,
    pairs: tuple[np.ndarray, np.ndarray],
) -> None:
    b, s = pairs
    chance = np.random.default_rng(7)
    under, over = (
        chance.random((12, 12)) if one is None else np.full((12, 12), one) for one in (below, alpha)
    )
    backdrop = np.concatenate([b, under[None]]).astype(np.float32)
    found = blend(mode, backdrop, s, over.astype(np.float32), linear)
    opaque = blend(mode, b, s, over.astype(np.float32), linear)
    assert found.dtype == opaque.dtype == np.float32
    assert found.shape == (4, 12, 12)
    assert opaque.shape == (3, 12, 12)
    for place in np.ndindex(3, 12, 12):
        at = place[1:]
        value, source = float(b[place]), float(s[place])
        colour, whole = composited(mode, value, under[at], source, over[at], linear)
        assert found[place] == pytest.approx(colour, abs=3e-6)
        assert found[3][at] == pytest.approx(whole, abs=1e-6)
        colour, _ = composited(mode, value, 1.0, source, over[at], linear)
        assert opaque[place] == pytest.approx(colour, abs=3e-6)


@pytest.mark.parametrize(
    ("mode", "theirs"),
    [
        ("multiply", ImageChops.multiply),
        ("screen", ImageChops.screen),
        ("difference", ImageChops.difference),
        ("lighten", ImageChops.lighter),
        ("darken", ImageChops.darker),
        ("overlay", ImageChops.overlay),
    ],
)
def test_as_pillow_has_it(mode: str, theirs: object) -> None:
    levels = np.arange(256, dtype=np.uint8)
    b, s = np.repeat(levels, 256).reshape(256, 256), np.tile(levels, 256).reshape(256, 256)
    expected = np.asarray(theirs(Image.fromarray(b), Image.fromarray(s)))  # type: ignore[operator]
    backdrop, source = (np.repeat(x[None], 3, 0).astype(np.float32) / 255 for x in (b, s))
    found = blend(mode, backdrop, source, np.ones((256, 256), np.float32))
    off = np.abs(found[0] * 255 - expected)
    assert off.max() <= (2.1 if mode == "overlay" else 1.0)  # Pillow cuts what we round


def test_what_lies_outside_a_canvas_falls_away() -> None:
    red = np.zeros((4, 5, 5), np.float32)
    red[[0, 3]] = 1
    canvas = np.zeros((3, 8, 8), np.float32)
    for left, top in ((-3, -3), (6, 6), (20, 0), (0, -20)):
        laid(canvas, Patch(left, top, red))
    expected = np.zeros((8, 8))
    expected[:2, :2] = expected[6:, 6:] = 1
    assert np.array_equal(canvas[0], expected)
    assert not canvas[1:].any()


def test_a_word_that_is_no_mode_gets_the_nearest() -> None:
    one = np.ones((3, 1, 1), np.float32)
    with pytest.raises(ValueError, match="did you mean 'multiply'"):
        blend("multiplied", one, one, one[0])
