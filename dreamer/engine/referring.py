"""What the targets of a plan are seen with, and what they see of the pictures they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from dreamer.dreaming import seamless
from dreamer.dreaming.objectives import Activations, Perceive, Tap
from dreamer.engine import pictures, warm
from dreamer.engine.execution import Execution
from dreamer.engine.objective import Objective, Reference, chosen_taps, objective_of
from dreamer.engine.perceive import Through, alone, perceiver, perceivers
from dreamer.networks.cards import Card
from dreamer.networks.weights import contents_of
from dreamer.recipe.plan import Plan

MARGIN = 64  # pixels that a network sees of a seamless picture's other side


class Perception(NamedTuple):
    """What is climbed; the networks' perceivers, as they are and redirected; and the one that
    sees pictures under the dream.
    """

    objective: Objective
    perceive: tuple[Perceive, Perceive]
    features: Perceive


def perception(
    plan: Plan,
    cards: Mapping[str, Card],
    execution: Execution,
    source: Tensor,
    through: Through = alone,
) -> Perception:
    """What the targets of `plan` are climbed by, on the device of `execution`; `source` is what
    channels are chosen by, where that is done once. Networks are run by `through`.
    """
    cold = [card for card in map(cards.__getitem__, networks_of(plan)) if not warm.known(card)]
    held = [contents_of(card) for card in cold]  # each file is read once
    once = chosen_taps(plan.targets)
    looked = perceiver(cards, once, execution, through)(source[:1]) if once else None
    objective = objective_of(plan.targets, cards, execution, looked)
    plain, redirected = perceivers(cards, objective.perceived, execution, through)
    under = tuple(dict.fromkeys(r.of for r in objective.references if r.moved))
    features = plain
    if under and set(under) != set(objective.perceived):
        features = perceiver(cards, under, execution, through)
    del held
    if plan.seamless:
        margin = _margin(cards, objective.perceived)
        plain, redirected, features = (
            seamless.perceiving(p, margin) for p in (plain, redirected, features)
        )
    return Perception(objective, (plain, redirected), features)


def networks_of(plan: Plan) -> tuple[str, ...]:
    """The networks that targets name, each once, as the recipe has them."""
    named = (t.network for o in plan.targets for t in (o, o.other) if t is not None)
    return tuple(dict.fromkeys(named))


def _margin(cards: Mapping[str, Card], taps: tuple[Tap, ...]) -> int:
    """Pixels of the other side that networks see: a multiple of all strides."""
    stride = max((cards[tap.network].layer(tap.layer).stride for tap in taps), default=1)
    return -(-MARGIN // stride) * stride


def referred(objective: Objective, source: Tensor, changing: tuple[str, ...]) -> dict[str, Tensor]:
    """The pictures that targets refer to and that no frame changes, as it does those `changing`."""
    names = dict.fromkeys(r.picture for r in objective.references if r.picture not in changing)
    return {name: source if name == "source" else pictures.loaded(Path(name)) for name in names}


def features_of(
    objective: Objective,
    shown: Mapping[str, Tensor],
    perceive: Perceive,
    plan: Plan,
    device: str,
) -> dict[Tap, Tensor]:
    """What the pictures `shown` have that lies at no place of the dream: columns for a guide,
    texture, a mean.

    They are seen as they are, but no larger than the dream's longer side.
    """
    longest = max(plan.width, plan.height)
    found: dict[Tap, Tensor] = {}
    for name, picture in shown.items():
        mine = [r for r in objective.references if r.picture == name and not r.moved]
        if mine:
            small = pictures.at_most(picture, longest, plan.smallest)
            activations = perceive(small.to(device))
            found |= {r.tap: _feature(r, activations) for r in mine}
    return found


def _feature(reference: Reference, activations: Activations) -> Tensor:
    activation = activations[reference.of]
    return activation.float().mean((2, 3)) if reference.meant else activation


def moved(objective: Objective, shown: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those of the pictures `shown` whose places lie under the dream's."""
    wanted = {r.picture for r in objective.references if r.moved}
    return {name: picture for name, picture in shown.items() if name in wanted}
