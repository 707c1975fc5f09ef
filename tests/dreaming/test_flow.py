"""Optical flow finds motion that is known, and says where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from moving import SIZE, moved, places, scene, with_subject
from torch import Tensor

from dreamer.dreaming.camera import seen_at
from dreamer.dreaming.carrying import Motion, carried, motion_of
from dreamer.dreaming.flicker import flicker
from dreamer.dreaming.flow import drawn_to, enlarged, flow, places_of, working_size
from dreamer.dreaming.occlusion import trust

MOTIONS = {
    "pan": {"by": (4.3, -1.6)},
    "a tenth of the width": {"by": (11.2, 2.0)},
    "zoom": {"zoom": 1.06},
    "turn": {"degrees": 4.0},
}


def error(found: Tensor, known: np.ndarray) -> np.ndarray:
    """How far the flow's ends are from where they should be, in pixels, of those in the picture."""
    x, y = places()
    to_x, to_y = x + known[0], y + known[1]
    inner = (to_x > 2) & (to_y > 2) & (to_x < SIZE[1] - 3) & (to_y < SIZE[0] - 3)
    return np.hypot(*(found[0].numpy() - known))[inner]


@pytest.mark.parametrize("name", MOTIONS)
@pytest.mark.parametrize("light", ["the same", "darker to one side", "noise"])
def test_known_motion(name: str, light: str) -> None:
    first, second, known = moved(scene(3), **MOTIONS[name])
    if light == "darker to one side":
        second = (second * torch.linspace(1.0, 0.6, SIZE[1]) + 0.05).clamp(0, 1)
    if light == "noise":
        second = second + 0.02 * torch.randn(
            second.shape, generator=torch.Generator().manual_seed(1)
        )
    found = error(flow(first, second), known)
    assert np.mean(found) < 0.4
    assert np.mean(found > 1.5) < 0.03


def test_nothing_moves_nothing() -> None:
    picture = scene(1)[..., :72, :112]
    assert flow(picture, picture).abs().max() < 1e-3
    flat = torch.full((1, 3, 40, 60), 0.5)
    assert flow(flat, flat).abs().max() == 0


def test_tiny_and_thin_pictures_have_flow() -> None:
    for size in ((1, 1), (3, 90), (70, 2), (17, 23)):
        picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
        found = flow(picture, picture.roll(1, 3))
        assert tuple(found.shape) == (1, 2, *size)
        assert found.isfinite().all()


def test_large_pictures_are_made_small_to_find_it() -> None:
    assert working_size((1080, 1920), 480) == (270, 480)
    assert working_size((200, 300), 480) == (200, 300)
    first, second, known = moved(scene(3), by=(6.0, 0.0))
    found = flow(first, second, longest=56)
    assert np.mean(error(found, known)) < 0.8
    doubled = enlarged(torch.ones(1, 2, 4, 5), (8, 15))
    assert doubled[0, 0].unique().tolist() == [3.0]
    assert doubled[0, 1].unique().tolist() == [2.0]


def test_the_same_bytes_each_time_and_alone_or_beside_another() -> None:
    first, second, _ = moved(scene(3), zoom=1.03)
    both = flow(torch.cat([first, second]), torch.cat([second, first]))
    torch.testing.assert_close(both[:1], flow(first, second))
    assert torch.equal(both, flow(torch.cat([first, second]), torch.cat([second, first])))


def test_a_subject_goes_its_own_way() -> None:
    back, front = scene(4), scene(5)
    first, second = (with_subject(t, back, front, 2.0, 5.0) for t in (0, 1))
    found = flow(first, second)[0]
    np.testing.assert_allclose(found[:, 30:42, 40:52].mean((1, 2)), [5, 0], atol=0.3)
    np.testing.assert_allclose(found[:, 25:45, 85:105].mean((1, 2)), [-2, 0], atol=0.3)


def test_what_was_hidden_is_not_trusted() -> None:
    back, front = scene(4), scene(5)
    before, here = (with_subject(t, back, front, 2.0, 5.0) for t in (0, 1))
    sure = motion_of(here, before).trust[0, 0].numpy()
    # The subject's left edge goes from 30 to 35, the scene from there to the left by 2: what lies
    # at 28 to 34 was behind it. At the right edge of the picture 2 columns are new.
    assert sure[26:46, 29:33].mean() < 0.15
    assert sure[:, -1].max() < 0.5
    assert sure[26:46, 45:60].mean() > 0.95
    assert sure[26:46, 80:104].mean() > 0.95


def test_trust_is_that_of_sundaram_brox_and_keutzer() -> None:
    there = torch.zeros(1, 2, 30, 40)
    there[:, 0] = 3.0
    back = -there
    assert trust(there, back)[0, 0, 10:20, 10:30].unique().tolist() == [1.0]
    bound = 0.01 * (9 + 9) + 0.5  # of flows that are nearly opposite, by hand
    off = torch.zeros_like(back)
    off[:, 1] = (1.5 * bound) ** 0.5
    apart = 1.5 * bound / (0.01 * (18 + 1.5 * bound) + 0.5)
    found = trust(there, back + off)[0, 0, 10:20, 10:30]
    torch.testing.assert_close(found, torch.full_like(found, 2 - apart))
    assert trust(there, back + 3 * off)[0, 0, 10:20, 10:30].max() == 0
    assert trust(there, back)[0, 0, 10, -1] == 0


def test_seen_at_whole_pixels_is_what_is_there() -> None:
    picture = scene(6)[..., :20, :30]
    stay = places_of(torch.zeros(1, 2, 20, 30))
    torch.testing.assert_close(seen_at(picture, stay), picture)
    shift = torch.tensor([2.0, 3.0])[None, :, None, None]
    found = seen_at(picture, stay + shift)[..., :-3, :-2]
    torch.testing.assert_close(found, picture[..., 3:, 2:])


@pytest.mark.parametrize("waves", [0.05, 0.15, 0.25, 0.35])
def test_seen_between_pixels_is_the_cubic_spline(waves: float) -> None:
    """Half a pixel on, a wave keeps what B-splines' values there and at pixels say (Unser 1999)."""
    turn = 2 * np.pi * waves

    def along(columns: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(0.5 + 0.4 * np.cos(turn * columns)).float().expand(1, 3, 20, -1)

    columns = np.arange(60)
    places = places_of(torch.zeros(1, 2, 20, 60)) + torch.tensor([0.5, 0.0])[None, :, None, None]
    kept = (46 * np.cos(turn / 2) + 2 * np.cos(1.5 * turn)) / (32 + 16 * np.cos(turn))
    known = 0.5 + kept * (along(columns + 0.5) - 0.5)
    found = seen_at(along(columns), places)
    torch.testing.assert_close(found[..., 12:-12], known[..., 12:-12], atol=1e-4, rtol=0)


def test_drawn_to_is_bilinear() -> None:
    picture = scene(6)[..., :20, :30]
    half = torch.zeros(1, 2, 20, 30)
    half[:, 1] = 0.25
    known = 0.75 * picture[..., :-1, :] + 0.25 * picture[..., 1:, :]
    torch.testing.assert_close(drawn_to(picture, half)[..., :-1, :], known, atol=1e-5, rtol=0)


def test_what_was_dreamt_is_carried_along() -> None:
    before, here, known = moved(scene(3), by=(-5.0, 2.0))  # the scene goes left and down
    dreamt = torch.zeros(1, 3, *SIZE)
    dreamt[..., 30:38, 50:60] = 0.4
    found = carried(dreamt, motion_of(here, before))[0, 0]
    rows, columns = torch.where(found > 0.2)
    assert rows.float().mean() == pytest.approx(33.5 + 2, abs=0.2)
    assert columns.float().mean() == pytest.approx(54.5 - 5, abs=0.2)
    assert found.max() == pytest.approx(0.4, abs=0.05)
    assert known[0].mean() == -5
    nowhere = Motion(torch.zeros(1, 2, *SIZE), torch.zeros(1, 1, *SIZE))
    assert carried(dreamt, nowhere).abs().max() == 0


def test_flicker_is_what_does_not_move_along() -> None:
    before, here, _ = moved(scene(3), by=(-5.0, 2.0))
    motion = motion_of(here, before)
    calm = flicker(here, before, motion)
    assert calm < 0.01
    half = torch.zeros_like(here)
    half[..., ::2] = 0.1  # stripes that stay while the scene moves by an odd number of pixels
    assert flicker(here + half, before + half, motion) == pytest.approx(0.1, abs=0.015)
    nowhere = Motion(motion.flow, torch.zeros_like(motion.trust))
    assert flicker(here, before + 1, nowhere) == 0
