"""GoogLeNet by whoever's names is one network; what a file is, its names and shapes say."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision.models as models
from torch import Tensor, nn
from written_files import blob, saved, v1_layer

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.formats.identify import SIGNATURES, Identity, identify
from dreamer.networks.formats.keys import canonical_names, convention_of
from dreamer.networks.formats.read import Contents
from dreamer.networks.formats.recognise import Unreadable

# BVLC GoogLeNet's widths: in, 1x1, 3x3_reduce, 3x3, 5x5_reduce, 5x5, pool_proj.
TABLE = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}
BRANCHES = ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj")


def googlenet(classes: int, heads: bool, five_h: bool = False) -> dict[str, Tensor]:
    """BVLC's (or Inception5h's) weights by Caffe's names, without their numbers."""
    shapes: dict[str, tuple[int, ...]] = {
        "conv1/7x7_s2": (64, 3, 7, 7),
        "conv2/3x3_reduce": (64, 64, 1, 1),
        "conv2/3x3": (192, 64, 3, 3),
    }
    for block, (into, a, b, c, d, e, f) in TABLE.items():
        if five_h:
            c, d = (204 if block == "4a" else c), (48 if block == "5a" else d)
            into = 508 if block == "4b" else into
        rows = ((a, into, 1), (b, into, 1), (c, b, 3), (d, into, 1), (e, d, 5), (f, into, 1))
        for branch, (out, channels, side) in zip(BRANCHES, rows, strict=True):
            shapes[f"inception_{block}/{branch}"] = (out, channels, side, side)
    if heads:
        for k, into in ((1, 508 if five_h else 512), (2, 528)):
            shapes[f"loss{k}/conv"] = (128, into, 1, 1)
            shapes[f"loss{k}/fc"] = (1024, 2048)
            shapes[f"loss{k}/classifier"] = (classes, 1024)
    shapes["loss3/classifier"] = (classes, 1024)
    found = {}
    for name, shape in shapes.items():
        found[f"{name}.weight"] = torch.empty(shape, device="meta")
        found[f"{name}.bias"] = torch.empty(shape[0], device="meta")
    return found


def neural_dream(name: str) -> str:
    return re.sub(r"(_fc|_classifier)$", r"\1_1", name.replace("/", "_"))


def crowsonkb(name: str) -> str:
    stem = {"conv1/7x7_s2": "conv1", "conv2/3x3_reduce": "conv2_reduce", "conv2/3x3": "conv2"}
    name = re.sub(r"^(inception_..)/(\d)", r"\1.conv_\2", stem.get(name, name))
    return name.replace("/pool_proj", ".pool_proj").replace("/", "_")


def dream_creator(name: str) -> str:
    stem = {
        "conv1/7x7_s2": "conv1",
        "conv2/3x3_reduce": "conv2",
        "conv2/3x3": "conv3",
        "loss3/classifier": "fc",
    }
    name = re.sub(r"^inception_(..)/(\d)", r"mixed\1.conv_\2", stem.get(name, name))
    name = re.sub(r"^inception_(..)/pool_proj", r"mixed\1.pool_proj", name)
    return re.sub(r"^loss(.)/", r"aux\1.loss_", name)


def lucid(name: str) -> str:
    stem = {
        "conv1/7x7_s2": "conv2d0_pre_relu_conv",
        "conv2/3x3_reduce": "conv2d1_pre_relu_conv",
        "conv2/3x3": "conv2d2_pre_relu_conv",
    }
    name = re.sub(r"^inception_(..)/(.*)", r"mixed\1_\2_pre_relu_conv", stem.get(name, name))
    name = name.replace("x3_reduce", "x3_bottleneck").replace("x5_reduce", "x5_bottleneck")
    name = name.replace("pool_proj", "pool_reduce")
    for k in (1, 2, 3):
        name = name.replace(f"loss{k}/conv", f"head{k - 1}_bottleneck_pre_relu_conv")
        name = name.replace(f"loss{k}/fc", f"nn{k - 1}_pre_relu_matmul")
        name = name.replace(f"loss{k}/classifier", f"softmax{k - 1}_pre_activation_matmul")
    return name


CONVENTIONS: dict[Callable[[str], str], dict[str, str]] = {
    neural_dream: {"inception_4c/3x3_reduce": "inception_4c_3x3_reduce", "loss1/fc": "loss1_fc_1"},
    crowsonkb: {
        "inception_4c/3x3_reduce": "inception_4c.conv_3x3_reduce",
        "inception_4c/pool_proj": "inception_4c.pool_proj",
        "conv2/3x3_reduce": "conv2_reduce",
    },
    dream_creator: {
        "inception_4c/3x3_reduce": "mixed4c.conv_3x3_reduce",
        "loss1/conv": "aux1.loss_conv",
    },
    lucid: {"inception_4c/3x3": "mixed4c_3x3_pre_relu_conv"},
    str: {"inception_4c/3x3_reduce": "inception_4c/3x3_reduce"},
}


@pytest.mark.parametrize("parallel", ["", "module."])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_googlenet_by_everybodys_names(convention: Callable[[str], str], parallel: str) -> None:
    for ours, theirs in CONVENTIONS[convention].items():
        assert convention(ours) == theirs, "the test writes them as their authors do"
    tensors = googlenet(365, heads=True)
    names = {}
    for name in tensors:
        stem, _, role = name.rpartition(".")
        names[f"{parallel}{convention(stem)}.{role}"] = name
    assert canonical_names(names) == names
    own = {str: "Caffe", dream_creator: "dream-creator", neural_dream: "neural-dream"}
    assert convention_of(names) == own.get(convention, convention.__name__)
    assert len(names) == 2 * (57 + 2 * 3 + 1)


def test_a_fine_tuned_head_is_a_head() -> None:
    names = ["inception_3a/1x1.weight", "loss3/classifier_model.weight", "loss1/classifier-x.bias"]
    assert list(canonical_names(names).values())[1:] == [
        "loss3/classifier.weight",
        "loss1/classifier.bias",
    ]


def test_names_that_stay_what_they_are() -> None:
    """Ours, torchvision's and deviations; `fc` and `conv1` mean GoogLeNet's only beside its own."""
    for name in ("house", "judge", "torchvision-googlenet"):
        with torch.device("meta"):
            names = list(ARCHITECTURES[name].build(5).state_dict())
        assert canonical_names(names) == {n: n for n in names}
        assert convention_of(names) == ""
    others = ["std.inception_4c", "std.inception_4c:pre", "conv1.weight", "fc.weight"]
    assert canonical_names(others) == {n: n for n in others}


def test_places_365s_densenet_and_alexnet() -> None:
    old = "module.features.denseblock1.denselayer2.{}.weight"
    for theirs, ours in (("norm.1", "norm1"), ("conv.2", "conv2"), ("norm1", "norm1")):
        (found,) = canonical_names([old.format(theirs)]).values()
        assert found == f"features.denseblock1.denselayer2.{ours}.weight"
    assert canonical_names(["features.module.0.weight"]) == {
        "features.module.0.weight": "features.0.weight"
    }


def test_two_names_for_one_tensor() -> None:
    with pytest.raises(Unreadable, match=r"names one tensor twice: 'w' and 'module\.w'"):
        canonical_names(["w", "module.w"])


@pytest.mark.parametrize("heads", [True, False])
def test_googlenets(heads: bool) -> None:
    assert identify(googlenet(205, heads)) == Identity("bvlc-googlenet", 205, heads)
    assert identify(googlenet(1008, heads, True)) == Identity("inception5h", 1008, heads)
    bare = {k: v for k, v in googlenet(9, heads).items() if "loss3" not in k}
    assert identify(bare) == Identity("bvlc-googlenet", 0, heads)


def built(make: Callable[..., nn.Module], **options: object) -> dict[str, Tensor]:
    with torch.device("meta"):
        return make(**options).state_dict()


TORCHVISION = (
    *("vgg16", "alexnet", "mobilenet_v2", "mobilenet_v3_large", "squeezenet1_1"),
    *("resnet18", "resnet34", "resnet50", "densenet161"),
)


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions(name: str) -> None:
    """Against the modules themselves."""
    state = built(getattr(models, name), num_classes=77)
    assert identify(state) == Identity(f"torchvision:{name}", 77, False)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
@pytest.mark.parametrize("heads", [True, False])
def test_torchvisions_with_heads(name: str, heads: bool) -> None:
    state = built(getattr(models, name), num_classes=9, aux_logits=heads, init_weights=False)
    assert identify(state) == Identity(f"torchvision:{name}", 9, heads)


@pytest.mark.parametrize("name", ["house", "judge", "alexnet-bn", "alexnet-lean", "keras-mnist"])
def test_our_own(name: str) -> None:
    assert identify(built(ARCHITECTURES[name].build, classes=12)) == Identity(name, 12, False)


NEIGHBOURS = (
    *("vgg11", "vgg13", "vgg16_bn", "vgg19", "resnet101", "wide_resnet50_2", "resnext50_32x4d"),
    *("densenet121", "densenet201", "mobilenet_v3_small", "squeezenet1_0"),
)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_their_neighbours_are_not_taken_for_them(name: str) -> None:
    state = built(getattr(models, name))
    message = rf"weights.pth is of no architecture .* it holds {len(state)} tensors, first '"
    near = "resnet50" if name == "wide_resnet50_2" else name[:3]
    message += rf"{next(iter(state))}' \(\d+.*; nearest: torchvision:{near}\w* \('.*"
    with pytest.raises(NetworkError, match=message):
        identify(state, file="weights.pth")


def test_nothing_like_anything() -> None:
    with pytest.raises(NetworkError, match="nearest: none of bvlc-googlenet, inception5h"):
        identify({"x": torch.ones(1)})


def test_caffenet_and_alexnet_differ_in_their_order(
    read: Callable[[bytes], Contents], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same weights; which comes first, norm or pool, only the file's layers say."""
    small = {"conv1.weight": (3, 3), "conv2.weight": (2, 3)}
    row = next(row for row in SIGNATURES if row.name == "caffenet")
    monkeypatch.setattr(
        "dreamer.networks.formats.identify.SIGNATURES", (type(row)("caffenet", small, "fc8.*"),)
    )
    weights = [blob(np.ones(shape, np.float32)) for shape in small.values()]
    for order, name in ((("pool1", "norm1"), "caffenet"), (("norm1", "pool1"), "bvlc-alexnet")):
        data = v1_layer("conv1", 4, weights[0])
        data += b"".join(v1_layer(k, 15 if k == "norm1" else 17) for k in order)
        found = read(data + v1_layer("conv2", 4, weights[1]))
        assert identify(found.tensors, found.metadata["layers"]).architecture == name


def test_caffes_others() -> None:
    def tensors(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
        return {k: torch.empty(v, device="meta") for k, v in shapes.items()}

    caffenet = {"conv1.weight": (96, 3, 11, 11), "conv2.weight": (256, 48, 5, 5)}
    head = {"fc6.weight": (4096, 9216), "fc8-places.weight": (365, 4096)}
    assert identify(tensors(caffenet | head)) == Identity("caffenet", 365, False)
    vgg = {"conv1_1.weight": (64, 3, 3, 3), "conv5_3.weight": (512, 512, 3, 3)}
    vgg |= {"fc6.weight": (4096, 25088), "fc8a.weight": (365, 4096)}
    assert identify(tensors(vgg)) == Identity("caffe-vgg16", 365, False)
    with pytest.raises(NetworkError, match=r"caffe-vgg16 \('conv5_4.weight' is in the file"):
        identify(tensors(vgg | {"conv5_4.weight": (512, 512, 3, 3)}))


def test_from_the_file_to_the_name(read: Callable[[bytes], Contents]) -> None:
    """dream-creator's file, with numbers: read, renamed, recognised."""
    state = {}
    for name, tensor in googlenet(3, False).items():
        stem, _, role = name.rpartition(".")
        state[f"{dream_creator(stem)}.{role}"] = torch.zeros(tensor.shape)
    found = read(saved({"model_state_dict": state, "base_model": "bvlc", "num_classes": 3}, True))
    assert found.convention == "dream-creator"
    identity = identify(found.tensors, convention=found.convention)
    assert identity == Identity("dream-creator-googlenet", 3, False)
    assert found.metadata == {"base_model": "bvlc", "num_classes": 3}
