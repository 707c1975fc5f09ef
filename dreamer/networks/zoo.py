"""torchvision's classifiers as architectures: `torchvision:vgg16`, `torchvision:resnet50`, and every
other one that is made of convolutions, with all its layers under torchvision's names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.architectures import Architecture
from dreamer.networks.caffenet import CONVOLUTIONS
from dreamer.networks.shapes import shapes, without_numbers
from dreamer.networks.trace import LOGITS, Traced

PREFIX = "torchvision:"
WORDS: dict[str, dict[str, bool]] = {
    # The card says the range its weights want, so transform_input, the same elsewhere, stays off.
    "googlenet": {"aux_logits": False, "init_weights": False, "transform_input": False},
    "inception_v3": {"aux_logits": False, "init_weights": False, "transform_input": False},
}
NATIVE = {"inception_v3": 299}
CHANCE = ("normal_", "uniform_", "trunc_normal_", "kaiming_", "xavier_", "orthogonal_")


class Unfilled(TorchFunctionMode):
    """Modules built under it keep whatever memory holds where chance would have filled it: their
    weights follow from a file, and drawing 138 million numbers first takes seconds.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "").startswith(CHANCE):
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def _build(name: str, classes: int) -> nn.Module:
    from torchvision import models

    with Unfilled():
        made: nn.Module = models.get_model(
            name, weights=None, num_classes=classes, **WORDS.get(name, {})
        )
    return made


@cache
def architecture(name: str) -> Architecture:
    """The row of `torchvision:NAME`.

    Raises:
        NetworkError: no such model, or one that is not made of convolutions.
    """
    from torchvision import models

    plain = name.removeprefix(PREFIX)
    known = models.list_models(module=models)
    if plain not in known:
        near = did_you_mean(plain, known)
        raise NetworkError(f"torchvision has no classifier '{plain}'{near}")
    with torch.device("meta"):
        twin = _build(plain, 1000)
    aliases = VGG_ALIASES(twin) if plain.startswith("vgg") else ALIASES.get(plain, {})
    return described(twin, partial(_build, plain), NATIVE.get(plain, 224), aliases)


def described(
    module: nn.Module,
    build: Callable[[int], nn.Module],
    native: int,
    aliases: Mapping[str, str] | None = None,
) -> Architecture:
    """The row of any module: as layers all submodules, leaves and blocks, whose output is a map.

    Args:
        module: looked at without its numbers, and left as it is.
        build: what builds it.
        native: side of the pictures it was made for.
        aliases: other names of its layers.

    Raises:
        NetworkError: one that cannot be followed, or has no maps.
    """
    bare = Architecture(build, {}, "", "", native=native)
    traced = Traced(without_numbers(module), bare)
    sizes = shapes(traced.root, traced.graph, native, native)
    names = {p: p for p, node in traced.outputs.items() if _is_map(node, sizes.get(node), traced)}
    if not names:
        raise NetworkError(f"{type(module).__name__} has no layer whose output is a map")
    order = {node: k for k, node in enumerate(traced.graph.nodes)}
    features, head = "", ""
    if traced.head is not None:
        head = traced.head.linear
        begin = order[traced.node(LOGITS)]
        instead = {traced.node(LOGITS), *traced.head.instead.values()}
        before = [p for p in names if traced.outputs[p] not in instead]
        before = [p for p in before if order[traced.outputs[p]] < begin and _wide(p, traced, sizes)]
        features = max(before, key=lambda p: order[traced.outputs[p]], default="")
    return Architecture(build, names, features, head, native=native, aliases=aliases or {})


def _is_map(node: fx.Node, shape: tuple[int, ...] | None, traced: Traced) -> bool:
    """Whether `node` is a map of features: `(B, C, H, W)`, not channels last, and not what remains
    of the head after a pooling over everything.
    """
    if shape is None or len(shape) != 4 or shape[2] != shape[3]:
        return False
    return shape[2:] != (1, 1) or (traced.head is not None and node in _of_head(traced))


def _of_head(traced: Traced) -> set[fx.Node]:
    assert traced.head is not None
    return {traced.head.end, *traced.head.instead.values()}


def _wide(path: str, traced: Traced, sizes: Mapping[fx.Node, tuple[int, ...]]) -> bool:
    return sizes[traced.outputs[path]][2:] != (1, 1)


def VGG_ALIASES(module: nn.Module) -> dict[str, str]:
    """Caffe's names of a VGG's layers: conv5_3 is rectified, `conv5_3:pre` is not."""
    from torch.nn import Conv2d, MaxPool2d, ReLU

    found: dict[str, str] = {}
    block = number = 1
    for index, part in module.get_submodule("features").named_children():
        layer = f"features.{index}"
        if isinstance(part, Conv2d):
            name = f"{block}_{number}"
            number += 1
        elif isinstance(part, ReLU):
            found[f"conv{name}"] = found[f"relu{name}"] = layer
        elif isinstance(part, MaxPool2d):
            found[f"pool{block}"] = layer
            block, number = block + 1, 1
    return {**found, "fc6": "classifier.1", "fc7": "classifier.4"}


ALIASES: dict[str, dict[str, str]] = {
    "alexnet": {
        **dict(zip(CONVOLUTIONS, (f"features.{n}" for n in (1, 4, 7, 9, 11)), strict=True)),
        **{"pool1": "features.2", "pool2": "features.5", "pool5": "features.12"},
        **{"fc6": "classifier.2", "fc7": "classifier.5"},
    },
    "inception_v3": {},
}
_: type[Tensor] = Tensor
