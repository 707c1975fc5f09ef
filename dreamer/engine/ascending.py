"""The ascent of one frame: through octaves, step by step, whatever is climbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from dreamer.dreaming import (
    attribution,
    climb,
    colour,
    inpainting,
    octaves,
    optimisers,
    penalties,
    priors,
    randomness,
    smoothing,
    windows,
)
from dreamer.dreaming.objectives import Activations, Perceive, Tap, total
from dreamer.dreaming.parameterisation import Parameterisation, Parameters
from dreamer.engine.objective import Objective
from dreamer.engine.seeing import Views, seen
from dreamer.recipe.plan import FramePlan, OctavePlan

Size = tuple[int, int]
LEVELS = 255  # of a pixel; steps of pixels are told in them
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ascent:
    """All that the steps of a render are made of and that does not change from frame to frame.

    Args:
        objective: what is climbed.
        perceive: networks; the second leads slopes past dead ReLUs, for the first `redirect`
            steps of a frame.
        way: the parameterisation of pictures of a size, or None, which is pixels.
        optimiser: how slopes become steps.
        normalise: what is done to slopes.
        axes: of colour, which a slope is taken along; None leaves it.
        add: (picture, change) → picture, of pixels.
        resize: (picture, (height, width)) → picture.
        views: what the picture must survive.
        window: side of the part that a step works on, or None.
        masks: pictures `(1, 1, H, W)` by their tap.
        inside: where pixels may change, `(1, 1, H, W)`, or None.
        fixed: what is given to the terms in every step.
        moved: pictures `(1, 3, H, W)` that lie under the dream, by name, at its size.
        seed: decides all chance.
        attributed: whether the slope at the picture is added up.
    """

    objective: Objective
    perceive: tuple[Perceive, Perceive]
    redirect: int
    way: Callable[[Size], Parameterisation] | None
    optimiser: optimisers.Optimiser
    normalise: Callable[[Tensor], Tensor] | None
    axes: Tensor | None
    add: Callable[[Tensor, Tensor], Tensor]
    join: Callable[[Tensor, Tensor], Tensor]
    resize: octaves.Resize
    views: Views
    window: int | None
    masks: Mapping[Tap, Tensor]
    inside: Tensor | None
    fixed: Mapping[Tap, Tensor]
    moved: Mapping[str, Tensor]
    seed: int
    device: str
    attributed: bool = False
    on_step: Progress = field(default=lambda octave, step: None)


@dataclass
class Climber:
    """One frame's ascent: what changes while it goes on."""

    ascent: Ascent
    frame: FramePlan
    numbers: Tensor
    given: Mapping[Tap, Tensor]
    moved: Mapping[str, Tensor]
    attribution: Tensor | None = None

    def ascend(self, picture: Tensor, octave: int) -> Tensor:
        """`picture` after all steps of an octave."""
        ascent, plan = self.ascent, self.frame.octaves[octave]
        here = _Octave(self, octave, plan)
        if ascent.way is None:
            for number in range(plan.steps):
                ascent.on_step(octave, number)
                picture = here.pixels(picture, number)
            return picture
        way = ascent.way(plan.size)
        if way.parameters is None:
            raise ValueError("no picture turns into such parameters")
        return here.parameters(way, way.parameters(picture))

    def begun(self, batch: int) -> Tensor:
        """The picture at its full size, climbed from noise of the parameterisation's own."""
        ascent, picture = self.ascent, torch.empty(0)
        for octave, plan in enumerate(self.frame.octaves):
            if octave:
                picture = self.ascend(ascent.resize(picture, plan.size), octave)
                continue
            seeds = [_sample(ascent.seed, k) for k in range(batch)]
            if ascent.way is None:
                starts = [windows.near_white(plan.size, seed) for seed in seeds]
                picture = self.ascend(torch.cat(starts).to(ascent.device), octave)
            else:
                way = ascent.way(plan.size)
                started = [way.start(seed) for seed in seeds]
                begun = tuple(torch.cat(same) for same in zip(*started, strict=True))
                picture = _Octave(self, octave, plan).parameters(way, begun)
        return picture


class _Octave:
    """The steps of one octave."""

    def __init__(self, climber: Climber, octave: int, plan: OctavePlan) -> None:
        self.climber, self.octave, self.plan = climber, octave, plan
        ascent = self.ascent = climber.ascent
        self.frame = climber.frame
        self.masks = {tap: _area(mask, plan.size) for tap, mask in ascent.masks.items()}
        self.inside = None if ascent.inside is None else _area(ascent.inside, plan.size)
        self.under = {
            name: _fitted(picture, plan.size, ascent.resize)
            for name, picture in climber.moved.items()
        }
        self.weights = [
            0.0 if asked is not None and octave not in asked else 1.0
            for asked in ascent.objective.octaves
        ]
        self.still: Activations | None = None

    def pixels(self, picture: Tensor, number: int) -> Tensor:
        """One step of pixels, or of a window of them."""
        ascent = self.ascent
        where = (ascent.seed, self.frame.index, self.octave, number)
        cut = windows.window(self.plan.size, ascent.window, *where)
        part = picture if cut is None else windows.cut_out(picture, cut)
        inside = self.inside if cut is None or self.inside is None else windows.cut_out(self.inside, cut)
        size, sigma = self.numbers(number)[2] / LEVELS, self.plan.blur_at(number)

        def settle(before: Tensor, after: Tensor) -> Tensor:
            settled = ascent.add(before, after - before)
            if sigma:
                settled = smoothing.gaussian(settled, sigma)
            return settled if inside is None else inpainting.blended(before, settled, inside)

        done = climb.step(
            (part,),
            optimisers.begun(ascent.optimiser, (part,)) if number == 0 or cut else self.states,
            size,
            picture=lambda leaves: leaves[0],
            score=self.score(number, cut),
            shape=self.shape(number),
            optimiser=ascent.optimiser,
            settle=settle,
            attributed=ascent.attributed,
        )
        self.states = done.states
        self.attribute(done.slope, cut)
        return done.parameters[0] if cut is None else windows.put_back(picture, done.parameters[0], cut)

    def parameters(self, way: Parameterisation, parameters: Parameters) -> Tensor:
        """All steps of other parameters; the picture that they end in."""
        ascent = self.ascent
        states = optimisers.begun(ascent.optimiser, parameters)
        for number in range(self.plan.steps):
            ascent.on_step(self.octave, number)
            done = climb.step(
                parameters,
                states,
                self.numbers(number)[2],
                picture=way.picture,
                score=self.score(number, None),
                shape=ascent.normalise or _as_it_is,
                optimiser=ascent.optimiser,
                settle=lambda before, after: after,
                attributed=ascent.attributed,
            )
            parameters, states = done.parameters, done.states
            self.attribute(done.slope, None)
        return way.picture(parameters)

    def numbers(self, number: int) -> Tensor:
        return self.climber.numbers[self.first(self.octave) + number]

    def first(self, octave: int) -> int:
        return sum(plan.steps for plan in self.frame.octaves[:octave])

    def shape(self, number: int) -> Callable[[Tensor], Tensor]:
        ascent, falloff = self.ascent, self.numbers(number)[3]

        def shaped(slope: Tensor) -> Tensor:
            if self.frame.falloff:
                waves = wavenumbers((slope.shape[2], slope.shape[3]), ascent.device)
                slope = priors.falloff(slope, falloff, waves)
            if ascent.axes is not None:
                slope = colour.along_natural_colours(slope, ascent.axes)
            return slope if ascent.normalise is None else ascent.normalise(slope)

        return shaped

    def score(self, number: int, cut: windows.Window | None) -> climb.Score:
        """What is climbed in this step, as a function of the picture."""
        ascent, frame = self.ascent, self.frame
        where = (ascent.seed, frame.index, self.octave, number)
        shift = self.numbers(number)[:2] if self.plan.jitter else None
        weights = self.numbers(number)[4:]
        led = self.octave == 0 and number < ascent.redirect
        perceive = ascent.perceive[1 if led else 0]
        given = {**ascent.fixed, **self.climber.given, **self.beside(perceive, shift, cut, where)}

        def score(shown: Tensor) -> Tensor:
            looked = seen(shown, shift, ascent.views.pictures, *where)
            value = total(ascent.objective.terms, {**perceive(looked), **given}, weights)
            if len(value) != len(shown):
                value = value.view(len(shown), -1).mean(1)
            for weight, cost in (
                (frame.variation, penalties.total_variation),
                (frame.l1, penalties.l1),
                (frame.l2, penalties.l2),
            ):
                if weight:
                    value = value - weight * cost(shown)
            return value

        return score

    def beside(
        self,
        perceive: Perceive,
        shift: Tensor | None,
        cut: windows.Window | None,
        where: Sequence[int],
    ) -> Activations:
        """Masks and other pictures' features, lying as the picture lies in this step."""
        ascent, found = self.ascent, {}

        def part(picture: Tensor) -> Tensor:
            return picture if cut is None else windows.cut_out(picture, cut)

        for tap, mask in self.masks.items():
            found[tap] = seen(part(mask), shift, ascent.views.masks, *where)
        if not self.under:
            return found
        still = shift is None and cut is None and not ascent.views.beside
        if still and self.still is not None:
            return {**found, **self.still}
        features: dict[Tap, Tensor] = {}
        with torch.no_grad():
            for name, picture in self.under.items():
                looked = seen(part(picture), shift, ascent.views.beside, *where)
                activations = perceive(looked)
                for one in ascent.objective.references:
                    if one.moved and one.picture == name:
                        features[one.tap] = activations[one.of]
        self.still = features if still else None
        return {**found, **features}

    def attribute(self, slope: Tensor | None, cut: windows.Window | None) -> None:
        if slope is None:
            return
        climber, size = self.climber, self.plan.size
        if cut is not None:
            slope = windows.put_back(slope.new_zeros((*slope.shape[:2], *size)), slope, cut)
        so_far = climber.attribution
        if so_far is None:
            so_far = slope.new_zeros((len(slope), 1, *size))
        elif tuple(so_far.shape[2:]) != size:
            so_far = octaves.resize_corners(so_far, size)
        climber.attribution = attribution.attributed(so_far, slope)


def numbers_of(frame: FramePlan, seed: int) -> Tensor:
    """The controls of all steps of a frame, octave after octave, `(steps, …)`: shift down and
    right, step, falloff, weights.
    """
    rows = []
    for octave, plan in enumerate(frame.octaves):
        for number in range(plan.steps):
            where = (seed, frame.index, octave, number)
            shift = randomness.integers(2, -plan.jitter, plan.jitter, *where)
            rows.append([*shift, plan.step_at(number), frame.falloff, *frame.weights])
    return torch.tensor(rows, dtype=torch.float32) if rows else torch.zeros(0, 4)


@lru_cache(maxsize=32)
def wavenumbers(size: Size, device: str) -> Tensor:
    """`priors.wavenumbers` where they are used."""
    return priors.wavenumbers(size).to(device)


def _as_it_is(slope: Tensor) -> Tensor:
    return slope


def _area(mask: Tensor, size: Size) -> Tensor:
    return mask if tuple(mask.shape[2:]) == size else inpainting.resized(mask, size)


def _fitted(picture: Tensor, size: Size, resize: octaves.Resize) -> Tensor:
    return picture if tuple(picture.shape[2:]) == size else resize(picture, size)


def _sample(seed: int, number: int) -> int:
    """The seed of a sample: the render's own for the first."""
    return seed if number == 0 else randomness.integers(1, 0, 2**53, seed, "sample", number)[0]
