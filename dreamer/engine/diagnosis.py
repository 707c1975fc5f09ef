"""Whether a network has learnt the right thing: pictures of one of its classes, what another
network sees in them beside it, and where the score comes from.

Mordvintsev, Olah and Tyka (*Inceptionism*, 2015) found that a network's dumbbells always come with
an arm. Here that is a measurement.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import torch
from torch import Tensor

from dreamer.draw.noise import NOISES
from dreamer.dreaming import randomness
from dreamer.dreaming.integrated import core, without
from dreamer.engine.company import Companion, alike, companions
from dreamer.engine.execution import Execution, under
from dreamer.engine.portraits import Score, class_score, climbed
from dreamer.engine.saliency import Viewer, viewer
from dreamer.networks.cards import Card

log = logging.getLogger("dreamer")
SEED = 5
NEUTRAL = 2  # pictures of other classes for each of the asked-for one; noises as many as of it
MOST_SHOWN = 3  # companions whose places are looked for
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


def class_picture(
    card: Card, score: Score, number: int, sample: int, seed: int, execution: Execution
) -> Tensor:
    """Sample `sample` of class `number`, `(1, 3, native, native)`: a pure function of these and
    `seed`, whatever else is drawn.
    """
    (own,) = randomness.integers(1, 0, 2**62, "class picture", seed, number, sample)
    return climbed(score, [number], [own], card.native, (own, 0, 0), execution).cpu()


def class_pictures(
    card: Card, number: int, samples: int, seed: int, execution: Execution
) -> Tensor:
    """The first `samples` of class `number`, `(samples, 3, native, native)` in [0, 1]."""
    with under(execution), torch.no_grad():
        score = class_score(card, execution)
        return torch.cat(
            [class_picture(card, score, number, k, seed, execution) for k in range(samples)]
        )


def neutral_pictures(
    card: Card, number: int, samples: int, seed: int, execution: Execution
) -> tuple[Tensor, list[str]]:
    """Pictures that have nothing to do with class `number`, and what each shows: noises ("") and
    pictures of other classes, evenly chosen.
    """
    side, kinds = card.native, list(NOISES.values())
    pictures = [kinds[k % len(kinds)](side, side, seed + k) for k in range(samples)]
    shown = [""] * samples
    others = [k for k in range(len(card.classes)) if k != number]
    count = NEUTRAL * samples if others else 0
    with under(execution), torch.no_grad():
        score = class_score(card, execution)
        for k in range(count):
            other = others[k * len(others) // count if count < len(others) else k % len(others)]
            pictures.append(class_picture(card, score, other, k, seed, execution))
            shown.append(card.classes[other])
            if (k + 1) % samples == 0:
                log.info("%d of %d pictures of other classes", k + 1, count)
    return torch.cat(pictures), shown


def diagnosis(
    card: Card, number: int, judge: Card, samples: int, seed: int, execution: Execution
) -> Diagnosis:
    """Look at class `number` of `card` with its own eyes and those of `judge`.

    Raises:
        NetworkError: either has no class head, or weights that are missing.
    """
    asked = card.classes[number]
    own, other = viewer(card, execution), viewer(judge, execution)  # refused before any work
    pictures = class_pictures(card, number, samples, seed, execution)
    log.info("%d pictures of %s", samples, asked)
    neutral, shown = neutral_pictures(card, number, samples, seed, execution)
    with under(execution), torch.no_grad():
        shares = own.saliency(pictures, number)
        return Diagnosis(
            asked,
            pictures,
            shares,
            _faithful(own, number, pictures, shares, seed),
            _seen(own, asked, pictures, shares, neutral, shown, own_class=False),
            _seen(other, asked, pictures, shares, neutral, shown, own_class=True),
        )


def _faithful(own: Viewer, number: int, pictures: Tensor, shares: Tensor, seed: int) -> Faithful:
    chance = randomness.normals(tuple(shares.shape), "faithful", seed)
    kinds = (pictures, without(pictures, shares, REMOVED), without(pictures, chance, REMOVED))
    whole, salient, by_chance = (own.log_odds(p, number).mean().item() for p in kinds)
    return Faithful(whole, salient, by_chance)


def _seen(
    by: Viewer,
    asked: str,
    pictures: Tensor,
    shares: Tensor,
    neutral: Tensor,
    shown: list[str],
    own_class: bool,
) -> Seen:
    classes = by.card.classes
    probabilities = by.probabilities(pictures)
    found = companions(probabilities, by.probabilities(neutral), shown, classes, asked)
    known = [name for name in classes if alike(name, asked)][:1]
    names = [*known] if own_class else []
    names += [c.name for c in found if c.told][:MOST_SHOWN]
    its = core(by.saliency(pictures, classes.index(known[0]))) if known and names else None
    places = []
    for name in names:
        theirs = by.saliency(pictures, classes.index(name))
        region = core(theirs)
        inside = (shares * region).sum((1, 2, 3)).mean().item()
        elsewhere = None
        if its is not None and name not in known:
            elsewhere = (theirs * (1 - its)).sum((1, 2, 3)).mean().item()
        places.append(Place(name, theirs, region.mean().item(), inside, elsewhere))
    return Seen(by.card, probabilities, found, places)
