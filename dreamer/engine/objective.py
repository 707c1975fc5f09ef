"""What a recipe asks of its networks as terms: planned targets become rows of `dreaming.terms`,
and all that these compare to (masks, deviations, other pictures' features) becomes taps that
the ascent gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming import terms
from dreamer.dreaming.diversity import interpolation
from dreamer.dreaming.masking import CENTRE
from dreamer.dreaming.objectives import Activations, Tap, Term
from dreamer.dreaming.selection import by_strength, picked
from dreamer.dreaming.terms import OBJECTIVES, given
from dreamer.engine.deviations import of_taps
from dreamer.engine.execution import Execution
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS
from dreamer.recipe.planned import PlannedTarget

SHIFT = given("shift")  # of a step, in heights and widths, on the host
MEANT = ("direction", "cosine")  # of a picture they want one column, its mean


class Reference(NamedTuple):
    """What another picture looks like at a tap: given as `tap`, perceived at `of`.

    `picture` is `source`, `frame` or a file's whole path; `moved` says that its places are the
    dream's own; `meant` that its mean over places is given.
    """

    tap: Tap
    of: Tap
    picture: str
    moved: bool
    meant: bool


@dataclass(frozen=True)
class Objective:
    """Terms, the taps that networks must give them, and what else: masks by tap (files),
    tensors by tap, and other pictures' features.

    `octaves` has for each weight of the plan the octaves it counts in, or None for all.
    """

    terms: tuple[Term, ...]
    perceived: tuple[Tap, ...]
    masks: Mapping[Tap, str]
    constants: Mapping[Tap, Tensor]
    references: tuple[Reference, ...]
    octaves: tuple[tuple[int, ...] | None, ...]


def tap_of(target: PlannedTarget) -> Tap:
    """Where a target is looked for."""
    return Tap(target.network, target.layer or LOGITS, target.before_relu)


def chosen_taps(targets: Sequence[PlannedTarget]) -> tuple[Tap, ...]:
    """The taps whose channels are chosen once, from the source."""
    found = [tap_of(t) for t in targets if t.chosen is not None and not t.chosen.renew]
    return tuple(dict.fromkeys(found))


def objective_of(
    targets: Sequence[PlannedTarget],
    cards: Mapping[str, Card],
    execution: Execution,
    source: Activations | None = None,
) -> Objective:
    """The objective of `targets`: a term for each layer, and one for all classes of a network
    that are asked for alike.

    Args:
        targets: of a plan.
        cards: of their networks, by key.
        execution: what it is computed on.
        source: activations of the source at `chosen_taps`.
    """
    device = execution.device
    standing = [tap_of(t) for t in targets if t.objective == "standing_out"]
    constants = {_std(tap): std for tap, std in of_taps(cards, standing, execution).items()}
    constants = {tap: std[None, :, None, None] for tap, std in constants.items()}
    masks = {_mask(t): t.mask for t in targets if t.mask is not None}
    found: list[Term] = []
    references: dict[Tap, Reference] = {}
    for alike in _grouped(targets):
        first = targets[alike[0]]
        if first.kind == "class":
            found.append(_class_term(alike, targets, cards, device))
            continue
        reference = _reference(first)
        if reference is not None:
            references[reference.tap] = reference
        found.append(_layer_term(alike[0], first, cards, reference, device, source or {}))
    perceived = [tap for term in found for tap in term.taps if tap.network != terms.GIVEN]
    perceived += [reference.of for reference in references.values()]
    return Objective(
        tuple(found),
        tuple(dict.fromkeys(perceived)),
        masks,
        constants,
        tuple(references.values()),
        tuple(t.octaves for t in targets),
    )


def _grouped(targets: Sequence[PlannedTarget]) -> list[list[int]]:
    """Numbers of targets, those together that one term speaks of: a network's classes asked for
    alike.
    """
    groups: dict[object, list[int]] = {}
    for network in dict.fromkeys(t.network for t in targets):
        mine = [(k, t) for k, t in enumerate(targets) if t.network == network]
        for k, t in sorted(mine, key=lambda one: one[1].kind == "layer"):
            alone = t.kind == "layer" or t.other is not None
            key = (network, k) if alone else (network, t.objective, t.mask)
            groups.setdefault(key, []).append(k)
    return list(groups.values())


def _std(tap: Tap) -> Tap:
    return given(f"std of {tap}")


def _mask(target: PlannedTarget) -> Tap:
    return given(f"mask {target.mask}")


def _reference(target: PlannedTarget) -> Reference | None:
    if target.reference is None:
        return None
    of, meant = tap_of(target), target.objective in MEANT
    tap = given(f"{'mean ' if meant else ''}{of} of {target.reference}")
    return Reference(tap, of, target.reference, OBJECTIVES[target.objective].moved, meant)


def _class_term(
    numbers: Sequence[int],
    targets: Sequence[PlannedTarget],
    cards: Mapping[str, Card],
    device: str,
) -> Term:
    mine = [targets[k] for k in numbers]
    first = mine[0]
    made = _classes(first.network, mine, numbers, cards, device)
    if first.other is None:
        return made
    other = [_as_other(first)]
    return terms.difference(made, _classes(other[0].network, other, numbers, cards, device))


def _as_other(target: PlannedTarget) -> PlannedTarget:
    """What `target` is compared to, asked for as it is."""
    assert target.other is not None
    return replace(target.other, objective=target.objective, mask=target.mask)


def _classes(
    network: str,
    mine: Sequence[PlannedTarget],
    numbers: Sequence[int],
    cards: Mapping[str, Card],
    device: str,
) -> Term:
    """Parts of the picture are as large as the pictures that the network classifies; a head that
    sees crops looks at such parts by itself.
    """
    first, card, tap = mine[0], cards[network], Tap(network, LOGITS)
    classes = torch.tensor([t.class_index for t in mine], device=device)
    arguments: dict[str, int | None] = {}
    if first.objective == "class_mixture":
        part = 1 if card.crops else 2 * (card.native // card.layer(LOGITS).stride // 2) + 1
        arguments["window"] = part
    mask = None if first.mask is None else _mask(first)
    return terms.class_term(first.objective, tap, classes, numbers, mask=mask, **arguments)


def _layer_term(
    number: int,
    target: PlannedTarget,
    cards: Mapping[str, Card],
    reference: Reference | None,
    device: str,
    source: Activations,
) -> Term:
    tap = tap_of(target)
    taps = [tap]
    arguments: dict[str, Tensor | float | tuple[float, float]] = {}
    if target.objective == "standing_out":
        taps.append(_std(tap))
    if reference is not None:
        taps.append(reference.tap)
    if target.other is not None:
        taps.append(tap_of(target.other))
    if target.vector is not None:
        vector = torch.zeros(cards[target.network].layer(tap.layer).channels)
        for channel, part in target.vector:
            vector[channel] = part
        arguments["vector"] = vector.to(device)
    if target.exponent is not None:
        arguments["exponent"] = target.exponent
    if target.objective == "interpolation":
        return _interpolation(number, target, device)
    channels: Tensor | Callable[[Tensor], Tensor] | None = None
    if target.channels is not None:
        channels = torch.tensor(target.channels, device=device)
    elif target.chosen is not None:
        mode, count = target.chosen.mode, target.chosen.count
        if target.chosen.renew:
            channels = partial(by_strength, mode=mode, count=count)
        else:
            channels = by_strength(source[tap], mode, count)[0]
    made = partial(
        terms.term,
        target.objective,
        taps,
        number,
        channels=channels,
        mask=None if target.mask is None else _mask(target),
        apart=target.apart,
        **arguments,
    )
    place = target.place
    if place is None and target.objective == "neuron":
        place = CENTRE
    return made() if place is None else _placed(made, place)


def _placed(made: Callable[..., Term], place: tuple[float, float]) -> Term:
    """A term that asks at one `place`, across and down, which goes round with the picture."""
    across, down = place

    def value(activations: Activations, weights: Tensor) -> Tensor:
        lower, further = activations[SHIFT].tolist()  # on the host: nothing is waited for
        here = ((down + lower) % 1.0, (across + further) % 1.0)
        return made(place=here).value(activations, weights)

    first = made(place=(down, across))
    return Term((*first.taps, SHIFT), first.weights, value, name=first.name)


def _interpolation(number: int, target: PlannedTarget, device: str) -> Term:
    """Each end has channels of its own, which `terms.term` would cut alike."""
    other = target.other
    assert other is not None
    here, there = tap_of(target), tap_of(other)
    own, others = (
        None if channels is None else torch.tensor(channels, device=device)
        for channels in (target.channels, other.channels or target.channels)
    )
    mask = None if target.mask is None else _mask(target)

    def value(activations: Activations, weights: Tensor) -> Tensor:
        through = None if mask is None else activations[mask]
        ends = picked(activations[here], own), picked(activations[there], others)
        return weights[0] * interpolation(*ends, mask=through)

    taps = (here, there, *(() if mask is None else (mask,)))
    return Term(taps, (number,), value, name="interpolation")
