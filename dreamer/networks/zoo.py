"""torchvision's classifiers as architectures: `torchvision:vgg16`, `torchvision:resnet50`, and
every other one that is made of convolutions, with all its layers under torchvision's names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from torch import fx, nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.architectures import Architecture
from dreamer.networks.caffenet import CONVOLUTIONS
from dreamer.networks.operations import DROPOUTS
from dreamer.networks.shapes import shapes, without_numbers
from dreamer.networks.trace import LOGITS, Traced
from dreamer.networks.unfilled import Unfilled

PREFIX = "torchvision:"
WORDS: dict[str, dict[str, bool]] = {
    # The card says the range its weights want, so transform_input, the same elsewhere, stays off.
    "googlenet": {"aux_logits": False, "init_weights": False, "transform_input": False},
    "inception_v3": {"aux_logits": False, "init_weights": False, "transform_input": False},
}
NATIVE = {"inception_v3": 299}


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
    twin = _build(plain, 1000)
    aliases = _vgg_aliases(twin) if plain.startswith("vgg") else ALIASES.get(plain, {})
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
    if not any(node.op == "placeholder" for node in traced.graph.nodes):
        raise NetworkError(f"{type(module).__name__} takes no picture")
    sizes = shapes(traced.root, traced.graph, native, native)
    idle = {path for path, part in module.named_modules() if isinstance(part, DROPOUTS)}
    names = {
        path: path
        for path, node in traced.outputs.items()
        if path not in idle and _is_map(node, sizes.get(node), traced)
    }
    if names.pop(LOGITS, None) and not names:
        raise NetworkError(
            f"{type(module).__name__} has no layer but '{LOGITS}', which is what the class head of "
            "every network is called here: call it otherwise"
        )
    if not names:
        raise NetworkError(f"{type(module).__name__} has no layer whose output is a map")
    features, head = "", ""
    if traced.head is not None:
        head = traced.head.linear
        ends = [path for path in names if traced.outputs[path] is traced.head.source]
        features = ends[-1] if ends else ""
    return Architecture(build, names, features, head, native=native, aliases=aliases or {})


def _is_map(node: fx.Node, shape: tuple[int, ...] | None, traced: Traced) -> bool:
    """Whether `node` is a map of features: `(B, C, H, W)`, not channels last, and not what remains
    of the head after a pooling over everything.
    """
    if shape is None or len(shape) != 4 or shape[2] != shape[3]:
        return False
    head = traced.head
    of_head = head is not None and node in (head.end, *head.instead.values())
    return shape[2:] != (1, 1) or of_head


def _vgg_aliases(module: nn.Module) -> dict[str, str]:
    """Caffe's names of a VGG's layers: conv5_3 is rectified, `conv5_3:pre` is not."""
    found: dict[str, str] = {}
    block = number = 1
    for index, part in module.get_submodule("features").named_children():
        layer = f"features.{index}"
        if isinstance(part, nn.Conv2d):
            name = f"{block}_{number}"
            number += 1
        elif isinstance(part, nn.ReLU):
            found[f"conv{name}"] = found[f"relu{name}"] = layer
        elif isinstance(part, nn.MaxPool2d):
            found[f"pool{block}"] = layer
            block, number = block + 1, 1
    return {**found, "fc6": "classifier.1", "fc7": "classifier.4"}


ALIASES: dict[str, dict[str, str]] = {
    "alexnet": {
        **dict(zip(CONVOLUTIONS, (f"features.{n}" for n in (1, 4, 7, 9, 11)), strict=True)),
        "pool1": "features.2",
        "pool2": "features.5",
        "pool5": "features.12",
        "fc6": "classifier.2",
        "fc7": "classifier.5",
    },
}
