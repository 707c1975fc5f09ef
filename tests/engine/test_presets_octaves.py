"""deepdream-2015 and deepdream-guided are google/deepdream's notebook: its published numbers, and
its loop, written again in its own units.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from caffe_units import (
    CLOSE,
    SEED,
    Array,
    backward,
    clipped,
    dreamt,
    forward,
    from_caffe,
    photo,
    planned,
    to_caffe,
)
from PIL import Image

from dreamer.dreaming import randomness

Objective = Callable[[torch.Tensor], torch.Tensor]


@pytest.mark.parametrize("preset", ["deepdream-2015", "deepdream-guided"])
def test_the_numbers_are_the_notebooks(preset: str) -> None:
    objective = {"reference": "source"} if preset == "deepdream-guided" else {}
    plan = planned({"preset": preset}, {"layer": "relu", **objective}, (480, 640))
    frame, words = plan.at(0), plan.ascent
    assert frame.sizes == ((175, 233), (245, 326), (343, 457), (480, 640)), "4 octaves of 1.4"
    assert {(o.steps, o.step, o.step_end, o.jitter, o.blur) for o in frame.octaves} == {
        (10, 1.5, 1.5, 32, 0)
    }
    assert (words.normalize, words.highlights, words.optimiser) == ("mean_abs", "clip", "plain")
    assert (words.begin, words.carry, words.resize) == ("frame", "detail", "bilinear")
    assert (words.color, words.transforms, words.window, words.redirect) == ("rgb", (), None, 0)
    assert (frame.falloff, frame.variation, frame.l1, frame.l2, frame.hold) == (0,) * 5
    assert len(frame.octaves) == 4, "one pass"
    asked = "guide" if preset == "deepdream-guided" else "energy"
    assert [target.objective for target in plan.targets] == [asked]


def zoomed(data: Array, size: tuple[int, int]) -> Array:
    """`scipy.ndimage.zoom(order=1)`: linear between pixels, corners on corners."""
    for axis, wanted in ((1, size[0]), (2, size[1])):
        places = np.linspace(0, data.shape[axis] - 1, wanted)
        low = np.minimum(np.floor(places).astype(int), data.shape[axis] - 2)
        part = (places - low).reshape((-1, 1) if axis == 1 else (1, -1))
        data = np.take(data, low, axis) * (1 - part) + np.take(data, low + 1, axis) * part
    return data


def notebook(picture: Array, layer: str, objective: Objective, steps: int) -> Array:
    """The notebook's `deepdream` and `make_step`, with the shifts that a recipe draws."""
    bases = [to_caffe(picture)]
    for _ in range(3):
        height, width = bases[-1].shape[1:]
        bases.append(zoomed(bases[-1], (round(height / 1.4), round(width / 1.4))))
    detail = np.zeros_like(bases[-1])
    for octave, base in enumerate(bases[::-1]):
        if octave > 0:
            detail = zoomed(detail, base.shape[1:])
        data = base + detail
        for step in range(steps):
            oy, ox = randomness.integers(2, -32, 32, SEED, 0, octave, step)
            data = np.roll(np.roll(data, ox, -1), oy, -2)
            g = backward(layer, data, objective)
            data = data + 1.5 / np.abs(g).mean() * g
            data = clipped(np.roll(np.roll(data, -ox, -1), -oy, -2))
        detail = data - base
    return from_caffe(data)


@pytest.mark.parametrize(
    ("layer", "theirs"), [("relu", "relu"), ("relu:pre", "conv"), ("conv", "conv")]
)
def test_four_octaves_of_deepdream_are_the_notebooks(layer: str, theirs: str) -> None:
    picture = photo(66, 90)
    wanted = notebook(picture, theirs, lambda activation: activation, 3)
    assert np.abs(wanted - picture).mean() > 4
    found = dreamt({"preset": "deepdream-2015", "steps": 3}, {"layer": layer}, picture)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)


def test_all_forty_steps_of_deepdream_are_the_notebooks() -> None:
    picture = photo(66, 90)
    wanted = notebook(picture, "relu", lambda activation: activation, 10)
    found = dreamt({"preset": "deepdream-2015"}, {"layer": "relu"}, picture)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)


def test_a_guided_dream_takes_the_guides_best_columns(tmp_path: Path) -> None:
    picture, guide = photo(66, 90), photo(41, 33)[::-1].copy()
    Image.fromarray(np.uint8(guide.transpose(1, 2, 0))).save(tmp_path / "guide.png")
    seen = torch.from_numpy(np.ascontiguousarray(to_caffe(guide)))[None]
    columns = forward("relu", seen)[0].flatten(1)  # at the guide's own size
    gaps: list[float] = []

    def matched(activation: torch.Tensor) -> torch.Tensor:
        products = activation[0].flatten(1).T @ columns
        best, second = products.topk(2, 1).values.T
        gaps.append(float(((best - second) / best).min()))
        return columns[:, products.argmax(1)].view_as(activation)

    wanted = notebook(picture, "relu", matched, 2)
    assert min(gaps) > 1e-6, "no rounding may choose another column"
    target = {"layer": "relu", "reference": str(tmp_path / "guide.png")}
    found = dreamt({"preset": "deepdream-guided", "steps": 2}, target, picture)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)
    alone = dreamt({"preset": "deepdream-2015", "steps": 2}, {"layer": "relu"}, picture)
    assert np.abs(found - alone).mean() > 1
