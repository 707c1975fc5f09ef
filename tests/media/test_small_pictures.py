"""Pictures to learn from look as people see them, however their files hold them: turned, deep, in
inks, by palettes, transparent, moving. What is expected is made by numpy from the picture itself,
which is no mirror image of any other, in shape and colours.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.media.small_pictures import read_square, read_thumbnail

HEIGHT, WIDTH = 40, 60
Stored = Callable[[np.ndarray], np.ndarray]
# What lies in the file, for each EXIF orientation: the inverse of how it is to be turned.
STORED: dict[int, Stored] = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),  # to be turned clockwise
    7: lambda upright: np.rot90(upright.swapaxes(0, 1), 2),
    8: lambda upright: np.rot90(upright, -1),
}


def scene() -> np.ndarray:
    """A blue sky that darkens to the right, green ground, a red thing at the left: `(H, W, 3)`."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = np.stack([np.full(WIDTH, 60), np.full(WIDTH, 90), np.linspace(250, 110, WIDTH)], 1)
    picture[28:] = (40, 170, 50)
    picture[12:32, 14:24] = (220, 30, 20)
    return picture


def grey() -> np.ndarray:
    """The same in 16 bits of grey, `(H, W)`."""
    return (scene().astype(np.uint32) @ np.array([60, 60, 135], np.uint32)).astype(np.uint16)


def check(path: Path, upright: np.ndarray, within: float = 0) -> None:
    """That learning sees `upright` `(H, W, 3)` in the file, so many levels off at most."""
    thumbnail, size = read_thumbnail(path, WIDTH)
    assert size == (WIDTH, HEIGHT)
    left = (WIDTH - HEIGHT) // 2
    squashed = Image.fromarray(upright).resize((HEIGHT, HEIGHT), Image.Resampling.BILINEAR)
    for found, expected in (
        (thumbnail, upright),
        (read_square(path, HEIGHT), upright[:, left : left + HEIGHT]),
        (read_square(path, HEIGHT, "squash"), squashed),
    ):
        off = np.abs(np.asarray(found).astype(int) - np.asarray(expected).astype(int))
        assert off.shape == np.asarray(expected).shape
        assert off.max() <= within


def turned_by(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif"])
def test_a_turned_picture_is_seen_upright(tmp_path: Path, orientation: int, ending: str) -> None:
    path = tmp_path / f"turned.{ending}"
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](scene())))
    how = {"jpg": {"quality": 100, "subsampling": 0}, "webp": {"lossless": True}}.get(ending, {})
    stored.save(path, exif=turned_by(orientation), **how)
    check(path, scene(), within=6 if ending == "jpg" else 0)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bits_of_grey_are_seen_in_all_their_levels(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    """Cut at 255, as Pillow's own conversion does, nearly all of it would be white."""
    path = tmp_path / f"deep.{ending}"
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](grey())))
    assert stored.mode == "I;16"
    stored.save(path, exif=turned_by(orientation))
    levels = np.round(grey() / 257).astype(np.uint8)
    assert levels.min() < 100 < 150 < levels.max()
    check(path, levels[..., None].repeat(3, 2), within=1)


def test_inks_are_seen_as_colours(tmp_path: Path) -> None:
    path = tmp_path / "inks.jpg"
    colour = scene().astype(float)
    black = 255 - colour.max(2, keepdims=True)
    inks = 255 * (1 - colour / (255 - black))  # of what black leaves
    stored = np.concatenate([inks, black], 2).round().astype(np.uint8)
    Image.fromarray(stored, "CMYK").save(path, quality=100, subsampling=0)
    check(path, scene(), within=8)


@pytest.mark.parametrize("ending", ["png", "gif"])
def test_palettes_are_seen_as_colours_and_what_is_transparent_as_paper(
    tmp_path: Path, ending: str
) -> None:
    colours = np.array([(220, 30, 20), (40, 170, 50), (60, 90, 180), (9, 9, 9)], np.uint8)
    places = np.full((HEIGHT, WIDTH), 2, np.uint8)
    places[28:], places[12:32, 14:24], places[:6, 12:30] = 1, 0, 3
    picture = Image.fromarray(places, "P")
    picture.putpalette(colours.tobytes())
    picture.save(tmp_path / f"plain.{ending}")
    check(tmp_path / f"plain.{ending}", colours[places])
    picture.save(tmp_path / f"holes.{ending}", transparency=3)
    paper = colours.copy()
    paper[3] = 255
    check(tmp_path / f"holes.{ending}", paper[places])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_half_transparent_is_half_paper(tmp_path: Path, mode: str) -> None:
    alpha = np.linspace(0, 255, HEIGHT).round().astype(np.uint8)[:, None].repeat(WIDTH, 1)
    upright = scene() if mode == "RGBA" else scene()[..., :1].repeat(3, 2)
    channels = [upright] if mode == "RGBA" else [upright[..., :1]]
    Image.fromarray(np.concatenate([*channels, alpha[..., None]], 2), mode).save(tmp_path / "a.png")
    share = alpha[..., None] / 255
    check(tmp_path / "a.png", (share * upright + (1 - share) * 255).round().astype(np.uint8), 1)


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_of_a_moving_picture_the_first_is_seen(tmp_path: Path, ending: str) -> None:
    first = Image.fromarray(scene()).quantize(128)
    later = [Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("black", "yellow")]
    how: dict[str, object] = {"lossless": True} if ending == "webp" else {}
    path = tmp_path / f"moving.{ending}"
    first.convert("RGB").save(path, save_all=True, append_images=later, duration=50, **how)
    with Image.open(path) as picture:
        assert picture.n_frames == 3  # type: ignore[attr-defined]
    check(path, np.asarray(first.convert("RGB")))
