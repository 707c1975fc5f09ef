"""Networks as they learn: with their batch norms, and pictures in [0, 1] as input."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from dreamer.errors import NetworkError, did_you_mean
from dreamer.networks.architectures import ARCHITECTURES
from dreamer.networks.cards import Card
from dreamer.networks.shapes import shapes, without_numbers
from dreamer.networks.trace import Traced
from dreamer.networks.unlearnt import MEAN, STD
from dreamer.networks.vgg_pattern import PREFIX
from dreamer.networks.weights import load_module


class Normalised(nn.Module):
    """A network behind the range it wants; pictures `(B, 3, H, W)` in [0, 1] go in."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net((x - MEAN) / STD)
        return logits


def grown(base: Card, classes: int, seed: int) -> Normalised:
    """The network of `base` with its weights and a new head of `classes`, to be trained on.

    Its batch norms are as they were shipped: folded away, for house.

    Raises:
        NetworkError: it wants its pictures in another range than networks learn with here.
    """
    if (base.mean, base.std, base.scale, base.order) != ((MEAN,) * 3, (STD,) * 3, 1.0, "RGB"):
        raise NetworkError(
            f"base: {base.name} wants its pictures in another range than training gives them; only "
            "networks trained by dreamer can be trained on"
        )
    architecture = ARCHITECTURES[base.architecture]
    net = architecture.build(classes)
    architecture.initialise(net, seed)
    learnt = load_module(base).state_dict()
    head = architecture.head
    net.load_state_dict(
        {**learnt, **{k: v for k, v in net.state_dict().items() if k.startswith(head)}}
    )
    return Normalised(net)


def trained_here(architecture: str) -> Callable[[int], nn.Module]:
    """What builds `architecture` for learning.

    Raises:
        NetworkError: none of those that we train, or a pattern that is none.
    """
    names = [name for name, row in ARCHITECTURES.items() if row.trainable is not None]
    known = architecture in ARCHITECTURES or architecture.startswith(PREFIX)
    build = ARCHITECTURES[architecture].trainable if known else None
    if build is None:
        near = did_you_mean(architecture, names)
        listed = f"{', '.join(names)}, or {PREFIX}PATTERN"
        raise NetworkError(f"no architecture '{architecture}' to train ({listed}){near}")
    return build


def require_side(architecture: str, side: int) -> None:
    """Refuse pictures that `architecture` would learn otherwise than it is used later.

    Fully connected layers look at a map as large as that of pictures of the native side. What is
    smaller is enlarged to it, while learning and later; of what is larger learning sees the whole,
    averaged, and a class head at every position one crop after another.

    Args:
        architecture: a row's name.
        side: of the pictures, in pixels.

    Raises:
        NetworkError: pictures too large for its head, or too small for its layers.
    """
    row = ARCHITECTURES[architecture]
    traced = Traced(without_numbers(row.build(2)), row)
    if traced.head is not None and traced.head.crops and side > row.native:
        raise NetworkError(
            f"{architecture} is made for pictures of {row.native} pixels, and its fully connected "
            f"layers learn from none that are larger; got {side}"
        )
    shapes(traced.root, traced.graph, side, side)


def trainable(architecture: str, classes: int, seed: int) -> Normalised:
    """A network of `architecture` that has learnt nothing yet, its weights drawn from `seed`.

    Raises:
        NetworkError: none of those that we train.
    """
    net = trained_here(architecture)(classes)
    ARCHITECTURES[architecture].initialise(net, seed)
    return Normalised(net)
