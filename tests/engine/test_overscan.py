"""Overscan: more is dreamt than is shown, so that a film that draws back shows no edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from dreams import drawing, dreamt, saved
from PIL import Image

from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import recipe_from_tree

FILM = {
    "network": "judge",
    "target": "stage1",
    "size": [80, 60],
    "ascent": {"steps": 0},
    "length": 3,
    "fps": 10,
    "classify": "off",
}


def test_frames_show_the_middle_and_a_picture_fills_exactly_that(tmp_path: Path) -> None:
    name = saved(tmp_path / "photo.png", drawing(60, 80))
    tree = FILM | {"source": {"image": name}, "motion": {"edges": "overscan", "overscan": 0.2}}
    folder = Folder(tmp_path / "film")
    ready = prepare(folder, checked(recipe_from_tree(tree, tmp_path)), "film")
    render_into(folder, ready)
    first = read_picture(folder.frame_path(0))
    assert first.shape == (3, 60, 80)
    np.testing.assert_allclose(first, read_picture(tmp_path / "photo.png"), atol=1 / 255)


def test_what_moves_in_from_beyond_was_dreamt_there(tmp_path: Path) -> None:
    """A tenth of the shown width a frame, and a quarter is there beyond each edge."""
    noise = {"noise": "pink"}
    motion = {"move": [1.0, 0.0], "edges": "overscan", "overscan": 0.25}
    tree = FILM | {"ascent": {"steps": 0, "hold": 0}}
    made = dreamt(tree | {"source": noise, "motion": motion}, frames=3)
    assert tuple(made.image.shape[2:]) == (90, 120)
    before, after = made.states[0].image, made.states[2].image  # two tenths of 80 pixels apart
    torch.testing.assert_close(after[..., 40:], before[..., 24:-16], atol=1e-5, rtol=0)


def test_scores_before_are_of_what_is_shown(tmp_path: Path) -> None:
    Image.fromarray(drawing(60, 80)).save(tmp_path / "photo.png")
    tree = FILM | {"source": {"image": "photo.png"}, "motion": {"edges": "overscan"}}
    made = dreamt(tree, tmp_path, frames=1)
    top, left = made.ready.plan.margin
    inner = made.source[..., top:-top, left:-left]
    expected = torch.from_numpy(read_picture(tmp_path / "photo.png"))
    torch.testing.assert_close(inner[0], expected, atol=1e-6, rtol=0)
    mirrored = made.source[0, :, top:-top, :left]
    torch.testing.assert_close(mirrored, expected[..., :left].flip(2), atol=1e-6, rtol=0)
