"""Films whose end meets their beginning."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dreams import drawing
from PIL import Image

from dreamer.dreaming.camera import source_of, view
from dreamer.dreaming.returning import placement, returned
from dreamer.engine.finishing import make_films
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.run import render_into
from dreamer.engine.told import Told
from dreamer.errors import RecipeError
from dreamer.media.decoding import read_frames
from dreamer.media.pictures import read_picture
from dreamer.recipe.parse import recipe_from_tree

FILM: dict[str, Any] = {
    "network": "judge",
    "target": "stage1",
    "source": {"noise": "plasma"},
    "size": [96, 64],
    "ascent": {"steps": 1, "octaves": 1, "jitter": 2},
    "motion": {"zoom": 2.0, "rotate": 10},
    "length": 24,
    "fps": 12,
    "classify": "off",
}


def rendered(
    path: Path, tree: dict[str, Any], watch: Callable[[Told], None] = lambda told: None
) -> Folder:
    folder = Folder(path)
    render_into(folder, prepare(folder, checked(recipe_from_tree(tree)), "film"), watch)
    return folder


def pictures(folder: Folder) -> np.ndarray:
    return np.stack([read_picture(folder.frame_path(k)) for k in range(folder.whole_frames())])


def jump(frames: np.ndarray, first: int, second: int) -> float:
    """How much changes from one frame to another: less than between any two that do not follow."""
    return float(np.abs(frames[first] - frames[second]).mean())


def test_a_copy_lies_where_the_camera_will_have_brought_it() -> None:
    """A spot in the copy, seen through the motions to come, ends where it is in the first frame."""
    first = torch.zeros(1, 3, 64, 96)
    ys, xs = torch.arange(64)[:, None], torch.arange(96)[None]
    first += torch.exp(-((ys - 40) ** 2 + (xs - 60) ** 2) / 30.0)
    motions = [(1.08, 6.0, (0.02, -0.01), (0.5, 0.5))] * 8 + [(1.1, -4.0, (0.0, 0.0), (0.4, 0.6))]
    ways = [source_of((64, 96), *motion) for motion in motions]
    image = returned(torch.zeros_like(first), first, placement(ways), 1.0)
    for motion in motions:
        image = view(image, *motion)
    light = image[0, 0].double()
    y, x = (light * ys).sum() / light.sum(), (light * xs).sum() / light.sum()
    assert (y.item(), x.item()) == pytest.approx((40, 60), abs=0.1)


def test_at_the_end_of_the_way_all_is_the_first_frame() -> None:
    first = torch.from_numpy(drawing(64, 96).copy()).permute(2, 0, 1)[None] / 255
    whole = returned(torch.zeros_like(first), first, placement([]), 1.0)
    torch.testing.assert_close(whole[..., 2:-2, 2:-2], first[..., 2:-2, 2:-2], atol=1e-5, rtol=0)
    begun = returned(torch.zeros_like(first), first, placement([]), 0.02)
    assert begun.max() < 0.01


@pytest.mark.parametrize("motion", [{"zoom": 2.0, "rotate": 10}, {"rotate": 20}, {"zoom": 0.6}])
def test_a_film_that_returns_goes_on_where_it_began(tmp_path: Path, motion: dict[str, Any]) -> None:
    open_, closed = (
        pictures(rendered(tmp_path / name, FILM | {"motion": motion} | more))
        for name, more in (("open", {}), ("closed", {"close": {"over": 12}}))
    )
    assert len(closed) == 24
    np.testing.assert_array_equal(open_[:13], closed[:13])
    between = max(jump(closed, k, k + 1) for k in range(12))
    assert jump(closed, 23, 0) < between
    assert jump(open_, 23, 0) > 2 * jump(closed, 23, 0)


def test_a_film_that_fades_into_its_beginning(tmp_path: Path) -> None:
    """Its frames before the first shown one are those that the last shown ones fade into."""
    tree = FILM | {"close": {"by": "crossfade", "over": 8}}
    folder, plain = rendered(tmp_path / "closed", tree), FILM | {"length": 32}
    faded, straight = pictures(folder), pictures(rendered(tmp_path / "plain", plain))
    assert len(faded) == 32
    np.testing.assert_array_equal(faded[:24], straight[:24])
    for k in range(8):
        share = (k + 1) / 9
        expected = straight[24 + k] + (straight[k] - straight[24 + k]) * share
        np.testing.assert_allclose(faded[24 + k], expected, atol=1.1 / 255)
    with folder.locked():
        [film] = make_films(folder, checked(recipe_from_tree(tree)).recipe, 32)
    shown = [frame for _, frame in read_frames(film)]
    assert len(shown) == 24
    assert np.abs(shown[0] - faded[8]).mean() < 0.02
    assert jump(faded, 31, 8) < 2 * max(jump(straight, k, k + 1) for k in range(8, 24))


@pytest.mark.parametrize("by", ["return", "crossfade"])
def test_stopped_on_its_way_back_it_goes_on_to_the_same_bytes(tmp_path: Path, by: str) -> None:
    tree = FILM | {"close": {"by": by, "over": 6}, "length": 14}
    whole = rendered(tmp_path / "whole", tree)

    class Enough(Exception):
        """Somebody pulled the plug."""

    def stop(told: Told) -> None:
        if told.done == 11:
            raise Enough

    with pytest.raises(Enough):
        rendered(tmp_path / "stopped", tree, stop)
    folder = Folder(tmp_path / "stopped")
    for k in range(3, 40):  # all after the third are lost: it is replayed from the state before
        folder.frame_path(k).unlink(missing_ok=True)
    again = rendered(tmp_path / "stopped", tree)
    for k in range(whole.whole_frames()):
        assert again.frame_path(k).read_bytes() == whole.frame_path(k).read_bytes(), k


def test_a_film_with_more_than_it_shows_returns_too(tmp_path: Path) -> None:
    Image.fromarray(drawing(64, 96)).save(tmp_path / "photo.png")
    motion = {"zoom": 1.5, "edges": "overscan", "overscan": 0.2}
    tree = FILM | {"motion": motion, "close": {"over": 12}}
    closed = pictures(rendered(tmp_path / "film", tree))
    assert jump(closed, 23, 0) < max(jump(closed, k, k + 1) for k in range(12))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"close": {"over": 24}},
            "the film's 24 leave room for 1 to 23",
        ),
        (
            {"close": {"by": "crossfade", "over": 13}},
            "close.over: takes 13 frames; the film's 24 leave room for 1 to 12",
        ),
        ({"close": {}, "length": None}, "close: a still has no end to come back from"),
        ({"close": {}, "length": "endless"}, "close: an endless film has no end"),
        ({"close": {"by": "retrun"}}, "close.by: expected 'return' or 'crossfade', not 'retrun'"),
        ({"close": {"over": 0}}, "close.over: expected 2s or a number of frames"),
        ({"close": {}, "output": {"loop": True}}, "close.by: the film goes there and back already"),
        (
            {"close": {"by": "crossfade", "over": 2}, "length": None, "scenes": [{"length": 24}]},
            "close.by: a film of scenes comes back by return",
        ),
    ],
)
def test_what_cannot_close(more: dict[str, Any], said: str) -> None:
    tree = {k: v for k, v in (FILM | more).items() if v is not None}
    with pytest.raises(RecipeError) as caught:
        checked(recipe_from_tree(tree))
    assert said in str(caught.value)


def test_scenes_come_back_to_the_first(tmp_path: Path) -> None:
    tree = {k: v for k, v in FILM.items() if k != "length"}
    scenes = [{"length": 10}, {"length": 10, "transition": 4, "target": "stage2"}]
    closed = pictures(rendered(tmp_path / "film", tree | {"scenes": scenes, "close": {"over": 8}}))
    assert len(closed) == 20
    assert math.isfinite(jump(closed, 19, 0))
    assert jump(closed, 19, 0) < max(jump(closed, k, k + 1) for k in range(10))
