"""How steps see pictures that are larger than a tile (`dreaming.tiles`): where tiles lie, and what
of the objective each is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from dreamer.dreaming import randomness, tiles
from dreamer.dreaming.masking import on_grid
from dreamer.dreaming.objectives import Activations, Places, Tap
from dreamer.dreaming.tiles import Tile
from dreamer.engine.objective import Objective
from dreamer.engine.perceive import maps_of, reaches_of
from dreamer.networks.cards import Card

Size = tuple[int, int]
# What is seen around a cell: that part of what its places look at, for the rest of it hardly
# counts, and so many pixels at most (docs/large.md has what that leaves).
PART = 2 / 3
MOST_HALO = 160


@dataclass(frozen=True)
class Tiled:
    """Tiles of at most `side` pixels a side as networks see them, `halo` of them around each cell;
    cells begin at multiples of `grid`.

    `strides` are the taps' pixels a place, `maps` their sizes on a picture of a size, `places` what
    the objective adds up.
    """

    side: int
    halo: int
    grid: int
    strides: Mapping[Tap, int]
    maps: Callable[[Size], Mapping[Tap, Size]]
    places: tuple[Places, ...]

    def larger(self, size: Size) -> bool:
        """Whether a picture of `size` is more than one tile."""
        return max(size) > self.side

    def cut_up(self, size: Size, *where: int | str) -> list[Tile]:
        """The tiles of a step, `where` deciding how its grid lies: no step's cells end where the
        next one's do.
        """
        moved = randomness.integers(2, 0, 2**20, *where, "tiles")
        return tiles.tiles(size, self.side, self.halo, self.grid, (moved[0], moved[1]))

    def weighed(self, size: Size, masks: Mapping[Tap, Tensor]) -> dict[Places, Tensor | None]:
        """What `masks` as steps see them, `(1, 1, H, W)`, let through at the places of the whole
        picture's maps, `(1, 1, h, w)`.
        """
        maps, found = self.maps(size), dict[Places, Tensor | None]()
        for places in self.places:
            found[places] = None
            if places.mask is not None:
                mask = masks[places.mask]
                like = mask.new_zeros((len(mask), *maps[places.tap]))
                found[places] = on_grid(mask, like)[:, None]
        return found

    def shares(
        self,
        tile: Tile,
        size: Size,
        activations: Activations,
        weighed: Mapping[Places, Tensor | None],
    ) -> dict[Tap, Tensor]:
        """What each place of the maps that `tile` sees counts: those of its cell as `weighed` has
        them, all others nothing.
        """
        maps, found = self.maps(size), {}
        for places, mask in weighed.items():
            height, width = activations[places.tap].shape[2:]
            whole, stride = maps[places.tap], self.strides[places.tap]
            rows, across = (
                _run(tile.cell[k], tile.cell[k + 2], tile.seen[k], size[k], stride, whole[k])
                for k in (0, 1)
            )
            # the mean of a map is one over its own places, and not over the whole picture's
            count = 1.0 if places.summed else height * width / (whole[0] * whole[1])
            several = 1 if mask is None else len(mask)
            device = activations[places.tap].device
            share = torch.zeros((several, 1, height, width), device=device)
            here = share[:, :, rows[0] : rows[0] + rows[2], across[0] : across[0] + across[2]]
            if mask is None:
                here.fill_(count)
            else:
                down, right = rows[1], across[1]
                here.copy_(mask[:, :, down : down + rows[2], right : right + across[2]] * count)
            found[places.share] = share
        return found


def _run(
    first: int, length: int, seen: int, count: int, stride: int, whole: int
) -> tuple[int, int, int]:
    """Along one axis: where a cell's places begin in the tile's map, where in the whole picture's,
    and how many they are.
    """
    begin = first // stride
    end = whole if first + length == count else (first + length) // stride
    return begin - seen // stride, begin, end - begin


def tiled(side: int, objective: Objective, cards: Mapping[str, Card]) -> Tiled:
    """Tiles of `side` pixels for `objective`, of which no term looks at the whole picture.

    Raises:
        NetworkError: a network in it looks at the whole picture at once.
        ValueError: tiles of this side have no room beside their overlap.
    """
    found = reaches_of(cards, objective.perceived)
    places = tuple(dict.fromkeys(p for term in objective.terms for p in term.places))
    halo = max(
        max(reach.before, reach.after)
        + reach.stride * max((p.around for p in places if p.tap == tap), default=0)
        for tap, reach in found.items()
    )
    grid = math.lcm(*(reach.stride for reach in found.values()))
    room = max(0, side - 3 * grid) // 2 // grid * grid  # a small tile keeps a cell, and sees less
    return Tiled(
        side,
        min(math.ceil(PART * halo), MOST_HALO, room),
        grid,
        {tap: reach.stride for tap, reach in found.items()},
        lru_cache(maxsize=32)(lambda size: maps_of(cards, objective.perceived, size)),
        places,
    )
