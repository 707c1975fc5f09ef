"""Masks against shapes drawn sixteen times as large, in hard black and white, and made small."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dreamer.draw.cutouts import Mask, cutout

WIDTH, HEIGHT, TIMES = 60, 40, 16
STAR = ((0.5, 0.0), (0.62, 0.35), (1.0, 0.4), (0.7, 0.62), (0.8, 1.0), (0.5, 0.75), (0.1, 0.9))


def grey(level: float = 0.5, alpha: bool = False) -> np.ndarray:
    return np.full((4 if alpha else 3, HEIGHT, WIDTH), level, np.float32)


def large() -> tuple[np.ndarray, np.ndarray]:
    """Places across and down in pixels of the small mask, finely."""
    x = (np.arange(WIDTH * TIMES) + 0.5) / TIMES
    y = (np.arange(HEIGHT * TIMES) + 0.5) / TIMES
    return x[None], y[:, None]


def counted(inside: np.ndarray) -> np.ndarray:
    return inside.reshape(HEIGHT, TIMES, WIDTH, TIMES).mean((1, 3))


def test_an_ellipse_covers_what_an_ellipse_covers() -> None:
    x, y = large()
    expected = counted(((x - 30) / 30) ** 2 + ((y - 20) / 20) ** 2 <= 1)
    found = cutout(Mask("ellipse"), grey())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.13)
    assert found.sum() == pytest.approx(np.pi * 30 * 20, rel=2e-3)


@pytest.mark.parametrize("corner", [0.0, 0.2, 0.5])
def test_rounded_corners_are_quarters_of_circles(corner: float) -> None:
    x, y = large()
    radius = corner * HEIGHT
    away_x = np.maximum(np.abs(x - 30) - (30 - radius), 0)
    away_y = np.maximum(np.abs(y - 20) - (20 - radius), 0)
    expected = counted(away_x**2 + away_y**2 <= max(radius, 1e-9) ** 2)
    np.testing.assert_allclose(cutout(Mask("rounded", corner=corner), grey()), expected, atol=0.13)


@pytest.mark.parametrize(
    "mask", [Mask("polygon", sides=n) for n in (3, 5, 6)] + [Mask("polygon", points=STAR)]
)
def test_polygons_as_pillow_fills_them(mask: Mask) -> None:
    if mask.points:
        corners = mask.points
    else:  # from the top, evenly, then stretched until all four edges are touched
        turns = 2 * np.pi * np.arange(mask.sides) / mask.sides
        at = np.stack([np.sin(turns), -np.cos(turns)], 1)
        corners = (at - at.min(0)) / np.ptp(at, axis=0)
    sheet = Image.new("1", (WIDTH * TIMES, HEIGHT * TIMES))
    ImageDraw.Draw(sheet).polygon(
        [(u * WIDTH * TIMES - 0.5, v * HEIGHT * TIMES - 0.5) for u, v in corners], fill=1
    )
    expected = counted(np.asarray(sheet))
    found = cutout(mask, grey())
    off = np.abs(found - expected)
    assert off.max() < 0.35  # in the very points of thin corners
    assert off.mean() < 0.003
    assert found.sum() == pytest.approx(expected.sum(), rel=5e-3)


@pytest.mark.parametrize("shape", ["ellipse", "rounded", "polygon", "feather"])
def test_a_feather_falls_off_inwards_and_smoothly(shape: str) -> None:
    found = cutout(Mask(shape, feather=0.4, sides=4), grey())
    hard = cutout(Mask(shape, sides=4), grey())
    assert found[20, 30] == pytest.approx(1, abs=1e-3)
    assert (found <= hard + 1e-6).all()
    assert found[0].max() < 0.02
    assert np.abs(np.diff(found[20])).max() < 0.12  # over 16 pixels
    row = found[20, :30]
    assert (np.diff(row) >= -1e-6).all()


def test_dark_falls_away_or_light() -> None:
    picture = grey()
    picture[:] = np.linspace(0, 1, WIDTH)
    dark = cutout(Mask("luminance", threshold=0.5, softness=0.2), picture)
    light = cutout(Mask("luminance", threshold=0.5, softness=0.2, falls="light"), picture)
    levels = picture[0]
    assert not dark[levels < 0.39].any()
    assert (dark[levels > 0.61] == 1).all()
    assert ((dark > 0) & (dark < 1)).sum() == ((levels > 0.4) & (levels < 0.6)).sum()
    np.testing.assert_allclose(dark + light, 1, atol=1e-6)


def test_luminance_weighs_colours_as_eyes_do() -> None:
    green, blue = grey(0), grey(0)
    green[1] = blue[2] = 1
    mask = Mask("luminance", threshold=0.4)
    assert cutout(mask, green).min() == 1
    assert cutout(mask, blue).max() == 0


def test_inverted_is_what_was_not_seen() -> None:
    for shape in ("ellipse", "polygon", "feather"):
        there = cutout(Mask(shape, feather=0.3), grey())
        gone = cutout(Mask(shape, feather=0.3, invert=True), grey())
        np.testing.assert_allclose(there + gone, 1, atol=1e-6)


def test_a_piece_of_one_pixel_is_still_there() -> None:
    for shape in ("ellipse", "rounded", "feather"):
        assert cutout(Mask(shape), grey()[:, :1, :1]).item() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"shape": "elipse"}, "did you mean 'ellipse'"),
        ({"shape": "ellipse", "feather": 1.5}, "feather from 0 to 1, not 1.5"),
        ({"shape": "rounded", "corner": 0.6}, "corner from 0 to 0.5"),
        ({"shape": "polygon", "sides": 2}, "3 to 64 corners, not 2"),
        ({"shape": "luminance", "falls": "grey"}, "'dark' or 'light'"),
    ],
)
def test_what_cannot_be_meant_is_said(words: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Mask(**words)  # type: ignore[arg-type]
