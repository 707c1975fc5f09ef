"""Pieces of collages are read upright, with their alpha and no larger than is needed, whatever lies
in the file. What is expected is made by numpy from the picture itself.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from dreamer.errors import MediaError
from dreamer.media.pictures import encode_png, read_picture
from dreamer.media.pieces import read_piece

HEIGHT, WIDTH = 40, 60


def scene() -> np.ndarray:
    """No mirror image of any other, `(H, W, 3)`."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = np.stack([np.full(WIDTH, 60), np.full(WIDTH, 90), np.linspace(250, 110, WIDTH)], 1)
    picture[28:] = (40, 170, 50)
    picture[12:32, 14:24] = (220, 30, 20)
    return picture


def planes(levels: np.ndarray) -> np.ndarray:
    return levels.transpose(2, 0, 1).astype(np.float32) / 255


def turned_by(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "bmp"])
def test_what_is_opaque_has_three_channels(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.fromarray(scene()).save(path, **({"lossless": True} if ending == "webp" else {}))
    found = read_piece(path, 60, 40)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert np.array_equal(found, planes(scene()))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_stays_and_so_do_colours_below_it(tmp_path: Path, mode: str) -> None:
    alpha = np.linspace(0, 255, HEIGHT).round().astype(np.uint8)[:, None].repeat(WIDTH, 1)
    colours = scene() if mode == "RGBA" else scene()[..., :1]
    stored = np.concatenate([colours, alpha[..., None]], 2)
    Image.fromarray(stored, mode).save(tmp_path / "a.png")
    found = read_piece(tmp_path / "a.png", 60, 40)
    expected = scene() if mode == "RGBA" else scene()[..., :1].repeat(3, 2)
    assert np.array_equal(found, planes(np.concatenate([expected, alpha[..., None]], 2)))


def test_alpha_of_nothing_but_one_is_none(tmp_path: Path) -> None:
    Image.fromarray(scene()).convert("RGBA").save(tmp_path / "a.png")
    assert read_piece(tmp_path / "a.png", 60, 40).shape == (3, 40, 60)


@pytest.mark.parametrize("ending", ["png", "gif"])
def test_palettes_with_a_transparent_colour(tmp_path: Path, ending: str) -> None:
    colours = np.array([(220, 30, 20), (40, 170, 50), (60, 90, 180), (9, 9, 9)], np.uint8)
    places = np.full((HEIGHT, WIDTH), 2, np.uint8)
    places[28:], places[12:32, 14:24], places[:6, 12:30] = 1, 0, 3
    picture = Image.fromarray(places, "P")
    picture.putpalette(colours.tobytes())
    picture.save(tmp_path / f"a.{ending}", transparency=3)
    found = read_piece(tmp_path / f"a.{ending}", 60, 40)
    assert np.array_equal(found[3], (places != 3).astype(np.float32))
    seen = places != 3
    assert np.array_equal(found[:3, seen], planes(colours[places])[:, seen])


def test_small_pieces_have_no_fringe_of_hidden_colours(tmp_path: Path) -> None:
    stored = np.zeros((400, 600, 4), np.uint8)
    stored[..., 1] = 255  # green that nobody sees
    stored[103:297, 151:449] = (255, 0, 0, 255)
    Image.fromarray(stored, "RGBA").save(tmp_path / "a.png")
    found = read_piece(tmp_path / "a.png", 60, 40)
    assert found.shape == (4, 80, 120)
    seen = found[3] > 0
    assert not found[1, seen].any()
    assert found[3].sum() == pytest.approx(194 * 298 / 25, rel=0.01)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_turned_pictures_are_upright_and_as_large_as_asked(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    large = scene().repeat(20, 0).repeat(20, 1)
    times = {1: 0, 3: 2, 6: 1, 8: -1}[orientation]
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(large, times)))
    how = {"quality": 95, "subsampling": 0} if ending == "jpg" else {}
    stored.save(tmp_path / f"a.{ending}", exif=turned_by(orientation), **how)
    found = read_piece(tmp_path / f"a.{ending}", 90, 60)
    assert found.shape == (3, 120, 180)
    expected = np.asarray(Image.fromarray(large).resize((180, 120), Image.Resampling.LANCZOS))
    assert np.abs(found - planes(expected)).mean() < 0.005


def test_inks_and_deep_greys(tmp_path: Path) -> None:
    colour = scene().astype(float)
    black = 255 - colour.max(2, keepdims=True)
    inks = np.concatenate([255 * (1 - colour / (255 - black)), black], 2).round().astype(np.uint8)
    Image.fromarray(inks, "CMYK").save(tmp_path / "inks.jpg", quality=100, subsampling=0)
    assert np.abs(read_piece(tmp_path / "inks.jpg", 60, 40) - planes(scene())).max() < 8 / 255
    grey = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    found = read_piece(tmp_path / "grey.png", 60, 40)
    np.testing.assert_allclose(found, np.repeat(grey[None] / 65535, 3, 0), atol=0.6 / 255)


def test_16_bits_of_colour_and_alpha(tmp_path: Path) -> None:
    given = np.random.default_rng(0).random((4, 30, 40)).astype(np.float32)
    (tmp_path / "a.png").write_bytes(encode_png(given, 16))
    np.testing.assert_allclose(read_piece(tmp_path / "a.png", 40, 30), given, atol=1.01 / 255)


def test_a_profile_is_heeded_with_alpha(tmp_path: Path) -> None:
    stored = np.concatenate([scene(), np.full((HEIGHT, WIDTH, 1), 99, np.uint8)], 2)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(stored, "RGBA").save(tmp_path / "a.png", icc_profile=profile)
    found = read_piece(tmp_path / "a.png", 60, 40)
    np.testing.assert_allclose(found, planes(stored), atol=1.01 / 255)


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_of_a_moving_picture_the_first_is_seen(tmp_path: Path, ending: str) -> None:
    first = Image.fromarray(scene()).quantize(128).convert("RGB")
    later = [Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("black", "yellow")]
    how: dict[str, object] = {"lossless": True} if ending == "webp" else {}
    path = tmp_path / f"a.{ending}"
    first.save(path, save_all=True, append_images=later, duration=50, **how)
    assert np.array_equal(read_piece(path, 60, 40)[:3], planes(np.asarray(first)))


@pytest.mark.parametrize(
    ("asked", "size"),
    [((60, 40), (40, 60)), ((15, 10), (20, 30)), ((5, 10), (20, 30)), ((0.01, 0.01), (2, 2))],
)
def test_never_smaller_than_asked_nor_much_larger(
    tmp_path: Path, asked: tuple[float, float], size: tuple[int, int]
) -> None:
    Image.fromarray(scene()).save(tmp_path / "a.png")
    found = read_piece(tmp_path / "a.png", *asked).shape[1:]
    assert found == size


def test_seen_as_others_see_it(tmp_path: Path) -> None:
    Image.fromarray(scene()).save(tmp_path / "a.jpg", quality=90)
    assert np.array_equal(read_piece(tmp_path / "a.jpg", 60, 40), read_picture(tmp_path / "a.jpg"))


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    Image.fromarray(scene()).save(tmp_path / "b.png")
    whole = (tmp_path / "b.png").read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    for name in ("a.txt", "b.png", "none.png"):
        with pytest.raises(MediaError, match=name.replace(".", r"\.")):
            read_piece(tmp_path / name, 60, 40)


PEAK = """
import resource, sys
from pathlib import Path
from dreamer.media.pieces import read_piece
assert max(read_piece(Path(sys.argv[1]), 60, 40).shape) < 400
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_a_large_photograph_takes_little_memory(tmp_path: Path) -> None:
    """36 megapixels are 412 MB in floats and 103 in bytes; a JPEG is decoded small."""
    wide = Image.effect_noise((7200, 5000), 20).convert("RGB")
    wide.save(tmp_path / "large.jpg")
    peaks = []
    wide.resize((60, 40)).save(tmp_path / "small.jpg")
    for name in ("small.jpg", "large.jpg"):
        command = [sys.executable, "-c", PEAK, str(tmp_path / name)]
        peaks.append(
            int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        )
    assert peaks[1] - peaks[0] < 40
