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


@pytest.mark.parametrize("numbers", [[0], [3, 4, 5], [2, 2, 2, 9, 9, 11], [0, 5, 10, 15], [19]])
def test_the_frames_that_are_asked_for(tmp_path: Path, numbers: list[int]) -> None:
    options = ("-c:v", "libx264", "-crf", 12, "-bf", 3, "-g", 250)  # frames that lean on others
    path = film(tmp_path / "a.mp4", numbered(20), options=options)
    found = list(film_frames(path, numbers))
    assert [number_of(p) for p in found] == numbers
    everything = dict(read_frames(path))
    for number, pixels in zip(numbers, found, strict=True):
        np.testing.assert_array_equal(pixels, everything[number])


def test_what_is_clear_in_a_film_is_black(tmp_path: Path) -> None:
    white = [np.full((32, 48, 3), 255, np.uint8)] * 2
    half = "format=argb,geq=r=200:g=100:b=50:a='if(lt(X,24),255,if(lt(Y,16),0,128))'"
    path = film(tmp_path / "a.mov", white, options=("-vf", half, "-c:v", "qtrle"))
    found = next(film_frames(path, [1])) * 255
    np.testing.assert_allclose(
        found[:, :, :23], [[[200]], [[100]], [[50]]] * np.ones((1, 32, 23)), atol=2
    )
    assert found[:, :15, 25:].max() <= 1
    np.testing.assert_allclose(found[:, 20, 30], [100, 50, 25], atol=2)


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", numbered(5))
    found = film_frames(path, [3, 4, 7])
    assert [number_of(next(found)) for _ in range(2)] == [3, 4]
    with pytest.raises(MediaError, match="has no frame 7"):
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
