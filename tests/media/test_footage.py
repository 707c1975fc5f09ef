"""Chosen frames of films are those that are meant; folders are counted as people do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from filmed import film, number_of, numbered, place
from PIL import Image

from dreamer.errors import MediaError
from dreamer.media.decoding import read_frames
from dreamer.media.footage import film_frames
from dreamer.media.picture_folder import look_through, pictures_in
from dreamer.media.survey import survey


@pytest.mark.parametrize("numbers", [[0], [3, 4, 5], [2, 2, 2, 9, 9, 11], [0, 5, 10, 15], [19]])
def test_the_frames_that_are_asked_for(tmp_path: Path, numbers: list[int]) -> None:
    options = ("-c:v", "libx264", "-crf", 12, "-bf", 3, "-g", 250)  # frames that lean on others
    path = film(tmp_path / "a.mp4", numbered(20), options=options)
    found = list(film_frames(path, numbers, survey(path)))
    assert [number_of(p) for p in found] == numbers
    everything = dict(read_frames(path))
    for number, pixels in zip(numbers, found, strict=True):
        np.testing.assert_array_equal(pixels, everything[number])


def test_what_is_clear_in_a_film_is_black(tmp_path: Path) -> None:
    white = [np.full((32, 48, 3), 255, np.uint8)] * 2
    half = "format=argb,geq=r=200:g=100:b=50:a='if(lt(X,24),255,if(lt(Y,16),0,128))'"
    path = film(tmp_path / "a.mov", white, options=("-vf", half, "-c:v", "qtrle"))
    found = next(film_frames(path, [1], survey(path))) * 255
    np.testing.assert_allclose(
        found[:, :, :23], [[[200]], [[100]], [[50]]] * np.ones((1, 32, 23)), atol=2
    )
    assert found[:, :15, 25:].max() <= 1
    np.testing.assert_allclose(found[:, 20, 30], [100, 50, 25], atol=2)


def joined(path: Path, *parts: Path) -> Path:
    """Films one after the other in one stream, as receivers of broadcasts write them."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize("changed", ["size", "pixel format"])
def test_a_film_that_changes_midway_is_counted_on(tmp_path: Path, changed: str) -> None:
    pixels = "yuv420p" if changed == "size" else "yuv444p"
    grey = numbered(24, 48, 64)
    later = numbered(24, 64, 96)[12:] if changed == "size" else grey[12:]
    one, other = (("-c:v", "libx264", "-qp", 0, "-pix_fmt", p) for p in ("yuv420p", pixels))
    parts = (film(tmp_path / "1.ts", grey[:12], 12, one), film(tmp_path / "2.ts", later, 12, other))
    path = joined(tmp_path / "a.ts", *parts)
    seen = survey(path)
    assert (len(seen.times), seen.width, seen.height, seen.changes) == (24, 64, 48, True)
    for first in (0, 3, 11, 12, 14, 23):
        found = list(film_frames(path, range(first, 24), seen))
        assert [number_of(p) for p in found] == list(range(first, 24))
        assert {p.shape for p in found} == {(3, 48, 64)}
    assert not survey(parts[0]).changes


def test_frames_of_another_shape_are_cropped_not_stretched(tmp_path: Path) -> None:
    square = np.zeros((64, 96, 3), np.uint8)
    square[16:48, 32:64] = 255
    lossless = ("-c:v", "libx264", "-qp", 0, "-pix_fmt", "yuv420p")
    parts = [
        film(tmp_path / f"{len(frames)}.ts", frames, 12, lossless)
        for frames in (numbered(4, 48, 64), [square] * 3)
    ]
    path = joined(tmp_path / "a.ts", *parts)
    found = next(film_frames(path, [6], survey(path)))[0] > 0.5
    wanted = np.zeros((48, 64), bool)
    wanted[12:36, 20:44] = True  # ¾ of 32 pixels, in the middle
    np.testing.assert_array_equal(found, wanted)


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", numbered(5))
    found = film_frames(path, [3, 4, 7], survey(path))
    assert [number_of(next(found)) for _ in range(2)] == [3, 4]
    with pytest.raises(MediaError, match="has no frame 7 that can be read, which was there"):
        next(found)


def test_2_comes_before_10_and_other_files_are_left_alone(tmp_path: Path) -> None:
    names = ["a10.png", "a2.png", "A1.PNG", "b.jpg", "a02b.png"]
    for name in names:
        Image.new("RGB", (8, 6)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    found = [path.name for path in pictures_in(tmp_path)]
    assert found == ["A1.PNG", "a2.png", "a02b.png", "a10.png", "b.jpg"]


def test_a_folder_is_looked_through(tmp_path: Path) -> None:
    for k in range(8):
        scene = place(5 if k < 4 else 6)[: 60 if k else 50, 2 * k : 2 * k + 90]
        Image.fromarray(scene).save(tmp_path / f"{k}.png")
    found = look_through(tmp_path)
    assert (found.cuts, found.sizes[0], found.sizes[7]) == ((4,), (90, 50), (90, 60))


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, why in (("gone", "no such folder"), ("empty", "holds no pictures")):
        with pytest.raises(MediaError, match=why):
            look_through(tmp_path / folder)
    (tmp_path / "empty" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    with pytest.raises(MediaError, match=r"broken\.png"):
        look_through(tmp_path / "empty")
