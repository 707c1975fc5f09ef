"""What a collage holds while it is drawn, counted in arrays: prints are never whole in memory, nor
are wide shadows, grounds and targets larger than they need to be.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.draw.canvas import covered
from dreamer.draw.dress import Dress
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.looks import looked
from dreamer.draw.patches import rows
from dreamer.draw.piece import prepare
from dreamer.draw.shadows import Shadow, blurred
from dreamer.engine.mosaicking import target_features


def most_held(work: Callable[[], object]) -> int:
    """Bytes that `work` has at once, at most, beside what there was."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("look", [("bloom", 0.5), ("grain", 0.3), ("kaleidoscope", 6)])
def test_a_look_at_the_whole_takes_less_than_four_of_it(look: tuple[str, float]) -> None:
    picture = np.random.default_rng(1).random((3, 1500, 2000), dtype=np.float32)
    held = most_held(lambda: looked(picture, [look]))
    assert held < 4 * picture.nbytes


def test_a_shadow_as_wide_as_its_piece_takes_no_more_than_it() -> None:
    picture = np.ones((3, 1000, 1000), np.float32)
    place = Placement(0, 500, 500, 1000, 1000, turn=5)

    def held(blur: float) -> int:
        return most_held(lambda: prepare(picture, place, Dress(shadow=Shadow(blur=blur))))

    assert held(1000) < 1.1 * held(10)


@pytest.mark.parametrize("blur", [16.0, 40.0, 130.0])
def test_a_wide_shadow_that_is_held_small_is_the_one_it_would_be(blur: float) -> None:
    """Against the blur of all its pixels."""
    white = np.ones((3, 90, 130), np.float32)
    dress = Dress(shadow=Shadow((0, 0), blur, "black", 1))
    ready = prepare(white, Placement(0, 200, 200, 130, 90), dress)
    assert ready.shadow is not None
    assert ready.shadow.size < 130 * 90
    shadow, _ = rows(ready, 0, 400, 400)
    found = np.zeros((400, 400), np.float32)
    high, wide = shadow.pixels.shape[1:]
    found[shadow.top : shadow.top + high, shadow.left : shadow.left + wide] = shadow.pixels[3]
    alone = np.zeros((400, 400), np.float32)
    alone[155:245, 135:265] = 1
    expected = blurred(alone, blur / 2)
    assert np.abs(found - expected).max() < 0.015
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)


def test_a_ground_is_held_in_no_more_pixels_than_said() -> None:
    across, down = np.meshgrid(np.arange(600) / 600, np.arange(400) / 400)
    picture = np.stack([across, down, np.sin(9 * across * down) / 2 + 0.5]).astype(np.float32)
    ground, whole = covered(picture, 600, 400, most=20_000), covered(picture, 600, 400)
    assert np.abs(ground(0, 400) - whole(0, 400)).max() < 6 / 255
    parts = [ground(top, bottom) for top, bottom in ((0, 1), (1, 150), (150, 400))]
    assert np.array_equal(np.concatenate(parts, 1), ground(0, 400))
    assert most_held(lambda: covered(picture, 6000, 4000, most=20_000)) < 3 * picture.nbytes


def test_a_target_is_read_no_larger_than_its_cells_need(tmp_path: Path) -> None:
    path = tmp_path / "target.png"
    across, down = np.meshgrid(np.arange(3000), np.arange(2000))
    levels = np.stack([across // 12 % 256, down // 8 % 256, (across + down) // 20 % 256], 2)
    Image.fromarray(levels.astype(np.uint8)).save(path)
    held = most_held(lambda: target_features(path, 10, (300, 150), 1.0))
    assert held < 3000 * 2000 * 12, "not even once in floats"
    cells = target_features(path, 10, (300, 150), 1.0)
    assert cells.shape == (5, 10, 9, 3)


def test_cells_are_those_of_the_middle_that_is_seen(tmp_path: Path) -> None:
    """A tall target on a wide sheet: black above and below, white in the middle, which covers."""
    path = tmp_path / "tall.png"
    levels = np.zeros((900, 300), np.uint8)
    levels[375:525] = 255
    Image.fromarray(levels).save(path)
    cells = target_features(path, 10, (300, 150), 1.0)
    assert cells[..., 0].min() > 96
    assert target_features(path, 10, (300, 160), 1.0)[0, ..., 0].min() < 80
