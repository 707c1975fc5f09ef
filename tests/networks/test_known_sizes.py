"""Sizes by formula are those of torch's meta device, for every architecture and odd windows."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import fx, nn

from dreamer.networks import shapes as measuring
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.known_sizes import of_function, of_module
from dreamer.networks.trace import Traced
from dreamer.networks.unfilled import Unfilled

MODULES = [
    *(
        nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceiling)
        for kernel, stride, padding, ceiling in product((2, 3), (1, 2, 3), (0, 1), (False, True))
    ),
    nn.AvgPool2d((3, 2), 2, ceil_mode=True),
    nn.AvgPool2d(3, (2, 1), 1),
    nn.Conv2d(8, 5, (3, 1), (2, 1), (1, 0)),
    nn.Conv2d(8, 4, 3, dilation=2, groups=4),
    nn.Conv2d(8, 4, 3, padding="same"),
    nn.BatchNorm2d(8).eval(),
    nn.LocalResponseNorm(5),
    nn.AdaptiveAvgPool2d(1),
    nn.AdaptiveAvgPool2d((3, None)),
    nn.Flatten(),
    nn.SiLU(),
]


@pytest.mark.parametrize("side", [7, 8, 13])
@pytest.mark.parametrize("part", MODULES, ids=str)
def test_a_window_fits_as_often_as_torch_says(part: nn.Module, side: int) -> None:
    size = (2, 8, side, side + 3)

    found = of_module(part, size)

    assert found in (tuple(part(torch.zeros(size)).shape), None)
    assert (found is None) == (part.__dict__.get("padding") == "same")


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (torch.cat, ([torch.zeros(2, 3, 5, 5), torch.zeros(2, 4, 5, 5)], 1), {}),
        (torch.cat, ([torch.zeros(2, 3, 5, 5), torch.zeros(2, 3, 2, 5)], -2), {}),
        (F.avg_pool2d, (torch.zeros(2, 3, 7, 9), 3, 2), {"ceil_mode": True}),
        (F.avg_pool2d, (torch.zeros(2, 3, 7, 9), (2, 3)), {}),
        (torch.mean, (torch.zeros(2, 3, 7, 9), (2, -1)), {}),
        (torch.mean, (torch.zeros(2, 3, 7, 9), 1), {"keepdim": True}),
        (torch.flatten, (torch.zeros(2, 3, 7, 9), 1), {}),
        (torch.add, (torch.zeros(2, 3, 7, 9), torch.zeros(2, 3, 7, 9)), {}),
    ],
)
def test_a_function_makes_what_torch_makes(function: object, arguments: tuple, words: dict) -> None:
    assert of_function(function, arguments, words) == tuple(function(*arguments, **words).shape)


@pytest.mark.parametrize(
    ("part", "size"),
    [
        (nn.Conv2d(8, 4, 3), (1, 7, 9, 9)),
        (nn.Conv2d(8, 4, 3), (1, 8, 2, 9)),
        (nn.MaxPool2d(5), (1, 8, 4, 4)),
        (nn.Linear(8, 4), (1, 7)),
        (nn.BatchNorm2d(8), (1, 7, 9, 9)),
    ],
    ids=str,
)
def test_what_does_not_fit_is_left_to_torch_to_refuse(part: nn.Module, size: tuple) -> None:
    assert of_module(part, size) is None


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_all_sizes_of_every_architecture_are_those_of_the_meta_device(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ARCHITECTURES[name]
    with Unfilled():
        traced = Traced(row.build(10), row)
    side = row.native + 9

    found = measuring.shapes(traced.root, traced.graph, side, side)

    monkeypatch.setattr(measuring, "of_module", lambda part, size: None)
    monkeypatch.setattr(measuring, "of_function", lambda target, args, kwargs: None)
    expected = measuring.shapes(traced.root, traced.graph, side, side)
    assert found == expected
    assert len(found) > 5
    assert all(isinstance(node, fx.Node) for node in found)


def test_opening_a_network_of_our_own_does_not_import_torchs_compiler() -> None:
    script = (
        "import sys\n"
        "from dreamer.networks.cards import catalogue_card\n"
        "from dreamer.networks.modules import opened\n"
        "opened(catalogue_card('house'))\n"
        "print([m for m in ('torch._dynamo', 'sympy', 'torchvision') if m in sys.modules])\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )

    assert said.stdout.strip() == "[]"
