"""How rows of the table become terms, and which cannot."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from tiny import CHANNELS, GUIDE, LAYER, LOGITS, ONE, OTHER, noise, perceive, pictures, term, value

from dreamer.dreaming import energies, features, selection
from dreamer.dreaming.terms import class_term, difference, given
from dreamer.dreaming.terms import term as made


def test_a_difference_is_of_two_networks() -> None:
    one, other = made("mean", [LAYER], 0), made("mean", [OTHER], 0)
    both = difference(one, other)
    assert both.taps == (LAYER, OTHER)
    image = pictures()
    torch.testing.assert_close(value(both, image), value(one, image) - value(other, image))
    again = difference(term("class_margin"), term("class_margin"))
    assert again.taps == (LOGITS,)
    assert value(again, image).abs().max() == 0


def test_channels_are_cut_from_all_taps() -> None:
    image, listed = pictures(), torch.tensor([4, 1])
    seen = perceive(image) | {given("other picture"): GUIDE}
    taps = [LAYER, given("other picture")]
    found = made("inversion", taps, 0, channels=listed).value(seen, ONE)
    torch.testing.assert_close(found, features.inversion(seen[LAYER][:, listed], GUIDE[:, listed]))
    own = torch.tensor([[4, 1], [0, 2]])
    found = made("inversion", taps, 0, channels=own).value(seen, ONE)
    expected = [
        features.inversion(seen[LAYER][k : k + 1, own[k]], GUIDE[:, own[k]]) for k in (0, 1)
    ]
    torch.testing.assert_close(found, torch.cat(expected))


def test_channels_may_be_found_anew_in_every_step() -> None:
    loudest = partial(selection.by_strength, mode="strongest", count=1)
    found = made("mean", [LAYER], 0, channels=loudest)
    for seed in (0, 1, 2):
        seen = {LAYER: noise(2, CHANNELS, 5, 6, seed=seed)}
        torch.testing.assert_close(found.value(seen, ONE), seen[LAYER].mean((2, 3)).amax(1))


def test_channels_one_by_one() -> None:
    seen = {LAYER: noise(2, CHANNELS, 5, 6)}
    found = made("norm", [LAYER], 0, apart=True).value(seen, ONE)
    torch.testing.assert_close(found, seen[LAYER].square().sum((2, 3)).sqrt().sum(1))
    cubes = made("power", [LAYER], 0, apart=True, exponent=3.0).value(seen, ONE)
    torch.testing.assert_close(cubes, energies.power(seen[LAYER], 3.0))
    mask = torch.zeros(2, 1, 5, 6, dtype=torch.float64)
    mask[0] = 1
    masked = energies.each_channel(energies.norm, seen[LAYER], mask)
    assert masked.tolist() == pytest.approx([found[0].item(), 0])


def broken(kind: str) -> None:
    classes = torch.tensor([1])
    match kind:
        case "there is no objective 'enregy'":
            made("enregy", [LAYER], 0)
        case "inversion needs reference":
            made("inversion", [LAYER], 0)
        case "mean sees 1 taps at most":
            made("mean", [LAYER, OTHER], 0)
        case "energy does not take exponent; it takes nothing":
            made("energy", [LAYER], 0, exponent=2.0)
        case "given the same thing by a tap and as a tensor":
            made("inversion", [LAYER, OTHER], 0, reference=GUIDE)
        case "mean needs the tap of a layer":
            made("mean", [], 0)
        case "made by class_term":
            made("class_logit", [LOGITS], 0)
        case "made by term":
            class_term("energy", LAYER, classes, [0])
        case "2 weights for classes":
            class_term("class_logit", LOGITS, classes, [0, 1])
        case "class_logit does not take window":
            class_term("class_logit", LOGITS, classes, [0], window=3)
        case "not scaled as one difference":
            difference(made("mean", [LAYER], 0), made("mean", [OTHER], 1))
        case "not asked of channels one by one":
            made("inversion", [LAYER], 0, reference=GUIDE, apart=True)


@pytest.mark.parametrize(
    "words",
    [
        "there is no objective 'enregy'",
        "inversion needs reference",
        "mean sees 1 taps at most",
        "energy does not take exponent; it takes nothing",
        "given the same thing by a tap and as a tensor",
        "mean needs the tap of a layer",
        "made by class_term",
        "made by term",
        "2 weights for classes",
        "class_logit does not take window",
        "not scaled as one difference",
        "not asked of channels one by one",
    ],
)
def test_impossible_terms_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=words):
        broken(words)
