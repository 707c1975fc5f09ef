"""What a processor is given to do is less, and comes to the same."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from built import network
from torch import Tensor, fx, nn

from dreamer.engine import execution, perceive
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.arranging import arranged
from dreamer.networks.convolving import ByBlocks, Pointwise, goes_by_blocks, is_pointwise
from dreamer.networks.fusing import SILU, apart, fused, together
from dreamer.networks.modules import from_module
from dreamer.networks.operations import settle
from dreamer.networks.pooling import mean_pool
from dreamer.networks.redirected import redirected
from dreamer.networks.trace import Point, Traced

LAYOUT = torch.channels_last
# Names of layers: deep, shallow, before its activation.
NETWORKS = {
    "torchvision-googlenet": ("inception_4a", "conv1/7x7_s2", "inception_3a/3x3_reduce"),
    "house": ("inception_4b", "conv1", "inception_3a/5x5_reduce"),
    "bvlc-googlenet": ("inception_4a", "conv1/7x7_s2", "inception_3a/pool_proj"),
    "inception5h": ("inception_4a", "conv1/7x7_s2", "inception_3a/1x1"),
    "judge": ("stage4b", "conv1", "stage2"),
    "alexnet-bn": ("conv5", "conv1", "conv3"),
    "caffe-vgg16": ("conv3_1", "conv1_1", "conv2_2"),
    "torchvision:densenet121": ("features.denseblock2", "features.conv0", "features.transition1"),
    "torchvision:inception_v3": ("Mixed_6b", "Conv2d_1a_3x3", "Mixed_5b"),
    "torchvision:resnet50": ("layer2", "relu", "layer1"),
    "torchvision:squeezenet1_1": ("features.7", "features.0", "features.4"),
}


def seen(net: nn.Module, x: Tensor) -> tuple[list[Tensor], Tensor]:
    """What `net` says of `x`, and the slope of half its squares there."""
    leaf = x.detach().requires_grad_(True)
    outputs = list(net(leaf))
    (slope,) = torch.autograd.grad(sum(out.square().sum() / 2 for out in outputs), leaf)
    return outputs, slope


def pictures(height: int, width: int, count: int = 2) -> Tensor:
    x = torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))
    return (x.double() - 0.5).contiguous(memory_format=LAYOUT)


def cut(name: str, points: list[Point]) -> fx.GraphModule:
    traced = Traced(network(name).double(), ARCHITECTURES[name])
    return traced.perception(points).to(memory_format=LAYOUT)


def targets(net: fx.GraphModule) -> list[object]:
    return [node.target for node in net.graph.nodes]


@pytest.mark.parametrize("name", NETWORKS)
def test_values_and_slopes_are_those_of_the_network_as_it_was(name: str) -> None:
    deep, shallow, before = NETWORKS[name]
    whole = cut(name, [Point(deep), Point(shallow), Point(before, True)])
    x = pictures(83, 90)
    values, slope = seen(whole, x)
    less = arranged(whole)
    for net in (less, fused(less)):
        found, leant = seen(net, x)
        for a, b in zip(found, values, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(leant, slope, rtol=1e-9, atol=1e-11 * slope.abs().max().item())
    again, unmoved = seen(whole, x)
    assert all(torch.equal(a, b) for a, b in zip(again, values, strict=True))
    assert torch.equal(unmoved, slope)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("torchvision:mobilenet_v2", ("features.2", "features.4")),
        ("torchvision:mobilenet_v3_small", ("features.1", "features.4")),
    ],
)
def test_what_is_looked_at_and_gone_on_from_is_no_sibling_of_what_follows(
    name: str, layers: tuple[str, str]
) -> None:
    whole, x = cut(name, [Point(layer) for layer in layers]), pictures(70, 64, 1)
    values, slope = seen(whole, x)
    found, leant = seen(fused(arranged(whole)), x)
    for a, b in zip(found, values, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(leant, slope, rtol=1e-8, atol=1e-11 * slope.abs().max().item())


class Stranger(nn.Module):
    """Names, words and means that were not expected, and ReLUs one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.Pointwise = nn.Sequential(nn.Conv2d(3, 8, 1), nn.SiLU())
        self.one, self.two = nn.Conv2d(8, 6, 3, padding=1), nn.Conv2d(8, 4, 3, padding=1)
        self.last = nn.Conv2d(10, 5, 1)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        x = self.Pointwise(x)
        both = torch.cat([F.relu(self.one(x)), self.two(input=x)], 1)
        x = self.last(input=F.relu(both))
        return (F.avg_pool2d(x, 3, 1, 1, count_include_pad=False, divisor_override=4),)


def test_strangers_come_to_the_same() -> None:
    torch.manual_seed(3)
    whole = fx.symbolic_trace(Stranger().double().requires_grad_(False))
    settle(whole.graph, whole, set())
    whole.recompile()
    whole, x = whole.to(memory_format=LAYOUT), pictures(20, 22)
    values, slope = seen(whole, x)
    less = arranged(whole)
    for net in (less, fused(less)):
        found, leant = seen(net, x)
        torch.testing.assert_close(found[0], values[0], rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(leant, slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["torchvision-googlenet", "bvlc-googlenet"])
def test_relus_done_on_the_way_move_no_bit(name: str) -> None:
    less = arranged(cut(name, [Point("inception_4b"), Point("inception_3b/5x5", True)]).float())
    x = pictures(96, 96).float()
    (values, slope), (found, leant) = seen(less, x), seen(fused(less), x)
    assert all(torch.equal(a, b) for a, b in zip(values, found, strict=True))
    assert torch.equal(slope, leant)


def test_an_inception_block_is_one_product_and_five_convolutions() -> None:
    less = fused(arranged(cut("torchvision-googlenet", [Point("inception_4a")])))
    products = [m for m in less.modules() if isinstance(m, Pointwise)]
    # conv2/3x3_reduce; of 3a, 3b and 4a what looks at their input, and what looks at their pool
    assert [len(m.widths) for m in products] == [1, 3, 1, 3, 1, 3, 1]
    assert targets(less).count(apart) == targets(less).count(together) == 3
    assert targets(less).count(F.relu) == 3  # conv1's after its pool, conv2's two
    kinds = [type(m) for m in less.modules()]
    assert kinds.count(ByBlocks) == 1
    assert kinds.count(nn.Conv2d) == 7  # conv2/3x3, and two of each block


def test_what_is_looked_at_before_its_relu_is_left_to_itself() -> None:
    """It would be a view of its siblings otherwise, and a ReLU may not write into it."""
    points = [Point("inception_3a/3x3_reduce", True), Point("inception_3a")]
    out, _ = arranged(cut("torchvision-googlenet", points))(pictures(64, 64))
    assert out.is_contiguous(memory_format=LAYOUT)


def test_weights_of_siblings_are_in_memory_once() -> None:
    whole = cut("torchvision-googlenet", [Point("inception_3a")])
    less = arranged(whole)
    where = {p.untyped_storage().data_ptr() for p in less.parameters()}
    assert {p.untyped_storage().data_ptr() for p in whole.parameters()} <= where


def test_relus_lead_slopes_past_in_an_arranged_network_too() -> None:
    class Shut(nn.Module):
        """Nothing fires: every slope is stopped."""

        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3, 2, 1)
            self.one, self.two = nn.Conv2d(4, 3, 1), nn.Conv2d(4, 2, 1)
            self.pool = nn.MaxPool2d(3, 1, 1)
            for bias in (self.one.bias, self.two.bias):
                assert bias is not None
                nn.init.constant_(bias, -100)

        def forward(self, x: Tensor) -> tuple[Tensor]:
            x = self.pool(F.relu(self.stem(x)))
            return (torch.cat([F.relu(self.one(x)), F.relu(self.two(x))], 1),)

    whole = fx.symbolic_trace(Shut().double().requires_grad_(False))
    settle(whole.graph, whole, set())
    whole.recompile()
    x = pictures(16, 16)

    def led(net: nn.Module) -> Tensor:
        leaf = x.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(net(leaf)[0].sum(), leaf)
        return slope

    assert not led(fused(arranged(whole))).any()
    wanted = led(redirected(whole))
    assert wanted.any()
    torch.testing.assert_close(led(redirected(fused(arranged(whole), (SILU,)))), wanted)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("torchvision-googlenet", ("inception4a", "inception3b.branch2.1")),
        ("house", ("inception_4a", "inception_3b.c3x3")),
    ],
)
def test_the_perceiver_that_leads_past_relus_sees_the_same(
    name: str, layers: tuple[str, str]
) -> None:
    card = from_module(network(name), name)
    points = [Point(layers[0]), Point(layers[1], True)]
    nets = perceive.kept(card, points, execution.decide("cpu", "float32"))
    x = pictures(80, 80).float()
    assert all(map(torch.equal, nets.plain(x), nets.redirected(x)))


FEW_CHANNELS = (  # channels, kernel, stride, padding
    (3, 7, 2, 3),
    (3, 5, 1, 2),
    (3, 11, 4, 0),
    (3, 11, 4, 2),
    (3, 3, 1, 1),
    (1, 5, 1, 0),
    (3, 3, 2, 0),
    (4, 8, 2, 3),
    (3, 4, 4, 0),
    (2, 3, 1, 2),
    (3, 3, 3, 1),
)


@pytest.mark.parametrize("size", [(32, 32), (33, 35), (40, 31)])
@pytest.mark.parametrize(("channels", "kernel", "stride", "padding"), FEW_CHANNELS)
def test_the_way_back_by_blocks_is_the_way_back(
    channels: int, kernel: int, stride: int, padding: int, size: tuple[int, int]
) -> None:
    torch.manual_seed(1)
    conv = nn.Conv2d(channels, 5, kernel, stride, padding).double()
    assert goes_by_blocks(conv)
    x = torch.rand(2, channels, *size, dtype=torch.double)
    (value,), slope = seen(lambda x: (conv(x),), x)  # type: ignore[arg-type]
    (found,), leant = seen(lambda x: (ByBlocks(conv)(x),), x)  # type: ignore[arg-type]
    assert torch.equal(found, value)
    torch.testing.assert_close(leant, slope, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(3, 6, 3, groups=3),
        nn.Conv2d(3, 4, 3, dilation=2),
        nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(3, 4, (3, 5)),
        nn.Conv2d(3, 4, 3, padding="same"),
        nn.Conv2d(8, 4, 3),
        nn.Conv2d(3, 4, 2, stride=3),
        nn.Conv2d(3, 4, 1),
    ],
)
def test_other_convolutions_do_not_go_by_blocks(conv: nn.Conv2d) -> None:
    assert not goes_by_blocks(conv)


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(4, 6, 1, stride=2),
        nn.Conv2d(4, 6, 1, groups=2),
        nn.Conv2d(4, 6, 1, padding=1),
        nn.Conv2d(4, 6, 3),
    ],
)
def test_other_convolutions_are_no_products(conv: nn.Conv2d) -> None:
    assert not is_pointwise(conv)


def test_siblings_of_which_one_has_no_bias_are_one_product() -> None:
    torch.manual_seed(1)
    convs = [nn.Conv2d(4, 3, 1), nn.Conv2d(4, 2, 1, bias=False)]
    x = torch.rand(2, 4, 5, 6).contiguous(memory_format=LAYOUT)
    wanted = torch.cat([conv(x) for conv in convs], 1)
    torch.testing.assert_close(Pointwise(convs)(x), wanted)
    torch.testing.assert_close(torch.cat([conv(x) for conv in convs], 1), wanted)


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (7, 3), (31, 64)])
@pytest.mark.parametrize("windows", [(3, 1, 1), (5, 1, 2), (4, 2, 1)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_means_of_windows_are_torchs(
    windows: tuple[int, int, int], size: tuple[int, int], dtype: torch.dtype
) -> None:
    torch.manual_seed(1)
    x = torch.randn(2, 5, *size, dtype=dtype).contiguous(memory_format=LAYOUT)
    (value,), slope = seen(lambda x: (F.avg_pool2d(x, *windows, count_include_pad=False),), x)  # type: ignore[arg-type]
    (found,), leant = seen(lambda x: (mean_pool(x, *windows),), x)  # type: ignore[arg-type]
    assert torch.equal(found, value)
    off = 1e-12 if dtype == torch.float64 else 0.02 * slope.abs().max().item()
    torch.testing.assert_close(leant, slope, rtol=0, atol=off)


def test_means_of_other_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="no mean of windows of 3, 2 apart"):
        mean_pool(torch.zeros(1, 1, 8, 8), 3, 2, 1)
