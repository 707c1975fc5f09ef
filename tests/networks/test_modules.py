"""Modules of a person's own become cards, or are refused in words."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from built import network
from torch import Tensor, nn

from dreamer.dreaming.objectives import Tap
from dreamer.engine import execution
from dreamer.engine.perceive import perceiver
from dreamer.errors import NetworkError
from dreamer.networks.modules import from_module, opened
from dreamer.networks.trace import LOGITS, Point

FP32 = execution.decide("cpu", "float32")


def functional(x: Tensor) -> Tensor:
    x = F.local_response_norm(F.relu6(x, inplace=True), 5, k=2.0)
    x = F.hardswish(F.max_pool2d(x, 3, 2, ceil_mode=True))
    return F.adaptive_avg_pool2d(x, (5, 3))


class Odd(nn.Module):
    """Everything that a graph may hold: functions in place, uneven pooling, a reused input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.relu = nn.ReLU(inplace=True)
        self.after = nn.Conv2d(8, 8, 1)
        self.fc = nn.Linear(8 * 15, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        y = self.relu(x)
        x = self.after(x + y)  # x has been written over by then
        x += y
        return self.fc(functional(x).flatten(1))


def test_a_module_of_ones_own() -> None:
    module = Odd().train()
    twin = Odd().eval()
    twin.load_state_dict(module.state_dict())
    before = {k: v.clone() for k, v in module.state_dict().items()}
    card = from_module(module, "odd", native=32, mean=(0, 0, 0), std=(1, 1, 1), scale=255.0)
    picture = torch.rand(1, 3, 32, 32)
    # its adaptive pooling is no crop, so that it has no classes at every position
    assert card.classes == ()
    tap, pre = Tap("odd", "after"), Tap("odd", "relu", True)
    seen = perceiver({"odd": card}, [tap, pre], FP32)(picture)
    with torch.no_grad():
        x = twin.conv(255 * picture)
        torch.testing.assert_close(seen[pre], x, rtol=1e-4, atol=1e-3)
        right = twin.after(2 * F.relu(x))
        torch.testing.assert_close(seen[tap], right, rtol=1e-4, atol=1e-3)
    assert module.training
    assert all(p.requires_grad for p in module.parameters())
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    with pytest.raises(NetworkError, match=r"at every position: .*pool"):
        opened(card).perception([Point(LOGITS)])


def test_a_whole_network_of_ones_own_has_classes() -> None:
    module = network("torchvision:squeezenet1_1")
    card = from_module(module, "mine", classes=tuple("abcdef"), default_layer="features.12")
    assert card.classes[5] == "f"
    assert card.layer("logits").channels == 6
    assert not card.crops
    with pytest.raises(NetworkError, match="6 classes, and 1 names"):
        from_module(module, "mine", classes=("a",))
    with pytest.raises(NetworkError, match="no layer 'nothing'"):
        from_module(module, "mine", default_layer="nothing")


def test_what_cannot_be_followed_says_so() -> None:
    class Deciding(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if x.mean() > 0 else -x

    with pytest.raises(NetworkError, match="the way of a picture through Deciding cannot be"):
        from_module(Deciding(), "deciding")


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)),
        nn.Sequential(*list(network("torchvision:resnet18").children())[:-2]),
    ],
)
def test_a_module_without_a_head_has_layers_alone(module: nn.Module) -> None:
    card = from_module(module, "headless", native=64)
    assert card.classes == ()
    assert card.layers[-1].name == list(module._modules)[-1]
    picture = torch.rand(1, 3, 64, 64)
    tap = Tap("headless", card.layers[-1].name)
    seen = perceiver({"headless": card}, [tap], FP32)(picture)[tap]
    mean, std = (torch.tensor(three)[:, None, None] for three in (card.mean, card.std))
    with torch.no_grad():
        right = copy.deepcopy(module).eval()((picture - mean) / std)
    torch.testing.assert_close(seen, right, rtol=1e-3, atol=1e-3)
    with pytest.raises(NetworkError, match="classes cannot be looked for at every position"):
        from_module(module, "headless", native=64, classes=("a", "b"))


def test_logits_are_the_head_and_no_layer_of_that_name() -> None:
    class Middle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.logits = nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(4, 7)

        def forward(self, x: Tensor) -> Tensor:
            return self.fc(self.logits(x).mean((2, 3)))

    assert from_module(Middle(), "middle").layer("logits").channels == 7
    alone = nn.Sequential(OrderedDict(logits=nn.Conv2d(3, 4, 3)))
    with pytest.raises(NetworkError, match=r"no layer but 'logits'.*: call it otherwise"):
        from_module(alone, "alone")


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_what_is_no_module_to_follow_says_so() -> None:
    class Blind(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self) -> Tensor:
            return self.conv(torch.zeros(1, 3, 8, 8))

    with pytest.raises(NetworkError, match=r"expected a torch\.nn\.Module, got NoneType"):
        from_module(None, "nothing")  # type: ignore[arg-type]
    with pytest.raises(NetworkError, match="ScriptModule"):
        from_module(torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3))), "script")
    with pytest.raises(NetworkError, match="lazy layers have no sizes"):
        from_module(nn.Sequential(nn.LazyConv2d(4, 3)), "lazy")
    with pytest.raises(NetworkError, match="Blind takes no picture"):
        from_module(Blind(), "blind")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"std": (0, 0, 0)}, "std: expected three numbers above 0"),
        ({"mean": (0.5, 0.5)}, "mean: expected three numbers"),
        ({"order": "bgr"}, "order: expected 'RGB' or 'BGR'"),
        ({"scale": "255"}, "scale: expected a number above 0"),
        ({"native": 0}, "native: expected a whole number from 1 on"),
        ({"classes": "abcdef"}, "classes: expected names"),
    ],
)
def test_a_modules_words_are_checked_as_a_cards(said: dict[str, Any], wanted: str) -> None:
    with pytest.raises(NetworkError, match=wanted):
        from_module(nn.Sequential(nn.Conv2d(3, 4, 3)), "mine", **said)
