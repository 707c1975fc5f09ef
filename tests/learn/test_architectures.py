"""Whatever learns ends as files that are a network: loaded again, it classifies and dreams."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import dreamer
from dreamer.engine.lookup import card_of, ref_of
from dreamer.jobs.filters import filters
from dreamer.jobs.train import train
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.trace import LOGITS
from dreamer.networks.weights import load_module

CLASSES = ("blue", "green", "red")
PICTURE = np.random.default_rng(0).random((48, 48, 3), np.float32)


@pytest.mark.parametrize(
    ("architecture", "side", "layer"),
    [
        ("alexnet-bn", 32, "conv5"),
        ("alexnet-lean", 40, "conv5"),
        ("keras-mnist", 28, "conv2"),
        ("vgg:8,8,M,16,M/bn,fc24@32", 32, "conv2_1"),
    ],
)
def test_a_released_network_loads_again_and_dreams(
    architecture: str, side: int, layer: str, data: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "tones.yaml"
    recipe.write_text(
        f"architecture: {architecture}\nlicence: CC0\nphotographs: {{folders: [things]}}\n"
        f"stored: 48\nstages: [{{side: {side}, steps: 2}}]\nbatch: 4\ndevice: cpu\n"
        "precision: float32\naverage: 0\n"
    )
    ended = train(recipe, tmp_path / "out", data)
    path = ended.weights.with_suffix(".json")
    card = card_of(ref_of(str(path)))
    assert (card.architecture, card.native, card.classes) == (architecture, side, CLASSES)
    assert (card.default_layer, card.layers[-1].name) == (layer, LOGITS)
    assert card.crops == (architecture != "alexnet-lean")
    assert card.smallest <= side
    batch = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    module = load_module(card)
    trained = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)["average"]
    twin = ARCHITECTURES[architecture].build(3).eval()
    twin.load_state_dict({k.removeprefix("net."): v for k, v in trained.items()})
    with torch.no_grad():
        torch.testing.assert_close(module(batch), twin(batch), rtol=0.05, atol=0.05)  # as half
    for target in (layer, [{"class": "red"}]):
        dreamt = dreamer.dream(PICTURE, network=str(path), target=target, steps=1)
        assert np.abs(dreamt - PICTURE).max() > 1 / 255, "more than saving would change"
    scores = dreamer.classify(PICTURE, str(path), top=3)
    assert sum(p for _, p in scores) == pytest.approx(1, abs=1e-4)
    shown = filters(str(path), tmp_path / "filters.png").as_json()
    assert shown["filters"] == json.loads(path.read_text())["layers"][0][1]
