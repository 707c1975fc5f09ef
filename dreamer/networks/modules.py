"""Cards of networks that no file describes: any torch module in a notebook, and any classifier of
torchvision.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Literal

from torch import nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.cards import Card, Layer, Weights, labelled
from dreamer.networks.label_sets import numbered
from dreamer.networks.shapes import without_numbers
from dreamer.networks.table import card_rows, smallest_of
from dreamer.networks.trace import Traced
from dreamer.networks.unfilled import Unfilled
from dreamer.networks.weights import load_module
from dreamer.networks.zoo import PREFIX, described

Triple = tuple[float, float, float]
IMAGENET: tuple[Triple, Triple] = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CENTRED: tuple[Triple, Triple] = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def opened(card: Card) -> Traced:
    """The network of `card` with its weights, to be cut to its taps.

    Raises:
        NetworkError: weights that are missing, of another hash, or of another network.
    """
    if card.module is not None:
        module = copy.deepcopy(card.module)
        return Traced(module, _row(module, card.native))
    return Traced(load_module(card), ARCHITECTURES[card.architecture])


def _row(module: nn.Module, native: int) -> Architecture:
    def build(classes: int) -> nn.Module:
        raise NetworkError("a module of your own cannot be built again")

    return described(module, build, native)


def from_module(
    module: nn.Module,
    name: str,
    *,
    native: int = 224,
    mean: Triple = IMAGENET[0],
    std: Triple = IMAGENET[1],
    scale: float = 1.0,
    order: Literal["RGB", "BGR"] = "RGB",
    classes: tuple[str, ...] = (),
    default_layer: str = "",
) -> Card:
    """A card for a module of your own, which can then be dreamt with like any network.

    The module is copied when it is used, never changed. Its layers are its submodules' names.

    Args:
        module: convolutional; `(B, 3, H, W)` in, `(B, classes)` or a map out.
        name: what to call it.
        native: side of the pictures it was made for.
        mean: with `std`, `scale` and `order`: it wants `(x · scale − mean) / std` of pictures in
            [0, 1].
        std: see `mean`.
        scale: see `mean`.
        order: of the channels.
        classes: their names; numbers, if none are given.
        default_layer: dreamt with if a recipe names none; one about two thirds down, if not given.

    Raises:
        NetworkError: a module that cannot be followed, or has no maps of features.
    """
    row = _row(module, native)
    traced = Traced(without_numbers(module), row)
    layers, smallest = _layers(traced, native)
    channels = layers[-1].channels if layers[-1].name == "logits" else 0
    if classes and channels and len(classes) != channels:
        raise NetworkError(f"{name} has {channels} classes, and {len(classes)} names were given")
    names = [layer.name for layer in layers if layer.name != "logits"]
    if default_layer and default_layer not in names:
        raise NetworkError(f"{name} has no layer '{default_layer}'")
    return Card(
        name=name,
        title=f"{type(module).__name__}, a module",
        architecture=f"module:{name}",
        weights=Weights("module"),
        mean=mean,
        std=std,
        native=native,
        smallest=smallest,
        layers=layers,
        classes=classes or numbered(channels),
        scale=scale,
        order=order,
        default_layer=default_layer or names[2 * len(names) // 3],
        crops=traced.head is not None and traced.head.crops,
        module=module,
    )


def torchvision_card(architecture: str) -> Card:
    """The card of `torchvision:NAME`, without weights: `own_card` says which.

    Raises:
        NetworkError: no such model, or one that is not made of convolutions.
    """
    row = ARCHITECTURES[architecture]
    with Unfilled():
        card = from_module(row.build(1000), architecture.removeprefix(PREFIX), native=row.native)
    centred = card.name in ("googlenet", "inception_v3")
    mean, std = CENTRED if centred else IMAGENET
    return replace(
        card,
        title=f"torchvision's {card.name}",
        architecture=architecture,
        weights=Weights("random"),
        mean=mean,
        std=std,
        **labelled("imagenet"),
        fit="centre",
        resize=round(card.native / 0.875),
        aliases=tuple(row.aliases.items()),
        module=None,
    )


def _layers(traced: Traced, native: int) -> tuple[tuple[Layer, ...], int]:
    found = tuple(Layer(*row) for row in card_rows(traced, native))  # type: ignore[arg-type]
    return found, smallest_of(traced, native)
