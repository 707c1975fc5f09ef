"""Architectures without a card of their own have another's range and layers, and their own sums."""

from __future__ import annotations

import pytest
import torch

from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.cards import Weights
from dreamer.networks.own_cards import SHARED, own_card
from dreamer.networks.trace import Point, Traced


@pytest.mark.parametrize("name", SHARED)
def test_the_range_is_the_others(name: str) -> None:
    mine, theirs = (own_card(n, Weights("file", "mine.pth")) for n in (name, SHARED[name]))
    assert (mine.architecture, mine.name) == (name, "mine")
    assert (mine.mean, mine.order, mine.scale) == (theirs.mean, theirs.order, theirs.scale)
    assert own_card(name, Weights("random")).name == f"{name}:random"


@pytest.mark.parametrize("name", SHARED)
def test_the_layers_are_as_wide_as_the_card_says(name: str) -> None:
    kind = ARCHITECTURES[name]
    rows = [row for row in own_card(name, Weights("random")).layers if row.name in kind.names]
    assert len(rows) > 60
    module = kind.build(3).eval()
    initialise(module, 0)
    with torch.no_grad():
        found = Traced(module, kind).perception([Point(row.name) for row in rows])
        seen = found(torch.zeros(1, 3, 64, 64))
    assert [x.shape[1] for x in seen] == [row.channels for row in rows]


def test_the_same_weights_mean_something_else_to_dream_creator() -> None:
    one, other = (ARCHITECTURES[f"{who}-googlenet"].build(7) for who in ("bvlc", "dream-creator"))
    initialise(one, 0)
    other.load_state_dict(one.state_dict())
    x = 100 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        first, second = one.eval()(x), other.eval()(x)
    assert (first - second).abs().max() > 0.01 * first.abs().max()
