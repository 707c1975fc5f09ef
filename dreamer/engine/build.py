"""Where the words of a recipe become functions: the one place that knows both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor

from dreamer.dreaming import (
    attribution,
    bands,
    colour,
    gamut,
    inpainting,
    octaves,
    oklab,
    recolouring,
    seamless,
)
from dreamer.engine import pictures, warm
from dreamer.engine.ascending import Climber
from dreamer.engine.ascent import Ascent, Progress
from dreamer.engine.captured import Captured, Recorder
from dreamer.engine.crossing import finite, require_finite
from dreamer.engine.execution import Execution
from dreamer.engine.folder import State
from dreamer.engine.following import begun, over
from dreamer.engine.perceive import Through, alone
from dreamer.engine.recorders import recorder_of
from dreamer.engine.referring import features_of, moved, networks_of, perception, referred
from dreamer.engine.seeing import views_of
from dreamer.engine.shelf import Shelf
from dreamer.engine.showing import Shown
from dreamer.engine.tiled import tiled
from dreamer.engine.viewing import View, closing, viewing
from dreamer.engine.words import ADDED, MATCHES, NORMALISATIONS, optimiser_of, way_of
from dreamer.networks.cards import Card
from dreamer.networks.modules import opened
from dreamer.recipe.plan import FramePlan, Plan

PALETTE = 1024  # pixels of a palette's longer side that its colours are read from
SETS = 4  # of targets that frames ask for, whose networks are kept


Dreaming = Callable[[Tensor, FramePlan, Tensor], tuple[Tensor, Tensor | None]]


@dataclass(frozen=True)
class Dream:
    """What makes the next frame from the last, each a pure function of its arguments.

    `view(image, frame)` is the camera; `dream(image, frame, own)` the ascent through all octaves,
    `own` being the frame of a film that it is dreamt on (else the image itself), with its
    transparency `(B, 1, H, W)` where that is asked for; `kept(image, dreamt)` has the image where
    no dream may be; `closed(image, frame)` comes back to the beginning of a film that does.
    `captured` tells how steps were run, where any are recorded.
    """

    view: View
    dream: Dreaming
    kept: Callable[[Tensor, Tensor], Tensor]
    closed: View
    captured: Captured | None = None


def build(
    plan: Plan,
    cards: Mapping[str, Card],
    seed: int,
    execution: Execution,
    source: Tensor,
    on_step: Progress = lambda octave, step: None,
    first: Callable[[], Tensor] | None = None,
    through: Through = alone,
    shelf: Shelf | None = None,
    recorder: Recorder | None = None,
) -> Dream:
    """The functions of a render. `on_step(octave, step)` is told before each step, and may raise
    to stop.

    A frame looks at the targets that have a weight in it and at no others: what a film comes to
    later is not computed before, nor what it has left behind.

    Args:
        plan: the render's.
        cards: of its networks, by key.
        seed: decides all chance.
        execution: what it is computed on.
        source: the first picture `(B, 3, H, W)`, which targets may refer to.
        on_step: see above.
        first: the first frame `(1, 3, H, W)` as it was saved, for a film that returns to it.
        through: how networks are run.
        shelf: where large pictures wait that are not looked at.
        recorder: what records steps; as `execution` has it unless given.
    """
    recorder = recorder or recorder_of(execution, through)
    captured = None if recorder is None else Captured(recorder)
    inside = _inside(plan, execution.device)
    networks = networks_of(plan)
    for network in networks if len(networks) > 1 else ():
        if not warm.known(cards[network]):
            opened(cards[network])  # what cannot be had is told now, not in the middle of a film

    @lru_cache(maxsize=SETS)
    def asking(numbers: tuple[int, ...]) -> Dreaming:
        asked = replace(plan, targets=tuple(plan.targets[k] for k in numbers))
        return _dreaming(
            asked, cards, seed, execution, source, inside, on_step, through, shelf, captured
        )

    def dream(image: Tensor, frame: FramePlan, own: Tensor) -> tuple[Tensor, Tensor | None]:
        numbers = tuple(k for k, weight in enumerate(frame.weights) if weight) or (0,)
        weights = tuple(frame.weights[k] for k in numbers)
        return asking(numbers)(image, replace(frame, weights=weights), own)

    def kept(image: Tensor, dreamt: Tensor) -> Tensor:
        return dreamt if inside is None else inpainting.kept_outside(image, dreamt, inside)

    back = closing(plan, first or (lambda: source))
    return Dream(viewing(plan), dream, kept, back, captured)


def _dreaming(
    plan: Plan,
    cards: Mapping[str, Card],
    seed: int,
    execution: Execution,
    source: Tensor,
    inside: Tensor | None,
    on_step: Progress,
    through: Through,
    shelf: Shelf | None,
    captured: Captured | None,
) -> Dreaming:
    """The ascent to the targets of `plan`.

    What steps need and do not change (networks, indices, deviations, colour axes) is put on the
    device here; a frame's numbers follow in one piece, and a step waits for no copy.
    """
    device, words, size = execution.device, plan.ascent, (plan.height, plan.width)
    objective, perceive, features = perception(plan, cards, execution, source, through)
    changing = ("frame",) if plan.clip is None else ("frame", "source")
    lasting, palette = referred(objective, source, changing), _palette(plan, device)
    ascent = Ascent(
        objective=objective,
        perceive=perceive,
        features=features,
        redirect=words.redirect,
        way=way_of(words.parameterisation, device),
        optimiser=optimiser_of(words.optimiser, words.momentum),
        normalise=NORMALISATIONS[words.normalize],
        axes=colour.natural_axes().to(device) if words.color == "decorrelated" else None,
        add=ADDED[words.highlights],
        join=colour.add_softly if words.highlights == "soft" else torch.add,
        whole=words.carry == "whole",
        resize=seamless.resize_wrapped if plan.seamless else octaves.RESIZES[words.resize],
        views=views_of(words.transforms),
        wrapped=plan.seamless,
        window=words.window,
        masks={tap: pictures.mask(name, size).to(device) for tap, name in objective.masks.items()},
        inside=inside,
        fixed={**objective.constants, **features_of(objective, lasting, perceive[0], plan, device)},
        seed=seed,
        device=device,
        attributed=plan.transparent,
        shelf=shelf,
        tiled=tiled(execution.tile, objective, cards) if execution.tile else None,
        on_step=on_step,
        captured=captured,
    )
    wanted = moved(objective, lasting)
    under = {name: pictures.covering(p, size).to(device) for name, p in wanted.items()}

    def dream(image: Tensor, frame: FramePlan, own: Tensor) -> tuple[Tensor, Tensor | None]:
        now = {name: own if name == "source" else image for name in changing}
        given = features_of(objective, now, perceive[0], plan, device)
        climber = Climber(ascent, frame, given, {**under, **moved(objective, now)})
        noise = words.begin == "noise"
        found = climber.from_noise(plan.samples) if noise else climber.from_frame(image)
        found = _within(found, words.highlights)
        coloured = _recoloured(found, own, frame, plan, palette, seed)
        if inside is not None and coloured is not found:  # colours fade in as the dream does
            coloured = inpainting.blended(found, coloured, inside)
        seen = climber.attribution
        return coloured, None if seen is None else attribution.opacity(seen)

    return dream


def _inside(plan: Plan, device: str) -> Tensor | None:
    """Where the dream may be, `(1, 1, H, W)`."""
    if plan.inpaint is None:
        return None
    mask = pictures.mask(plan.inpaint, (plan.height, plan.width))
    return inpainting.feathered(mask, plan.feather).to(device)


def _palette(plan: Plan, device: str) -> Tensor | None:
    if plan.colors.palette is None:
        return None
    return pictures.at_most(pictures.loaded(Path(plan.colors.palette)), PALETTE).to(device)


def _within(found: Tensor, highlights: str) -> Tensor:
    """What was let beyond [0, 1] while it climbed, brought back."""
    if highlights == "gamut":
        return gamut.shown(gamut.rolled_off(oklab.oklab_of_srgb(found)))
    if highlights == "late":
        return bands.each(lambda band: band.clamp(0, 1), found)
    return found


def _recoloured(
    found: Tensor,
    image: Tensor,
    frame: FramePlan,
    plan: Plan,
    palette: Tensor | None,
    seed: int,
) -> Tensor:
    if frame.keep:
        found = recolouring.kept(found.clamp(0, 1), image.clamp(0, 1), frame.keep)
    if palette is not None and frame.strength:
        match = MATCHES[plan.colors.match]
        if plan.colors.match == "sliced":
            match = partial(match, where=(seed,))
        found = match(found.clamp(0, 1), palette, strength=frame.strength)
    return found


def next_state(
    made: Dream, frame: FramePlan, state: State | None, source: Tensor, before: Tensor | None = None
) -> State:
    """Frame `frame` from the one before it, or, for the first, from the source.

    Args:
        made: the functions of the render.
        frame: its plan.
        state: after the frame before it.
        source: the first picture `(B, 3, H, W)`; of a dream on a film, the frame it is dreamt on.
        before: of a dream on a film, what the frame before it was dreamt on.

    Raises:
        FrameError: what came out is no picture; on a GPU that is told when it is fetched
            (`crossing`).
    """
    if frame.source is None:
        viewed = own = source if state is None else made.view(state.image.to(source.device), frame)
        anchor = None if state is None else state.anchor.to(source.device)
    else:  # a film has its own colours, which change
        viewed, own = begun(frame, state, Shown(source, before)), source
        anchor = colour.statistics(source)
    dreamt, alpha = made.dream(viewed, frame, own)
    if anchor is not None:
        dreamt = colour.hold(dreamt, anchor, frame.hold)
    # A picture's layout in memory may choose another kernel, so all states have the plain one.
    image = made.closed(made.kept(own, dreamt), frame).contiguous()
    if image.device.type == "cpu":  # elsewhere it would be waited for
        require_finite(frame.index, finite(image))
    kept = colour.statistics(image) if anchor is None else anchor
    return State(frame.index, image, kept, alpha, over(own, image, frame.shown))
