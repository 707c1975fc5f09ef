"""neural-dream is ProGamerGov/neural-dream with what its options are when nobody says: its numbers,
and its loop, written again in its own units.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from caffe_units import (
    CLOSE,
    SEED,
    Array,
    dreamt,
    forward,
    from_caffe,
    photo,
    planned,
    to_caffe,
)

from dreamer.dreaming import randomness
from dreamer.engine.ascending import numbers_of

ADAM = 10  # its first steps are the slopes' signs: what is small is lifted, with its rounding


def test_the_numbers_are_the_programs() -> None:
    found = planned({"preset": "neural-dream"}, {"layer": "relu"}, (320, 512))
    frame, words = found.at(0), found.ascent
    assert frame.sizes == ((192, 307), (320, 512)), "-num_octaves 2 -octave_scale 0.6"
    assert frame.passes == 10, "-num_iterations"
    assert len(frame.octaves) == 20
    # `while num_calls[0] <= octave_iter`, from 0: 50 is 51
    assert {(o.steps, o.step, o.step_end, o.jitter) for o in frame.octaves} == {(51, 1.5, 1.5, 32)}
    assert (words.optimiser, words.normalize, words.carry) == ("adam", "none", "whole")
    assert (words.highlights, words.resize, words.begin) == ("late", "bilinear", "frame")
    assert (frame.variation, frame.l2, frame.falloff) == (0, 0, 0)
    assert [target.objective for target in found.targets] == ["norm"]


def resized(data: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """The program's `resize_tensor`."""
    return F.interpolate(data, size=size, mode="bilinear", align_corners=True)


def neural_dream(
    picture: Array, layer: str, scales: list[float], iterations: int, octave_iter: int
) -> Array:
    """The program's loop, with the shifts that a recipe draws."""
    current = torch.from_numpy(np.ascontiguousarray(to_caffe(picture)))[None]
    full = current.shape[2:]
    for iteration in range(iterations):
        for octave, scale in enumerate(scales):
            size = (int(full[0] * scale), int(full[1] * scale))
            img = resized(current, size).requires_grad_(True)
            optimizer = torch.optim.Adam([img], lr=1.5)
            calls = 0
            while calls <= octave_iter:
                where = (SEED, 0, iteration * len(scales) + octave, calls)
                down, across = randomness.integers(2, -32, 32, *where)
                calls += 1
                optimizer.zero_grad()
                moved = torch.roll(torch.roll(img, down, 2), across, 3)
                loss = -1000 * forward(layer, moved).pow(2).sum().sqrt()
                loss.backward()
                optimizer.step()
            current = resized(img.detach(), full)
    return np.clip(from_caffe(current[0].numpy()), 0, 255)


def test_passes_through_two_octaves_are_the_programs() -> None:
    picture = photo(50, 70)
    wanted = neural_dream(picture, "conv", [0.6, 1.0], 3, 4)
    assert np.abs(wanted - picture).mean() > 10
    ascent = {"preset": "neural-dream", "passes": 3, "steps": 4 + 1}
    found = dreamt(ascent, {"layer": "conv"}, picture)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=ADAM * CLOSE)


def test_pictures_are_cut_only_when_they_are_done() -> None:
    """The program's clamp changes nothing, so that a pixel comes back from beyond white."""
    picture = 255 - photo(50, 70) / 8
    wanted = neural_dream(picture.round(), "conv", [0.6, 1.0], 2, 9)
    assert (wanted == 255).mean() > 0.05
    ascent = {"preset": "neural-dream", "passes": 2, "steps": 10}
    found = dreamt(ascent, {"layer": "conv"}, picture.round())
    np.testing.assert_allclose(found, wanted, rtol=0, atol=ADAM * CLOSE)
    cut = dreamt(ascent | {"highlights": "clip"}, {"layer": "conv"}, picture.round())
    assert np.abs(cut - wanted).max() > 1


def test_between_three_octaves_lies_the_full_size() -> None:
    picture = photo(70, 100)
    wanted = neural_dream(picture, "relu", [0.36, 0.6, 1.0], 1, 2)
    ascent = {"preset": "neural-dream", "octaves": 3, "passes": 1, "steps": 3}
    found = dreamt(ascent, {"layer": "relu"}, picture)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=ADAM * CLOSE)


def test_a_target_of_one_octave_is_asked_in_every_pass() -> None:
    ascent = {"preset": "neural-dream", "carry": "detail", "steps": 2}
    target = [{"layer": "conv", "octaves": [0]}, {"layer": "relu", "octaves": [1]}]
    twice = dreamt(ascent | {"passes": 2}, target, photo(50, 70))
    frame = planned(ascent | {"passes": 2}, target, (50, 70)).at(0)
    numbers = numbers_of(frame, SEED, [(0,), (1,)])
    assert numbers[:, 4:].tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]] * 2
    assert np.abs(twice - dreamt(ascent | {"passes": 1}, target, photo(50, 70))).mean() > 1
