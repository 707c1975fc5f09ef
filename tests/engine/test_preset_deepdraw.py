"""deepdraw is auduno/deepdraw: its published numbers, and its loop in its own units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from caffe_units import (
    CLOSE,
    NATIVE,
    SEED,
    Array,
    backward,
    clipped,
    dreamt,
    from_caffe,
    photo,
    to_caffe,
)

from dreamer.dreaming import randomness
from dreamer.engine.facts import gather
from dreamer.recipe.parse import parse_recipe, recipe_from_tree
from dreamer.recipe.plan import OctavePlan
from dreamer.recipe.planning import plan
from dreamer.recipe.presets import PRESETS

RECIPES = Path(__file__).parents[2] / "recipes"
WANTED = 3  # a class
Row = dict[str, Any]
SHORT: list[Row] = [  # the coherent variant, cut to few steps
    {"layer": "fc", "steps": 4, "sigma": (2.5, 0.78), "step": (11.0, 11.0)},
    {"layer": "fc", "steps": 6, "sigma": (0.936, 0.40), "step": (6.0, 3.0), "scale": 1.2},
]


def test_the_numbers_are_the_coherent_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    # A network may be absent on this machine: its card says all that a plan needs.
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    tree = {"network": "bvlc-googlenet", "size": 269, "target": {"class": 13}}
    recipe = recipe_from_tree(tree | {"ascent": {"preset": "deepdraw"}, "classify": "off"})
    found = plan(recipe, gather(recipe).facts)
    frame, words = found.at(0), found.ascent
    assert frame.octaves == (
        OctavePlan((224, 224), 190, 11, 11, 2.5, 0.78, 0),
        OctavePlan((269, 269), 450, 6, 3, 0.936, 0.40, 0),
    )
    assert (words.window, words.begin, words.normalize) == (224, "noise", "mean_abs")
    assert (words.highlights, words.optimiser, words.color) == ("clip", "plain", "rgb")
    assert (words.resize, words.transforms, words.redirect) == ("bicubic", (), 0)
    assert [t.objective for t in found.targets] == ["class_logit"]


def blurred(data: Array, sigma: float) -> Array:
    """`scipy.ndimage.gaussian_filter`: `reflect` (the edge twice), cut after four deviations."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    for axis in (1, 2):
        wide = np.pad(data, [(radius,) * 2 if a == axis else (0, 0) for a in range(3)], "symmetric")
        views = np.lib.stride_tricks.sliding_window_view(wide, len(weights), axis)
        data = views @ (weights / weights.sum())
    return data


def enlarged(data: Array, side: int) -> Array:
    """Cubic, by torch's kernel: the notebook's `zoom` is a cubic spline, which is another one."""
    whole = torch.from_numpy(data)[None]
    size = (side, side)
    return F.interpolate(whole, size=size, mode="bicubic", antialias=True)[0].numpy()


def deepdraw(base: Array, rows: list[Row]) -> Array:
    """The notebook's `deepdraw` and `make_step`, with the crops that a recipe draws."""
    image = to_caffe(base)

    def one_hot(activation: torch.Tensor) -> torch.Tensor:
        wanted = torch.zeros_like(activation)
        wanted[:, WANTED] = 1  # everywhere, where the head is a map
        return wanted

    for octave, row in enumerate(rows):
        if "scale" in row:
            image = enlarged(image, round(image.shape[1] * row["scale"]))
        room = image.shape[1] - NATIVE
        for i in range(row["steps"]):
            down = across = 0
            if room > 0:
                chances = randomness.gaussians(2, SEED, 0, octave, i, "window")
                places = [room / 2 + 0.3 * room * chance for chance in chances]
                down, across = (int(np.clip(place, 0, room)) for place in places)
            window = image[:, down : down + NATIVE, across : across + NATIVE]
            sigma, step = (a + (b - a) * i / row["steps"] for a, b in (row["sigma"], row["step"]))
            g = backward(row["layer"], window, one_hot)
            window = blurred(clipped(window + step / np.abs(g).mean() * g), sigma)
            image = image.copy()
            image[:, down : down + NATIVE, across : across + NATIVE] = window
    return from_caffe(image)


def shortened() -> dict[str, Any]:
    """The preset, its octaves as long as those of `SHORT`."""
    listed: Any = PRESETS["deepdraw"]["octaves"]
    rows = [octave | {"steps": row["steps"]} for octave, row in zip(listed, SHORT, strict=True)]
    return {"preset": "deepdraw", "octaves": rows}


def near_white(side: int) -> Array:
    """N(200, 8) on every value."""
    drawn = randomness.normals((1, 3, side, side), SEED, "near white")
    return (200 + 8 * drawn[0].double()).numpy()


def test_two_octaves_with_crops_are_the_notebooks() -> None:
    side = round(NATIVE * 1.2)
    wanted = deepdraw(near_white(NATIVE), SHORT)
    assert wanted.shape == (3, side, side)
    assert np.abs(wanted - 200).mean() > 10
    found = dreamt(shortened(), {"class": WANTED}, photo(side, side))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)


def test_every_octave_may_have_a_head_of_its_own() -> None:
    """As in the published table: the last head first, then one of the middle, at one size too."""
    rows = [SHORT[0], {**SHORT[1], "layer": "early"}, {**SHORT[1], "layer": "early", "scale": 1.0}]
    side = round(NATIVE * 1.2)
    wanted = deepdraw(near_white(NATIVE), rows)
    ascent = shortened()
    ascent["octaves"] = [*ascent["octaves"], {**ascent["octaves"][1], "scale": 1}]
    early = {"layer": "early", "channels": [WANTED], "objective": "mean", "octaves": [1, 2]}
    found = dreamt(ascent, [{"class": WANTED, "octaves": [0]}, early], photo(side, side))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=CLOSE)
    alone = dreamt(ascent, {"class": WANTED}, photo(side, side))
    assert np.abs(found - alone).mean() > 1


def test_the_recipe_with_three_heads_has_the_published_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    recipe = parse_recipe(RECIPES / "deepdraw-googlenet.yaml")
    found = plan(recipe, gather(recipe).facts)
    frame = found.at(0)
    assert frame.octaves == (
        OctavePlan((224, 224), 190, 11, 11, 2.5, 0.78, 0),
        OctavePlan((269, 269), 150, 6, 6, 0.936, 0.78, 0),
        OctavePlan((323, 323), 150, 6, 3, 0.936, 0.44, 0),
        OctavePlan((323, 323), 10, 3, 3, 0.44, 0.304, 0),
    )
    asked = [(t.class_index or t.channels, t.name, t.octaves) for t in found.targets]
    assert asked[0] == (304, found.targets[0].class_name, (0, 1))
    assert asked[1:] == [
        ((304,), "loss2/classifier", (2,)),
        ((304,), "loss1/classifier", (3,)),
    ]
    assert (found.ascent.window, found.ascent.begin) == (224, "noise")
