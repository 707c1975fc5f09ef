"""Tiles: what they cover, and that their slopes add up to the whole picture's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny import ALL, ONE, noise, perceive, term

from dreamer.dreaming import climb, tiles
from dreamer.dreaming.objectives import Activations
from dreamer.dreaming.objectives import total as summed
from dreamer.dreaming.terms import OBJECTIVES
from dreamer.dreaming.tiles import Tile
from dreamer.dreaming.windows import Window

STRIDE = 2  # of all maps of `tiny.perceive`
SEES = 9  # pixels further than a place of any of them


@given(
    height=st.integers(1, 3000),
    width=st.integers(1, 3000),
    side=st.integers(384, 1500),
    halo=st.integers(0, 128),
    grid=st.sampled_from([1, 2, 8, 16, 32]),
    moved=st.tuples(st.integers(0, 2**20), st.integers(0, 2**20)),
)
@settings(max_examples=150, deadline=None)
@example(height=420, width=385, side=384, halo=112, grid=16, moved=(1025, 123))
@example(height=385, width=420, side=384, halo=128, grid=32, moved=(123, 1025))
def test_cells_cover_a_picture_once_and_are_seen_with_all_around_them(
    height: int, width: int, side: int, halo: int, grid: int, moved: tuple[int, int]
) -> None:
    found = tiles.tiles((height, width), side, halo, grid, moved)
    assert sum(t.cell.height * t.cell.width for t in found) == height * width
    assert len({(t.seen.height, t.seen.width) for t in found}) == 1
    covered = np.zeros((height, width), np.int8)
    for cell, _ in found:
        covered[cell.top : cell.top + cell.height, cell.left : cell.left + cell.width] += 1
    assert (covered == 1).all()
    for cell, seen in found:
        for first, length, begin, sees, count in (
            (cell.top, cell.height, seen.top, seen.height, height),
            (cell.left, cell.width, seen.left, seen.width, width),
        ):
            assert first % grid == begin % grid == 0
            assert 0 <= begin <= first - halo or begin == 0
            assert begin + sees == count or begin + sees >= first + length + halo
            assert sees <= max(side, min(count, side))
            assert begin + sees <= count


def test_cells_of_the_next_step_end_elsewhere() -> None:
    edges = [
        {t.cell.top for t in tiles.tiles((2000, 500), 600, 40, 8, (moved, 0))}
        for moved in range(0, 80, 8)
    ]
    assert len(set.intersection(*edges)) == 1  # the picture's own


def test_a_tile_that_would_be_all_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="tiles of 300 pixels have no cell: 160 on each side"):
        tiles.tiles((1000, 1000), 300, 150, 32, (0, 0))


def test_a_part_is_cut_as_of_the_rolled_picture_and_added_where_it_was() -> None:
    picture, window = noise(2, 3, 7, 9), Window(2, 3, 4, 6)
    for shift in ((0, 0), (5, -4), (-11, 30)):
        rolled = torch.roll(picture, shift, (2, 3))
        part = tiles.cut(picture, window, shift)
        torch.testing.assert_close(part, rolled[:, :, 2:6, 3:9], rtol=0, atol=0)
        into = torch.zeros_like(picture)
        tiles.add(into, part, window, shift)
        rolled[:, :, :2] = rolled[:, :, 6:] = rolled[:, :, :, :3] = 0
        torch.testing.assert_close(into, torch.roll(rolled, (-shift[0], -shift[1]), (2, 3)))


def shares(one: object, tile: Tile, size: tuple[int, int], seen: Activations) -> Activations:
    """What of each place counts, written out: 1 in the cell, or its part of the mean."""
    found = {}
    for places in one.places:  # type: ignore[attr-defined]
        height, width = seen[places.tap].shape[2:]
        whole = -(-size[0] // STRIDE) * -(-size[1] // STRIDE)
        share = torch.zeros(1, 1, height, width, dtype=torch.float64)
        top, left = ((a - b) // STRIDE for a, b in zip(tile.cell[:2], tile.seen[:2], strict=True))
        bottom, right = (-(-n // STRIDE) for n in tile.cell[2:])
        share[:, :, top : top + bottom, left : left + right] = (
            1 if places.summed else height * width / whole
        )
        found[places.share] = share
    return found


@pytest.mark.parametrize("name", sorted(n for n in ALL if OBJECTIVES[n].local))
def test_slopes_of_tiles_add_up_to_that_of_the_whole(name: str) -> None:
    picture, one, shift = torch.sigmoid(noise(2, 3, 61, 85)), term(name), (7, -5)
    size = (61, 85)

    def rolled(shown: torch.Tensor) -> torch.Tensor:
        return summed([one], perceive(torch.roll(shown, shift, (2, 3))), ONE)

    def of_tile(part: torch.Tensor, tile: Tile) -> torch.Tensor:
        seen = perceive(part)
        return summed([one], {**seen, **shares(one, tile, size, seen)}, ONE)

    cut_up = tiles.tiles(size, 44, SEES, STRIDE, (3, 8))
    assert len(cut_up) >= 6
    found = tiles.slope(picture, cut_up, shift, of_tile)
    torch.testing.assert_close(found, climb.whole(rolled)(picture), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(n for n in ALL if not OBJECTIVES[n].local))
def test_what_is_no_sum_of_parts_says_so(name: str) -> None:
    assert term(name).places == ()
