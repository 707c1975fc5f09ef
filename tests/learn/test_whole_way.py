"""The whole way: a folder of photographs → a retrained network → a recipe that targets one of its
classes → a picture in which a network of another architecture, from another training, sees it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import dreamer
from dreamer.jobs.retrain import retrain
from dreamer.media.pictures import read_picture

FLOWERS = Path(__file__).parents[3] / "shared" / "data" / "flowers"
EACH = 120
RECIPE = """
title: Bloom
seed: 4
source: {{noise: plasma}}
size: [160, 160]
network: {card}
target: {{class: {name}}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FLOWERS.is_dir(), reason="needs photographs of flowers"),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """House, retrained on a part of the flowers; its card."""
    folder = tmp_path_factory.mktemp("whole-way")
    for own in sorted(FLOWERS.iterdir()):
        (folder / "flowers" / own.name).mkdir(parents=True)
        for path in sorted(own.iterdir())[:EACH]:
            shutil.copy(path, folder / "flowers" / own.name)
    ended = retrain(
        folder / "flowers",
        out=folder / "out",
        overrides=["seed=1", "device=cpu", "unfreeze=[{depth: 0.2, epochs: 2, rate: 2.0e-4}]"],
    )
    assert ended.report["test_accuracy"] > 0.6, "five classes, by chance 0.2"
    return ended.weights.with_suffix(".json")


@pytest.mark.parametrize("name", ["tulips", "sunflowers", "dandelion"])
def test_what_was_learnt_is_dreamt_and_recognised(network: Path, tmp_path: Path, name: str) -> None:
    recipe = tmp_path / "bloom.yaml"
    recipe.write_text(RECIPE.format(card=network, name=name))
    dreamer.render(recipe, out=tmp_path / "bloom")
    picture = read_picture(tmp_path / "bloom" / "bloom.png")
    flowers = sorted(path.name for path in FLOWERS.iterdir())
    seen = dict(dreamer.classify(picture, network="judge", top=185))
    assert max(flowers, key=seen.__getitem__) == name
    ranks = sorted(seen, key=seen.__getitem__, reverse=True)
    assert ranks.index(name) < 5, f"of {len(ranks)} classes, most of which are no flowers"
