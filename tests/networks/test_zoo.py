"""Any network of torchvision's and any module: all layers, both sides of a ReLU, any head."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from built import network
from torch import Tensor, nn

from dreamer.dreaming.objectives import Tap, class_mixture
from dreamer.engine import execution
from dreamer.engine.execution import decide
from dreamer.engine.objective import objective_of
from dreamer.engine.perceive import perceiver
from dreamer.errors import NetworkError
from dreamer.networks import pooling
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Weights
from dreamer.networks.filters import filter_families, first_layer_filters
from dreamer.networks.own_cards import own_card
from dreamer.networks.table import CS231N_FOOTNOTE, layer_rows
from dreamer.networks.trace import LOGITS, Point, Traced
from dreamer.recipe.planned import PlannedTarget

FP32 = execution.decide("cpu", "float32")


def chance(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "resnet18", "mobilenet_v2"])
@torch.no_grad()
def test_the_head_everywhere_is_the_networks_own_at_its_native_size(name: str) -> None:
    kind = ARCHITECTURES[f"torchvision:{name}"]
    module = network(f"torchvision:{name}")
    picture = chance(1, 3, 224, 224)
    own = module(picture)
    (logits,) = Traced(module, kind).perception([Point(LOGITS)])(picture)
    torch.testing.assert_close(logits.mean((2, 3)), own, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "squeezenet1_1"])
@torch.no_grad()
def test_other_heads_too(name: str) -> None:
    """One with a nonlinearity after the mean, one without a linear layer."""
    kind = ARCHITECTURES[f"torchvision:{name}"]
    module = network(f"torchvision:{name}")
    picture = chance(1, 3, 224, 256)
    traced = Traced(module, kind)
    (logits,) = traced.perception([Point(LOGITS)])(picture[..., 32:])
    own = module(picture[..., 32:])
    torch.testing.assert_close(logits.mean((2, 3)), own, rtol=1e-3, atol=1e-4)
    assert traced.head.crops == (name == "mobilenet_v3_small")


@torch.no_grad()
def test_a_fully_connected_head_sees_crops_and_enlarges_what_is_smaller() -> None:
    kind = ARCHITECTURES["caffenet"]
    module = network("caffenet")
    traced = Traced(module, kind)
    everywhere = traced.perception([Point(LOGITS), Point("fc6")])
    wide = chance(1, 3, 227, 227 + 64)
    logits, fc6 = everywhere(wide)
    assert logits.shape == (1, 6, 1, 3)
    assert fc6.shape == (1, 4096, 1, 3)
    assert fc6.min() >= 0
    torch.testing.assert_close(everywhere(wide[..., :227])[0][..., 0, 0], module(wide[..., :227]))
    assert everywhere(wide[..., :99, :120])[0].shape == (1, 6, 1, 1)


@torch.no_grad()
def test_all_layers_of_a_residual_network_before_and_after() -> None:
    """In-place additions and ReLUs, one of them called twice, overwrite nothing looked at."""
    module = network("torchvision:resnet18")
    picture = chance(1, 3, 64, 64)
    conv = module.conv1(picture)
    norm = module.bn1(conv)
    block = module.layer1[0]
    x = module.maxpool(F.relu(norm))
    first = block.bn1(block.conv1(x))
    second = block.bn2(block.conv2(F.relu(first)))
    right = {
        Point("conv1"): conv,
        Point("bn1"): norm,
        Point("relu"): F.relu(norm),
        Point("relu", True): norm,
        Point("layer1.0.relu"): F.relu(first),
        Point("layer1.0.bn2"): second,
        Point("layer1.0.relu_1", True): second + x,
        Point("layer1.0"): F.relu(second + x),
    }
    right = {point: value.clone() for point, value in right.items()}
    traced = Traced(module, ARCHITECTURES["torchvision:resnet18"])
    for points in (list(right), [Point("layer1.0.bn2")], [Point("bn1")]):
        for point, found in zip(points, traced.perception(points)(picture), strict=True):
            torch.testing.assert_close(found, right[point], rtol=1e-4, atol=1e-5)
    assert {"layer1", "layer4.1.conv2", "layer2.0.downsample.0", "maxpool"} <= set(traced.layers)


@torch.no_grad()
def test_the_relus_of_vgg_write_over_nothing() -> None:
    module = network("torchvision:vgg11")
    picture = chance(1, 3, 32, 32)
    conv = F.conv2d(picture, module.features[0].weight, module.features[0].bias, padding=1)
    traced = Traced(module, ARCHITECTURES["torchvision:vgg11"])
    points = [Point("features.0"), Point("features.1", True), Point("features.1")]
    before, pre, after = traced.perception(points)(picture)
    torch.testing.assert_close(before, conv)
    torch.testing.assert_close(pre, conv)
    torch.testing.assert_close(after, conv.clamp(min=0))
    assert conv.min() < 0


def test_inception_v3_pools_by_functions_and_inceptions_everywhere() -> None:
    kind = ARCHITECTURES["torchvision:inception_v3"]
    assert kind.native == 299
    traced = Traced(kind.build(5), kind)
    part = traced.perception([Point("Mixed_6a")])
    assert pooling.max_pool in [node.target for node in part.graph.nodes]


@pytest.mark.parametrize("name", ["vit_b_16", "swin_t"])
def test_networks_of_attention_are_refused_in_words(name: str) -> None:
    with pytest.raises(NetworkError, match="made of attention, not of convolutions"):
        ARCHITECTURES[f"torchvision:{name}"]


def test_unknown_architectures_name_the_nearest() -> None:
    with pytest.raises(NetworkError, match=r"no classifier 'resnet51'; did you mean .*resnet50"):
        ARCHITECTURES["torchvision:resnet51"]
    with pytest.raises(
        NetworkError, match=r"no architecture 'caffenett'.* did you mean 'caffenet'"
    ):
        ARCHITECTURES["caffenett"]


def test_any_torchvision_network_has_a_card() -> None:
    card = own_card("torchvision:squeezenet1_1", Weights("random", seed=3))
    layer = "features.4.expand3x3"
    assert (card.layer(layer).channels, card.layer(layer).stride) == (64, 4)
    tap = Tap("s", layer, True)
    seen = perceiver({"s": card}, [tap], FP32)(torch.rand(1, 3, 64, 48))[tap]
    assert seen.shape == (1, 64, 15, 11)


def test_vgg16_costs_what_the_cs231n_notes_add_up_to() -> None:
    rows, totals = layer_rows("torchvision:vgg16", 1000)
    assert totals.size == 224
    assert totals.activations == 15_237_608
    assert totals.parameters == 138_357_544
    assert totals.multiply_adds == 15_470_264_320
    by_name = {row.name: row for row in rows}
    first = by_name["features.0"]
    assert (first.kind, first.shape) == ("conv 3×3", (64, 224, 224))
    assert (first.activations, first.parameters) == (3_211_264, 1_792)
    assert (first.multiply_adds, first.receptive_field) == (86_704_128, 3)
    assert by_name["features.1"].activations == 0
    assert by_name["features.30"].receptive_field == 212
    assert by_name["classifier.0"].parameters == 102_764_544
    assert f"{totals.activations:,}" in CS231N_FOOTNOTE
    assert totals.memory == 4 * totals.activations


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("bvlc-googlenet", 6_998_552),
        ("caffenet", 60_965_224),
        ("torchvision-googlenet", 6_624_904),
        ("torchvision:alexnet", 61_100_840),
        ("torchvision:mobilenet_v2", 3_504_872),
        ("torchvision:resnet50", 25_557_032),
    ],
)
def test_rows_add_up_to_all_parameters(name: str, parameters: int) -> None:
    rows, totals = layer_rows(name, 1000)
    assert totals.parameters == parameters
    assert sum(row.multiply_adds for row in rows) == totals.multiply_adds


def test_receptive_fields_of_googlenet() -> None:
    rows, totals = layer_rows("bvlc-googlenet", 1000)
    by_name = {row.name: row for row in rows}
    assert by_name["conv1/7x7_s2"].receptive_field == 7
    assert by_name["pool1/3x3_s2"].receptive_field == 11
    assert by_name["inception_3a/5x5"].receptive_field == 27 + 4 * 8
    assert by_name["inception_3a/5x5"].kind == "conv 5×5 + relu"
    assert totals.multiply_adds == pytest.approx(1.58e9, rel=0.01)


def test_first_filters_are_pictures_in_two_families() -> None:
    module = network("bvlc-alexnet")
    weight = module.conv1.conv.weight
    shown = first_layer_filters(module, "BGR")
    assert shown.shape == (96, 3, 11, 11)
    assert 0 <= shown.min() < shown.max() <= 1
    strongest = weight[7].abs().max()
    torch.testing.assert_close(shown[7, 0], 0.5 + 0.5 * weight[7, 2] / strongest)
    assert filter_families(module).tolist() == [0] * 48 + [1] * 48
    assert set(filter_families(network("torchvision:mobilenet_v2")).tolist()) == {0}
    with pytest.raises(NetworkError, match="sees three colours"):
        first_layer_filters(nn.Conv2d(2, 2, 3))


@pytest.mark.parametrize("shape", [(13, 10), (6, 9), (3, 4), (7, 7)])
def test_adaptive_means_are_torchs(shape: tuple[int, int]) -> None:
    x = chance(2, 3, *shape)
    for size in ((6, 6), (1, 1), (7, 7), (3, 2)):
        found = pooling.adaptive_mean(x, *size)
        torch.testing.assert_close(found, F.adaptive_avg_pool2d(x, size))


@pytest.mark.parametrize("size", [5, 9, 4])
def test_local_response_norm_is_torchs_with_its_gradient(size: int) -> None:
    x = (10 * chance(2, 7, 4, 5)).requires_grad_()
    y = x.detach().clone().requires_grad_()
    ours = pooling.local_response_norm(x, size, 0.1, 0.75, 2.0)
    theirs = F.local_response_norm(y, size, 0.1, 0.75, 2.0)
    torch.testing.assert_close(ours, theirs)
    ours.sin().sum().backward()
    theirs.sin().sum().backward()
    torch.testing.assert_close(x.grad, y.grad)


def test_nothing_in_a_cut_has_a_backward_pass_that_varies() -> None:
    """Of the operations that CUDA does in another order every time, none is left."""
    varying = (nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.LocalResponseNorm)
    for name in ("bvlc-googlenet", "torchvision:alexnet"):
        kind = ARCHITECTURES[name]
        cut = Traced(kind.build(2), kind).perception([Point(LOGITS)])
        assert not [part for part in cut.modules() if isinstance(part, varying)]


def test_a_head_that_sees_crops_is_asked_one_place_at_a_time() -> None:
    """Another is asked by windows as large as the pictures that the network classifies."""
    card = own_card("vgg16", Weights("random"))
    assert card.crops
    tap, weights = Tap("v", LOGITS), torch.ones(1)
    target = PlannedTarget("v", "class", class_index=3, objective="class_mixture")
    logits = torch.randn(1, 6, 9, 9, generator=torch.Generator().manual_seed(0))
    for one, part in ((card, 1), (replace(card, crops=False), 7)):
        (term,) = objective_of([target], {"v": one}, decide("cpu", "float32")).terms
        wanted = class_mixture(logits, torch.tensor([3]), weights, part)
        torch.testing.assert_close(term.value({tap: logits}, weights), wanted)


@torch.no_grad()
def test_no_other_activation_writes_over_its_input() -> None:
    module = network("torchvision:mobilenet_v2")
    picture = chance(1, 3, 32, 32)
    right = module.features[0][1](module.features[0][0](picture))
    traced = Traced(module, ARCHITECTURES["torchvision:mobilenet_v2"])
    norm, after = traced.perception([Point("features.0.1"), Point("features.0.2")])(picture)
    torch.testing.assert_close(norm, right, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(after, right.clamp(0, 6), rtol=1e-4, atol=1e-5)
