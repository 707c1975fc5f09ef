"""Cards of networks that no file describes: any torch module in a notebook, and any classifier of
torchvision.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import nn

from dreamer.errors import NetworkError
from dreamer.networks.architectures import ARCHITECTURES, Architecture
from dreamer.networks.card_words import CARD, NAMES, RANGE, wrong_words
from dreamer.networks.cards import Card, Layer, Weights, labelled
from dreamer.networks.label_sets import numbered
from dreamer.networks.shapes import without_numbers
from dreamer.networks.table import card_rows, smallest_of
from dreamer.networks.trace import LOGITS, Traced
from dreamer.networks.unfilled import Unfilled
from dreamer.networks.weights import load_module
from dreamer.networks.zoo import PREFIX, described

Triple = tuple[float, float, float]
WORDS = {key: CARD[key] for key in ("name", "native", *RANGE)} | {"classes": NAMES}
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
        module: convolutional; `(B, 3, H, W)` in, `(B, classes)` or a map out; of one that puts out
            a map the layers alone can be dreamt with.
        name: what to call it.
        native: side of the pictures it was made for.
        mean: with `std`, `scale` and `order`: it wants `(x · scale − mean) / std` of pictures in
            [0, 1].
        std: see `mean`.
        scale: see `mean`.
        order: of the channels.
        classes: their names; numbers, if none are given, and none where it has no class head.
        default_layer: dreamt with if a recipe names none; one about two thirds down, if not given.

    Raises:
        NetworkError: a module that cannot be followed, or has no maps of features; words that no
            card could have.
    """
    said = {"name": name, "native": native, "mean": mean, "std": std, "scale": scale}
    said |= {"order": order, "classes": classes}
    if wrong := wrong_words(said, WORDS):
        raise NetworkError("; ".join(wrong))
    _require_plain(module)
    row = _row(module, native)
    traced = Traced(without_numbers(module), row)
    layers, smallest = _layers(traced, native)
    channels = layers[-1].channels if layers[-1].name == LOGITS else 0
    if classes and not channels:
        traced.node(LOGITS)  # which says why not
    if classes and len(classes) != channels:
        raise NetworkError(f"{name} has {channels} classes, and {len(classes)} names were given")
    names = [layer.name for layer in layers if layer.name != LOGITS]
    if default_layer and default_layer not in names:
        raise NetworkError(f"{name} has no layer '{default_layer}'")
    return Card(
        name=name,
        title=f"{type(module).__name__}, a module",
        architecture=f"module:{name}",
        weights=Weights("module"),
        mean=_triple(mean),
        std=_triple(std),
        native=native,
        smallest=smallest,
        layers=layers,
        classes=tuple(classes) or numbered(channels),
        scale=float(scale),
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


def _require_plain(module: object) -> None:
    """Refuse what only looks like a module that can be followed and copied."""
    if not isinstance(module, nn.Module):
        raise NetworkError(f"expected a torch.nn.Module, got {type(module).__name__}")
    for part in module.modules():
        if isinstance(part, torch.jit.ScriptModule):
            raise NetworkError(
                "a ScriptModule is a program of its own that cannot be followed: give the module "
                "that it was made of"
            )
    if any(nn.parameter.is_lazy(tensor) for tensor in module.parameters()):
        raise NetworkError("its lazy layers have no sizes yet: give it a picture once")


def _triple(numbers: Sequence[float]) -> Triple:
    red, green, blue = map(float, numbers)
    return red, green, blue


def _layers(traced: Traced, native: int) -> tuple[tuple[Layer, ...], int]:
    found = tuple(Layer(*row) for row in card_rows(traced, native))  # type: ignore[arg-type]
    return found, smallest_of(traced, native)
