"""What places of a network's maps look at, against what they change with."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dreamer.engine.execution import decide
from dreamer.engine.perceive import cut
from dreamer.errors import NetworkError
from dreamer.networks.cards import Card
from dreamer.networks.modules import from_module, torchvision_card
from dreamer.networks.reach import Reach, reaches
from dreamer.networks.trace import LOGITS, Point

FP32 = decide("cpu", "float32")


class Odd(nn.Module):
    """Padded here and not there, dilated, pooled with steps, put together."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 5, stride=2, padding=1)
        self.far = nn.Conv2d(4, 4, 3, dilation=2, padding=2)
        self.near = nn.Conv2d(4, 4, 1)
        self.last = nn.Conv2d(8, 2, (1, 3), padding=(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(self.first(x), 3, 2)
        return self.last(torch.cat([self.far(x), self.near(x)], 1))


def smooth(card: Card, layer: str) -> tuple[nn.Module, Reach]:
    network = cut(card, [Point(layer)], FP32)
    for part in network.modules():
        if isinstance(part, nn.Conv2d):  # all positive: nothing cancels out
            nn.init.uniform_(part.weight, 0.1, 1)
    (found,) = reaches(network)
    return network, found


@pytest.mark.parametrize(
    ("card", "layer", "size"),
    [
        (from_module(Odd(), "odd", native=64), "last", 90),
        (torchvision_card("torchvision:vgg11"), "features.10", 160),
        (torchvision_card("torchvision:googlenet"), "inception3a", 140),
    ],
    ids=["odd", "vgg11", "googlenet"],
)
def test_a_place_looks_as_far_as_is_said_and_no_further(card: Card, layer: str, size: int) -> None:
    network, reach = smooth(card, layer)
    picture = torch.full((1, 3, size, size), 0.5).requires_grad_()
    seen = network(picture)[0]
    place = seen.shape[2] // 2
    (slope,) = torch.autograd.grad(seen[:, :, place, place].sum(), picture)
    across = slope.abs().sum((0, 1, 2)).nonzero().flatten()
    middle = reach.stride * place
    assert middle - reach.before <= across.min()
    assert across.max() <= middle + reach.after
    if card.name == "odd":  # the largest of a window is one of it, and here the first
        assert (across.min(), across.max()) == (middle - reach.before, middle + reach.after)


def test_house_is_seen_so() -> None:
    from dreamer.networks.house import House

    card = from_module(House(10), "mine", native=64)
    (reach,) = reaches(cut(card, [Point("inception_4a.c5x5")], FP32))
    assert reach == Reach(8, 43, 50)


def test_what_sees_everything_has_no_reach() -> None:
    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Conv2d(3, 4, 3, padding=1)
            self.after = nn.Conv2d(4, 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.body(x)
            return self.after(x * x.mean((2, 3), keepdim=True))

    card = from_module(Mean(), "mean", native=32)
    assert reaches(cut(card, [Point("body")], FP32)) == (Reach(1, 1, 1),)
    with pytest.raises(
        NetworkError, match="mean is not known to look at a part of the picture alone"
    ):
        reaches(cut(card, [Point("after")], FP32))


def test_heads_at_every_position_reach_too() -> None:
    from dreamer.networks.house import House

    card = from_module(House(10), "mine", native=64)
    (reach,) = reaches(cut(card, [Point(LOGITS)], FP32))
    assert reach.stride == 16
    assert reach.before > 150
