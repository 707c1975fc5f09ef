"""Pictures as blocks of squares, in memory or, where they are many, in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dreamer.errors import DataError
from dreamer.learn import squares
from dreamer.learn.listed import listed
from dreamer.learn.photographs import Parts, read_squares
from dreamer.learn.reading import read_listed
from dreamer.media.pictures import read_picture
from dreamer.media.small_pictures import read_square

FolderMaker = Callable[[Path, int], Path]


def test_many_pictures_lie_in_a_file_and_are_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = listed(data, ["things"])
    wanted = range(len(found.files))
    small = read_squares(found, 24, wanted).squares
    monkeypatch.setattr(squares, "MOST_BYTES", 1000)
    large = read_squares(found, 24, wanted).squares
    assert torch.equal(small.pictures, large.pictures)
    pick = torch.tensor([5, 0, 30])
    assert torch.equal(small.pictures[pick], large.pictures[pick])
    large.pictures[0] = 7  # a copy of nobody's
    assert not torch.equal(small.pictures, large.pictures)


def test_what_is_broken_is_left_out_and_its_place_is_the_nexts(
    make_folders: FolderMaker, tmp_path: Path
) -> None:
    data = make_folders(tmp_path, 4)
    (data / "things" / "green" / "1.png").write_bytes(b"no picture")
    found = listed(data, ["things"])
    read = read_squares(found, 24, range(len(found.files)))
    assert list(read.broken) == ["things/green/1.png"]
    assert len(read.squares.names) == len(read.squares.pictures) == 11
    for name, picture in zip(read.squares.names, read.squares.pictures, strict=True):
        again = torch.from_numpy(read_square(data / name, 24)).permute(2, 0, 1)
        assert torch.equal(picture, again), name
    for path in (data / "things" / "green").iterdir():
        path.write_text(f"no picture {path.name}")
    with pytest.raises(DataError, match=r"no picture to learn from of green \(things/green/0\.png"):
        read_listed(found, 24, Parts(0.0, 0.3), data)


@pytest.mark.parametrize(("width", "height"), [(60, 20), (20, 60), (400, 300)])
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_square_is_the_middle_or_all_of_the_picture(
    tmp_path: Path, width: int, height: int, ending: str
) -> None:
    """Against a plain average over areas; a large JPEG is decoded at a part of its size."""
    across = np.linspace(0, 255, width)[None].repeat(height, 0)
    levels = np.stack([across, across[:, ::-1], np.full_like(across, 90)], 2).astype(np.uint8)
    path = tmp_path / f"picture.{ending}"
    Image.fromarray(levels).save(path, quality=95)
    side, short = 10, min(width, height)
    left, top = (width - short) // 2, (height - short) // 2
    whole = read_picture(path).transpose(1, 2, 0) * 255
    parts = {
        "centre": whole[top : top + short, left : left + short],
        "squash": whole,
    }
    for fit, part in parts.items():
        found = read_square(path, side, fit)  # type: ignore[arg-type]
        rows = [piece.mean(0) for piece in np.array_split(part, side)]
        expected = np.stack([[p.mean(0) for p in np.array_split(row, side)] for row in rows])
        assert found.shape == (side, side, 3)
        assert np.abs(found[1:-1, 1:-1] - expected[1:-1, 1:-1]).max() < 5
