"""Sizes on paper: pixels by dots an inch, which the picture says to whoever prints it."""

from __future__ import annotations

from pathlib import Path

import pytest
from collages_made import made, pictures, pixels, written
from PIL import Image

from dreamer.jobs.collage import collage


@pytest.mark.parametrize(
    ("size", "expected", "dpi"),
    [
        ("{width: 10cm, height: 5cm, dpi: 100}", (394, 197), 100),
        ("{width: 2in, height: 30mm, dpi: 72.5}", (145, 86), 72.5),
        ("{width: 1in}", (300, None), 300),
    ],
)
def test_lengths_become_pixels_and_the_picture_knows_its_dots(
    tmp_path: Path, size: str, expected: tuple[int, int | None], dpi: float
) -> None:
    recipe = written(pictures(tmp_path / "pics", 4), "layout: grid", f"size: {size}")
    found = made(recipe, tmp_path / "out")
    with Image.open(found.product) as picture:
        picture.load()
        assert picture.width == expected[0]
        assert expected[1] in (picture.height, None)
        assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


def test_of_pixels_nobody_says_how_large_they_are(tmp_path: Path) -> None:
    found = made(written(pictures(tmp_path / "pics", 4)), tmp_path / "out")
    with Image.open(found.product) as picture:
        assert "dpi" not in picture.info


def test_drawn_again_it_has_as_many_pixels_an_inch(tmp_path: Path) -> None:
    size = "size: {width: 3cm, height: 2cm, dpi: 150}"
    first = made(written(pictures(tmp_path / "pics", 4), "", size), tmp_path / "out")
    layout = first.folder / "layout.json"
    again = collage([layout], out=tmp_path / "again")
    assert again.product.read_bytes() == first.product.read_bytes()
    large = collage([layout], out=tmp_path / "large", size="400")
    assert pixels(large.product).shape[1] == 400
    once_more = collage([large.folder / "layout.json"], out=tmp_path / "more", size="80")
    for found in (large, once_more):
        with Image.open(found.product) as picture:
            assert picture.info["dpi"] == pytest.approx((150, 150), abs=0.02)
