"""`preset: maco` against the authors' loop (Fel et al. 2023, serre-lab/Horama), written again from
its published numbers with torch's own NAdam and a resampling of its own.

Two things are not the authors': magnitudes are those that the package brings, and a crop is
resampled by triangles where theirs takes four points of each bin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor
from whole_climbs import SEED, Tiny, card_of, climbed, features, optimised, planned, shown, state_of

import dreamer
from dreamer.dreaming.randomness import fractions, gaussians, integers, normals

HALF, MIDDLE = 2.5, 0.0  # the authors' pictures lie in (−2.5, 2.5)
NATIVE, CROPS, CHANNEL = 32, 6, 1
FILE = Path(dreamer.__file__).parent / "data" / "natural_spectrum.safetensors"


def tree(steps: int, **ascent: Any) -> dict[str, Any]:
    return {
        "target": {"layer": "three", "channels": [CHANNEL]},
        "ascent": {"preset": "maco", "steps": steps, **ascent},
    }


def magnitudes(height: int, width: int) -> Tensor:
    """The package's table, which is over 1/f, read between its steps at every frequency."""
    table = load_file(FILE)["whitened"].astype(np.float64)
    steps = np.linspace(0, 0.5, table.shape[1])
    fy, fx = np.abs(np.fft.fftfreq(height)), np.fft.rfftfreq(width)
    rows = np.apply_along_axis(lambda line: np.interp(fy, steps, line), 1, table)
    both = np.apply_along_axis(lambda line: np.interp(fx, steps, line), 2, rows)
    cycles = np.maximum(np.hypot(fy[:, None], fx[None]), 1 / max(height, width))
    return torch.from_numpy(both / cycles)


def standardised(x: Tensor) -> Tensor:
    return (x - x.mean()) / (x.std() + 1e-4)


def picture(phases: Tensor, amplitudes: Tensor, width: int) -> Tensor:
    """The authors' `maco_preconditioner`, in [0, 1]."""
    turns = standardised(phases)
    spectrum = torch.complex(turns.cos() * amplitudes, turns.sin() * amplitudes)
    plane = torch.fft.irfft2(spectrum, (phases.shape[2], width))
    return shown(standardised(plane))


def line(count: int, low: float, high: float) -> Tensor:
    """The weights of `count` pixels in each of `NATIVE` between `low` and `high`."""
    pace = (high - low) / NATIVE
    wide = max(1.0, pace)
    weights = torch.zeros(NATIVE, count, dtype=torch.float64)
    for k in range(NATIVE):
        for n in range(count):
            away = abs(low + (k + 0.5) * pace - (n + 0.5))
            weights[k, n] = max(0.0, 1 - away / wide)
    return weights / weights.sum(1, keepdim=True)


def crops(image: Tensor, step: int) -> Tensor:
    """The authors' boxes and their noise, with the numbers that dreamer draws for this step."""
    where = (SEED, 0, 0, step, "transform")
    height, width = image.shape[2:]
    seen = []
    for k in range(CROPS):
        (size,) = fractions(1, *where, 0, k, "size")
        extent = 0.25 + 0.05 * size
        middles = (0.5 + 0.15 * shift for shift in gaussians(2, *where, 0, k))
        inside = [min(max(m, extent / 2), 1 - extent / 2) for m in middles]
        half = extent * min(height, width) / 2
        down, across = (m * n for m, n in zip(inside, (height, width), strict=True))
        rows = line(height, down - half, down + half)
        columns = line(width, across - half, across + half)
        seen.append(rows @ image[0] @ columns.T)
    found = torch.stack(seen)
    (number,) = integers(1, 0, 2**53 - 1, *where, 1)
    first, second = (torch.Generator().manual_seed(number + k) for k in (0, 1))
    normal = torch.empty(found.shape).normal_(generator=first).double()
    even = torch.empty(found.shape).uniform_(-0.5, 0.5, generator=second).double()
    return found + (0.05 * normal + 0.05 * even) / 5  # in a range that is 5 wide


def maco(
    module: Tiny, size: tuple[int, int], steps: int, rate: float = 1.0
) -> tuple[Tensor, Tensor]:
    """The picture, and Σ |∂ loss / ∂ picture|."""
    height, width = size
    amplitudes = magnitudes(height, width)
    phases = normals((1, 3, height, width // 2 + 1), SEED, "maco").double().requires_grad_()
    attributed = torch.zeros(1, 3, height, width, dtype=torch.float64)

    def note(slope: Tensor) -> None:
        attributed.add_(slope.abs())

    def loss(step: int) -> Tensor:
        image = picture(phases, amplitudes, width)
        image.register_hook(note)
        seen = features(module, crops(image, step), HALF, MIDDLE)["three"]
        return -seen[:, CHANNEL].mean()

    optimiser = torch.optim.NAdam([phases], lr=rate)
    found = optimised(phases, optimiser, loss, steps)
    return picture(found, amplitudes, width), attributed


@pytest.fixture
def tiny() -> Tiny:
    return Tiny(2)


def test_the_plan_has_macos_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    # A plan needs no weights.
    monkeypatch.setattr("dreamer.engine.lookup.missing", lambda card: "")
    plan = planned({"network": "googlenet", "size": 1280, "ascent": {"preset": "maco"}})
    frame = plan.at(0)
    (octave,) = frame.octaves
    assert (octave.size, octave.steps, octave.step, octave.step_end) == ((1280,) * 2, 1000, 1, 1)
    assert (octave.jitter, octave.blur, frame.falloff) == (0, 0, 0)
    assert (frame.variation, frame.l1, frame.l2) == (0, 0, 0)
    ascent = plan.ascent
    assert (ascent.parameterisation, ascent.begin) == ("maco", "noise")
    assert (ascent.optimiser, ascent.normalize, ascent.redirect) == ("nadam", "none", 0)
    assert ascent.transforms == (("maco", (224,)),)
    assert plan.targets[0].objective == "mean"


@pytest.mark.parametrize("size", [(96, 96), (80, 120)])
def test_two_steps_are_macos(tiny: Tiny, size: tuple[int, int]) -> None:
    """More of this length cannot be compared: they turn phases by a radian, whatever the slope,
    and what is left over in float32 grows a hundredfold in three steps.
    """
    found = climbed(tree(2), card_of(tiny, HALF, MIDDLE, NATIVE), torch.zeros(1, 3, *size))
    expected, _ = maco(tiny, size, 2)
    assert (expected - maco(tiny, size, 0)[0]).abs().mean() > 0.1
    # A whole step turns a phase by about a radian whatever its slope, and of slopes that are nearly
    # none float32 may take the other side; the shorter steps below leave nothing to that.
    assert (found.double() - expected).abs().mean() < 5e-3


@pytest.mark.parametrize("size", [(96, 96), (80, 120)])
def test_many_shorter_steps_are_macos(tiny: Tiny, size: tuple[int, int]) -> None:
    card, source = card_of(tiny, HALF, MIDDLE, NATIVE), torch.zeros(1, 3, *size)
    found = climbed(tree(12, step=0.01), card, source)
    expected, _ = maco(tiny, size, 12, 0.01)
    assert (expected - maco(tiny, size, 0)[0]).abs().max() > 0.04
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-5)


def test_transparency_is_the_slopes_of_all_steps_between_two_percentiles(tiny: Tiny) -> None:
    """The authors' but for a smoothing of two pixels, which few steps need more than many."""
    card, source = card_of(tiny, HALF, MIDDLE, NATIVE), torch.zeros(1, 3, 64, 64)
    words = {**tree(12, step=0.01), "output": {"transparency": "attribution"}}
    found = state_of(words, card, source).alpha
    assert found is not None
    slopes = maco(tiny, (64, 64), 12, 0.01)[1].numpy().sum(1)[0]
    kernel = np.exp(-(np.arange(-6, 7) ** 2) / 8)
    kernel /= kernel.sum()
    smooth = np.pad(slopes, 6, mode="edge")
    for _ in range(2):
        smooth = np.apply_along_axis(np.convolve, 0, smooth, kernel, "valid").T
    least, most = np.percentile(smooth, [1, 80])
    expected = np.clip((smooth - least) / (most - least), 0, 1)
    assert 0.15 < (expected == 1).mean() < 0.25
    np.testing.assert_allclose(found[0, 0].numpy(), expected, rtol=0, atol=1e-3)
