"""What matters in a picture: what stands out from the rest of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from small_collages import parsed

from dreamer.engine.collage_inputs import found_pieces
from dreamer.engine.collage_kept import Kept, key_of
from dreamer.engine.collage_looks import look_over
from dreamer.engine.execution import decide
from dreamer.engine.focus import CELLS, SIDE, Focus, aimed, centroids, focus
from dreamer.engine.lookup import card_of, ref_of

HOUSE = card_of(ref_of("house"))
HERE = decide("cpu", "float32")


@pytest.fixture(scope="module")
def find() -> Focus:
    return focus(HOUSE, HERE)


def flower(size: tuple[int, int], at: tuple[float, float], ground: np.ndarray) -> Image.Image:
    """A daisy of eight petals on a ground, its middle at the parts `at` of the picture."""
    picture = Image.fromarray(ground).resize(size)
    draw = ImageDraw.Draw(picture)
    x, y, reach = at[0] * size[0], at[1] * size[1], min(size) / 8
    for k in range(8):
        a, b = x + reach * np.cos(k * np.pi / 4), y + reach * np.sin(k * np.pi / 4)
        r = reach / 2.5
        draw.ellipse((a - r, b - r, a + r, b + r), fill="white", outline="grey")
    draw.ellipse((x - reach / 2, y - reach / 2, x + reach / 2, y + reach / 2), fill="gold")
    return picture


def squashed(picture: Image.Image) -> np.ndarray:
    return np.array(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))


GROUNDS = {
    "plain": np.full((8, 8, 3), (40, 90, 60), np.uint8),
    "sky": np.linspace((30, 60, 160), (190, 210, 250), 32).astype(np.uint8)[:, None].repeat(32, 1),
    "grass": np.random.default_rng(3).integers(60, 130, (150, 150, 3), dtype=np.uint8),
}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("size", [(300, 300), (600, 300), (240, 480)])
def test_what_stands_off_centre_is_found(find: Focus, ground: str, size: tuple[int, int]) -> None:
    places = [(0.25, 0.3), (0.75, 0.3), (0.5, 0.5), (0.25, 0.75), (0.7, 0.75)]
    pictures = [squashed(flower(size, at, GROUNDS[ground])) for at in places]
    off = np.abs(np.array(find(np.stack(pictures))) - places)
    assert off.max() < 0.08, off


def test_a_calm_thing_stands_out_of_a_busy_ground(find: Focus) -> None:
    checks = (np.indices((300, 300)).sum(0) // 10 % 2 * 200 + 20).astype(np.uint8)
    picture = Image.fromarray(np.stack([checks] * 3, 2))
    ImageDraw.Draw(picture).ellipse((175, 55, 265, 145), fill=(200, 60, 40))
    assert find(squashed(picture)[None])[0] == pytest.approx((220 / 300, 100 / 300), abs=0.08)


def test_of_two_alike_the_one_that_was_aimed_at_counts_more(find: Focus) -> None:
    both = flower((300, 300), (0.5, 0.5), GROUNDS["plain"])
    both.paste(flower((300, 300), (0.14, 0.14), GROUNDS["plain"]).crop((0, 0, 90, 90)), (0, 0))
    across, down = find(squashed(both)[None])[0]
    assert 0.45 < across < 0.52
    assert 0.45 < down < 0.52


def test_where_nothing_stands_out_it_is_the_centre(find: Focus) -> None:
    plain = np.full((2, SIDE, SIDE, 3), 90, np.uint8)
    plain[1] = 255
    assert find(plain) == [(0.5, 0.5), (0.5, 0.5)]


def test_a_mirrored_picture_s_is_mirrored(find: Focus) -> None:
    square = squashed(flower((300, 300), (0.3, 0.6), GROUNDS["sky"]))
    ((x, y), (mirrored, same)) = find(np.stack([square, square[:, ::-1]]))
    assert (mirrored, same) == pytest.approx((1 - x, y), abs=0.02)


def test_a_centroid_is_reckoned_from_the_strongest_places() -> None:
    maps = torch.zeros(2, CELLS, CELLS)
    maps[0, 4, 12] = 1
    across, down = centroids(maps)[0].tolist()
    assert (across, down) == pytest.approx((12.5 / CELLS, 4.5 / CELLS), abs=1e-4)
    assert centroids(maps)[1].tolist() == [0.5, 0.5]


def test_a_corner_counts_half_as_much_as_the_middle() -> None:
    parts = aimed("cpu")
    assert parts[0, 0] == pytest.approx(np.exp(-(2 * (7.5 / 16) ** 2) / (2 * 0.36)))
    assert torch.equal(parts, parts.T)
    assert parts.argmax() in (7 * 16 + 7, 7 * 16 + 8, 8 * 16 + 7, 8 * 16 + 8)


def test_pictures_are_looked_at_once(tmp_path: Path) -> None:
    for k, at in enumerate([(0.25, 0.5), (0.75, 0.5)]):
        flower((200, 150), at, GROUNDS["plain"]).save(tmp_path / f"{k}.png")
    entries = found_pieces(parsed(tmp_path, ".")).entries
    kept = Kept()
    assert look_over(entries, kept, HOUSE, HERE) == {}
    places = kept.focus[key_of(HOUSE)]
    across = [places[e.sha256][0] for e in entries]
    assert across == pytest.approx([0.25, 0.75], abs=0.08)
    for entry in entries:
        entry.file.unlink()  # what is known needs no file
    assert look_over(entries, kept, HOUSE, HERE) == {}
    assert kept.focus[key_of(HOUSE)] == places
