"""What a diagnosis is made of, on a network whose every number is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dreamer.dreaming.integrated import without
from dreamer.engine.company import NAMED
from dreamer.engine.diagnosis import (
    NEUTRAL,
    REMOVED,
    class_picture,
    diagnosis,
    neutral_pictures,
    plain_noises,
)
from dreamer.engine.execution import decide, under
from dreamer.engine.portraits import class_score
from dreamer.engine.saliency import Viewer, viewer
from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module

FP32 = decide("cpu", "float32")
SIDE = 16
CLASSES = ("left", "right", "red", "rest")


def halves() -> nn.Module:
    """Four logits, linear in the picture: green on the left, green on the right, red anywhere, and
    a constant; in [0, 1], as the card says.
    """
    linear = nn.Linear(3 * SIDE * SIDE, len(CLASSES))
    weight = torch.zeros(len(CLASSES), 3, SIDE, SIDE)
    weight[0, 1, :, : SIDE // 2] = 0.05
    weight[1, 1, :, SIDE // 2 :] = 0.05
    weight[2, 0] = 0.02
    linear.weight.data = weight.flatten(1)
    linear.bias.data = torch.tensor([0.0, 0.0, 0.0, 0.5])
    return nn.Sequential(nn.Identity(), nn.Flatten(), linear)


def card(name: str = "halves", classes: tuple[str, ...] = CLASSES) -> Card:
    return from_module(
        halves(), name, native=SIDE, mean=(0.0,) * 3, std=(1.0,) * 3, classes=classes
    )


@pytest.fixture(scope="module")
def eyes() -> Viewer:
    return viewer(card(), FP32)


def blobs(count: int = 1) -> Tensor:
    """A green blob on the left, a red one on the right."""
    pictures = torch.full((count, 3, SIDE, SIDE), 0.2)
    pictures[:, 1, 4:12, 2:6] = 1.0
    pictures[:, 0, 4:12, 10:14] = 1.0
    return pictures


def test_log_odds_are_of_the_class_against_all_others(eyes: Viewer) -> None:
    pictures = torch.rand(3, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(4))
    share = eyes.probabilities(pictures)
    for number in range(len(CLASSES)):
        expected = torch.log(share[:, number] / (1 - share[:, number]))
        found = eyes.log_odds(pictures, number)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_log_odds_of_an_only_class_are_its_logit() -> None:
    only = Viewer(card(), lambda pictures: pictures.mean((2, 3))[:, :1])
    assert only.log_odds(torch.full((2, 3, 4, 4), 0.3), 0).tolist() == pytest.approx([0.3, 0.3])


def test_saliency_is_where_the_asked_class_comes_from_and_no_other(eyes: Viewer) -> None:
    with under(FP32), torch.no_grad():
        green, red = (eyes.saliency(blobs(), number)[0, 0] for number in (0, 2))
    left = slice(0, SIDE // 2), slice(SIDE // 2, SIDE)
    for shares, own, other in ((green, *left), (red, *left[::-1])):
        assert shares.sum().item() == pytest.approx(1, abs=1e-4)
        assert shares[:, own].sum() > 3 * shares[:, other].sum()


def test_the_neutral_pictures_are_those_of_other_classes() -> None:
    halved = card()
    score = class_score(halved, FP32)
    others, shown = neutral_pictures(halved, 1, 1, 5, FP32)
    assert shown == [0, 2, 3], "each once, and not the asked one"
    assert len(others) == NEUTRAL
    with under(FP32), torch.no_grad():
        for k, number in enumerate(shown):
            assert torch.equal(others[k : k + 1], class_picture(halved, score, number, k, 5, FP32))
    noises = plain_noises(SIDE, 3, 5)
    assert noises.shape == (3, 3, SIDE, SIDE)
    assert all((noises[k] - other).abs().max() > 0.05 for k in range(3) for other in others)


def test_a_network_of_one_class_has_no_neutral_pictures() -> None:
    lone = nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 1))
    alone = from_module(lone, "alone", native=SIDE, classes=("it",))
    others, shown = neutral_pictures(alone, 0, 2, 5, FP32)
    assert (len(others), shown) == (0, [])
    found = diagnosis(alone, 0, card(), 2, 5, FP32)
    assert not any(c.told for c in found.judge.companions)


def test_a_diagnosis_of_the_left_half(eyes: Viewer) -> None:
    """The judge is the same network: what it sees is known."""
    names = ("else", "right", "left, port", "left")
    found = diagnosis(card(), 0, card("judge", names), 4, 5, FP32)
    assert found.asked == "left"
    with under(FP32), torch.no_grad():
        assert torch.equal(found.shares, eyes.saliency(found.pictures, 0))
        bare = without(found.pictures, found.shares, REMOVED)
        whole, salient = (eyes.log_odds(p, 0).mean().item() for p in (found.pictures, bare))
    assert found.faithful.whole == pytest.approx(whole)
    assert found.faithful.salient == pytest.approx(salient)
    lost, by_chance = whole - salient, whole - found.faithful.chance
    assert lost > 10 * abs(by_chance)
    assert found.judge.places[0].name == "left", "exactly so, and not a synonym before it"
    row = next(c for c in found.judge.companions if c.name == "else")
    others = eyes.probabilities(neutral_pictures(card(), 0, 4, 5, FP32)[0])[:, 0]
    assert (row.named, row.of) == (4, 4)
    assert (row.neutral_named, row.neutral_of) == (int((others >= NAMED).sum()), 12)
    assert row.noise_of == 4
    assert all(c.name != "left" for c in found.own.companions), "itself is not beside itself"
