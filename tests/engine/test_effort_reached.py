"""Half the effort: as far from the source, and nearly as far up, as docs/effort.md promises."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dreams import FP32, Dreamt, dreamt
from torch import Tensor

from dreamer.dreaming.objectives import Tap
from dreamer.engine.perceive import perceiver

WORDS = {
    "size": [128, 96],
    "source": {"noise": "plasma"},
    "target": {"layer": "inception_3b", "objective": "energy"},
}


def climbed(folder: Path, **ascent: object) -> Dreamt:
    return dreamt(WORDS | {"ascent": ascent}, folder)


def energy(found: Dreamt, image: Tensor) -> float:
    """½Σa², as the notebook has it, written out again."""
    tap = Tap("house", "inception_3b")
    with torch.no_grad():
        seen = perceiver(found.ready.gathered.cards, [tap], FP32)(image)
    return float(seen[tap].double().square().sum() / 2)


def change(found: Dreamt) -> float:
    return 255 * float((found.image - found.source).square().mean().sqrt())


def test_effort_1_leaves_every_bit(tmp_path: Path) -> None:
    said, unsaid = (climbed(tmp_path, octaves=2, steps=2, **e) for e in ({"effort": 1}, {}))
    assert torch.equal(said.image, unsaid.image)


@pytest.mark.parametrize("preset", ["house", "deepdream-2015"])
def test_half_the_effort_reaches_nearly_as_much_by_as_large_a_change(
    tmp_path: Path, preset: str
) -> None:
    words = {"preset": preset, "octaves": 2, "jitter": 8, "step": 1.5}
    whole = climbed(tmp_path, **words, steps=12)
    half = climbed(tmp_path, **words, steps=12, effort=0.5)
    fewer = climbed(tmp_path, **words, steps=6)
    floor = energy(whole, whole.source)
    reached, without = (
        (energy(one, one.image) - floor) / (energy(whole, whole.image) - floor)
        for one in (half, fewer)
    )
    assert change(half) == pytest.approx(change(whole), rel=0.06)
    assert 0.93 < reached < 1.1
    assert without < 0.6
    assert change(fewer) < 0.7 * change(whole)
