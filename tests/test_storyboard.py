"""`plan --storyboard` and `--plot`: a film at a glance, before it is rendered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamer.errors import FolderError, UsageError
from dreamer.jobs.plan import plan
from dreamer.jobs.storyboard import _more, moments, storyboard

FILM = """
title: Three colours
source: {color: "#c04020"}
size: [320, 200]
fps: 24
network: judge
target: stage1
ascent: {steps: 0}
motion: {zoom: {expr: "1.5 + 0.2*sin(t)"}}
classify: off
scenes:
  - {title: First, length: 2s}
  - {title: Second, length: 2s, transition: 1s, motion: {rotate: 20}}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A recipe of two scenes."""
    path = tmp_path / "film.yaml"
    path.write_text(FILM)
    return path


def test_a_storyboard_shows_the_films_colours_and_leaves_nothing_else(
    film: Path, tmp_path: Path
) -> None:
    found = plan(film, storyboard=tmp_path / "board.png")
    storyboard(found.recipe, tmp_path / "board.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["board.png", "film.yaml"]
    pixels = np.asarray(Image.open(tmp_path / "board.png"))
    frames = (np.abs(pixels.astype(int) - (0xC0, 0x40, 0x20)).max(2) < 4).mean()
    assert frames > 0.75  # the rest is what they lie on, and captions


def test_moments_are_spread_and_no_scene_is_missed() -> None:
    assert moments(4, []) == [0, 1, 2, 3]
    assert moments(31, []) == list(range(0, 31, 2))
    found = moments(120, [0, 3, 60])
    assert {0, 1, 31, 90, 119} <= set(found)
    assert found == sorted(set(found))


def test_fewer_frames_take_as_many_steps_a_second() -> None:
    assert _more(2, 2.0) == 4
    assert _more(0, 4.0) == 0
    assert _more({"expr": "2+t"}, 2.0) == {"expr": "(2+t)*2", "clamp": [0, 10_000]}
    assert _more({"expr": "9*t", "clamp": [1, 6]}, 2.0)["clamp"] == [2, 12]
    assert _more(500, 60.0) == 10_000
    keys = {"keys": [{"at": 0, "value": 3}, {"at": "end", "value": 5}]}
    doubled = [{"at": 0, "value": 6}, {"at": "end", "value": 10}]
    assert _more(keys, 2.0) == {"keys": doubled}


def test_a_plot_has_a_panel_for_everything_that_changes(film: Path, tmp_path: Path) -> None:
    heights = []
    for k, overrides in enumerate(((), ("scenes.1.target=stage2", "motion.move=[{expr: u}, 0]"))):
        plan(film, plot=tmp_path / f"{k}.png", overrides=overrides)
        with Image.open(tmp_path / f"{k}.png") as drawn:
            heights.append(drawn.height)
    assert heights == [104 + 2 * 122, 104 + 4 * 122]  # zoom and rotation; weights and moves too


@pytest.mark.parametrize("option", ["plot", "storyboard"])
def test_pictures_of_plans_go_into_folders_that_are_there(
    film: Path, tmp_path: Path, option: str
) -> None:
    with pytest.raises(UsageError, match=f"--{option}: there is no folder"):
        plan(film, **{option: tmp_path / "none" / "p.png"})
    with pytest.raises(UsageError, match=f"--{option}: expected a name ending in .png"):
        plan(film, **{option: tmp_path / "p.jpg"})


def test_a_still_has_no_story(tmp_path: Path) -> None:
    path = tmp_path / "still.yaml"
    path.write_text("network: judge\ntarget: stage1\nclassify: off\n")
    with pytest.raises(UsageError, match="a still has no story"):
        storyboard(plan(path).recipe, tmp_path / "board.png")


def test_a_drawing_takes_the_place_of_a_drawing_and_of_nothing_else(
    film: Path, tmp_path: Path
) -> None:
    sheet, mine = tmp_path / "sheet.png", tmp_path / "mask.png"
    plan(film, plot=sheet)
    before = sheet.read_bytes()
    plan(film, plot=sheet, overrides=["motion.zoom=1.2", "motion.rotate={expr: t}"])
    assert sheet.read_bytes() != before
    Image.new("L", (8, 8)).save(mine)
    kept = mine.read_bytes()
    for words in ({"plot": mine}, {"storyboard": mine}):
        with pytest.raises(FolderError, match=r"mask\.png is there already, and no drawing"):
            plan(film, **words)
    assert mine.read_bytes() == kept
