"""Whatever the blend mode, pieces are seen on the background that comes of itself; one that hides
them is told of.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from collages_made import made, pictures, pixels, written
from PIL import Image
from small_collages import noise

from dreamer.draw.blending import MODES

SIZE = "size: [60, 40]"


@pytest.mark.parametrize("light", ["srgb", "linear"])
@pytest.mark.parametrize("mode", MODES)
def test_a_lone_piece_is_seen_whatever_the_mode(tmp_path: Path, mode: str, light: str) -> None:
    noise(tmp_path / "pics" / "a.png", size=(60, 40))
    found = made(written(tmp_path / "pics", f"blend: {{mode: {mode}, light: {light}}}", SIZE))
    shown = pixels(found.product).astype(int)
    real = pixels(tmp_path / "pics" / "a.png").astype(int)
    if mode == "soft-light":  # which changes all that it is laid on, but keeps its lights and darks
        assert np.corrcoef(shown.ravel(), real.ravel())[0, 1] > 0.9
        assert np.ptp(shown) > 80
    else:
        assert np.abs(shown - real).max() <= 3


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("layout: scatter", (0, 0, 0)),
        ("layout: scatter\nblend: multiply", (255, 255, 255)),
        ("layout: scatter\nblend: {mode: overlay}", (128, 128, 128)),
        ("layout: scatter\nblend: {mode: overlay, light: linear}", (187, 187, 187)),
        ("layout: {scatter: {passes: [{count: 2}, {blend: darken}]}}", (255, 255, 255)),
        ("layout: {scatter: {passes: [{blend: screen}, {blend: darken}]}}", (0, 0, 0)),
        ("layout: scatter\nblend: multiply\nbackground: '#804020'", (128, 64, 32)),
    ],
)
def test_the_lowest_mode_that_mixes_decides(
    tmp_path: Path, layout: str, expected: tuple[int, int, int]
) -> None:
    """As seen round pieces that are all but clear."""
    recipe = written(pictures(tmp_path / "pics", 3), layout, SIZE)
    if "passes" in layout:
        found = made(recipe, None, "collage.mask={shape: ellipse}", "collage.margin=18")
    else:
        found = made(recipe, None, "collage.layout={scatter: {alpha: 0}}")
    colours, counts = np.unique(pixels(found.product).reshape(-1, 3), axis=0, return_counts=True)
    assert tuple(colours[counts.argmax()]) == expected


def test_what_came_of_itself_is_said(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pics", 3)
    found = made(written(folder, "layout: scatter\nblend: multiply"))
    said = "its background is white, as multiply wants it; background: COLOUR takes another"
    assert said in found.as_text().splitlines()
    for more in ("blend: screen", "blend: multiply\nbackground: pink", "layout: scatter"):
        assert "background" not in made(written(folder, more)).as_text()


@pytest.mark.parametrize(
    ("mode", "background", "expected"),
    [
        ("multiply", "black", "multiply leaves nothing of pieces on black; white shows them"),
        ("soft-light", "'#000'", "soft-light leaves nothing of pieces on #000; grey shows them"),
        ("lighten", "white", "lighten leaves nothing of pieces on white; black shows them"),
        ("multiply", "'#303030'", ""),
        ("screen", "black", ""),
        ("multiply", "transparent", ""),
    ],
)
def test_a_background_that_hides_all_is_told_of(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    mode: str,
    background: str,
    expected: str,
) -> None:
    recipe = written(pictures(tmp_path / "pics", 3), f"blend: {mode}\nbackground: {background}")
    with caplog.at_level(logging.WARNING, "dreamer"):
        found = made(recipe)
    told = [one.getMessage() for one in caplog.records]
    assert told == ([f"{recipe}:7: collage.background: {expected}"] if expected else [])
    with Image.open(found.product) as picture:
        levels = np.asarray(picture)
    assert bool(np.ptp(levels.reshape(-1, levels.shape[2]), 0).max() < 5) is bool(expected)
