"""The objectives by name, and how one of them becomes a term of the sum that is climbed.

The table says of each what it must be given and whether its places and pictures are their own, so
that a recipe can be checked, and work cut into tiles, without knowing any of them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from dreamer.dreaming import classes, diversity, energies, features, objectives
from dreamer.dreaming.objectives import Activations, Places, Tap, Term
from dreamer.dreaming.selection import picked

Value = Callable[..., Tensor]
Look = Callable[[Tensor], Tensor]
GIVEN = ""  # the network of taps that no network gives
CHANNEL_BY_CHANNEL = ("std", "vector", "reference", "other")  # arguments that channels share out


@dataclass(frozen=True)
class Objective:
    """A row of the table.

    Args:
        value: `value(activation, …, mask=None)` → `(B,)`; `value(logits, classes, weights, …)` of
            a kind `classes`.
        needs: names of the arguments it cannot do without, besides the first.
        takes: names of those it may be given.
        kind: of what it is asked: `layer`, `classes`, or `batch` when pictures touch each other.
        local: whether the sum (or mean) over tiles is the value of the whole, up to what tiles
            see of their surroundings; asked at one `place`, none is.
        summed: whether a sum over places, and not a mean.
        around: the argument that says how many places side by side each looks at, and what it is
            if not given.
        moved: whether what it needs lies at places of the picture, and must be moved as it is.
    """

    value: Value
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    kind: Literal["layer", "classes", "batch"] = "layer"
    local: bool = True
    summed: bool = False
    around: tuple[str, int] = ("", 1)
    moved: bool = False


def given(name: str) -> Tap:
    """The tap of something that the caller gives beside the networks' activations: a mask, or
    another picture's activation.
    """
    return Tap(GIVEN, name)


def term(
    name: str,
    taps: Sequence[Tap],
    weight: int,
    *,
    channels: Tensor | Look | None = None,
    mask: Tap | None = None,
    apart: bool = False,
    **arguments: Tensor | float | tuple[float, float],
) -> Term:
    """A term of an objective about layers.

    Args:
        name: a row of `OBJECTIVES`.
        taps: of the activation, and then of those that the objective compares it to (reference,
            other), unless `arguments` has them as tensors.
        weight: number of its weight among the plan's; a negative one suppresses.
        channels: indices `(k,)` or `(B, k)`; or what finds them in the first activation, anew in
            every step (`selection.by_strength`). All taps' channels are cut alike; tensors in
            `arguments` must fit what is left.
        mask: tap of a mask `(1 or B, 1, H, W)`.
        apart: channel by channel (`energies.each_channel`).
        arguments: what else the objective needs or takes.

    Raises:
        ValueError: an unknown objective, one about classes, or arguments that are missing or that
            it does not take.
    """
    row = _row(name)
    if row.kind == "classes":
        raise ValueError(f"{name} is asked of classes: it is made by class_term")
    if not taps:
        raise ValueError(f"{name} needs the tap of a layer")
    _fitting(name, (*row.needs[: len(taps) - 1], *arguments), len(taps) - 1)
    shared = len(taps) > 1 or any(needed in CHANNEL_BY_CHANNEL for needed in row.needs)
    if apart and (shared or row.kind == "batch"):
        raise ValueError(f"{name} is not asked of channels one by one")
    places = Places(taps[0], mask, row.summed, _around(row, arguments))

    def value(activations: Activations, weights: Tensor) -> Tensor:
        seen = [activations[tap] for tap in taps]
        which = channels(seen[0].detach()) if callable(channels) else channels
        if which is not None and which.dim() == 2:  # a reference of one picture is for them all
            seen[1:] = [x.expand(len(which), *x.shape[1:]) for x in seen[1:]]
        seen = [picked(activation, which) for activation in seen]
        through = _weights_of(places, activations)
        if apart:
            found = energies.each_channel(row.value, seen[0], through, **arguments)
        else:
            found = row.value(*seen, mask=through, **arguments)
        return weights[0] * found

    local = row.local and not callable(channels) and "place" not in arguments
    wanted = (*taps, *(() if mask is None else (mask,)))
    return Term(wanted, (weight,), value, (places,) if local else (), name)


def class_term(
    name: str,
    tap: Tap,
    numbers: Tensor,
    weights: Sequence[int],
    *,
    mask: Tap | None = None,
    **arguments: int | None,
) -> Term:
    """A term of an objective about classes, all those of a network together.

    Args:
        name: a row of `OBJECTIVES`.
        tap: of the logits.
        numbers: of the classes, int64 `(k,)`, on the logits' device.
        weights: number of the weight of each.
        mask: tap of a mask `(1 or B, 1, H, W)`.
        arguments: what the objective takes (`window`).

    Raises:
        ValueError: an unknown objective, one that is not about classes, weights of another number
            than classes, or arguments that it does not take.
    """
    row = _row(name)
    if row.kind != "classes":
        raise ValueError(f"{name} is not asked of classes: it is made by term")
    _fitting(name, ("classes", *arguments), 0)
    if numbers.shape != (len(weights),):
        raise ValueError(f"{len(weights)} weights for classes {tuple(numbers.shape)}")

    places = Places(tap, mask, row.summed, _around(row, arguments))

    def value(activations: Activations, mine: Tensor) -> Tensor:
        through = _weights_of(places, activations)
        return row.value(activations[tap], numbers, mine, mask=through, **arguments)

    wanted = (tap, *(() if mask is None else (mask,)))
    return Term(wanted, tuple(weights), value, (places,) if row.local else (), name)


def difference(one: Term, other: Term) -> Term:
    """One term less another of the same weights: what one network sees and the other does not.

    Both must speak of like things on like scales: log-probabilities, margins, cosines.

    Raises:
        ValueError: terms of different weights.
    """
    if one.weights != other.weights:
        raise ValueError(
            f"terms of weights {one.weights} and {other.weights} are not scaled as one difference"
        )

    def value(activations: Activations, weights: Tensor) -> Tensor:
        return one.value(activations, weights) - other.value(activations, weights)

    taps = tuple(dict.fromkeys((*one.taps, *other.taps)))
    places = (*one.places, *other.places) if one.places and other.places else ()
    return Term(taps, one.weights, value, places, one.name)


def _weights_of(places: Places, activations: Activations) -> Tensor | None:
    share = activations.get(places.share)
    if share is not None or places.mask is None:
        return share
    return activations[places.mask]


def _around(row: Objective, arguments: Mapping[str, object]) -> int:
    """How many places further than itself each place looks."""
    name, side = row.around
    said = arguments.get(name)
    return (said if isinstance(said, int) else side) // 2


def _row(name: str) -> Objective:
    if name not in OBJECTIVES:
        raise ValueError(f"there is no objective {name!r}; there are {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]


def _fitting(name: str, arguments: Sequence[str], compared: int) -> None:
    """Whether `arguments` are what `name` needs and takes, `compared` of them by taps."""
    row = OBJECTIVES[name]
    if compared > len(row.needs):
        raise ValueError(f"{name} sees {len(row.needs) + 1} taps at most, not {compared + 1}")
    for needed in row.needs:
        if needed not in arguments:
            raise ValueError(f"{name} needs {needed}")
    for argument in arguments:
        if argument not in row.needs + row.takes:
            known = ", ".join(row.needs + row.takes) or "nothing"
            raise ValueError(f"{name} does not take {argument}; it takes {known}")
    if len(set(arguments)) < len(arguments):
        raise ValueError(f"{name} is given the same thing by a tap and as a tensor")


PARTS = ("window",)
OBJECTIVES: dict[str, Objective] = {
    "energy": Objective(objectives.energy, summed=True),
    "mean": Objective(energies.mean),
    "mean_square": Objective(energies.mean_square),
    "absolute_mean": Objective(energies.absolute_mean),
    "absolute_sum": Objective(energies.absolute_sum, summed=True),
    "norm": Objective(energies.norm, local=False),
    "power": Objective(energies.power, ("exponent",), summed=True),
    "softplus": Objective(energies.softplus),
    "variation": Objective(energies.variation, summed=True, around=("", 3)),
    "standing_out": Objective(
        objectives.standing_out, ("std",), ("surround", "sharpness"), around=("surround", 9)
    ),
    "neuron": Objective(features.neuron, takes=("place",), local=False, moved=True),
    "direction": Objective(features.direction, ("vector",), ("exponent", "place")),
    "cosine": Objective(features.cosine, ("vector",), ("place",)),
    "guide": Objective(features.guide, ("reference",), summed=True),
    "style": Objective(features.style, ("reference",), local=False),
    "inversion": Objective(features.inversion, ("reference",), local=False, moved=True),
    "caricature": Objective(
        features.caricature, ("reference",), ("exponent",), local=False, moved=True
    ),
    "difference": Objective(features.difference, ("other",)),
    "diversity": Objective(diversity.diversity, kind="batch", local=False),
    "alignment": Objective(diversity.alignment, takes=("decay",), kind="batch"),
    "interpolation": Objective(diversity.interpolation, ("other",), kind="batch", local=False),
    "class_logit": Objective(objectives.class_logit, ("classes",), kind="classes"),
    "class_mixture": Objective(
        objectives.class_mixture, ("classes",), PARTS, "classes", around=("window", 1)
    ),
    "class_probability": Objective(
        classes.class_probability, ("classes",), PARTS, "classes", local=False
    ),
    "class_log_probability": Objective(
        classes.class_log_probability, ("classes",), PARTS, "classes", local=False
    ),
    "class_margin": Objective(classes.class_margin, ("classes",), PARTS, "classes", local=False),
}
