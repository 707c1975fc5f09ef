"""Whether a network has learnt the right thing: pictures of one of its classes, what another
network sees in them beside it, and where the score comes from.

Mordvintsev, Olah and Tyka (*Inceptionism*, 2015) found that a network's dumbbells always come with
an arm. Here that is a measurement.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.dreaming import randomness
from dreamer.dreaming.integrated import core, without
from dreamer.engine.company import Companion, companions, meant
from dreamer.engine.execution import Execution, under
from dreamer.engine.portraits import Score, class_score, climbed
from dreamer.engine.saliency import Viewer, viewer
from dreamer.engine.stopping import Stop
from dreamer.networks.cards import Card

log = logging.getLogger("dreamer")
SEED = 5
NEUTRAL = 3  # pictures of other classes for each of the asked-for one; noises as many as of it
REMOVED = 0.1  # of a picture, to see whether its saliency is true


@dataclass(frozen=True)
class Place:
    """Where a viewer sees a class: its saliency `(N, 1, H, W)`, how much of the picture its core
    takes, and the share of the network's own score that comes from there.

    `elsewhere` is how much of the saliency lies outside the core of the asked-for class, to the
    same eyes; None where they do not know that class, or see nothing else. What is seen in the same
    place resembles the class; what is seen elsewhere comes with it.
    """

    name: str
    shares: Tensor
    area: float
    share: float
    elsewhere: float | None = None


@dataclass(frozen=True)
class Seen:
    """What a viewer sees in the pictures: probabilities `(N, classes)`, what it names beside the
    class, and the places of it: first the class itself, where the viewer knows it.
    """

    card: Card
    probabilities: Tensor
    companions: list[Companion]
    places: list[Place]


@dataclass(frozen=True)
class Faithful:
    """Mean log-odds of the class in its pictures as they are, without their most salient tenth,
    and without a tenth by chance.
    """

    whole: float
    salient: float
    chance: float


@dataclass(frozen=True)
class Diagnosis:
    """Pictures `(N, 3, S, S)` of the class `asked`, their saliency `(N, 1, S, S)`, and what the
    network itself and the judge see in them.
    """

    asked: str
    pictures: Tensor
    shares: Tensor
    faithful: Faithful
    own: Seen
    judge: Seen


class Looked(NamedTuple):
    """What both networks look at: the pictures and their saliency to the network itself, pictures
    of other classes, and plain noises.
    """

    pictures: Tensor
    shares: Tensor
    others: Tensor
    noises: Tensor


def class_picture(
    card: Card,
    score: Score,
    number: int,
    sample: int,
    seed: int,
    execution: Execution,
    stop: Stop | None = None,
) -> Tensor:
    """Sample `sample` of class `number`, `(1, 3, native, native)`: a pure function of these and
    `seed`, whatever else is drawn.
    """
    (own,) = randomness.integers(1, 0, 2**62, "class picture", seed, number, sample)

    def on_step() -> None:
        if stop is not None:
            stop.check("while pictures were climbed; nothing is written")

    where = (own, 0, 0)
    return climbed(score, [number], [own], card.native, where, execution, on_step).cpu()


def class_pictures(
    card: Card,
    number: int,
    samples: int,
    seed: int,
    execution: Execution,
    stop: Stop | None = None,
) -> Tensor:
    """The first `samples` of class `number`, `(samples, 3, native, native)` in [0, 1]."""
    with under(execution), torch.no_grad():
        score = class_score(card, execution)
        return torch.cat(
            [class_picture(card, score, number, k, seed, execution, stop) for k in range(samples)]
        )


def neutral_pictures(
    card: Card,
    number: int,
    samples: int,
    seed: int,
    execution: Execution,
    stop: Stop | None = None,
) -> tuple[Tensor, list[int]]:
    """Pictures of classes other than `number`, evenly chosen and climbed as its own are, and which
    class each shows. What comes up in them too comes up whatever is climbed to.
    """
    others = [k for k in range(len(card.classes)) if k != number]
    count = NEUTRAL * samples if others else 0
    pictures, shown = [torch.empty(0, 3, card.native, card.native)], []
    with under(execution), torch.no_grad():
        score = class_score(card, execution)
        for k in range(count):
            other = others[k * len(others) // count if count < len(others) else k % len(others)]
            pictures.append(class_picture(card, score, other, k, seed, execution, stop))
            shown.append(other)
            if (k + 1) % samples == 0:
                log.info("%d of %d pictures of other classes", k + 1, count)
    return torch.cat(pictures), shown


def plain_noises(side: int, samples: int, seed: int) -> Tensor:
    """`(samples, 3, side, side)`, of every kind in turn."""
    kinds = list(NOISES.values())
    return torch.cat([kinds[k % len(kinds)](side, side, seed + k) for k in range(samples)])


def diagnosis(
    card: Card,
    number: int,
    judge: Card,
    samples: int,
    seed: int,
    execution: Execution,
    stop: Stop | None = None,
) -> Diagnosis:
    """Look at class `number` of `card` with its own eyes and those of `judge`.

    Raises:
        NetworkError: either has no class head, or weights that are missing.
        Stopped: a signal asked for it, while pictures were climbed.
    """
    asked = card.classes[number]
    own, other = viewer(card, execution), viewer(judge, execution)  # refused before any work
    pictures = class_pictures(card, number, samples, seed, execution, stop)
    log.info("%d pictures of %s", samples, asked)
    others, shown = neutral_pictures(card, number, samples, seed, execution, stop)
    noises = plain_noises(card.native, samples, seed)
    with under(execution), torch.no_grad():
        shares = own.saliency(pictures, number)
        looked = Looked(pictures, shares, others, noises)
        judged = [meant(card.classes[k], judge.classes) for k in shown]
        its = meant(asked, judge.classes)
        return Diagnosis(
            asked,
            pictures,
            shares,
            _faithful(own, number, pictures, shares, seed),
            _seen(own, looked, frozenset((number,)), [frozenset((k,)) for k in shown], False),
            _seen(other, looked, its, judged, True),
        )


def _faithful(own: Viewer, number: int, pictures: Tensor, shares: Tensor, seed: int) -> Faithful:
    chance = randomness.normals(tuple(shares.shape), "faithful", seed)
    kinds = (pictures, without(pictures, shares, REMOVED), without(pictures, chance, REMOVED))
    whole, salient, by_chance = (own.log_odds(p, number).mean().item() for p in kinds)
    return Faithful(whole, salient, by_chance)


def _seen(
    by: Viewer,
    looked: Looked,
    asked: frozenset[int],
    shown: list[frozenset[int]],
    own_class: bool,
) -> Seen:
    """What `by` sees, to whom the class is `asked`, if any, and the neutral pictures `shown`."""
    classes, pictures = by.card.classes, looked.pictures
    seen, others, noises = map(by.probabilities, (pictures, looked.others, looked.noises))
    found = companions(seen, others, shown, noises, classes, asked)
    first = min(asked, default=None)
    numbers = [first] if own_class and first is not None else []
    numbers += [c.number for c in found if c.told]
    its = core(by.saliency(pictures, first)) if first is not None and numbers else None
    places = []
    for number in numbers:
        theirs = by.saliency(pictures, number)
        region = core(theirs)
        inside = (looked.shares * region).sum((1, 2, 3)).mean().item()
        elsewhere = None
        if its is not None and number != first:
            elsewhere = _elsewhere(theirs, its)
        places.append(Place(classes[number], theirs, region.mean().item(), inside, elsewhere))
    return Seen(by.card, seen, found, places)


def _elsewhere(theirs: Tensor, its: Tensor) -> float | None:
    """How much of `theirs` lies outside `its`, in the pictures that have both."""
    both = (theirs.sum((1, 2, 3)) > 0) & (its.sum((1, 2, 3)) > 0)
    found = (theirs * (1 - its)).sum((1, 2, 3))[both]
    return found.mean().item() if len(found) else None
