"""Motifs are whole, of their own colours, and a pure function of their seed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from dreamer.draw.motifs.canvas import (
    Chance,
    band,
    box,
    circle,
    ellipse,
    ramp,
    sector,
    segment,
    smooth,
)
from dreamer.draw.motifs.catalogue import MOTIFS
from dreamer.draw.motifs.colours import palettes
from dreamer.draw.motifs.scene import BACKGROUND, scene
from dreamer.draw.motifs.scene import grid as coordinates
from dreamer.engine.sources import first_picture
from dreamer.recipe.parse import recipe_from_tree


def drawn(name: str, seed: int = 0, size: tuple[int, int] = (48, 48), **more: bool) -> torch.Tensor:
    return scene(name, 3, size, torch.Generator().manual_seed(seed), **more)


@pytest.mark.parametrize("name", [*MOTIFS, BACKGROUND])
def test_every_motif_draws_pictures_with_something_in_them(name: str) -> None:
    pictures = drawn(name)
    assert pictures.shape == (3, 3, 48, 48)
    assert torch.isfinite(pictures).all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert (pictures[0] - pictures[1]).abs().mean() > 0.01  # each picture is its own


@pytest.mark.parametrize("name", MOTIFS)
def test_every_calm_motif_stands_out_of_its_ground(name: str) -> None:
    """The same chance draws the same ground with a motif and without."""
    picture = drawn(name, calm=True)
    assert picture.std((1, 2, 3)).min() > 0.02
    if not MOTIFS[name].fills:
        off = (picture - drawn(BACKGROUND, calm=True)).abs().amax(1)
        assert (off > 0.05).float().mean((1, 2)).min() > 0.08


def test_there_are_more_than_forty_each_with_palettes() -> None:
    assert len(MOTIFS) >= 40
    assert set(palettes()) == set(MOTIFS)
    for rows in palettes().values():
        assert len(rows) >= 2
        assert all(len(row.split()) == 5 for row in rows)


def test_a_scene_is_a_pure_function_of_its_seed() -> None:
    assert torch.equal(drawn("shell", 4), drawn("shell", 4))
    assert not torch.equal(drawn("shell", 4), drawn("shell", 5))


def test_a_calm_motif_lies_whole_in_the_middle() -> None:
    picture = drawn("clock", 1, (64, 64), calm=True)
    off = (picture - drawn(BACKGROUND, 1, (64, 64), calm=True)).abs().amax(1)
    assert (off[:, 28:36, 28:36] > 0.05).float().mean() > 0.9
    for corner in (off[:, :5, :5], off[:, :5, -5:], off[:, -5:, :5]):  # its shadow lies lower right
        assert corner.max() < 1e-6


@pytest.mark.parametrize("size", [(40, 96), (96, 40), (33, 33)])
def test_canvases_of_all_shapes_are_not_stretched(size: tuple[int, int]) -> None:
    """Pixels are square, and ±1 is reached at the ends of the shorter side."""
    chance = Chance(2, size, torch.Generator().manual_seed(0))
    x, y = coordinates(chance)
    step = 2 / min(size)
    torch.testing.assert_close(x.diff(dim=2), torch.full((1, size[0], size[1] - 1), step))
    torch.testing.assert_close(y.diff(dim=1), torch.full((1, size[0] - 1, size[1]), step))
    assert min(x.max(), y.max()).item() == pytest.approx(1 - step / 2)
    noise = chance.noise(6)
    down, right = noise.diff(dim=1).square().mean(), noise.diff(dim=2).square().mean()
    assert 0.5 < (down / right).item() < 2
    assert drawn("brick", 2, size).shape == (3, 3, *size)


def grid(side: int = 201) -> tuple[torch.Tensor, torch.Tensor]:
    line = torch.linspace(-2, 2, side, dtype=torch.float64)
    return line[None, None, :].expand(1, side, side), line[None, :, None].expand(1, side, side)


@pytest.mark.parametrize(
    ("distance", "inside"),
    [
        (lambda x, y: circle(x, y, 0.7), lambda x, y: x**2 + y**2 < 0.49),
        (lambda x, y: ellipse(x, y, 1.2, 0.5), lambda x, y: (x / 1.2) ** 2 + (y / 0.5) ** 2 < 1),
        (lambda x, y: box(x, y, 1.0, 0.3), lambda x, y: (abs(x) < 1.0) & (abs(y) < 0.3)),
        (lambda x, y: band(y, -0.2, 0.9) + 0 * x, lambda x, y: (y > -0.2) & (y < 0.9)),
    ],
)
def test_distances_are_negative_just_inside(distance: object, inside: object) -> None:
    x, y = grid()
    assert callable(distance)
    assert callable(inside)
    found, expected = distance(x, y), inside(x, y)
    away = found.abs() > 1e-9
    assert torch.equal((found < 0)[away], expected[away])


def test_a_segment_is_as_far_as_its_nearest_point() -> None:
    x, y = grid(41)
    zero, one = torch.zeros(1, 1, 1), torch.ones(1, 1, 1)
    found, along = segment(x, y, (-one, zero), (one, zero), (0.0, 0.0))
    expected = torch.hypot(x - x.clamp(-1, 1), y)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    assert along.min() == 0
    assert along.max() == 1


def test_sectors_count_round_the_circle() -> None:
    angle = torch.linspace(-3.1, 3.1, 101)[None, None]
    number, off = sector(angle, torch.full((1, 1, 1), 5.0))
    assert set(number.flatten().tolist()) == {0.0, 1.0, 2.0, 3.0, 4.0}
    assert off.abs().max() <= torch.pi / 5 + 1e-5


def test_ramp_passes_through_its_colours() -> None:
    red, green = torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0])
    colours = [red[None, :, None, None], green[None, :, None, None]]
    found = ramp(torch.tensor([[[0.0, 0.5, 1.0]]]), colours)
    assert found[0, :, 0, 1].tolist() == [0.5, 0.5, 0.0]
    assert smooth(0, 1, torch.tensor(0.5)) == 0.5


def test_a_recipe_may_begin_with_a_motif() -> None:
    words = {"source": {"procedural": "motif", "class": "shell"}, "seed": 3, "size": [40, 30]}
    found = first_picture(recipe_from_tree(words), (30, 40), None)
    assert torch.equal(found, scene("shell", 1, (30, 40), torch.Generator().manual_seed(3), True))


def test_the_page_of_motifs_names_all_of_them() -> None:
    page = Path(__file__).parents[2] / "docs" / "motifs.md"
    assert re.findall(r"`(\w+)`", page.read_text().partition("knows.")[2]) == list(MOTIFS)
