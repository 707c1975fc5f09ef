"""Pictures that tile, and the measure of whether they do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import uphill
from torch import Tensor

from dreamer.draw.noise import plasma
from dreamer.dreaming import colour, objectives, octaves, priors, seamless
from dreamer.dreaming.objectives import Perceive, Tap, Term
from dreamer.engine import execution
from dreamer.engine.deviations import of_taps
from dreamer.engine.perceive import perceiver
from dreamer.networks.cards import catalogue_card

TAP = Tap("tiny", "out")
GENERATOR = torch.Generator().manual_seed(0)
KERNEL, KERNEL2 = (torch.randn(3, 3, 3, 3, generator=GENERATOR) for _ in range(2))


def tiny(image: Tensor) -> dict[Tap, Tensor]:
    """Two convolutions that pad with zeros, a stride of two."""
    return {TAP: F.conv2d(F.conv2d(image, KERNEL, padding=1).relu(), KERNEL2, None, 2, 1)}


def picture(height: int, width: int, seed: int = 1) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("margin", [0, 3, 7, 20])
def test_wrapping_is_numpys(margin: int) -> None:
    image = picture(7, 9)
    expected = np.pad(image, ((0, 0), (0, 0), (margin,) * 2, (margin,) * 2), mode="wrap")
    np.testing.assert_array_equal(seamless.wrapped(image, margin), expected)


def test_maps_are_those_of_a_network_that_wraps() -> None:
    image = picture(12, 16)
    round_about = F.pad(image, (1, 1, 1, 1), mode="circular")
    hidden = F.pad(F.conv2d(round_about, KERNEL).relu(), (1, 1, 1, 1), mode="circular")
    expected = F.conv2d(hidden, KERNEL2, None, 2)
    found = seamless.perceiving(tiny, 4)(image)[TAP]
    torch.testing.assert_close(found, expected)
    assert not torch.allclose(tiny(image)[TAP], expected, atol=1e-3), "which it does not alone"


def test_the_gradient_moves_round_with_the_picture() -> None:
    image = picture(12, 16)
    terms = (Term((TAP,), (0,), lambda seen, w: w[0] * objectives.energy(seen[TAP])),)
    one = torch.ones(1)

    def slope(x: Tensor, perceive: Perceive) -> Tensor:
        return uphill.slope(x, perceive, terms, one)

    round_about = seamless.perceiving(tiny, 4)
    moved = slope(image.roll((4, 6), (2, 3)), round_about)
    torch.testing.assert_close(moved, slope(image, round_about).roll((4, 6), (2, 3)))


def test_what_is_no_map_is_passed_on_and_margins_are_not_negative() -> None:
    vector = torch.ones(1, 5)
    seen = seamless.perceiving(lambda image: {TAP: vector}, 2)(picture(4, 4))
    assert seen[TAP] is vector
    with pytest.raises(ValueError, match="negative"):
        seamless.perceiving(tiny, -1)


@pytest.mark.parametrize("size", [(13, 21), (30, 40), (6, 5), (12, 17)])
def test_resizing_is_that_of_many_tiles(size: tuple[int, int]) -> None:
    image = picture(12, 17)
    expected = octaves.resize_smoothly(image.tile(1, 1, 5, 5), (5 * size[0], 5 * size[1]))
    middle = expected[..., 2 * size[0] : 3 * size[0], 2 * size[1] : 3 * size[1]]
    torch.testing.assert_close(seamless.resize_wrapped(image, size), middle, rtol=0, atol=1e-5)


def test_a_seam_is_seen() -> None:
    ramp = torch.linspace(0, 1, 32).expand(1, 3, 20, 32)
    assert seamless.seam(ramp)[0].tolist() == pytest.approx([0, 31])
    even = picture(200, 200).expand(2, -1, -1, -1)  # noise has no place of its own
    assert seamless.seam(even).flatten().tolist() == pytest.approx([1] * 4, abs=0.1)
    assert seamless.seam(torch.zeros(1, 3, 4, 4)).tolist() == [[0, 0]]


def test_a_tileable_picture_keeps_its_detail_and_loses_its_jumps() -> None:
    line = torch.linspace(0, 1, 48)
    ramps = 0.7 * line + 0.3 * line[:, None]
    image = 0.6 * ramps + 0.1 * picture(48, 48)
    assert seamless.seam(image).min() > 3
    found = seamless.tileable(image)
    assert seamless.seam(found).max() < 1.5
    torch.testing.assert_close(found.mean((2, 3)), image.mean((2, 3)))
    shade = (image - found)[0, 0]
    assert (shade - shade.roll(1, 1))[8:-8, 8:-8].abs().max() < 0.02, "what goes is smooth"
    again = seamless.tileable(found)
    assert (again - found).abs().mean() < 0.2 * (found - image).abs().mean()


def house_dream(wrap: bool) -> Tensor:
    """Two octaves without jitter, which would hide the edge and thin out what is near it."""
    card = catalogue_card("house")
    tap, exact = Tap("house", "inception_3b"), execution.decide("cpu", "float32")
    std = of_taps({"house": card}, [tap], exact)[tap]
    term = Term((tap,), (0,), lambda seen, w: w[0] * objectives.standing_out(seen[tap], std))
    perceive = perceiver({"house": card}, (tap,), exact)
    perceive = seamless.perceiving(perceive, 32) if wrap else perceive
    axes = colour.natural_axes()

    def shape(slope: Tensor) -> Tensor:
        return priors.by_deviation(colour.along_natural_colours(slope, axes))

    def ascend(image: Tensor, octave: int) -> Tensor:
        for _ in range(6):
            image = uphill.step(image, perceive, term, 3 / 255, shape, colour.add_softly)
        return image

    source = seamless.tileable(torch.cat([plasma(72, 72, k) for k in (3, 4)]))
    source = 0.5 + 0.2 * (source - 0.5)
    resize = seamless.resize_wrapped if wrap else octaves.resize_smoothly
    return octaves.through_octaves(source, [(52, 52), (72, 72)], resize, colour.add_softly, ascend)


def test_a_wrapped_dream_tiles_clearly_better() -> None:
    wrapped, plain = (seamless.seam(house_dream(wrap)) for wrap in (True, False))
    assert wrapped.mean() < 1.2
    assert wrapped.max() < 1.6
    assert plain.mean() > 1.6 * wrapped.mean()
