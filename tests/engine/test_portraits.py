"""Many pictures climbed at once, each as if it were alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dispatched import COPIED, Made
from torch import Tensor

from dreamer.dreaming import climb
from dreamer.engine.execution import decide
from dreamer.engine.portraits import (
    PARAMETERISATIONS,
    Score,
    channel_score,
    class_score,
    layer_score,
)
from dreamer.networks.cards import catalogue_card
from dreamer.networks.trace import Point

WAYS = sorted(PARAMETERISATIONS)
CPU = decide("cpu", "float32")
JUDGE = catalogue_card("judge")
SCORES: dict[str, Callable[..., Score]] = {
    "classes": class_score,
    "channels": lambda card, execution: channel_score(card, Point("stage2"), execution),
    "layers": lambda card, execution: layer_score(card, Point("stage2", True), execution),
}


def colours(pictures: Tensor, shown: Tensor) -> Tensor:
    """How much of the colour number `shown` there is, by a network nobody need load."""
    smooth = F.avg_pool2d(pictures, 3).tanh()
    return smooth.mean((2, 3)).gather(1, shown[:, None])[:, 0] - smooth.mean((1, 2, 3))


@pytest.mark.parametrize("way", WAYS)
def test_each_climbs_towards_its_own(way: str) -> None:
    made = PARAMETERISATIONS[way](colours, (0, 1, 2), (7, 7, 7), 24, (1,), CPU)
    assert made.shape == (3, 3, 24, 24)
    assert made.min() >= 0
    assert made.max() <= 1
    assert made.mean((2, 3)).argmax(1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_does_not_know_its_place_nor_its_neighbours(way: str) -> None:
    first = PARAMETERISATIONS[way](colours, (2, 0, 1), (30, 10, 20), 24, (1,), CPU)
    other = PARAMETERISATIONS[way](colours, (0, 0, 0, 2), (3, 4, 10, 30), 24, (1,), CPU)
    assert torch.allclose(first[0], other[3], atol=1e-4)
    assert torch.allclose(first[1], other[2], atol=1e-4)
    assert not torch.allclose(other[0], other[1], atol=0.05), "each begins in its own way"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_all_is_on_one_device_and_nothing_read_back(way: str, score: Callable[..., Score]) -> None:
    """A device without numbers shows both, where there is no GPU: there is nothing to read."""
    nowhere = replace(CPU, device="meta", precision="bfloat16")
    made = PARAMETERISATIONS[way](score(JUDGE, nowhere), (0, 3), (1, 2), 32, (1,), nowhere)
    assert made.device.type == "meta"
    assert made.shape == (2, 3, 32, 32)


@pytest.mark.parametrize("way", WAYS)
def test_a_step_makes_no_constants(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, noted = climb.step, Made()

    def step(*args: Any, **kwargs: Any) -> climb.Step:
        with noted:
            return whole(*args, **kwargs)

    monkeypatch.setattr(climb, "step", step)
    score = channel_score(JUDGE, Point("stage2"), CPU)
    PARAMETERISATIONS[way](score, (0, 3), (1, 2), 32, (1,), CPU)
    assert noted.seen
    assert not COPIED & set(noted.seen)


def test_a_channel_that_wants_all_white_does_not_get_it_at_once() -> None:
    def light(pictures: Tensor, _: Tensor) -> Tensor:
        return pictures.mean((1, 2, 3)) + 0.01 * pictures[:, :, ::2].mean((1, 2, 3))

    (made,) = PARAMETERISATIONS["pixels"](light, (0,), (1,), 32, (1,), CPU)
    assert 0.6 < made.mean() < 0.97
    assert made.std() > 0.05


@pytest.mark.gpu
@pytest.mark.parametrize("way", WAYS)
def test_on_a_gpu_no_step_waits_and_the_picture_is_that_of_the_cpu(way: str) -> None:
    gpu = decide("cuda", "float32")
    score = channel_score(JUDGE, Point("stage2"), gpu)

    def on_step() -> None:
        torch.cuda.set_sync_debug_mode("error")

    try:
        made = PARAMETERISATIONS[way](score, (0, 3), (1, 2), 64, (1,), gpu, on_step)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    cpu = PARAMETERISATIONS[way](
        channel_score(JUDGE, Point("stage2"), CPU), (0, 3), (1, 2), 64, (1,), CPU
    )
    assert (made.cpu() - cpu).abs().mean() < 0.02
