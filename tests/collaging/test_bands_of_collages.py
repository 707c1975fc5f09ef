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
from dreamer.engine.held_pieces import Held
from dreamer.engine.pasting import Sheet, bands
from dreamer.recipe.dressing import Dressed

SIZE = (150, 110)
SHADOW = {"shadow": {"blur": 0.1, "offset": [0.1, 0.15], "alpha": 0.8}}
HARD = {"shadow": {"blur": 0, "offset": [0.1, 0.15], "alpha": 0.8}}
BARELY = {"shadow": {"blur": 0.001, "offset": [0.07, 0.11], "alpha": 1}}
WIDE = {"shadow": {"blur": 0.6, "offset": [0.07, -0.11], "alpha": 1}}
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
    "with a hard shadow": (Placement(0, 70.3, 50.8, 90.4, 61.7), HARD),
    "turned with a hard shadow": (Placement(0, 70, 50, 90, 70, turn=33, frame=FRAME), HARD),
    "with a nearly hard shadow": (
        Placement(0, 70.3, 50.8, 90.4, 61.7, turn=90),
        {"mask": "rounded", "blend": "screen", **BARELY},
    ),
    "with a wide shadow": (
        Placement(0, 70.3, 50.8, 90.4, 61.7, turn=5, frame=FRAME, caption="A Cat"),
        {"mask": "luminance", **WIDE},
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


def drawn(of: Sheet, exact: bool = False, held: Held | None = None) -> np.ndarray:
    return np.concatenate(list(bands(of, exact, held=held)), 1)


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
    assert np.array_equal(drawn(of, exact, Held(most=0)), whole), "with nothing held"


@pytest.mark.parametrize("exact", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("way", WAYS)
def test_nor_do_they_where_pictures_are_held_small(
    tmp_path: Path, way: str, exact: bool, limits: Patch
) -> None:
    of = sheet(noise(tmp_path / "a.png", 5, (64, 48)), *WAYS[way])
    plainly = drawn(of, exact)
    limits("RASTER", 300)
    limits("MOST_RASTER", 300)
    whole = drawn(of, exact)
    assert not np.array_equal(whole, plainly)
    for rows in (1, 7, 64):
        limits("BAND", rows * SIZE[0])
        assert np.array_equal(drawn(of, exact), whole), f"in bands of {rows}"


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


@pytest.mark.parametrize("way", WAYS)
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
    assert np.quantile(off, 0.95) < 6 / 255, "but for edges of levels in it"
    limits("BAND", 7 * SIZE[0])
    assert np.array_equal(drawn(of, held=Held(most=0)), small), "in bands of 7"


@pytest.mark.parametrize(
    "words",
    [{}, {"mask": "ellipse"}, HARD, {"mask": {"shape": "polygon", "sides": 5}, **SHADOW}, WIDE],
    ids=["plain", "ellipse", "hard shadow", "polygon", "wide shadow"],
)
@pytest.mark.parametrize("frame", [None, FRAME], ids=["bare", "framed"])
def test_what_is_around_a_picture_held_small_is_as_sharp_as_if_all_were_held(
    tmp_path: Path, words: dict[str, object], frame: Frame | None, limits: Patch
) -> None:
    """Edges of masks, borders, letters and shadows, in print as on a screen."""
    path = tmp_path / "blue.png"
    Image.new("RGB", (8, 6), "#2040ff").save(path)
    of = sheet(path, Placement(0, 70, 50, 90, 70, frame=frame, caption="A Dog"), words)
    plainly = drawn(of)
    limits("RASTER", 48)
    off = np.abs(drawn(of) - plainly)
    assert off.max() < (6 / 255 if words is WIDE else 1 / 255)
    assert np.ptp(plainly) > 0.8


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
    drawn(of, held=Held(most=0))
    assert len(read) > 10


@pytest.mark.parametrize("exact", [False, True], ids=["still", "moving"])
@pytest.mark.parametrize("way", WAYS)
def test_a_piece_that_is_held_from_frame_to_frame_is_as_one_made_anew(
    tmp_path: Path, way: str, exact: bool
) -> None:
    """Moved, turned, faded and larger: it is made ready again only for what changes its pixels."""
    place, words = WAYS[way]
    path, held = noise(tmp_path / "a.png", 5, (64, 48)), Held(lasting=True)
    for changed in (
        place,
        replace(place, x=place.x + 11.3, y=place.y - 2.6),
        replace(place, turn=place.turn + 90, alpha=place.alpha / 2),
        replace(place, turn=place.turn + 4.5),
        place.scaled(1.02),
        replace(place, y=500.0),
        place,
    ):
        of = sheet(path, changed, words)
        assert np.array_equal(drawn(of, exact, held), drawn(of, exact))
