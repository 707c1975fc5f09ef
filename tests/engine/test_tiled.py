"""Pictures that are dreamt tile by tile, beside the same seen whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dreams import FP32, drawing, dreamt, saved

from dreamer.dreaming import bands
from dreamer.engine import tile_size, tiled
from dreamer.engine.execution import decide, execution_from
from dreamer.engine.folder import Folder
from dreamer.engine.preparing import checked, prepare
from dreamer.engine.tile_size import decided, memory_of
from dreamer.errors import NetworkError, RecipeError
from dreamer.recipe.parse import recipe_from_text, recipe_from_tree

SIZE = (230, 190)
SMALL = replace(FP32, tile=150)
STEPS = {"octaves": 2, "scale": 1.3, "steps": 2, "jitter": 12}
GOOGLENET = {"architecture": "googlenet", "weights": "random"}
TREES: dict[str, dict[str, Any]] = {
    "house": {"target": "inception_3b"},
    "energy": {"target": "inception_3b", "ascent": {"preset": "deepdream-2015"}},
    "several": {
        "target": [
            {"layer": "conv2", "objective": "variation", "weight": -0.01},
            {"layer": "inception_3a", "channels": [3, 9], "objective": "mean"},
            {"layer": "stage3b", "network": "judge", "objective": "mean_square"},
        ]
    },
    "difference": {
        "target": {
            "layer": "inception_3a",
            "objective": "difference",
            "other": {"layer": "inception_3a:pre"},
        }
    },
    "guide": {"target": {"layer": "inception_3a", "objective": "guide", "reference": "other.png"}},
    "mask": {
        "target": {"layer": "inception_3b", "mask": "mask.png"},
        "inpaint": {"mask": "mask.png"},
    },
    "paid": {"target": "inception_3a", "ascent": {"variation": 0.5, "l2": 0.2}},
    "blurred": {"target": "inception_3a", "ascent": {"blur": 0.7}},
    "momentum": {"target": "inception_3a", "ascent": {"optimiser": "momentum"}},
    "fourier": {
        "target": "inception_3a",
        "ascent": {
            "preset": "deepdream-2015",
            "parameterisation": "fourier",
            "optimiser": "adam",
            "step": 0.05,
            "normalize": "none",
        },
    },
    "transforms": {"target": "inception_3a", "ascent": {"transforms": [{"pad": 6}, {"crop": 4}]}},
    "samples": {"target": "inception_3a", "samples": 2},
    "turned masks": {
        "target": {"layer": "inception_3a", "mask": "mask.png"},
        "samples": 2,
        "ascent": {"transforms": [{"rotate": 5}]},
    },
    "googlenet": {
        "target": "inception_3b",
        "network": GOOGLENET,
        "ascent": {"preset": "deepdream-2015"},
    },
}


def pictures(folder: Path) -> None:
    saved(folder / "source.png", drawing(SIZE[1], SIZE[0], 4))
    saved(folder / "other.png", drawing(60, 60, 5))
    mask = np.zeros((SIZE[1], SIZE[0]))
    mask[20:120, 40:200] = 255
    saved(folder / "mask.png", mask)


def levels(tree: dict[str, Any], folder: Path, **kwargs: Any) -> torch.Tensor:
    pictures(folder)
    ascent = STEPS | tree.get("ascent", {})
    whole = {"size": list(SIZE), "source": {"image": "source.png"}} | tree | {"ascent": ascent}
    return 255 * dreamt(whole, folder, **kwargs).image


@pytest.mark.parametrize("name", TREES)
def test_tiles_leave_nothing_to_be_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where tiles overlap as far as networks see, they differ from the whole by rounding."""
    monkeypatch.setattr(tiled, "PART", 1.0)
    whole = levels(TREES[name], tmp_path)
    monkeypatch.setattr(bands, "VALUES", 20_000)
    cut = levels(TREES[name], tmp_path, execution=SMALL)
    assert (whole - levels({"ascent": {"steps": 0}}, tmp_path)).abs().mean() > 0.3
    difference = (cut - whole).abs().flatten()
    assert difference.mean() < 0.02
    # where something is chosen or folded (guides, |a|), rounding may choose the other of two
    assert difference.quantile(0.99) < 0.06
    assert difference.max() < 2


def test_the_overlap_that_is_used_leaves_next_to_nothing(tmp_path: Path) -> None:
    """Four steps of two levels differ by a twentieth of one, and by less than one anywhere."""
    tree = {"target": "inception_4a"}
    whole, cut = (levels(tree, tmp_path, execution=e) for e in (FP32, replace(FP32, tile=208)))
    difference = (cut - whole).abs()
    assert 0 < difference.mean() < 0.05
    assert difference.max() < 0.6


def test_the_smallest_tile_has_room_for_the_deepest_classes(tmp_path: Path) -> None:
    """Their overlap would leave no cell; so it is less."""
    tree = {"target": {"class": "daisy"}, "ascent": {"octaves": 1, "steps": 1}, "size": [400, 64]}
    network = {"architecture": "torchvision:resnet18", "weights": "random"}
    deep = {"target": {"class": 3}, "network": network}
    for words in (tree, tree | deep):
        assert levels(words, tmp_path, execution=replace(FP32, tile=384)).isfinite().all()


def test_tiles_make_the_same_bytes_every_time(tmp_path: Path) -> None:
    one, two = (levels(TREES["house"], tmp_path, execution=SMALL) for _ in range(2))
    assert torch.equal(one, two)


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        ({"target": {"layer": "conv2", "objective": "norm"}}, "objective: norm"),
        (
            {"target": {"layer": "conv2", "objective": "style", "reference": "source"}},
            "objective: style",
        ),
        ({"target": {"layer": "conv2", "objective": "neuron"}}, "objective: neuron"),
        ({"target": {"class": "daisy", "objective": "probability"}}, "objective: probability"),
        (
            {
                "target": {
                    "layer": "conv2",
                    "objective": "cosine",
                    "reference": "source",
                    "place": [0.5, 0.5],
                }
            },
            "place",
        ),
        ({"target": "conv2", "ascent": {"redirect": 3}}, "ascent.redirect: 3"),
        ({"target": "conv2", "seamless": True}, "seamless"),
        ({"target": "conv2", "ascent": {"transforms": [{"crops": {}}]}}, "crops"),
    ],
)
def test_what_is_asked_of_the_whole_picture_refuses_tiles_by_name(
    tree: dict[str, Any], why: str
) -> None:
    recipe = recipe_from_tree({"size": 800, "tiles": 512} | tree)
    with pytest.raises(RecipeError, match=f"tiles: .*the whole picture is asked for .*{why}"):
        checked(recipe)
    assert checked(recipe_from_tree({"size": 800} | tree)).plan.tiles is None


@pytest.mark.parametrize(
    ("network", "target", "why"),
    [
        ("torchvision:inception_v3", "logits", "whose places look 1124 pixels far"),
        ("torchvision:alexnet", "logits", "which sees crops"),
        ("torchvision:mobilenet_v3_large", "features.10", "is not known to look at a part"),
    ],
)
def test_networks_that_see_further_than_a_tile_are_refused_before_there_is_a_folder(
    network: str, target: str, why: str, tmp_path: Path
) -> None:
    named = {"architecture": network, "weights": "random"}
    wanted: Any = {"class": 3} if target == "logits" else target
    tree = {"size": 800, "tiles": 512, "network": named, "target": wanted}
    ready = checked(recipe_from_tree(tree))
    with pytest.raises(NetworkError, match=f"tiles: there are none where .* {why}"):
        prepare(Folder(tmp_path / "none"), ready)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("said", ["100", "sometimes", "500.5", "yes", "true", "1e3"])
def test_tiles_that_are_none(said: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"x\.yaml:2: tiles: expected auto, off, or a tile"):
        recipe_from_text(f"size: 800\ntiles: {said}\n", tmp_path, "x.yaml")


def test_pictures_are_cut_where_they_would_take_too_much(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def tile(size: int, **words: Any) -> int:
        return decided(
            checked(recipe_from_tree({"size": size, "precision": "float32"} | words))
        ).tile

    monkeypatch.setattr(tile_size, "memory_of", lambda device: 64 * 2**30)
    assert [tile(size) for size in (900, 1500, 5000)] == [0, 0, tile(8000)]
    assert 768 <= tile(5000) <= 1216
    assert tile(5000, tiles="off") == 0
    assert tile(700, tiles=512) == 512
    monkeypatch.setattr(tile_size, "memory_of", lambda device: 4 * 2**30)
    assert tile(1500) < tile(5000, precision="bfloat16") < 768
    assert not caplog.messages
    style = {"layer": "conv2", "objective": "style", "reference": "source"}
    assert tile(5000, target=style) == 0
    assert "the whole picture is asked for objective: style: it cannot be cut" in caplog.text


def test_a_machine_has_some_memory() -> None:
    assert 2**28 < memory_of("cpu") < 2**50


def test_an_execution_says_its_tiles_where_it_has_any() -> None:
    execution = decide("cpu")
    assert "tile" not in execution.as_json()
    cut = replace(execution, tile=768)
    assert cut.as_json()["tile"] == 768
    assert execution_from(cut.as_json()) == cut
