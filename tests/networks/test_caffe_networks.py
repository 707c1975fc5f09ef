"""BVLC GoogLeNet, CaffeNet and Inception5h against computations in plain numpy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from dreamer.networks import bvlc, caffenet, inception5h
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.trace import LOGITS, Point, Traced

Array = np.ndarray
Numbers = Mapping[str, torch.Tensor]
Pad = tuple[int, int]


def convolved(x: Array, weight: Array, bias: Array, stride: int, rows: Pad, columns: Pad) -> Array:
    """`x` (C, H, W) with explicit padding; `weight` (out, in, k, k)."""
    x = np.pad(x, ((0, 0), rows, columns))
    windows = sliding_window_view(x, weight.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, weight, optimize=True) + bias[:, None, None]


def peaks(x: Array, stride: int, rows: Pad, columns: Pad) -> Array:
    """3×3 max pooling with explicit padding."""
    x = np.pad(x, ((0, 0), rows, columns), constant_values=-np.inf)
    return sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::stride, ::stride].max((3, 4))


def rounded_up(side: int) -> Pad:
    """What Caffe adds behind so that windows of 3 at steps of 2 reach the end."""
    places = -(-(side - 3) // 2) + 1
    return 0, max((places - 1) * 2 + 3 - side, 0)


def same(side: int, kernel: int, stride: int) -> Pad:
    """TensorFlow's SAME."""
    more = max((int(np.ceil(side / stride)) - 1) * stride + kernel - side, 0)
    return more // 2, more - more // 2


def normed(x: Array, size: int, alpha_of_sum: float, beta: float, k: float) -> Array:
    """Local response norm across channels, channel by channel."""
    out = np.empty_like(x)
    for c in range(len(x)):
        near = x[max(c - size // 2, 0) : c + size // 2 + 1]
        out[c] = x[c] / (k + alpha_of_sum * (near**2).sum(0)) ** beta
    return out


def by_caffe(x: Array, w: Numbers, pool_first: bool = True) -> dict[str, Array]:
    """BVLC GoogLeNet as its prototxt says it, or with dream-creator's last branch: convolution,
    ReLU, pool.
    """

    def last(layer: str, x: Array) -> Array:
        if pool_first:
            return conv(layer, peaks(x, 1, (1, 1), (1, 1)))
        return peaks(conv(layer, x), 1, (1, 1), (1, 1))

    def conv(layer: str, x: Array, pad: int = 0, stride: int = 1) -> Array:
        weight, bias = w[f"{layer}.weight"].double().numpy(), w[f"{layer}.bias"].double().numpy()
        seen[f"{layer}:pre"] = convolved(x, weight, bias, stride, (pad, pad), (pad, pad))
        seen[layer] = np.maximum(seen[f"{layer}:pre"], 0)
        return seen[layer]

    def pool(x: Array) -> Array:
        return peaks(x, 2, rounded_up(x.shape[1]), rounded_up(x.shape[2]))

    def norm(x: Array) -> Array:
        return normed(x, 5, 1e-4 / 5, 0.75, 1.0)

    seen: dict[str, Array] = {}
    x = norm(pool(conv("conv1/7x7_s2", x, 3, 2)))
    x = pool(norm(conv("conv2/3x3", conv("conv2/3x3_reduce", x), 1)))
    for block in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
        if block in ("4a", "5a"):
            x = pool(x)
        b = f"inception_{block}"
        x = np.concatenate(
            [
                conv(f"{b}/1x1", x),
                conv(f"{b}/3x3", conv(f"{b}/3x3_reduce", x), 1),
                conv(f"{b}/5x5", conv(f"{b}/5x5_reduce", x), 2),
                last(f"{b}/pool_proj", x),
            ]
        )
        seen[b] = x
    weight, bias = (w[f"loss3/classifier.{k}"].double().numpy() for k in ("weight", "bias"))
    seen[LOGITS] = weight @ x.mean((1, 2)) + bias
    return seen


def chance(shape: tuple[int, ...], seed: int, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def caffe_weights(module: torch.nn.Module, names: Mapping[str, str]) -> dict[str, torch.Tensor]:
    """Random weights by Caffe's names, for the submodules that `names` says."""
    found = {}
    for seed, (layer, path) in enumerate(names.items()):
        part = module.get_submodule(path)
        fan = part.weight[0].numel()
        found[f"{layer}.weight"] = chance(part.weight.shape, 2 * seed, (2 / fan) ** 0.5)
        found[f"{layer}.bias"] = chance(part.bias.shape, 2 * seed + 1, 0.1)
    return found


GOOGLENET = {
    "conv1/7x7_s2": "conv1.conv",
    "conv2/3x3_reduce": "conv2_reduce.conv",
    "conv2/3x3": "conv2.conv",
    "loss3/classifier": "classifier",
} | {
    f"inception_{b}/{n}": f"inception_{b}.{n if n == 'pool_proj' else 'conv_' + n}.conv"
    for b in bvlc.BLOCKS
    for n in bvlc.BRANCHES
}


@pytest.mark.parametrize("name", ["bvlc-googlenet", "dream-creator-googlenet"])
@pytest.mark.parametrize("size", [(64, 64), (71, 85)])
def test_googlenet_is_what_its_authors_say(size: tuple[int, int], name: str) -> None:
    module = ARCHITECTURES[name].build(7).eval()
    weights = caffe_weights(module, GOOGLENET)
    module.load_state_dict(bvlc.from_caffe_names(weights))
    x = 100 * chance((1, 3, *size), 999)
    expected = by_caffe(x[0].double().numpy(), weights, name == "bvlc-googlenet")
    layers = ["conv1/7x7_s2", "conv2/3x3", "inception_3b/5x5", "inception_4c", "inception_5b"]
    points = [Point(n) for n in layers]
    points += [Point("inception_4c/5x5_reduce", True), Point("inception_4c/5x5_reduce")]
    traced = Traced(module, ARCHITECTURES[name])
    with torch.no_grad():
        found = traced.perception([*points, Point(LOGITS)])(x)
        own = module(x)
    for point, activation in zip(points, found, strict=False):
        right = expected[f"{point.layer}:pre" if point.before else point.layer]
        scale = np.abs(right).max()
        np.testing.assert_allclose(activation[0].numpy() / scale, right / scale, atol=2e-5)
    assert found[5].min() < 0 <= found[6].min(), "before and after the ReLU"
    scale = np.abs(expected[LOGITS]).max()
    for logits in (own[0], found[-1].mean((2, 3))[0]):
        np.testing.assert_allclose(logits.numpy() / scale, expected[LOGITS] / scale, atol=2e-5)


def test_googlenets_have_the_parameters_that_are_published() -> None:
    with torch.device("meta"):
        plain, whole = bvlc.BvlcGoogLeNet(1000), bvlc.BvlcGoogLeNet(1000, auxiliary=True)
    assert sum(p.numel() for p in plain.parameters()) == 6_998_552
    assert len([m for m in plain.modules() if isinstance(m, torch.nn.Conv2d)]) == 57
    assert sum(p.numel() for p in whole.parameters()) == 13_378_280
    places = bvlc.BvlcGoogLeNet(205)
    assert 4 * sum(p.numel() for p in places.parameters()) == pytest.approx(24.7e6, rel=0.01)


def test_auxiliary_heads_are_everywhere_too() -> None:
    kind = ARCHITECTURES["bvlc-googlenet-auxiliary"]
    module = kind.build(5).eval()
    x = chance((1, 3, 224, 224), 1)
    with torch.no_grad():
        first, second, _ = module.all_logits(x)
        traced = Traced(module, kind)
        points = [Point("loss1/classifier"), Point("loss2/classifier")]
        found = traced.perception(points)(x)
        wide = traced.perception(points)(chance((1, 3, 320, 224), 1))[0]
    torch.testing.assert_close(found[0][..., 0, 0], first, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found[1][..., 0, 0], second, rtol=1e-4, atol=1e-5)
    assert wide.shape == (1, 5, 3, 1)


@pytest.mark.parametrize("norm_first", [True, False])
def test_caffenet_has_two_groups_and_its_own_order(norm_first: bool) -> None:
    module = caffenet.CaffeNet(3, norm_first).eval()
    names = {f"conv{n}": f"conv{n}.conv" for n in range(1, 6)}
    weights = caffe_weights(module, names | {f"fc{n}": f"fc{n}" for n in (6, 7, 8)})
    module.load_state_dict(caffenet.from_caffe_names(weights))
    picture = 100 * chance((1, 3, 99, 131), 5)

    def conv(layer: str, x: Array, pad: int, groups: int, stride: int = 1) -> Array:
        weight = weights[f"{layer}.weight"].double().numpy()
        bias = weights[f"{layer}.bias"].double().numpy()
        parts = [
            convolved(*part, stride, (pad, pad), (pad, pad))
            for part in zip(
                np.split(x, groups), np.split(weight, groups), np.split(bias, groups), strict=True
            )
        ]
        return np.maximum(np.concatenate(parts), 0)

    def smaller(x: Array) -> Array:
        if norm_first:
            x = normed(x, 5, 1e-4 / 5, 0.75, 1.0)
        x = peaks(x, 2, rounded_up(x.shape[1]), rounded_up(x.shape[2]))
        return x if norm_first else normed(x, 5, 1e-4 / 5, 0.75, 1.0)

    x = smaller(conv("conv1", picture[0].double().numpy(), 0, 1, 4))
    x = smaller(conv("conv2", x, 2, 2))
    x = conv("conv5", conv("conv4", conv("conv3", x, 1, 1), 1, 2), 1, 2)
    kind = ARCHITECTURES["bvlc-alexnet" if norm_first else "caffenet"]
    with torch.no_grad():
        (found,) = Traced(module, kind).perception([Point("conv5")])(picture)
    np.testing.assert_allclose(found[0].numpy() / x.max(), x / x.max(), atol=2e-5)
    assert sum(p.numel() for p in module.parameters()) == 60_965_224 - 997 * 4097


def by_tensorflow(x: Array, w: Numbers, norm: tuple[int, float, float, float]) -> Array:
    """Inception5h up to its first block."""

    def conv(layer: str, x: Array, stride: int = 1) -> Array:
        weight, bias = w[f"{layer}.weight"].double().numpy(), w[f"{layer}.bias"].double().numpy()
        rows, columns = (same(s, weight.shape[2], stride) for s in x.shape[1:])
        return np.maximum(convolved(x, weight, bias, stride, rows, columns), 0)

    def pool(x: Array, stride: int) -> Array:
        return peaks(x, stride, *(same(s, 3, stride) for s in x.shape[1:]))

    x = normed(pool(conv("conv1/7x7_s2", x, 2), 2), *norm)
    x = pool(normed(conv("conv2/3x3", conv("conv2/3x3_reduce", x)), *norm), 2)
    b = "inception_3a"
    return np.concatenate(
        [
            conv(f"{b}/1x1", x),
            conv(f"{b}/3x3", conv(f"{b}/3x3_reduce", x)),
            conv(f"{b}/5x5", conv(f"{b}/5x5_reduce", x)),
            conv(f"{b}/pool_proj", pool(x, 1)),
        ]
    )


@pytest.mark.parametrize(
    ("architecture", "norm"),
    [("inception5h", (9, 1e-4 / 9, 0.5, 1.0)), ("inception5h-graph", (11, 1e-4, 0.5, 2.0))],
)
@pytest.mark.parametrize("size", [(64, 64), (67, 90)])
def test_inception5h_pads_as_tensorflow_does(
    architecture: str, norm: tuple[int, float, float, float], size: tuple[int, int]
) -> None:
    kind = ARCHITECTURES[architecture]
    module = kind.build(4).eval()
    names = {
        layer: f"{path}_pre_relu_conv"
        for layer, path in kind.names.items()
        if hasattr(module, f"{path}_pre_relu_conv")
    }
    assert len(names) == 57
    names["loss3/classifier"] = kind.head
    weights = caffe_weights(module, names)
    module.load_state_dict(inception5h.from_caffe_names(weights))
    x = 100 * chance((1, 3, *size), 3)
    right = by_tensorflow(x[0].double().numpy(), weights, norm)
    with torch.no_grad():
        (found,) = Traced(module, kind).perception([Point("inception_3a")])(x)
    np.testing.assert_allclose(found[0].numpy() / right.max(), right / right.max(), atol=2e-5)


def test_inception5h_has_widths_and_names_of_its_own() -> None:
    module = inception5h.Inception5h()
    state = module.state_dict()
    assert state["mixed4a_3x3_pre_relu_conv.weight"].shape == (204, 96, 3, 3)
    assert state["mixed5a_5x5_bottleneck_pre_relu_conv.weight"].shape == (48, 832, 1, 1)
    assert state["softmax2_pre_activation_matmul.weight"].shape == (1008, 1024)
    graph = {
        "mixed4c_3x3_w": chance((3, 3, 128, 256), 0),
        "mixed4c_3x3_b": chance((256,), 1),
        "softmax2_w": chance((1024, 1008), 2),
        "softmax2_b": chance((1008,), 3),
    }
    found = inception5h.from_tensorflow_names(graph)
    kernel = found["mixed4c_3x3_pre_relu_conv.weight"]
    assert kernel.shape == state["mixed4c_3x3_pre_relu_conv.weight"].shape
    assert kernel[7, 5, 2, 1] == graph["mixed4c_3x3_w"][2, 1, 5, 7]
    head = found["softmax2_pre_activation_matmul.weight"]
    assert torch.equal(head, graph["softmax2_w"].T)


@pytest.mark.parametrize(
    "name",
    [
        *("bvlc-googlenet", "bvlc-googlenet-auxiliary", "dream-creator-googlenet"),
        *("caffenet", "inception5h"),
    ],
)
def test_every_weight_has_one_name_in_caffe(name: str) -> None:
    kind = ARCHITECTURES[name]
    with torch.device("meta"):
        wanted = set(kind.build(10).state_dict())
    layers = ["loss3/classifier", *kind.names, "fc8", "loss1/classifier", "loss2/classifier"]
    keys = [f"{layer}.{kind_}" for layer in layers for kind_ in ("weight", "bias")]
    assert kind.from_caffe_names is not None
    renamed = [
        next(iter(kind.from_caffe_names({key: torch.zeros(1)}))) for key in dict.fromkeys(keys)
    ]
    assert len(set(renamed)) == len(renamed)
    assert wanted <= set(renamed)
