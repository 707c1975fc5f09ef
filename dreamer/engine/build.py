"""Where the words of a recipe become functions: the one place that knows both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from dreamer.dreaming import ascent, camera, colour, objectives, octaves, priors, randomness
from dreamer.dreaming.objectives import Activations, Tap, Term
from dreamer.engine.deviations import of_taps
from dreamer.engine.execution import Execution
from dreamer.engine.folder import State
from dreamer.engine.perceive import perceiver
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS
from dreamer.networks.weights import contents_of
from dreamer.recipe.plan import FramePlan, Plan, PlannedTarget

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Dream:
    """What makes the next frame from the last, each a pure function of its arguments.

    `view(image, frame)` is the camera, `dream(image, frame)` the ascent through all octaves.
    """

    view: Callable[[Tensor, FramePlan], Tensor]
    dream: Callable[[Tensor, FramePlan], Tensor]


def terms_of(
    targets: tuple[PlannedTarget, ...],
    cards: Mapping[str, Card],
    energy: str,
    execution: Execution,
) -> tuple[Term, ...]:
    """The objective: a term for each layer, and one for all classes of a network together."""
    layers = [_tap(t) for t in targets if t.kind == "layer"]
    std = {} if energy == "plain" else of_taps(cards, layers, execution)
    terms: list[Term] = []
    for network in dict.fromkeys(t.network for t in targets):
        numbered = [(k, t) for k, t in enumerate(targets) if t.network == network]
        classes = [(k, t) for k, t in numbered if t.kind == "class"]
        if classes:
            tap = Tap(network, LOGITS)
            terms.append(_class_term(tap, cards[network], classes, energy, execution.device))
        terms.extend(
            _layer_term(k, t, std.get(_tap(t)), execution.device)
            for k, t in numbered
            if t.kind == "layer"
        )
    return tuple(terms)


def _tap(target: PlannedTarget) -> Tap:
    return Tap(target.network, target.layer or LOGITS, target.before_relu)


def _class_term(
    tap: Tap, card: Card, classes: list[tuple[int, PlannedTarget]], energy: str, device: str
) -> Term:
    """Parts of the picture are as large as the pictures that the network classifies; a head that
    sees crops looks at such parts by itself.
    """
    numbers = torch.tensor([t.class_index for _, t in classes], device=device)
    part = 1 if card.crops else 2 * (card.native // card.layer(tap.layer).stride // 2) + 1

    def value(activations: Activations, weights: Tensor) -> Tensor:
        logits = activations[tap]
        if energy == "plain":
            return objectives.class_logit(logits, numbers, weights)
        return objectives.class_mixture(logits, numbers, weights, part)

    return Term((tap,), tuple(k for k, _ in classes), value)


def _layer_term(number: int, target: PlannedTarget, std: Tensor | None, device: str) -> Term:
    """Plain energy without `std`, else what stands out on its scale."""
    tap = _tap(target)
    channels = None if target.channels is None else torch.tensor(target.channels, device=device)
    own = std if std is None or channels is None else std[channels]

    def value(activations: Activations, weights: Tensor) -> Tensor:
        activation = objectives.chosen(activations[tap], channels)
        if own is None:
            return weights[0] * objectives.energy(activation)
        return weights[0] * objectives.standing_out(activation, own)

    return Term((tap,), (number,), value)


def build(
    plan: Plan,
    cards: Mapping[str, Card],
    seed: int,
    execution: Execution,
    on_step: Progress = lambda octave, step: None,
) -> Dream:
    """The functions of a render. `on_step(octave, step)` is told before each step, and may raise
    to stop.

    What steps need and do not change (networks, indices, deviations, colour axes) is put on the
    device here; a frame's numbers follow in one piece, and a step waits for no copy.
    """
    words = plan.ascent
    used = dict.fromkeys(target.network for target in plan.targets)
    held = [contents_of(cards[network]) for network in used]  # each file is read once
    terms = terms_of(plan.targets, cards, words.energy, execution)
    taps = tuple(dict.fromkeys(tap for term in terms for tap in term.taps))
    perceive = perceiver(cards, taps, execution)
    del held
    normalise = priors.NORMALISATIONS[words.normalize]
    resize = octaves.RESIZES[words.resize]
    soft = words.highlights == "soft"
    add = colour.add_softly if soft else colour.add_clipped
    decorrelated = words.color == "decorrelated"
    axes = colour.natural_axes().to(execution.device)

    @lru_cache(maxsize=32)
    def waves(size: tuple[int, int]) -> Tensor:
        return priors.wavenumbers(size).to(execution.device)

    def view(image: Tensor, frame: FramePlan) -> Tensor:
        return camera.view(
            image,
            frame.zoom,
            frame.rotate,
            frame.move,
            frame.center,
            plan.edges,
            plan.edge_color,
        )

    def dream(image: Tensor, frame: FramePlan) -> Tensor:
        def shape(slope: Tensor, falloff: Tensor) -> Tensor:
            if frame.falloff:
                height, width = slope.shape[2:]
                slope = priors.falloff(slope, falloff, waves((height, width)))
            return normalise(colour.along_natural_colours(slope, axes) if decorrelated else slope)

        def ascend(picture: Tensor, octave: int) -> Tensor:
            for number in range(frame.steps):
                on_step(octave, number)
                picture = ascent.step(
                    picture,
                    numbers[octave, number],
                    perceive=perceive,
                    terms=terms,
                    shape=shape,
                    add=add,
                )
            return picture

        numbers = _numbers(frame, seed).to(execution.device)
        # google/deepdream clips after each step only, not where detail joins its base
        join = colour.add_softly if soft else torch.add
        return octaves.through_octaves(image, frame.sizes, resize, join, ascend)

    return Dream(view, dream)


def _numbers(frame: FramePlan, seed: int) -> Tensor:
    """The controls of all steps of a frame, `(octaves, steps, …)`."""
    count = len(frame.sizes)
    rows = [
        ascent.controls(
            randomness.integers(2, -frame.jitter, frame.jitter, seed, frame.index, octave, number),
            frame.step * frame.persistence**octave,
            frame.falloff,
            frame.weights,
        )
        for octave in range(count)
        for number in range(frame.steps)
    ]
    return torch.stack(rows).view(count, frame.steps, -1) if rows else torch.zeros(count, 0)


def next_state(made: Dream, frame: FramePlan, state: State | None, source: Tensor) -> State:
    """Frame `frame` from the one before it, or, for the first, from the source."""
    if state is None:
        # A picture's layout in memory may choose another kernel, so all states have the plain one.
        image = made.dream(source, frame).contiguous()
        return State(frame.index, image, colour.statistics(image))
    image = made.dream(made.view(state.image.to(source.device), frame), frame)
    held = colour.hold(image, state.anchor.to(source.device), frame.hold)
    return State(frame.index, held.contiguous(), state.anchor)
