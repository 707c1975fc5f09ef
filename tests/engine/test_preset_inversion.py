"""`preset: inversion` against Mahendran and Vedaldi's normalised loss, written again with torch's
own Adam; and what it gives back of a photograph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from whole_climbs import SEED, Tiny, card_of, climbed, features, lucid_picture, optimised, planned

from dreamer.draw.motifs.scene import scene
from dreamer.dreaming.randomness import integers, normals
from dreamer.engine import execution
from dreamer.engine.build import build, next_state
from dreamer.engine.preparing import checked
from dreamer.recipe.parse import recipe_from_tree

HALF, MIDDLE = 2.0, 0.2
HEIGHT, WIDTH = 36, 44
SOURCE = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))


def tree(steps: int, reference: str = "source", **ascent: Any) -> dict[str, Any]:
    return {
        "target": {"layer": "relu2", "reference": reference},
        "ascent": {"preset": "inversion", "steps": steps, **ascent},
    }


def variation(picture: Tensor) -> Tensor:
    """The mean length of the picture's slope, β = 1 in the paper's words."""
    down = F.pad(picture.diff(dim=2), (0, 0, 0, 1))
    across = F.pad(picture.diff(dim=3), (0, 1))
    return ((down**2 + across**2 + 1e-6).sqrt() - 1e-3).mean()


def inverted(module: Tiny, source: Tensor, steps: int) -> Tensor:
    """argmin ‖Φ(x) − Φ₀‖² / ‖Φ₀‖² + 0.1 · V(x), both pictures rolled alike in each step."""
    waves = 0.01 * normals((1, 3, HEIGHT, WIDTH // 2 + 1, 2), SEED, "fourier").double()
    waves.requires_grad_()

    def loss(step: int) -> Tensor:
        shift = integers(2, -4, 4, SEED, 0, 0, step)
        picture = lucid_picture(waves, HEIGHT, WIDTH)
        seen, wanted = (
            features(module, torch.roll(p, shift, (2, 3)), HALF, MIDDLE)["relu2"]
            for p in (picture, source.double())
        )
        away = (seen - wanted).square().sum() / wanted.square().sum()
        return away + 0.1 * variation(picture)

    found = optimised(waves, torch.optim.Adam([waves], lr=0.05), loss, steps)
    return lucid_picture(found, HEIGHT, WIDTH)


@pytest.fixture
def tiny() -> Tiny:
    return Tiny(3)


def test_the_plan_has_the_presets_numbers(tiny: Tiny) -> None:
    target = {"layer": "relu2", "reference": "source"}
    words = {"network": "tiny", "size": 96, "target": target, "ascent": {"preset": "inversion"}}
    plan = planned(words, card_of(tiny, HALF, MIDDLE))
    frame = plan.at(0)
    (octave,) = frame.octaves
    assert (octave.size, octave.steps) == ((96, 96), 512)
    assert (octave.step, octave.step_end, octave.jitter, octave.blur) == (0.05, 0.05, 4, 0)
    assert (frame.variation, frame.l1, frame.l2, frame.falloff) == (0.1, 0, 0, 0)
    ascent = plan.ascent
    assert (ascent.parameterisation, ascent.begin) == ("fourier", "noise")
    assert (ascent.optimiser, ascent.normalize, ascent.redirect) == ("adam", "none", 0)
    assert ascent.transforms == ()
    assert plan.targets[0].objective == "inversion"


@pytest.mark.parametrize("reference", ["source", "frame", "file"])
def test_twenty_steps_are_the_papers_loss(tiny: Tiny, reference: str, tmp_path: Path) -> None:
    """Whatever the picture is called: in a first frame `frame` is the source."""
    source = (SOURCE * 255).round() / 255
    if reference == "file":
        pixels = (source[0] * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(tmp_path / "wanted.png")
        reference, shown = str(tmp_path / "wanted.png"), torch.zeros_like(source)
    else:
        shown = source
    found = climbed(tree(20, reference), card_of(tiny, HALF, MIDDLE), shown)
    expected = inverted(tiny, source, 20)
    assert (expected - inverted(tiny, source, 0)).abs().max() > 0.15
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-5)


def correlation(one: Tensor, other: Tensor) -> float:
    return float(np.corrcoef(one.mean(1).flatten(), other.mean(1).flatten())[0, 1])


@torch.no_grad()
def test_an_early_layer_of_house_gives_a_picture_back_and_the_last_does_not() -> None:
    source = scene("owl", 1, (64, 64), torch.Generator().manual_seed(1), calm=True)
    kept = []
    for layer in ("inception_3b", "inception_5b"):
        words = {"layer": layer, "reference": "source"}
        ascent = {"preset": "inversion", "steps": 60}
        recipe = {"size": 64, "target": words, "ascent": ascent, "classify": "off"}
        ready = checked(recipe_from_tree(recipe))
        decided = execution.decide("cpu", "float32")
        dream = build(ready.plan, ready.gathered.cards, SEED, decided, source)
        kept.append(correlation(next_state(dream, ready.plan.at(0), None, source).image, source))
    assert kept[0] > 0.7 > 0.4 > kept[1]
