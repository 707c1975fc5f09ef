"""A network trained a moment ago on three colours, measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from dreamer.errors import NetworkError
from dreamer.jobs.atlas import atlas
from dreamer.jobs.measuring import measure
from dreamer.jobs.train import train
from dreamer.networks.cards import card_at
from dreamer.networks.locate import sha256_of

FolderMaker = Callable[[Path, int], Path]
RECIPE = """
architecture: house
name: tones
photographs: {folders: [things], epsilon: 0}
stored: 40
stages: [{side: 32, steps: 60}]
batch: 16
average: 0.8
measure: 30
keep: 30
device: cpu
precision: float32
"""


@pytest.fixture(scope="module")
def card(make_folders: FolderMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_folders(tmp_path_factory.mktemp("tones"), 16)
    (root / "tones.yaml").write_text(RECIPE)
    return train(root / "tones.yaml", root / "out", root).weights.with_suffix(".json")


def test_class_pictures_look_like_their_classes(card: Path, tmp_path: Path) -> None:
    """Blue, green, red in the order of the alphabet, by both parameterisations."""
    made = atlas(str(card), tmp_path / "sheets", classes="all", side=32)
    assert [path.name for path in made.sheets] == [
        "tones-classes-pixels.jpg",
        "tones-classes-fourier.jpg",
    ]
    for way in ("pixels", "fourier"):
        tiles = sorted((tmp_path / "sheets" / "tiles" / f"classes-{way}").iterdir())
        blue, green, red = (np.asarray(Image.open(tile)).mean((0, 1)) for tile in tiles)
        for own, picture in ((0, red), (1, green), (2, blue)):
            others = [p[own] - p.mean() for p in (red, green, blue) if p is not picture]
            assert picture[own] - picture.mean() > max(others)


@pytest.mark.slow
def test_a_network_recognises_its_own_class_pictures(card: Path) -> None:
    values = measure(str(card), each=2, judge=str(card)).values
    assert values["class pictures the judge recognises"] >= 5 / 6
    assert values["… of things"] == values["class pictures the judge recognises"]
    assert values["dead channels"].startswith("0 of ")
    assert "accuracy on unseen motifs" not in values, "it knows none"
    assert values["seconds for a dream of 256 × 256 on one core"] > 0


def test_a_network_of_motifs_is_measured_on_drawings_it_never_saw(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Untaught, so that it is right about chance's part of the time; some motifs it never knew."""
    module = sys.modules["dreamer.jobs.measuring"]
    found = card_at(card)
    known = (*found.classes, "shell", "fern")
    raw = json.loads(card.read_text())
    state = safetensors.torch.load_file(found.weights.file)
    for name in ("classifier.weight", "classifier.bias"):
        state[name] = torch.cat([state[name], state[name][:2] * 0])
    safetensors.torch.save_file(state, card.with_name("more.safetensors"))
    raw |= {"name": "more", "classes": known, "groups": [*found.groups, "motifs", "motifs"]}
    raw["weights"] = {"kind": "package", "file": "more.safetensors"}
    raw["weights"]["sha256"] = sha256_of(card.with_name("more.safetensors"))
    raw["measured"]["epsilon"]["motifs"] = 0.5
    card.with_name("more.json").write_text(json.dumps(raw))
    monkeypatch.setattr(module, "_judged", lambda *_: {})
    monkeypatch.setattr(module, "_sound", lambda *_: {})
    monkeypatch.setattr(module, "_dream_seconds", lambda _: 0.0)
    values = measure(str(card.with_name("more.json")), judge=str(card)).values
    assert 0 <= values["accuracy on unseen motifs"] <= 1
    assert values["the same under PGD-10, L2 0.5 at 32 px"] <= values["accuracy on unseen motifs"]


def test_a_card_names_weights_beside_it_and_nothing_else_is_a_card(
    card: Path, tmp_path: Path
) -> None:
    assert Path(card_at(card).weights.file) == card.with_suffix(".safetensors")
    (tmp_path / "no.json").write_text("{}")
    with pytest.raises(NetworkError, match=r"no\.json is no network's card"):
        card_at(tmp_path / "no.json")
    with pytest.raises(NetworkError, match="is no network's card"):
        card_at(tmp_path / "missing.json")
