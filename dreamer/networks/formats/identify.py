"""Which network a file of weights is, from the names and shapes in it: files seldom say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from dreamer.errors import NetworkError, printable

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Signature:
    """What tells an architecture from all others: tensors of `marks` with these shapes, none of
    `without`; `head` is a pattern of its class head's weight, `aux` a tensor of its auxiliary
    heads.
    """

    name: str
    marks: Mapping[str, Shape]
    head: str
    without: tuple[str, ...] = ()
    aux: str = ""


@dataclass(frozen=True)
class Identity:
    """An architecture, how many classes its head tells apart (0: there is no head), and whether
    auxiliary heads are in the file.
    """

    architecture: str
    classes: int
    aux: bool


def _residual(name: str, last: str, without: str, wide: bool = False) -> Signature:
    third = "layer1.0.conv3.weight"
    marks: dict[str, Shape] = {
        "conv1.weight": (64, 3, 7, 7),
        "layer1.0.conv2.weight": (64, 64, 3, 3),
        f"{last}.conv1.weight": (256, 1024 if wide else 256, *((1, 1) if wide else (3, 3))),
    }
    if wide:
        marks[third] = (256, 64, 1, 1)
    absent = (f"{without}.conv1.weight", *(() if wide else (third,)))
    return Signature(f"torchvision:{name}", marks, r"fc\.weight", absent)


# Networks that have BVLC's shapes and are computed otherwise, by whose names they have.
THEIRS = {("bvlc-googlenet", "dream-creator"): "dream-creator-googlenet"}
CAFFE_HEAD = r"loss3/classifier\.weight"
SIGNATURES = (
    Signature(
        "bvlc-googlenet",
        {
            "conv1/7x7_s2.weight": (64, 3, 7, 7),
            "inception_4a/3x3.weight": (208, 96, 3, 3),
            "inception_5a/5x5_reduce.weight": (32, 832, 1, 1),
        },
        CAFFE_HEAD,
        aux="loss1/conv.weight",
    ),
    Signature(
        "inception5h",
        {
            "conv1/7x7_s2.weight": (64, 3, 7, 7),
            "inception_4a/3x3.weight": (204, 96, 3, 3),
            "inception_5a/5x5_reduce.weight": (48, 832, 1, 1),
        },
        CAFFE_HEAD,
        aux="loss1/conv.weight",
    ),
    Signature(
        "caffenet",
        {
            "conv1.weight": (96, 3, 11, 11),
            "conv2.weight": (256, 48, 5, 5),
            "fc6.weight": (4096, 9216),
        },
        r"fc8[\w-]*\.weight",
    ),
    Signature(
        "caffe-vgg16",
        {
            "conv1_1.weight": (64, 3, 3, 3),
            "conv5_3.weight": (512, 512, 3, 3),
            "fc6.weight": (4096, 25088),
        },
        r"fc8[\w-]*\.weight",
        without=("conv5_4.weight",),
    ),
    Signature(
        "torchvision:googlenet",
        {
            "conv1.conv.weight": (64, 3, 7, 7),
            "inception4a.branch2.1.conv.weight": (208, 96, 3, 3),
            "inception5b.branch4.1.conv.weight": (128, 832, 1, 1),
        },
        r"fc\.weight",
        aux="aux1.conv.conv.weight",
    ),
    Signature(
        "torchvision:inception_v3",
        {
            "Conv2d_1a_3x3.conv.weight": (32, 3, 3, 3),
            "Mixed_7c.branch1x1.conv.weight": (320, 2048, 1, 1),
        },
        r"fc\.weight",
        aux="AuxLogits.conv0.conv.weight",
    ),
    Signature(
        "torchvision:vgg16",
        {
            "features.0.weight": (64, 3, 3, 3),
            "features.28.weight": (512, 512, 3, 3),
            "classifier.0.weight": (4096, 25088),
        },
        r"classifier\.6\.weight",
        without=("features.34.weight", "features.1.weight"),
    ),
    Signature(
        "torchvision:alexnet",
        {
            "features.0.weight": (64, 3, 11, 11),
            "features.10.weight": (256, 256, 3, 3),
            "classifier.1.weight": (4096, 9216),
        },
        r"classifier\.6\.weight",
    ),
    Signature(
        "torchvision:squeezenet1_1",
        {
            "features.0.weight": (64, 3, 3, 3),
            "features.3.squeeze.weight": (16, 64, 1, 1),
            "features.12.expand3x3.weight": (256, 64, 3, 3),
        },
        r"classifier\.1\.weight",
    ),
    Signature(
        "torchvision:mobilenet_v2",
        {
            "features.0.0.weight": (32, 3, 3, 3),
            "features.2.conv.0.0.weight": (96, 16, 1, 1),
            "features.18.0.weight": (1280, 320, 1, 1),
        },
        r"classifier\.1\.weight",
    ),
    Signature(
        "torchvision:mobilenet_v3_large",
        {
            "features.0.0.weight": (16, 3, 3, 3),
            "features.16.0.weight": (960, 160, 1, 1),
            "classifier.0.weight": (1280, 960),
        },
        r"classifier\.3\.weight",
    ),
    _residual("resnet18", "layer3.1", "layer3.2"),
    _residual("resnet34", "layer3.5", "layer3.6"),
    _residual("resnet50", "layer3.5", "layer3.6", wide=True),
    Signature(
        "torchvision:densenet161",
        {
            "features.conv0.weight": (96, 3, 7, 7),
            "features.denseblock4.denselayer24.norm1.weight": (2160,),
        },
        r"classifier\.weight",
    ),
    Signature(
        "house",
        {
            "conv1.conv.weight": (24, 3, 5, 5),
            "inception_3a.c3x3_reduce.conv.weight": (32, 64, 1, 1),
            "inception_5b.c1x1.conv.weight": (144, 464, 1, 1),
        },
        r"classifier\.weight",
        without=("conv1.bn.weight",),
    ),
    Signature(
        "judge",
        {"conv1.weight": (32, 3, 3, 3), "stage4b.conv2.weight": (160, 160, 3, 3)},
        r"fc\.weight",
    ),
    Signature(
        "alexnet-bn",
        {
            "conv1.conv.weight": (96, 3, 7, 7),
            "conv2.conv.weight": (256, 48, 5, 5),
            "fc6.weight": (1024, 9216),
            "bn6.weight": (1024,),
        },
        r"fc8\.weight",
    ),
    Signature(
        "alexnet-lean",
        {
            "conv1.conv.weight": (48, 3, 5, 5),
            "conv2.conv.weight": (96, 48, 3, 3),
            "conv5.bn.weight": (160,),
        },
        r"fc6\.weight",
    ),
    Signature(
        "keras-mnist",
        {
            "conv1.weight": (32, 1, 3, 3),
            "conv2.weight": (64, 32, 3, 3),
            "dense1.weight": (128, 9216),
        },
        r"dense2\.weight",
    ),
)


def identify(
    tensors: Mapping[str, Tensor],
    layers: Sequence[str] = (),
    file: object = "this file",
    convention: str = "",
) -> Identity:
    """Which architecture canonically named `tensors` belong to.

    Args:
        tensors: by name.
        layers: a caffemodel's layers in their order, which alone tell BVLC's AlexNet (norm before
            pool) from CaffeNet (pool before norm).
        file: how errors call it.
        convention: whose names the tensors had, which alone tells dream-creator's GoogLeNet (it
            pools after a block's last convolution) from BVLC's.

    Raises:
        NetworkError: none that is known, with what was found and what is nearest.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    row = signature_of(shapes)
    if row is not None:
        name = THEIRS.get((row.name, convention), _by_order(row.name, layers))
        return Identity(name, _classes(row, shapes), row.aux in shapes)
    first = ", ".join(f"'{printable(k)[:60]}' {v}" for k, v in list(shapes.items())[:3])
    raise NetworkError(
        f"{file} is of no architecture known here: it holds {len(shapes)} tensors, first {first}; "
        f"nearest: {_nearest(shapes)}"
    )


def signature_of(shapes: Mapping[str, Shape]) -> Signature | None:
    """The one that tensors of canonical names and these shapes have, if any."""
    for row in SIGNATURES:
        marked = all(shapes.get(k) == v for k, v in row.marks.items())
        if marked and not shapes.keys() & {*row.without}:
            return row
    return None


def _by_order(name: str, layers: Sequence[str]) -> str:
    if name == "caffenet" and {"norm1", "pool1"} <= {*layers}:
        return name if layers.index("pool1") < layers.index("norm1") else "bvlc-alexnet"
    return name


def _classes(row: Signature, shapes: Mapping[str, Shape]) -> int:
    return next((v[0] for k, v in shapes.items() if re.fullmatch(row.head, k) and v), 0)


def _nearest(shapes: Mapping[str, Shape]) -> str:
    """The two architectures that most marks speak for, each with the first thing against it."""

    def agreement(row: Signature) -> float:
        points = sum((k in shapes) + (shapes.get(k) == v) for k, v in row.marks.items())
        return points / len(row.marks) - any(k in shapes for k in row.without)

    def against(row: Signature) -> str:
        for name, shape in row.marks.items():
            if name not in shapes:
                return f"'{name}' is missing"
            if shapes[name] != shape:
                return f"'{name}' is {shapes[name]}, not {shape}"
        return f"'{next(k for k in row.without if k in shapes)}' is in the file"

    ranked = sorted(SIGNATURES, key=agreement, reverse=True)[:2]
    near = [f"{row.name} ({against(row)})" for row in ranked if agreement(row) > 0]
    return " or ".join(near) or f"none of {', '.join(row.name for row in SIGNATURES)}"
