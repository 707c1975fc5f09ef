"""A collage is the same to the byte in whatever bands it is drawn, and whatever of its pieces is
held between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_collages import noise

from dreamer.draw.canvas import covered, plain
from dreamer.draw.layouts.placement import Frame, Placement
from dreamer.engine import pasting
from dreamer.engine.collage_layout import Placed
from dreamer.engine.pasting import Sheet, bands
from dreamer.recipe.dressing import Dressed

SIZE = (150, 110)
SHADOW = {"shadow": {"blur": 0.1, "offset": [0.1, 0.15], "alpha": 0.8}}
FRAME = Frame(4, 4, 4, 12, "#f6f4ee")
WAYS: dict[str, tuple[Placement, dict[str, object]]] = {
    "straight": (Placement(0, 70.3, 50.8, 90.4, 61.7), {}),
    "on its side": (Placement(0, 70.3, 50.8, 90.4, 61.7, turn=90), SHADOW),
    "upside down": (Placement(0, 70.3, 50.8, 90.4, 61.7, turn=-180), SHADOW),
    "turned": (Placement(0, 70.3, 50.8, 90.4, 61.7, turn=27.5), {}),
    "framed": (Placement(0, 70, 50, 90, 70, frame=FRAME, caption="A Dog"), SHADOW),
    "framed and turned": (Placement(0, 70, 50, 90, 70, turn=-9, frame=FRAME), SHADOW),
    "over the edges": (Placement(0, 5, 100, 120, 80, turn=200, alpha=0.6), SHADOW),
    "cut out": (
        Placement(0, 75, 55, 100, 80, turn=12, crop=(0.1, 0.2, 0.8, 0.9)),
        {"mask": {"shape": "ellipse", "feather": 0.3}, "looks": [{"posterise": 4}], **SHADOW},
    ),
    "multiplied": (
        Placement(0, 75, 55, 100, 80, turn=12, alpha=0.8),
        {"blend": {"mode": "multiply", "light": "linear"}, **SHADOW},
    ),
    "tinted": (Placement(0, 75, 55, 100, 80, tint=(8.0, -20.0, 12.0)), {}),
}


def smooth(path: Path, size: tuple[int, int] = (60, 40)) -> Path:
    """A picture without edges, whose sizes are alike from near and from far."""
    down, across = np.mgrid[: size[1], : size[0]]
    waves = [np.sin(across / size[0] * f + down / size[1] * g) for f, g in ((5, 2), (3, 6), (1, 4))]
    levels = np.rint(127.5 + 110 * np.stack(waves, 2)).astype(np.uint8)
    Image.fromarray(levels).save(path)
    return path


def sheet(path: Path, place: Placement, words: dict[str, object]) -> Sheet:
    below = np.random.default_rng(3).random((3, 20, 30), dtype=np.float32)
    placed = (
        Placed(Placement(0, 30, 30, 50, 50, turn=45), Dressed()),
        Placed(place, Dressed.model_validate(words)),
    )
    return Sheet(SIZE, covered(below, *SIZE), placed, lambda number: path)


def drawn(of: Sheet, exact: bool = False) -> np.ndarray:
    return np.concatenate(list(bands(of, exact)), 1)


Patch = Callable[[str, int], None]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Patch:
    return lambda name, value: monkeypatch.setattr(pasting, name, value)


@pytest.mark.parametrize("exact", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("way", WAYS)
def test_bands_and_memory_change_no_byte(
    tmp_path: Path, way: str, exact: bool, limits: Patch
) -> None:
    of = sheet(noise(tmp_path / "a.png", 5, (64, 48)), *WAYS[way])
    whole = drawn(of, exact)
    assert whole.shape == (3, *SIZE[::-1])
    for rows in (1, 7, 64):
        limits("BAND", rows * SIZE[0])
        assert next(iter(bands(of, exact))).shape[1] == rows
        assert np.array_equal(drawn(of, exact), whole), f"in bands of {rows}"
    limits("MOST_HELD", 0)
    assert np.array_equal(drawn(of, exact), whole), "with nothing held"


def test_looks_of_every_pixel_alone_go_by_bands_and_others_do_not(
    tmp_path: Path, limits: Patch
) -> None:
    path = noise(tmp_path / "a.png", 5, (64, 48))
    for looks in ([("posterise", 4)], [("bloom", 0.5)], [("kaleidoscope", 6), ("posterise", 3)]):
        of = replace(sheet(path, *WAYS["turned"]), finish=tuple(looks))
        limits("BAND", 10**9)
        whole = drawn(of)
        limits("BAND", 5 * SIZE[0])
        assert np.array_equal(drawn(of), whole), looks
        assert not np.array_equal(whole, drawn(replace(of, finish=())))


def test_rows_are_told_as_they_are_done(tmp_path: Path, limits: Patch) -> None:
    limits("BAND", 40 * SIZE[0])
    told: list[int] = []
    of = sheet(noise(tmp_path / "a.png"), *WAYS["straight"])
    list(bands(of, on_rows=told.append))
    assert told == [40, 80, 110]


def test_a_see_through_sheet_has_four_channels_in_every_band(tmp_path: Path, limits: Patch) -> None:
    path = noise(tmp_path / "a.png")
    placed = (Placed(Placement(0, 75, 100, 20, 10), Dressed()),)
    of = Sheet(SIZE, plain("transparent", SIZE[0]), placed, lambda number: path)
    limits("BAND", 20 * SIZE[0])
    found = drawn(of)
    assert found.shape == (4, 110, 150)
    assert found[3, :95].max() == 0
    assert found[3, 95:105, 65:85].min() == 1


@pytest.mark.parametrize("way", sorted(set(WAYS) - {"framed"}))
def test_a_piece_far_larger_than_its_picture_is_spread_where_it_is_laid(
    tmp_path: Path, way: str, limits: Patch
) -> None:
    of = sheet(smooth(tmp_path / "a.png"), *WAYS[way])
    plainly = drawn(of)
    limits("RASTER", 60 * 40)
    small = drawn(of)
    assert not np.array_equal(small, plainly), "it was held small"
    off = np.abs(small - plainly)
    assert off.mean() < 2 / 255
    assert np.quantile(off, 0.9) < 6 / 255, "but for edges in it, which are softer"
    limits("BAND", 7 * SIZE[0])
    limits("MOST_HELD", 0)
    assert np.array_equal(drawn(of), small), "in bands of 7"


def test_neighbours_held_small_leave_no_seam(tmp_path: Path, limits: Patch) -> None:
    """Cells that share an edge cover it together: nothing of the ground shines through."""
    path = tmp_path / "white.png"
    Image.new("RGB", (6, 4), "white").save(path)
    cells = [
        Placement(0, (k + 0.5) * SIZE[0] / 3, (j + 0.5) * SIZE[1] / 3, SIZE[0] / 3, SIZE[1] / 3)
        for k in range(3)
        for j in range(3)
    ]
    placed = tuple(Placed(cell, Dressed()) for cell in cells)
    of = Sheet(SIZE, plain("black", SIZE[0]), placed, lambda number: path)
    limits("RASTER", 24)
    assert drawn(of).min() > 1 - 1e-6


def test_a_piece_is_read_once_though_many_bands_show_it(
    tmp_path: Path, limits: Patch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    ready = pasting.read_piece

    def counted(path: Path, width: float, height: float) -> np.ndarray:
        read.append(path)
        return ready(path, width, height)

    monkeypatch.setattr(pasting, "read_piece", counted)
    of = sheet(noise(tmp_path / "a.png"), *WAYS["turned"])
    limits("BAND", 5 * SIZE[0])
    drawn(of)
    assert len(read) == 2, "once for each of the two that lie there"
    limits("MOST_HELD", 0)
    drawn(of)
    assert len(read) > 10
