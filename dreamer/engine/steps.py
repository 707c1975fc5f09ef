"""The steps of one octave of one frame: how each sees the picture, what it climbs, and what is
kept of it.
"""

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
    smoothing,
)
from dreamer.dreaming.objectives import Activations, Perceive, Tap, total
from dreamer.dreaming.parameterisation import Parameterisation, Parameters
from dreamer.dreaming.transforms import Transform
from dreamer.dreaming.windows import Window, cut_out, put_back, window
from dreamer.engine.objective import Objective
from dreamer.engine.seeing import Views, seen
from dreamer.recipe.plan import FramePlan, OctavePlan

Size = tuple[int, int]
LEVELS = 255  # of a pixel; steps of pixels are told in them
HEADER = 4  # numbers of a step before its weights
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
        join: how a base takes the detail of the octave below.
        whole: whether an octave takes the whole picture of the one below instead.
        resize: (picture, (height, width)) → picture.
        views: what the picture must survive.
        window: side of the part that a step works on, or None.
        masks: pictures `(1, 1, H, W)` by their tap.
        inside: where pixels may change, `(1, 1, H, W)`, or None.
        fixed: what is given to the terms in every step.
        seed: decides all chance.
        device: what all this lies on.
        attributed: whether the slope at the picture is added up.
        on_step: is told (octave, step) before each, and may raise to stop.
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
    whole: bool
    resize: octaves.Resize
    views: Views
    window: int | None
    masks: Mapping[Tap, Tensor]
    inside: Tensor | None
    fixed: Mapping[Tap, Tensor]
    seed: int
    device: str
    attributed: bool = False
    on_step: Progress = field(default=lambda octave, step: None)


class Steps:
    """The steps of octave number `octave` of a frame.

    Args:
        ascent: the render's.
        frame: the plan of the frame.
        octave: which of its octaves, from 0.
        numbers: `(steps, …)` of this octave: shift down and right, step, falloff, weights.
        given: what is given to the terms in this frame.
        moved: pictures that lie under the dream, by name.
        attribution: added up so far, `(B, 1, H, W)` of any size, or None.
    """

    def __init__(
        self,
        ascent: Ascent,
        frame: FramePlan,
        octave: int,
        numbers: Tensor,
        given: Mapping[Tap, Tensor],
        moved: Mapping[str, Tensor],
        attribution: Tensor | None,
    ) -> None:
        self.ascent, self.frame, self.octave, self.numbers = ascent, frame, octave, numbers
        self.plan: OctavePlan = frame.octaves[octave]
        self.attribution = attribution
        self._given = {**ascent.fixed, **given}
        self._masks = {tap: _area(mask, self.plan.size) for tap, mask in ascent.masks.items()}
        self._inside = None if ascent.inside is None else _area(ascent.inside, self.plan.size)
        self._under = {n: fitted(p, self.plan.size, ascent.resize) for n, p in moved.items()}
        self._states: tuple[optimisers.State, ...] = ()
        self._unmoved: Activations | None = None

    def of_pixels(self, picture: Tensor) -> Tensor:
        """`picture` `(B, 3, H, W)` after all steps."""
        for number in range(self.plan.steps):
            self.ascent.on_step(self.octave, number)
            cut = window(self.plan.size, self.ascent.window, *self._where(number))
            if cut is None:
                picture = self._pixels(picture, number, None)
            else:
                part = self._pixels(cut_out(picture, cut), number, cut)
                picture = put_back(picture, part, cut)
        return picture

    def of_parameters(self, way: Parameterisation, parameters: Parameters) -> Tensor:
        """The picture that `parameters` tell after all steps."""
        ascent = self.ascent
        states = optimisers.begun(ascent.optimiser, parameters)
        for number in range(self.plan.steps):
            ascent.on_step(self.octave, number)
            done = climb.step(
                parameters,
                states,
                self.numbers[number, 2],
                picture=way.picture,
                score=self._score(number, None, len(parameters[0])),
                shape=_as_it_is if ascent.normalise is None else ascent.normalise,
                optimiser=ascent.optimiser,
                settle=lambda before, after: after,
                attributed=ascent.attributed,
            )
            parameters, states = done.parameters, done.states
            self._attribute(done.slope, None)
        return way.picture(parameters)

    def _where(self, number: int) -> tuple[int, ...]:
        return self.ascent.seed, self.frame.index, self.octave, number

    def _pixels(self, part: Tensor, number: int, cut: Window | None) -> Tensor:
        ascent, sigma = self.ascent, self.plan.blur_at(number)
        inside = self._inside
        if inside is not None and cut is not None:
            inside = cut_out(inside, cut)

        def settle(before: Tensor, after: Tensor) -> Tensor:
            settled = ascent.add(before, after - before)
            if sigma:
                settled = smoothing.gaussian(settled, sigma)
            return settled if inside is None else inpainting.blended(before, settled, inside)

        if number == 0 or cut is not None:
            self._states = optimisers.begun(ascent.optimiser, (part,))
        done = climb.step(
            (part,),
            self._states,
            self.numbers[number, 2] / LEVELS,
            picture=lambda leaves: leaves[0],
            score=self._score(number, cut, len(part)),
            shape=self._shape(number),
            optimiser=ascent.optimiser,
            settle=settle,
            attributed=ascent.attributed,
        )
        self._states = done.states
        self._attribute(done.slope, cut)
        return done.parameters[0]

    def _shape(self, number: int) -> Callable[[Tensor], Tensor]:
        ascent, falloff = self.ascent, self.numbers[number, 3]

        def shaped(slope: Tensor) -> Tensor:
            if self.frame.falloff:
                waves = wavenumbers((slope.shape[2], slope.shape[3]), ascent.device)
                slope = priors.falloff(slope, falloff, waves)
            if ascent.axes is not None:
                slope = colour.along_natural_colours(slope, ascent.axes)
            return slope if ascent.normalise is None else ascent.normalise(slope)

        return shaped

    def _score(self, number: int, cut: Window | None, batch: int) -> climb.Score:
        """What this step climbs, as a function of `batch` pictures."""
        ascent, frame, where = self.ascent, self.frame, self._where(number)
        shift = self.numbers[number, :2] if self.plan.jitter else None
        weights = self.numbers[number, HEADER:]
        led = self.octave == 0 and number < ascent.redirect
        perceive = ascent.perceive[1 if led else 0]
        given = {**self._given, **self._beside(perceive, shift, cut, batch, where)}
        costs = [
            (weight, cost)
            for weight, cost in (
                (frame.variation, penalties.total_variation),
                (frame.l1, penalties.l1),
                (frame.l2, penalties.l2),
            )
            if weight
        ]

        def score(shown: Tensor) -> Tensor:
            looked = seen(shown, shift, ascent.views.pictures, *where)
            value = total(ascent.objective.terms, {**perceive(looked), **given}, weights)
            if len(value) != len(shown):  # several crops of each picture
                value = value.view(len(shown), -1).mean(1)
            for weight, cost in costs:
                value = value - weight * cost(shown)
            return value

        return score

    def _beside(
        self,
        perceive: Perceive,
        shift: Tensor | None,
        cut: Window | None,
        batch: int,
        where: tuple[int, ...],
    ) -> dict[Tap, Tensor]:
        """Masks and other pictures' features, lying as the picture lies in this step."""
        views = self.ascent.views

        def lying(picture: Tensor, through: Sequence[Transform]) -> Tensor:
            part = picture if cut is None else cut_out(picture, cut)
            if through:  # of which some make several pictures of each
                part = part.expand(batch, -1, -1, -1)
            return seen(part, shift, through, *where)

        masks = {tap: lying(mask, views.masks) for tap, mask in self._masks.items()}
        unmoved = shift is None and cut is None and not views.beside
        if unmoved and self._unmoved is not None:
            return {**masks, **self._unmoved}
        features: dict[Tap, Tensor] = {}
        for name, picture in self._under.items():
            with torch.no_grad():
                activations = perceive(lying(picture, views.beside))
            mine = [r for r in self.ascent.objective.references if r.moved and r.picture == name]
            features |= {r.tap: activations[r.of] for r in mine}
        if unmoved:
            self._unmoved = features
        return {**masks, **features}

    def _attribute(self, slope: Tensor | None, cut: Window | None) -> None:
        if slope is None:
            return
        size, so_far = self.plan.size, self.attribution
        if cut is not None:
            slope = put_back(slope.new_zeros((*slope.shape[:2], *size)), slope, cut)
        if so_far is None:
            so_far = slope.new_zeros((len(slope), 1, *size))
        elif tuple(so_far.shape[2:]) != size:
            so_far = octaves.resize_corners(so_far, size)
        self.attribution = attribution.attributed(so_far, slope)


@lru_cache(maxsize=32)
def wavenumbers(size: Size, device: str) -> Tensor:
    """`priors.wavenumbers` where they are used."""
    return priors.wavenumbers(size).to(device)


def _as_it_is(slope: Tensor) -> Tensor:
    return slope


def _area(mask: Tensor, size: Size) -> Tensor:
    return mask if tuple(mask.shape[2:]) == size else inpainting.resized(mask, size)


def fitted(picture: Tensor, size: Size, resize: octaves.Resize) -> Tensor:
    """`picture` as large as `size`; itself, if it is."""
    return picture if tuple(picture.shape[2:]) == size else resize(picture, size)
