"""Architectures that `train` learns: their numbers by hand, their sums by plain functions, and that
they are dreamt with as others are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from built import network
from torch import Tensor, nn

from dreamer.engine.lookup import card_of, described, ref_of
from dreamer.errors import NetworkError
from dreamer.learn.model import require_side, trainable, trained_here
from dreamer.networks.architectures import ARCHITECTURES, initialise
from dreamer.networks.own_cards import LEARNT_HERE
from dreamer.networks.table import layer_rows
from dreamer.networks.trace import LOGITS, Point, Traced

PATTERN = "vgg:8,8,M,16,16,M/bn,fc32,dropout.3@32"
LEARNT = (*LEARNT_HERE, PATTERN, "vgg:8,M,16,M,24@32", "vgg:8,M,16/mean,fc12@24")


def chance(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def convolutions(rows: list[tuple[int, int, int, int, int]]) -> tuple[int, int]:
    """Weights and multiply-adds of convolutions `(in, out, kernel, groups, side of the output)`."""
    found = np.array(rows, dtype=np.int64)
    weights = found[:, 0] // found[:, 3] * found[:, 1] * found[:, 2] ** 2
    return int(weights.sum()), int((weights * found[:, 4] ** 2).sum())


@pytest.mark.parametrize(("side", "sides"), [(96, (48, 24, 12, 12, 12)), (64, (32, 16, 8, 8, 8))])
def test_alexnets_cost_what_a_hand_counts(side: int, sides: tuple[int, ...]) -> None:
    widths = (3, 96, 256, 384, 384, 256)
    wide = zip(widths, widths[1:], (7, 5, 3, 3, 3), (1, 2, 1, 2, 2), sides, strict=False)
    weights, macs = convolutions(list(wide))
    full = np.array([256 * 6 * 6 * 1024, 1024 * 1024, 1024 * 20])
    _, totals = layer_rows("alexnet-bn", 20, side)
    norms = 2 * (sum(widths[1:]) + 2 * 1024)
    assert totals.parameters == weights + full.sum() + norms + 20 == 12_825_076
    assert totals.multiply_adds == macs + full.sum()
    slim = (3, 48, 96, 160, 160, 160)
    weights, macs = convolutions(
        list(zip(slim, slim[1:], (5, 3, 3, 3, 3), (1,) * 5, sides, strict=False))
    )
    _, lean = layer_rows("alexnet-lean", 20, side)
    assert lean.parameters == weights + 2 * sum(slim[1:]) + 160 * 20 + 20 == 648_580
    assert lean.multiply_adds == macs + 160 * 20
    assert 10 * lean.parameters < totals.parameters
    stated = {96: (506_621_952, 118_447_232), 64: (231_002_112, 52_644_992)}
    assert (totals.multiply_adds, lean.multiply_adds) == stated[side]


def test_keras_mnist_has_the_parameters_that_keras_counts() -> None:
    rows, totals = layer_rows("keras-mnist", 10)
    assert totals.parameters == 1_199_882
    assert totals.multiply_adds == 26**2 * 32 * 9 + 24**2 * 64 * 32 * 9 + 9216 * 128 + 1280
    assert [row.receptive_field for row in rows] == [3, 5, 6, 28, 28]
    assert [row.parameters for row in rows] == [320, 18_496, 0, 1_179_776, 1_290]


def normed(x: Tensor, state: Mapping[str, Tensor], name: str) -> Tensor:
    return F.batch_norm(
        x,
        state[f"{name}.running_mean"],
        state[f"{name}.running_var"],
        state[f"{name}.weight"],
        state[f"{name}.bias"],
    )


def rectified(
    x: Tensor, w: Mapping[str, Tensor], name: str, stride: int, groups: int = 1
) -> Tensor:
    kernel = w[f"{name}.conv.weight"]
    x = F.conv2d(x, kernel, None, stride, kernel.shape[2] // 2, 1, groups)
    return F.relu(normed(x, w, f"{name}.bn"))


def alexnet_by_hand(w: Mapping[str, Tensor], x: Tensor, groups: int) -> dict[str, Tensor]:
    """Every layer of either AlexNet up to the last map."""
    seen = {"conv1": rectified(x, w, "conv1", 2)}
    seen["pool1"] = F.max_pool2d(seen["conv1"], 3, 2, ceil_mode=True)
    seen["conv2"] = rectified(seen["pool1"], w, "conv2", 1, groups)
    seen["pool2"] = F.max_pool2d(seen["conv2"], 3, 2, ceil_mode=True)
    seen["conv3"] = rectified(seen["pool2"], w, "conv3", 1)
    seen["conv4"] = rectified(seen["conv3"], w, "conv4", 1, groups)
    seen["conv5"] = rectified(seen["conv4"], w, "conv5", 1, groups)
    return seen


def with_norms(name: str, classes: int = 6) -> nn.Module:
    """A network by chance, also the norms of its fully connected layers."""
    module = network(name, classes)
    chance = torch.Generator().manual_seed(5)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5, generator=chance)
            nn.init.normal_(part.bias, 0, 0.2, generator=chance)
            part.running_mean.normal_(0, 0.1, generator=chance)
            part.running_var.uniform_(0.5, 2, generator=chance)
    return module


@torch.no_grad()
def test_alexnet_is_what_plain_functions_compute() -> None:
    module, picture = with_norms("alexnet-bn"), chance(2, 3, 96, 96)
    w = module.state_dict()
    seen = alexnet_by_hand(w, picture, groups=2)
    maps = F.max_pool2d(seen["conv5"], 3, 2, ceil_mode=True)
    assert maps.shape[1:] == (256, 6, 6)
    y = maps.flatten(1)
    for number in "67":
        y = F.relu(normed(F.linear(y, w[f"fc{number}.weight"]), w, f"bn{number}"))
    logits = F.linear(y, w["fc8.weight"], w["fc8.bias"])
    torch.testing.assert_close(module(picture), logits)
    traced = Traced(module, ARCHITECTURES["alexnet-bn"])
    names = ("conv1", "pool1", "conv2", "pool2", "conv4", "conv5")
    cut = traced.perception([*map(Point, names), Point("fc7"), Point(LOGITS)])
    *found, fc7, everywhere = cut(picture)
    for name, activation in zip(names, found, strict=True):
        torch.testing.assert_close(activation, seen[name], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(fc7[..., 0, 0], y, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(everywhere[..., 0, 0], logits, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_lean_is_what_plain_functions_compute() -> None:
    module, picture = with_norms("alexnet-lean"), chance(2, 3, 72, 64)
    w = module.state_dict()
    maps = alexnet_by_hand(w, picture, groups=1)["conv5"]
    logits = F.linear(maps.mean((2, 3)), w["fc6.weight"], w["fc6.bias"])
    torch.testing.assert_close(module(picture), logits)


@torch.no_grad()
def test_keras_mnist_is_what_plain_functions_compute_of_grey() -> None:
    module, picture = network("keras-mnist", 10), chance(2, 3, 28, 28)
    w = module.state_dict()
    x = (picture[:, 0] + picture[:, 1] + picture[:, 2])[:, None] / 3
    for name in ("conv1", "conv2"):
        x = F.relu(F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"]))
    x = F.relu(F.linear(F.max_pool2d(x, 2).flatten(1), w["dense1.weight"], w["dense1.bias"]))
    torch.testing.assert_close(module(picture), F.linear(x, w["dense2.weight"], w["dense2.bias"]))


def test_keras_mnist_begins_as_keras_lets_it() -> None:
    """Evenly within Glorot's bounds, and another network by He's."""
    module = trainable("keras-mnist", 10, 3).net
    for name, bound in (
        ("conv1", (6 / (9 + 9 * 32)) ** 0.5),
        ("dense1", (6 / (9216 + 128)) ** 0.5),
    ):
        weight = module.get_parameter(f"{name}.weight")
        assert 0.97 * bound < weight.abs().max() <= bound
        assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.06)
        assert not module.get_parameter(f"{name}.bias").any()
    again, other = trainable("keras-mnist", 10, 3).net, trainable("keras-mnist", 10, 4).net
    assert torch.equal(again.dense2.weight, module.dense2.weight)
    assert not torch.equal(other.dense2.weight, module.dense2.weight)
    he = trainable("alexnet-lean", 10, 3).net.conv5.conv.weight
    assert he.std().item() == pytest.approx((2 / (160 * 9)) ** 0.5, rel=0.02)


@pytest.mark.parametrize("name", LEARNT)
@torch.no_grad()
def test_the_head_everywhere_is_the_networks_own(name: str) -> None:
    """At the native size, and at smaller ones; batch norms are folded away, in the head too."""
    module, row = with_norms(name), ARCHITECTURES[name]
    cut = Traced(module, row).perception([Point(LOGITS)])
    assert not [m for m in cut.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    for side in (row.native, row.native - 6):
        picture = chance(2, 3, side, side, seed=side)
        (logits,) = cut(picture)
        torch.testing.assert_close(logits.mean((2, 3)), module(picture), rtol=1e-4, atol=1e-4)
    assert cut(chance(1, 3, 2 * row.native, row.native))[0].shape[2] > 1


@pytest.mark.parametrize("name", LEARNT)
def test_a_few_steps_lower_the_loss(name: str) -> None:
    torch.manual_seed(0)
    model = trainable(name, 3, 1).train()
    side = min(48, ARCHITECTURES[name].native)
    colours = torch.tensor([[0.9, 0.2, 0.2], [0.2, 0.9, 0.2], [0.2, 0.2, 0.9]])
    labels = torch.arange(12) % 3
    pictures = (colours[labels][:, :, None, None] + 0.2 * chance(12, 3, side, side)).clamp(0, 1)
    if name == "keras-mnist":  # which sees no colours
        pictures = pictures * (labels + 1)[:, None, None, None] / 3
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    losses = []
    for _ in range(8):
        loss = F.cross_entropy(model(pictures), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert min(losses[-2:]) < 0.7 * losses[0]


def test_architectures_without_a_shipped_card_are_those_that_are_listed() -> None:
    trained = {name for name, row in ARCHITECTURES.items() if row.trainable is not None}
    assert trained - {"house", "judge"} == {*LEARNT_HERE}


@pytest.mark.parametrize("name", LEARNT)
def test_one_that_has_learnt_nothing_has_a_card(name: str) -> None:
    card = described(f"{name}:random")
    row = ARCHITECTURES[name]
    assert (card.architecture, card.native) == (name, row.native)
    assert card.default_layer in row.names
    assert card.crops == (not ends_in_a_mean(name))
    assert [layer.name for layer in card.layers][-1] == LOGITS
    assert card_of(ref_of(f"{name}:random")) == card
    with pytest.raises(NetworkError, match=r"is an architecture, and no network .*:random"):
        described(name)


def ends_in_a_mean(name: str) -> bool:
    """Whether the class head is one linear layer after a mean over all places."""
    return name == "alexnet-lean" or (name.startswith("vgg:") and "fc" not in name)


def test_pictures_that_a_head_could_not_use_as_it_learnt_them_are_refused() -> None:
    for name, side in (("alexnet-bn", 64), ("alexnet-lean", 160), ("house", 300), (PATTERN, 32)):
        require_side(name, side)
    for name, side in (("alexnet-bn", 97), ("keras-mnist", 32), (PATTERN, 33)):
        with pytest.raises(NetworkError, match=rf"fully connected layers .*; got {side}"):
            require_side(name, side)
    with pytest.raises(NetworkError, match="cannot take pictures of 4 × 4"):
        require_side("keras-mnist", 4)


def test_what_is_none_of_those_we_train_names_the_nearest() -> None:
    with pytest.raises(NetworkError, match=r"vgg:PATTERN\); did you mean .*'alexnet-lean'"):
        trained_here("alexnet-leen")
    with pytest.raises(NetworkError, match="did you mean 'M'"):
        trained_here("vgg:32,N")


def test_the_filters_of_alexnet_begin_faint_and_all_else_as_usual() -> None:
    """Norm layers make it the same network; what is learnt shows sooner."""
    plain, faint = (ARCHITECTURES["alexnet-bn"].trainable(5).eval() for _ in range(2))
    initialise(plain, 3)
    ARCHITECTURES["alexnet-bn"].initialise(faint, 3)
    mine, others = faint.state_dict(), plain.state_dict()
    assert mine["conv1.conv.weight"].std().item() == pytest.approx(0.01, rel=0.02)
    changed = [name for name, value in mine.items() if not torch.equal(value, others[name])]
    assert changed == ["conv1.conv.weight"]
    picture = chance(4, 3, 64, 64)
    for module in (plain, faint):
        module.conv1.train()
    torch.testing.assert_close(faint.conv1(picture), plain.conv1(picture), atol=2e-3, rtol=1e-2)
