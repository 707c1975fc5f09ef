"""PNG written here is read by Pillow and ffmpeg, and carries its texts."""

from __future__ import annotations

import io
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dreamer.errors import MediaError
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.pictures import encode_png, read_picture, read_size
from dreamer.media.png import _chunk, read_png_text


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).random((3, 37, 53)).astype(np.float32)


def test_eight_bits_are_rounded_to_the_nearest_as_pillow_reads_them(pixels: np.ndarray) -> None:
    found = np.asarray(Image.open(io.BytesIO(encode_png(pixels))))
    np.testing.assert_array_equal(found, np.rint(pixels.transpose(1, 2, 0) * 255))


def test_sixteen_bits_as_ffmpeg_reads_them(pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(pixels, 16))
    command = [ffmpeg_binary(), "-v", "error", "-i", str(path), "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb48le", "-"], capture_output=True, check=True)
    found = np.frombuffer(raw.stdout, "<u2").reshape(37, 53, 3)
    np.testing.assert_array_equal(found, np.rint(pixels.transpose(1, 2, 0).astype(float) * 65535))
    np.testing.assert_allclose(read_picture(path), pixels, atol=0.51 / 65535)


@pytest.mark.parametrize("filter_options", ["none", "sub", "up", "avg", "paeth", "mixed"])
def test_sixteen_bits_by_another_writer(
    pixels: np.ndarray, tmp_path: Path, filter_options: str
) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(encode_png(pixels, 16))
    command = [ffmpeg_binary(), "-v", "error", "-i", str(first), "-pred", filter_options]
    subprocess.run([*command, str(second)], check=True)
    assert first.read_bytes() != second.read_bytes()
    np.testing.assert_array_equal(read_picture(second), read_picture(first))


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["dreamer:recipe", "dreamer:x", "b"]), st.text(max_size=2000))
)
def test_texts_come_back(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    texts = {k: v.encode("utf-8", "ignore").decode() for k, v in texts.items()}
    path = tmp_path_factory.mktemp("png") / "a.png"
    path.write_bytes(encode_png(np.zeros((3, 2, 2), np.float32), 8, texts))
    assert read_png_text(path) == texts
    with Image.open(path) as picture:
        picture.load()
        assert {k: str(v) for k, v in picture.info.items() if k in texts} == texts


def test_the_same_picture_gives_the_same_bytes(pixels: np.ndarray) -> None:
    assert encode_png(pixels, 8, {"a": "b" * 900}) == encode_png(pixels.copy(), 8, {"a": "b" * 900})


def test_a_text_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    bomb = b"key\0\1\0\0\0" + zlib.compress(b"0" * (8 << 20))
    whole = encode_png(np.zeros((3, 2, 2), np.float32))
    path = tmp_path / "bomb.png"
    path.write_bytes(whole[:33] + _chunk(b"iTXt", bomb) + whole[33:])
    with pytest.raises(MediaError, match="longer than 1 MB"):
        read_png_text(path)


def saved(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def test_pictures_are_turned_as_their_camera_says(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "red")
    picture.paste("blue", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to show
    path = saved(tmp_path / "a.jpg", picture, exif=exif, quality=100, subsampling=0)
    assert read_size(path) == (20, 40)
    shown = read_picture(path)
    assert shown.shape == (3, 40, 20)
    assert shown[:, 3, 10] == pytest.approx([0, 0, 1], abs=0.05)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGBA", (4, 4), (255, 0, 0, 0)))
    assert read_picture(path)[:, 0, 0] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_every_kind_of_picture_becomes_rgb(tmp_path: Path, mode: str) -> None:
    grey = Image.fromarray(np.full((6, 8), 255, np.uint8))
    if mode == "I;16":
        picture = Image.fromarray(np.full((6, 8), 65535, np.uint16))
    else:
        picture = grey.convert("RGBA").convert("LA") if mode == "LA" else grey.convert(mode)
    path = saved(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), picture)
    found = read_picture(path)
    assert found.shape == (3, 6, 8)
    assert found.dtype == np.float32
    assert found[:, 0, 0] == pytest.approx([1, 1, 1], abs=0.02)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jpg", b"", "is an empty file"),
        ("a.jpg", b"<!DOCTYPE html><html>", "is an HTML page"),
        ("a.png", b"version https://git-lfs.github.com/spec/v1", "is a Git-LFS pointer"),
        ("a.png", encode_png(np.random.default_rng(0).random((3, 99, 99)))[:9000], "damaged"),
        ("a.png", b"hello", "is no picture that can be read"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(MediaError, match=message):
        read_picture(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        read_picture(tmp_path / "no.png")
    with pytest.raises(MediaError, match="is a folder"):
        read_size(tmp_path)


def test_the_limit_of_pixels_is_checked_from_the_header(tmp_path: Path) -> None:
    whole = encode_png(np.zeros((3, 2, 2), np.float32))
    header = (30_000).to_bytes(4, "big") * 2 + whole[24:29]
    path = tmp_path / "huge.png"
    path.write_bytes(whole[:8] + _chunk(b"IHDR", header) + whole[33:])
    with pytest.raises(MediaError, match="400 megapixels"):
        read_picture(path)
