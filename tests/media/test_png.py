"""PNG written here is read by Pillow and ffmpeg, and carries its texts."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dreamer.errors import MediaError
from dreamer.media import png
from dreamer.media.ffmpeg import ffmpeg_binary
from dreamer.media.opening import read_size
from dreamer.media.pictures import encode_png, read_picture
from dreamer.media.png import chunk, read_png_text


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


def test_pixels_that_fill_several_chunks_are_the_same_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.random.default_rng(3).random((3, 20, 30), np.float32)
    whole, pieces = tmp_path / "whole.png", tmp_path / "pieces.png"
    whole.write_bytes(encode_png(pixels, 16))
    monkeypatch.setattr(png, "PIECE", 500)
    pieces.write_bytes(encode_png(pixels, 16))
    assert (whole.read_bytes().count(b"IDAT"), pieces.read_bytes().count(b"IDAT")) == (1, 8)
    np.testing.assert_array_equal(read_picture(pieces), read_picture(whole))
    with Image.open(pieces) as one, Image.open(whole) as other:
        assert one.tobytes() == other.tobytes()


def test_a_text_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    bomb = b"key\0\1\0\0\0" + zlib.compress(b"0" * (8 << 20))
    whole = encode_png(np.zeros((3, 2, 2), np.float32))
    path = tmp_path / "bomb.png"
    path.write_bytes(whole[:33] + chunk(b"iTXt", bomb) + whole[33:])
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
        ("a.jpg", b"\n <!doctype html>", "is an HTML page"),
        ("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is a PostScript file"),
        ("a.jpg", b"\0\0\0\x20ftypisom", "is an MP4 film; expected a picture"),
        ("a.png", b"hello", "is no picture or film of a kind known here"),
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


def claiming(path: Path, width: int, height: int) -> Path:
    """A PNG whose header says it is of that size, and which holds four pixels."""
    whole = encode_png(np.zeros((3, 2, 2), np.float32))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + whole[24:29]
    path.write_bytes(whole[:8] + chunk(b"IHDR", header) + whole[33:])
    return path


def test_the_limit_of_pixels_is_ours_and_checked_from_the_header(tmp_path: Path) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    assert read_size(claiming(tmp_path / "large.png", 19_000, 21_000)) == (19_000, 21_000)
    for read in (read_size, read_picture):
        with pytest.raises(MediaError, match="20001×20000, more than 400 megapixels"):
            read(claiming(tmp_path / "huge.png", 20_001, 20_000))
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_large_sixteen_bit_picture_of_another_writer_takes_seconds_at_most(
    tmp_path: Path,
) -> None:
    soft = np.linspace(0, 1, 3 * 600 * 500, dtype=np.float32).reshape(3, 600, 500)
    (tmp_path / "a.png").write_bytes(encode_png(soft, 16))
    command = [ffmpeg_binary(), "-v", "error", "-i", str(tmp_path / "a.png"), "-pred", "paeth"]
    subprocess.run([*command, str(tmp_path / "b.png")], check=True)
    began = time.perf_counter()
    np.testing.assert_allclose(read_picture(tmp_path / "b.png"), soft, atol=0.51 / 65535)
    assert time.perf_counter() - began < 2


def swapped_profile() -> bytes:
    """An sRGB profile whose red and blue primaries have changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for k in range(int.from_bytes(data[128:132], "big")):
        places[bytes(data[132 + 12 * k : 136 + 12 * k])] = 136 + 12 * k
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    data[red : red + 8], data[blue : blue + 8] = data[blue : blue + 8], data[red : red + 8]
    return bytes(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_come_from_the_profile(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGB", (4, 4), "red").convert(mode)
    path = saved(tmp_path / "a.png", picture, icc_profile=swapped_profile())
    assert read_picture(path)[:, 0, 0] == pytest.approx([0, 0, 1], abs=0.02)


def test_a_sixteen_bit_picture_with_a_profile_has_right_colours_before_fine_ones(
    tmp_path: Path,
) -> None:
    red = np.zeros((3, 4, 4), np.float32)
    red[0] = 1
    whole = encode_png(red, 16)
    profile = chunk(b"iCCP", b"swapped\0\0" + zlib.compress(swapped_profile()))
    end = whole.index(b"sRGB") + 9
    path = tmp_path / "a.png"
    path.write_bytes(whole[: end - 13] + profile + whole[end:])
    assert read_picture(path)[:, 0, 0] == pytest.approx([0, 0, 1], abs=0.02)


def test_sixteen_bit_grey_keeps_its_levels(tmp_path: Path) -> None:
    levels = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16) + 3
    path = saved(tmp_path / "a.png", Image.fromarray(levels))
    np.testing.assert_allclose(read_picture(path)[1], levels / 65535, atol=1e-6)


def test_a_text_that_was_changed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    whole = encode_png(np.zeros((3, 2, 2), np.float32), 8, {"dreamer:recipe": "seed: 1532"})
    path.write_bytes(whole.replace(b"1532", b"1533"))
    with pytest.raises(MediaError, match="iTXt"):
        read_png_text(path)


def test_many_texts_share_one_limit(tmp_path: Path) -> None:
    texts = {f"k{k}": "x" * 400_000 for k in range(3)}
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(np.zeros((3, 2, 2), np.float32), 8, texts))
    with pytest.raises(MediaError, match="longer than 1 MB"):
        read_png_text(path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of tags that make no sense
@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "PPM"])
def test_broken_files_end_in_our_error(tmp_path: Path, name: str, pixels: np.ndarray) -> None:
    chance = random.Random(name)
    file = io.BytesIO()
    Image.fromarray((pixels.transpose(1, 2, 0) * 255).astype(np.uint8)).save(file, name)
    path = tmp_path / "a"
    for _ in range(60):
        broken = bytearray(file.getvalue())
        for _ in range(3):
            broken[chance.randrange(min(len(broken), chance.choice([64, 400, 99999])))] ^= 0x5B
        path.write_bytes(broken[: chance.choice([None, None, chance.randrange(len(broken))])])
        for read in (read_size, read_picture):
            with contextlib.suppress(MediaError):
                read(path)
