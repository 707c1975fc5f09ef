"""Parts of a diagnosis, each by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dreamer.draw.heat import heated
from dreamer.dreaming.integrated import core, integrated_gradients, saliency, without
from dreamer.engine.company import Companion, alike, companions, meant, more_often
from dreamer.engine.diagnosis_page import company, verdict


def corner(pictures: Tensor) -> Tensor:
    """A score that looks only at the upper left, and saturates."""
    return torch.tanh(3 * pictures[:, 0, :8, :8].mean((1, 2)))


def test_integrated_gradients_are_where_the_score_looks_and_add_up_to_it() -> None:
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    picture[:, :, :8, :8] += 2  # a gradient there would be nothing: it saturates
    found = integrated_gradients(corner, picture)
    assert found[..., 8:, :].abs().sum() == 0
    assert found[..., 8:].abs().sum() == 0
    ground = picture.mean((2, 3), keepdim=True).expand_as(picture)
    gained = (corner(picture) - corner(ground)).item()
    assert found.sum().item() == pytest.approx(gained, rel=0.02)
    with pytest.raises(ValueError, match="expected one picture"):
        integrated_gradients(corner, torch.rand(2, 3, 8, 8))


def test_saliency_sums_to_one_and_its_core_is_smallest() -> None:
    attribution = -torch.ones(2, 1, 32, 32)
    attribution[0, 0, 4:6, 4:6] = 10
    shares = saliency(attribution)
    assert shares.sum((1, 2, 3)).tolist() == pytest.approx([1, 0])
    region = core(shares)
    assert 0 < region[0].sum() <= 9
    assert (shares * region)[0].sum() >= 0.8
    assert region[1].sum() == 0


def test_taking_away_puts_the_mean_colour_there() -> None:
    picture = torch.rand(1, 3, 10, 10)
    ranking = torch.zeros(1, 1, 10, 10)
    ranking[..., 0, :] = 1
    found = without(picture, ranking, 0.1)
    assert torch.allclose(found[..., 0, :], picture.mean((2, 3))[:, :, None].expand(1, 3, 10))
    assert torch.equal(found[..., 1:, :], picture[..., 1:, :])


def test_more_often_is_fishers_exact_test() -> None:
    """The lady tasting tea: all four of eight cups, 1 in 70; three of them, 17 in 70."""
    assert more_often(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert more_often(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert more_often(0, 4, 2, 4) == 1


CLASSES = ("dumbbell", "arm", "knit", "ring")
NOISES = torch.tensor([[0.0, 0.0, 0.0, 1.0]] * 9)
Rows = list[list[float]]


def found_beside(
    seen: Rows,
    others: Rows,
    noises: Tensor = NOISES,
    shown: Sequence[Collection[int]] | None = None,
    classes: Sequence[str] = CLASSES,
) -> dict[str, Companion]:
    """Of the first class's pictures."""
    shown = [set()] * len(others) if shown is None else shown
    rows = companions(torch.tensor(seen), torch.tensor(others), shown, noises, classes, {0})
    return {row.name: row for row in rows}


def test_a_companion_is_named_more_often_than_elsewhere() -> None:
    found = found_beside([[0.5, 0.3, 0.2, 0.0]] * 9, [[0.0, 0.05, 0.9, 0.05]] * 18)
    assert found.keys() == {"arm", "knit"}, "itself is not beside itself"
    assert found["arm"].told
    assert not found["knit"].told


def test_a_picture_of_a_ring_is_not_neutral_about_rings() -> None:
    plain, rings = [[0.0, 0.05, 0.9, 0.05]] * 9, [[0.0, 0.05, 0.2, 0.75]] * 9
    shown = [set[int]()] * 9 + [{3}] * 9
    ring = found_beside([[0.5, 0.0, 0.0, 0.5]] * 9, plain + rings, shown=shown)["ring"]
    assert ring.told
    assert ring.neutral_of == 9


def test_noises_are_told_and_prove_nothing() -> None:
    """What every climbed picture shows is no company, though no noise shows it; and what noises
    show may be.
    """
    noises = torch.tensor([[0.0, 0.9, 0.0, 0.1]] * 9)
    found = found_beside([[0.2, 0.4, 0.4, 0.0]] * 9, [[0.5, 0.0, 0.5, 0.0]] * 18, noises)
    knit, arm = found["knit"], found["arm"]
    assert (knit.named, knit.neutral_named, knit.noise_named, knit.told) == (9, 18, 0, False)
    assert (arm.named, arm.neutral_named, arm.noise_named, arm.told) == (9, 0, 9, True)
    assert arm.as_json()["noise_named"] == [9, 9]


def test_one_picture_can_tell_nothing() -> None:
    found = found_beside([[0.5, 0.5]], [[1.0, 0.0]] * 3, NOISES[:, :2], classes=CLASSES[:2])
    assert not found["arm"].told


def test_the_more_classes_the_more_is_asked_of_each() -> None:
    """Of all that may be named, not only of those that are."""
    for count, told in ((4, True), (400, False)):
        classes = [*CLASSES, *(f"thing {k}" for k in range(count - 4))]
        rest = [0.0] * (count - 4)
        arm = found_beside(
            [[0.5, 0.5, 0.0, 0.0, *rest]] * 4 + [[1.0, 0.0, 0.0, 0.0, *rest]] * 2,
            [[1.0, 0.0, 0.0, 0.0, *rest]] * 12,
            torch.zeros(6, count),
            classes=classes,
        )["arm"]
        plain = more_often(4, 6, 0, 12)
        assert arm.chance == pytest.approx(min(1.0, plain * (count - 1)))
        assert arm.told is told


def test_sure_is_under_one_in_twenty() -> None:
    """Against one other class alone: 1 of 1 to 0 of 20 is 1 in 21, to 0 of 19 it is 1 in 20."""
    for neutral, told in ((20, True), (19, False)):
        found = found_beside(
            [[0.5, 0.5]], [[1.0, 0.0]] * neutral, NOISES[:, :2], classes=CLASSES[:2]
        )
        assert found["arm"].told is told


def test_a_class_that_is_called_exactly_so_is_it_and_not_an_earlier_synonym() -> None:
    classes = ("maillot, tank suit", "maillot", "Tank Suit, swimsuit", "bib")
    assert meant("maillot", classes) == {1}
    assert meant("Maillot", classes) == {0, 1}
    assert meant("tank_suit", classes) == {0, 2}
    assert meant("crane", classes) == set()


def test_classes_of_two_networks_that_are_called_the_same() -> None:
    assert alike("tench, Tinca tinca", "Tinca_tinca")
    assert alike("water_lilly", "Water Lilly")
    assert not alike("ring", "spring")
    assert not alike("", " ")


def told_data(beside: dict[str, bool], places: dict[str, float | None]) -> dict[str, Any]:
    side = {
        "name": "j",
        "beside": [{"class": name, "beside": told} for name, told in beside.items()],
        "places": [{"class": name, "elsewhere": part} for name, part in places.items()],
    }
    return {"network": {"name": "n"}, "class": "bird", "judge": side}


def test_what_lies_in_the_same_place_is_a_likeness_and_no_company() -> None:
    beside = {"arm": True, "ibis": True, "knit": False}
    data = told_data(beside, {"bird": None, "arm": 0.9, "ibis": 0.0})
    assert company(data) == (["arm"], ["ibis"], [])
    assert "bird may come with arm:" in verdict(data)
    assert "ibis where it sees bird" in verdict(data)
    assert verdict(told_data({"knit": False}, {})).startswith("j names nothing beside bird")


def test_nothing_is_accused_whose_place_is_not_known() -> None:
    """Not looked for, or by a judge that does not know the class."""
    data = told_data({"arm": True, "hand": True}, {"arm": None})
    assert company(data) == ([], [], ["arm", "hand"])
    assert "may come with" not in verdict(data)
    assert "names arm and hand more often" in verdict(data)
    assert "not known whether it comes with bird or only looks like it" in verdict(data)


def test_heat_lies_where_the_shares_are() -> None:
    picture = np.full((3, 8, 8), 0.5, np.float32)
    shares = np.zeros((8, 8), np.float32)
    shares[2, 3] = 1
    found = heated(picture, shares)
    assert found.shape == (3, 8, 8)
    assert 0 <= found.min() <= found.max() <= 1
    assert found.sum(0).argmax() == 2 * 8 + 3
    assert np.ptp(heated(picture, 0 * shares)) == 0
