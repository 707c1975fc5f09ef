"""Where the words of a recipe become functions: the one place that knows both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dreamer.dreaming import ascent, camera, colour, objectives, octaves, priors, randomness
from dreamer.dreaming.objectives import Tap, Term
from dreamer.engine.execution import Execution
from dreamer.engine.folder import State
from dreamer.engine.perceive import perceiver
from dreamer.networks.cards import Card
from dreamer.networks.trace import LOGITS
from dreamer.networks.weights import channel_statistics
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
    targets: tuple[PlannedTarget, ...], cards: Mapping[str, Card], energy: str, device: str
) -> tuple[Term, ...]:
    """The objective: a term for each layer, and one for all classes of a network together."""
    terms: list[Term] = []
    for network in dict.fromkeys(t.network for t in targets):
        numbered = [(k, t) for k, t in enumerate(targets) if t.network == network]
        classes = [(k, t) for k, t in numbered if t.kind == "class"]
        if classes:
            terms.append(_class_term(network, classes, energy))
        terms.extend(
            _layer_term(k, t, cards[network], energy, device)
            for k, t in numbered
            if t.kind == "layer"
        )
    return tuple(terms)


def _class_term(network: str, classes: list[tuple[int, PlannedTarget]], energy: str) -> Term:
    tap = Tap(network, LOGITS)
    numbers = [t.class_index for _, t in classes if t.class_index is not None]
    measure = objectives.class_logit if energy == "plain" else objectives.class_mixture
    return Term((tap,), tuple(k for k, _ in classes), lambda a, w: measure(a[tap], numbers, w))


def _layer_term(number: int, target: PlannedTarget, card: Card, energy: str, device: str) -> Term:
    assert target.layer is not None
    tap = Tap(target.network, target.layer, target.before_relu)
    channels = target.channels
    if energy == "plain":
        return Term(
            (tap,),
            (number,),
            lambda a, w: w[0] * objectives.energy(objectives.chosen(a[tap], channels)),
        )
    std = channel_statistics(card).get(target.layer, torch.ones(card.layer(target.layer).channels))
    std = (std if channels is None else std[list(channels)]).to(device)
    return Term(
        (tap,),
        (number,),
        lambda a, w: (
            w[0] * objectives.standardised_energy(objectives.chosen(a[tap], channels), std)
        ),
    )


def build(
    plan: Plan,
    cards: Mapping[str, Card],
    seed: int,
    execution: Execution,
    on_step: Progress = lambda octave, step: None,
) -> Dream:
    """The functions of a render. `on_step(octave, step)` is told before each step, and may raise
    to stop.
    """
    words = plan.ascent
    terms = terms_of(plan.targets, cards, words.energy, execution.device)
    taps = tuple(dict.fromkeys(tap for term in terms for tap in term.taps))
    perceive = perceiver(cards, taps, execution)
    normalise = priors.NORMALISATIONS[words.normalize]
    resize = octaves.RESIZES[words.resize]
    soft = words.highlights == "soft"
    add = colour.add_softly if soft else colour.add_clipped
    decorrelated = words.color == "decorrelated"

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
                slope = priors.falloff(slope, falloff)
            return normalise(colour.along_natural_colours(slope) if decorrelated else slope)

        def ascend(picture: Tensor, octave: int) -> Tensor:
            for number in range(frame.steps):
                on_step(octave, number)
                down, right = randomness.integers(
                    2, -frame.jitter, frame.jitter, seed, frame.index, octave, number
                )
                numbers = ascent.controls((down, right), frame.step, frame.falloff, frame.weights)
                picture = ascent.step(
                    picture,
                    numbers.to(execution.device),
                    perceive=perceive,
                    terms=terms,
                    shape=shape,
                    add=add,
                )
            return picture

        # google/deepdream clips after each step only, not where detail joins its base
        join = colour.add_softly if soft else torch.add
        return octaves.through_octaves(image, frame.sizes, resize, join, ascend)

    return Dream(view, dream)


def next_state(made: Dream, frame: FramePlan, state: State | None, source: Tensor) -> State:
    """Frame `frame` from the one before it, or, for the first, from the source."""
    if state is None:
        # A picture's layout in memory may choose another kernel, so all states have the plain one.
        image = made.dream(source, frame).contiguous()
        return State(frame.index, image, colour.statistics(image))
    image = made.dream(made.view(state.image.to(source.device), frame), frame)
    held = colour.hold(image, state.anchor.to(source.device), frame.hold)
    return State(frame.index, held.contiguous(), state.anchor)
