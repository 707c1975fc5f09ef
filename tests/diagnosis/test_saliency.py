"""Parts of a diagnosis, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from dreamer.draw.heat import heated
from dreamer.dreaming.integrated import core, integrated_gradients, saliency, without
from dreamer.engine.company import alike, companions, more_often
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


def test_a_companion_is_named_more_often_than_elsewhere() -> None:
    classes = ("dumbbell", "arm", "knit", "ring")
    seen = torch.tensor([[0.5, 0.3, 0.2, 0.0]] * 9)
    plain = [[0.0, 0.05, 0.9, 0.05]] * 9  # it names knit everywhere
    rings = [[0.0, 0.05, 0.2, 0.75]] * 9
    shown = [""] * 9 + ["Ring"] * 9
    found = {c.name: c for c in companions(seen, torch.tensor(plain + rings), shown, classes, "1")}
    assert found.keys() == {"dumbbell", "arm", "knit"}
    found = {
        c.name: c for c in companions(seen, torch.tensor(plain + rings), shown, classes, "Dumbbell")
    }
    assert found.keys() == {"arm", "knit"}, "itself is not beside itself"
    assert found["arm"].told
    assert not found["knit"].told
    rings_seen = torch.tensor([[0.5, 0.0, 0.0, 0.5]] * 9)
    (ring,) = companions(rings_seen, torch.tensor(plain + rings), shown, classes, "dumbbell")
    assert ring.told
    assert ring.neutral_of == 9, "a picture of a ring is not neutral about rings"


def test_one_picture_can_tell_nothing() -> None:
    seen, neutral = torch.tensor([[0.5, 0.5]]), torch.tensor([[1.0, 0.0]] * 3)
    (found,) = companions(seen, neutral, [""] * 3, ("a", "b"), "a")
    assert not found.told


def test_classes_of_two_networks_that_are_called_the_same() -> None:
    assert alike("tench, Tinca tinca", "Tinca_tinca")
    assert alike("water_lilly", "Water Lilly")
    assert not alike("ring", "spring")
    assert not alike("", " ")


def test_what_lies_in_the_same_place_is_a_likeness_and_no_company() -> None:
    rows = [{"class": name, "beside": name != "knit"} for name in ("arm", "ibis", "knit", "hand")]
    places = [{"class": "arm", "elsewhere": 0.9}, {"class": "ibis", "elsewhere": 0.0}]
    data = {"network": {"name": "n"}, "class": "bird", "judge": {"name": "j", "beside": rows}}
    data["judge"]["places"] = [{"class": "bird", "elsewhere": None}, *places]
    assert company(data) == (["arm", "hand"], ["ibis"])
    assert "bird may come with arm and hand" in verdict(data)
    assert "ibis where it sees bird" in verdict(data)
    data["judge"]["beside"] = rows[2:3]
    assert verdict(data).startswith("j names nothing beside bird")


def test_heat_lies_where_the_shares_are() -> None:
    picture = np.full((3, 8, 8), 0.5, np.float32)
    shares = np.zeros((8, 8), np.float32)
    shares[2, 3] = 1
    found = heated(picture, shares)
    assert found.shape == (3, 8, 8)
    assert 0 <= found.min() <= found.max() <= 1
    assert found.sum(0).argmax() == 2 * 8 + 3
    assert np.ptp(heated(picture, 0 * shares)) == 0
