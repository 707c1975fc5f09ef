"""Which stills may be rendered as one group: those that run the same networks on pictures of the
same sizes at the same moments. Nothing else of them need be alike. No torch.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from dreamer.networks.cards import Card
from dreamer.recipe.facts import PictureFacts
from dreamer.recipe.plan import FramePlan
from dreamer.recipe.planned import PlannedTarget
from dreamer.recipe.sizes import LUCID, Size, Transforms, transformed, windowed

if TYPE_CHECKING:
    from dreamer.engine.ready import Ready

# Pixels that a pass may have: 16 pictures of 128 × 128, four of 256 × 256. On a processor larger
# passes save little and take a lot of memory (docs/grouping.md); these hold 0.3 GB of house's.
MOST_PIXELS = 1 << 18
# Steps in which roundings that differ with a pass's size stay below a level, measured in fp32 on
# AVX-512: by each slope as it is, and by optimisers that divide a slope by its own size.
MOST_STEPS, MOST_STEPS_DIVIDED = 120, 60
DIVIDING = ("adam", "nadam")


def likeness(ready: Ready) -> str | None:
    """What all members of a group share, as a hash; None of what is rendered by itself: a film
    (which goes on from its last state), a still of which no two fit into a pass, one of so many
    steps that it would not end within a level of itself, and what uses a module in memory.
    """
    if not ready.recipe.still or most_together(ready) < 2:
        return None
    divided = ready.plan.ascent.optimiser in DIVIDING
    if _steps(ready) > (MOST_STEPS_DIVIDED if divided else MOST_STEPS):
        return None
    if any(card.module is not None for card in ready.gathered.cards.values()):
        return None
    return hashlib.sha256(json.dumps(_said(ready)).encode()).hexdigest()


def most_together(ready: Ready) -> int:
    """How many members a group of such stills may have at most, by the pixels that networks see of
    all of them in a step of the largest octave; one at least.
    """
    largest = max(_seen(ready, octave.size) for octave in ready.plan.at(0).octaves)
    return max(1, MOST_PIXELS // max(1, largest))


def looked_at(ready: Ready) -> list[Any]:
    """Where the targets of the first frame look, in which networks, as plain data."""
    return [_target(ready, target) for target in _asked(ready, ready.plan.at(0))]


def _steps(ready: Ready) -> int:
    return sum(octave.steps for octave in ready.plan.at(0).octaves)


def _seen(ready: Ready, size: Size) -> int:
    plan = ready.plan
    count, (height, width) = transformed(
        windowed(size, plan.ascent.window), plan.ascent.transforms, max
    )
    return plan.samples * count * height * width


def _said(ready: Ready) -> list[Any]:
    plan, words = ready.plan, ready.plan.ascent
    frame = plan.at(0)
    sizes = [[octave.size, octave.steps] for octave in frame.octaves]
    drawn = ready.recipe.words.seed if _of_any_size(words.transforms) else None
    return [
        [ready.recipe.words.device, ready.recipe.words.precision],
        looked_at(ready),
        [sizes, frame.passes, words.carry, words.begin, plan.samples, plan.seamless],
        [words.redirect, words.window, words.transforms, drawn],
    ]


def _asked(ready: Ready, frame: FramePlan) -> list[PlannedTarget]:
    """The targets that have a weight, as `build` looks at them."""
    targets = ready.plan.targets
    return [t for t, weight in zip(targets, frame.weights, strict=True) if weight] or [targets[0]]


def _target(ready: Ready, target: PlannedTarget) -> list[Any]:
    """Where a target looks, and the other pictures it looks at: those at their own size."""
    found: list[Any] = [
        *_network(ready.gathered.cards[target.network]),
        ready.gathered.weights[target.network],
        target.layer,
        target.before_relu,
        target.chosen is not None and not target.chosen.renew,
    ]
    if target.kind == "class":
        found.append([target.objective, target.mask])  # by which classes become one term
    if target.reference is not None:
        found.append([target.objective, _size(ready, target.reference)])
    if target.other is not None:
        found.append(_target(ready, target.other))
    return found


def _size(ready: Ready, reference: str) -> Any:
    picture = ready.gathered.facts.pictures.get(reference)
    return [picture.width, picture.height] if isinstance(picture, PictureFacts) else reference


def _network(card: Card) -> list[Any]:
    weights = card.weights
    return [card.architecture, weights.kind, weights.file, weights.seed, len(card.classes)]


def _of_any_size(transforms: Transforms) -> bool:
    """Whether chance decides how large a picture is that a network sees."""
    words = [word for name, numbers in transforms for word in _spelt(name, numbers)]
    return any(name == "scale" and len(set(numbers)) > 1 for name, numbers in words)


def _spelt(name: str, numbers: tuple[float, ...]) -> Transforms:
    return LUCID if name == "lucid" else [(name, numbers)]
