"""What holds of every objective of the table, and how rows become terms."""

from __future__ import annotations

import inspect
from functools import partial

import pytest
import torch
from tiny import (
    CHANNELS,
    GUIDE,
    LAYER,
    LOGITS,
    NEEDED,
    OTHER,
    noise,
    perceive,
    pictures,
    term,
    value,
)

from dreamer.dreaming import ascent, colour, energies, features, objectives, priors, selection
from dreamer.dreaming.objectives import Tap
from dreamer.dreaming.terms import (
    ALSO,
    OBJECTIVES,
    PICTURE,
    Objective,
    beside,
    class_term,
    difference,
    given,
)
from dreamer.dreaming.terms import term as made

ALL = sorted(OBJECTIVES)
APART = [name for name in ALL if OBJECTIVES[name].kind != "batch"]
MASK = given("mask")
ONE = torch.ones(1, dtype=torch.float64)


def slope(name: str, image: torch.Tensor, weight: float = 1.0, mask: object = None) -> torch.Tensor:
    """The gradient of the row's term, through a mask if there is one."""
    seen = perceive if mask is None else beside(perceive, {MASK: mask})
    made = term(name, None if mask is None else MASK)
    return ascent.gradient(image, seen, [made], weight * ONE)


@pytest.mark.parametrize("name", ALL)
def test_a_step_raises_it(name: str) -> None:
    image = pictures()
    after = ascent.step(
        image,
        ascent.controls((0, 0), 0.2, 0.0, [1.0]),
        perceive=perceive,
        terms=[term(name)],
        shape=lambda g, _: priors.by_mean_absolute(g),
        add=colour.add_clipped,
    )
    assert value(term(name), after).sum() > value(term(name), image).sum()


@pytest.mark.parametrize("name", ALL)
def test_its_gradient_agrees_with_finite_differences(name: str) -> None:
    image = pictures()
    found = slope(name, image)
    for where in [(0, 0, 4, 5), (0, 2, 0, 11), (1, 1, 7, 6)]:
        bump = torch.zeros_like(image)
        bump[where] = 1e-5
        up, down = (value(term(name), image + s * bump).sum().item() for s in (1, -1))
        assert found[where].item() == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-9)
    assert found.abs().max() > 1e-6


@pytest.mark.parametrize("name", ALL)
def test_a_weight_scales_it(name: str) -> None:
    image = pictures()
    plain = slope(name, image)
    assert slope(name, image, 0.0).abs().max() == 0
    torch.testing.assert_close(slope(name, image, 2.5), 2.5 * plain)
    if name != "class_mixture":  # a class unwanted is not the opposite of a class wanted
        torch.testing.assert_close(slope(name, image, -1.0), -plain)


@pytest.mark.parametrize("name", ALL)
def test_it_adds_to_others(name: str) -> None:
    seen = perceive(pictures())
    weights = torch.tensor([0.7, -1.3], dtype=torch.float64)
    both = [term(name, weight=1), term("energy", weight=0)]
    apart = [t.value(seen, weights[list(t.weights)]) for t in both]
    found = objectives.total(both, seen, weights)
    assert found.shape == (2,)
    torch.testing.assert_close(found, apart[0] + apart[1])
    torch.testing.assert_close(apart[1], 0.7 * objectives.energy(seen[LAYER]))


@pytest.mark.parametrize("name", APART)
def test_pictures_do_not_touch_each_other(name: str) -> None:
    image = pictures(3)
    together, alone = slope(name, image), slope(name, image[1:2])
    torch.testing.assert_close(together[1:2], alone, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(
        value(term(name), image)[1:2], value(term(name), image[1:2]), rtol=1e-9, atol=1e-12
    )


def test_batch_objectives_touch() -> None:
    image = pictures(3)
    for name in set(ALL) - set(APART):
        assert not torch.allclose(slope(name, image)[1:2], slope(name, image[1:2]))


@pytest.mark.parametrize("name", ALL)
def test_masks(name: str) -> None:
    """Ones change nothing, zeros leave nothing; values follow."""
    image, ones = pictures(), torch.ones(1, 1, 10, 12, dtype=torch.float64)
    plain = slope(name, image)
    torch.testing.assert_close(slope(name, image, mask=ones), plain)
    torch.testing.assert_close(slope(name, image, mask=ones.expand(2, 1, 10, 12)), plain)
    nothing = slope(name, image, mask=0 * ones)
    assert nothing.abs().max() == 0
    seen = beside(perceive, {MASK: ones})(image)
    torch.testing.assert_close(term(name, MASK).value(seen, ONE), value(term(name), image))


@pytest.mark.parametrize("name", sorted(set(APART) - {"neuron"}))
def test_a_mask_keeps_the_pull_to_its_places(name: str) -> None:
    """On the left half; the layers see two pixels further, standing out and parts four more."""
    mask = torch.zeros(1, 1, 10, 24, dtype=torch.float64)
    mask[..., :8] = 1
    image = torch.cat([pictures(), pictures(seed=8)], 3)
    fitted = name in ("inversion", "caricature")
    reference = {"reference": torch.cat([GUIDE, GUIDE], 3)} if fitted else {}
    arguments = NEEDED.get(name, {}) | reference
    if OBJECTIVES[name].kind == "classes":
        one = term(name, MASK)
    else:
        taps = [LAYER, OTHER] if name == "difference" else [LAYER]
        one = made(name, taps, 0, mask=MASK, **arguments)
    pull = ascent.gradient(image, beside(perceive, {MASK: mask}), [one], ONE).abs().sum((0, 1, 2))
    assert pull[:8].min() > 0
    assert pull[15:].max() == 0


@pytest.mark.parametrize("name", ALL)
def test_a_mask_may_differ_between_pictures(name: str) -> None:
    """A picture that is masked away is not moved, and disturbs no other."""
    image, mask = pictures(), torch.ones(2, 1, 5, 6, dtype=torch.float64)
    mask[1] = 0
    found = slope(name, image, mask=mask)
    assert torch.isfinite(found).all()
    if name in APART:
        assert found[1].abs().max() == 0
        torch.testing.assert_close(found[0], slope(name, image)[0])


@pytest.mark.parametrize(
    "name", sorted(n for n in ALL if OBJECTIVES[n].local and OBJECTIVES[n].kind != "batch")
)
def test_local_objectives_are_linear_in_the_mask(name: str) -> None:
    """Which is what lets tiles be added up."""
    image = pictures()
    mask = torch.rand(1, 1, 10, 12, generator=torch.Generator().manual_seed(0)).double()
    parts = [slope(name, image, mask=m) for m in (mask, 1 - mask)]
    torch.testing.assert_close(parts[0] + parts[1], slope(name, image))


SURROUNDED = {"standing_out", "variation", "class_mixture"}  # tiles see a little beyond themselves


@pytest.mark.parametrize("name", sorted(set(APART) - SURROUNDED))
def test_the_table_says_what_tiles_add_up_to(name: str) -> None:
    """Of local objectives the sum, or the mean, of two halves is the whole; of others neither."""
    row = OBJECTIVES[name]
    whole = noise(2, CHANNELS, 5, 6)
    arguments = dict(NEEDED.get(name, {}))
    if row.kind == "classes":
        arguments |= {"classes": torch.tensor([3]), "weights": ONE}
    if name == "difference":
        arguments |= {"other": noise(2, CHANNELS, 5, 6, seed=1)}
    halves = []
    for half in (slice(0, 3), slice(3, 6)):
        cut = {
            key: x[..., half] if row.moved or key == "other" else x
            for key, x in arguments.items()
            if isinstance(x, torch.Tensor)
        }
        halves.append(row.value(whole[..., half], **(arguments | cut)))
    expected = row.value(whole, **arguments)
    added = halves[0] + halves[1]
    assert row.local is any(torch.allclose(x, expected) for x in (added, added / 2))


@pytest.mark.parametrize("name", ALL)
def test_a_silent_layer_has_a_gradient(name: str) -> None:
    silent = {
        tap: torch.zeros(2, 6 if tap != LOGITS else 5, 5, 6) for tap in (LAYER, OTHER, LOGITS)
    }
    leaves = {tap: x.requires_grad_() for tap, x in silent.items()}
    term(name).value(leaves, torch.ones(1)).sum().backward()
    grads = [x.grad for x in leaves.values() if x.grad is not None]
    assert grads
    assert all(torch.isfinite(g).all() for g in grads)


@pytest.mark.parametrize("name", ALL)
def test_half_precision_is_summed_in_more(name: str) -> None:
    seen = {tap: x.bfloat16() for tap, x in perceive(pictures().float()).items()}
    assert term(name).value(seen, torch.ones(1)).dtype in (torch.float32, torch.float64)


@pytest.mark.parametrize(("name", "row"), OBJECTIVES.items())
def test_the_table_says_what_the_functions_take(name: str, row: Objective) -> None:
    parameters = dict(list(inspect.signature(row.value).parameters.items())[1:])
    assert parameters.pop("mask").default is None
    if row.kind == "classes":
        parameters.pop("weights")
    assert tuple(p for p, x in parameters.items() if x.default is x.empty) == row.needs
    optional = {p for p, x in parameters.items() if x.default is not x.empty}
    assert optional == set(row.takes)


def test_other_names_are_of_the_table() -> None:
    assert set(ALSO.values()) <= set(ALL)
    assert not set(ALSO) & set(ALL)


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


def test_what_is_given_lies_beside_what_is_perceived() -> None:
    other = Tap("", "mask")
    seen = beside(perceive, {other: torch.ones(1)})(pictures())
    assert set(seen) == {LAYER, OTHER, LOGITS, PICTURE, other}


def test_the_picture_itself_may_be_asked() -> None:
    """Kept near another picture, and smooth: the penalties of feature accentuation and lucid."""
    image, original = pictures(), pictures(1, seed=7)
    seen = beside(perceive, {})
    near = made("inversion", [PICTURE], 0, reference=original)
    expected = 2 * (original - image) / original.square().sum()
    torch.testing.assert_close(ascent.gradient(image, seen, [near], ONE), expected)
    smooth = made("variation", [PICTURE], 0)
    pull = ascent.gradient(image, seen, [smooth], -ONE)
    after = image + 1e-3 * pull
    assert (energies.variation(after) < energies.variation(image)).all()


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
