"""Frames with alpha: written for others to read, and on paper wherever we look at them."""

from __future__ import annotations

import io
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dreamer
from dreamer.engine.folder import Folder
from dreamer.engine.writer import Finished, Writer
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.levels import on_paper
from dreamer.media.pictures import encode_jpeg, encode_png, read_picture
from dreamer.media.png import read_png_text
from dreamer.media.probing import count_frames
from dreamer.media.video import encode_film


@pytest.fixture
def pixels() -> np.ndarray:
    found = np.random.default_rng(3).random((4, 37, 53)).astype(np.float32)
    found[3, :9], found[3, 9:18] = 0, 1  # all hidden, all shown
    return found


def flat(colour: tuple[float, ...], height: int = 32, width: int = 48) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32)[:, None, None], (4, height, width))


def decoded(path: Path, form: str, kind: str) -> np.ndarray:
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", form]
    raw = subprocess.run([*command, "-"], capture_output=True, check=True)
    return np.frombuffer(raw.stdout, kind)


def test_eight_bits_as_pillow_reads_them(pixels: np.ndarray) -> None:
    data = encode_png(pixels)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == "RGBA"
        found = np.asarray(picture)
    np.testing.assert_array_equal(found, np.rint(pixels.transpose(1, 2, 0) * 255))
    assert data == encode_png(pixels.copy())


def test_sixteen_bits_as_ffmpeg_reads_them(pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(pixels, 16, {"dreamer:seed": "7"}))
    found = decoded(path, "rgba64le", "<u2").reshape(37, 53, 4)
    np.testing.assert_array_equal(found, np.rint(pixels.transpose(1, 2, 0).astype(float) * 65535))
    assert read_png_text(path) == {"dreamer:seed": "7"}


@pytest.mark.parametrize("shape", [(2, 4, 4), (5, 4, 4), (4, 4), (1, 4, 4, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(3 or 4, H, W\)"):
        encode_png(np.zeros(shape))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("paper", [None, 0.0, 0.5])
def test_reading_shows_the_paper(
    pixels: np.ndarray, tmp_path: Path, bits: int, paper: float | None
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(pixels, bits))
    found = read_picture(path) if paper is None else read_picture(path, paper)
    behind = 1.0 if paper is None else paper
    wanted = pixels[:3].astype(float) * pixels[3] + behind * (1 - pixels[3].astype(float))
    assert found.shape == (3, 37, 53)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    np.testing.assert_allclose(found, wanted, atol=2 / ((1 << bits) - 1))
    assert np.ptp(found[:, :9]) == 0, "hidden colours stay hidden"


@pytest.mark.parametrize("filter_options", ["none", "avg", "paeth", "mixed"])
def test_sixteen_bits_by_another_writer(
    pixels: np.ndarray, tmp_path: Path, filter_options: str
) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(encode_png(pixels, 16))
    command = [ffmpeg_binary(), "-v", "error", "-i", str(first), "-pred", filter_options]
    subprocess.run([*command, str(second)], check=True)
    assert first.read_bytes() != second.read_bytes()
    np.testing.assert_array_equal(read_picture(second), read_picture(first))


def test_what_is_opaque_is_the_same_with_alpha_and_without(pixels: np.ndarray) -> None:
    opaque = np.concatenate([pixels[:3], np.ones_like(pixels[:1])])
    np.testing.assert_array_equal(on_paper(opaque, 0.3), pixels[:3])
    np.testing.assert_array_equal(on_paper(pixels[:3], 0.3), pixels[:3])
    assert encode_jpeg(opaque) == encode_jpeg(pixels[:3])


def test_a_preview_lies_on_white() -> None:
    for colour, wanted in (((1, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 0.5), (128, 128, 128))):
        with Image.open(io.BytesIO(encode_jpeg(flat(colour)))) as picture:
            np.testing.assert_allclose(picture.getpixel((20, 20)), wanted, atol=2)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    ("colour", "luma"),
    # BT.709, limited range, by hand: 16 + 219 · Y of alpha · colour
    [
        ((1, 1, 1, 0), 16),
        ((1, 1, 1, 0.5), 125.5),
        ((1, 0, 0, 0.5), 16 + 219 * 0.2126 / 2),
        ((0, 1, 0, 1), 16 + 219 * 0.7152),
    ],
)
def test_films_are_over_black(
    tmp_path: Path, bits: int, colour: tuple[float, ...], luma: float
) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for path in paths:
        path.write_bytes(encode_png(flat(colour), bits))
    out = tmp_path / "a.mp4"
    encode_film(paths, out, Fraction(24))
    assert count_frames(out) == 3
    planes = decoded(out, "yuv420p", "u1").reshape(3, -1)
    assert abs(float(np.median(planes[:, : 32 * 48])) - luma) <= 1


def test_a_film_may_mix_frames_with_and_without(tmp_path: Path) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(2)]
    paths[0].write_bytes(encode_png(flat((1, 1, 1, 0))[:3]))
    paths[1].write_bytes(encode_png(flat((1, 1, 1, 0)), 16))
    encode_film(paths, tmp_path / "a.mp4", Fraction(24))
    planes = decoded(tmp_path / "a.mp4", "yuv420p", "u1").reshape(2, -1)[:, : 32 * 48]
    np.testing.assert_allclose(np.median(planes, 1), (235, 16), atol=1)


@pytest.mark.parametrize("bits", [8, 16])
def test_frames_are_written_and_classified(pixels: np.ndarray, tmp_path: Path, bits: int) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "frames").mkdir()
    pixels = pixels.repeat(2, 1).repeat(2, 2)
    with Writer(folder, lambda index: {}, bits) as writer:
        writer.put(Finished(0, pixels, 1.0, {}, None))
    assert folder.frame_path(0).read_bytes() == encode_png(pixels, bits)
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert preview.mode == "RGB"
        np.testing.assert_allclose(preview.getpixel((40, 4)), (255, 255, 255), atol=12)
    white = on_paper(pixels, 1)
    found, wanted = (dict(dreamer.classify(x, top=3)) for x in (folder.frame_path(0), white))
    assert found == pytest.approx(wanted, abs=0.02)
