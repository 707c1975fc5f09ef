"""The steps of one octave of one frame: how each sees the picture, what it climbs, and what is
kept of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from torch import Tensor

from dreamer.dreaming import (
    attribution,
    climb,
    inpainting,
    octaves,
    optimisers,
    smoothing,
)
from dreamer.dreaming.parameterisation import Parameterisation, Parameters
from dreamer.dreaming.windows import Window, cut_out, put_back, window
from dreamer.engine.shaping import shaping
from dreamer.engine.slopes import Slopes, Standing, area

LEVELS = 255  # of a pixel; steps of pixels are told in them


class Steps:
    """The steps of an octave of a frame.

    Args:
        slopes: what they climb.
        attribution: added up so far, `(B, 1, H, W)` of any size, or None.

    `states` are the optimiser's, of the picture or of each parameter.
    """

    def __init__(self, slopes: Slopes, attribution: Tensor | None) -> None:
        self.slopes, self.attribution = slopes, attribution
        self.ascent, self.frame, self.octave = slopes.ascent, slopes.frame, slopes.octave
        self.plan = slopes.plan
        inside = self.ascent.inside
        self._inside = None if inside is None else area(inside, self.plan.size)
        self.states: tuple[optimisers.State, ...] = ()

    @property
    def numbers(self) -> Tensor:
        """`(steps, …)`: shift down and right, step, falloff, weights."""
        return self.slopes.numbers

    def of_pixels(self, picture: Tensor, overwriting: bool = False) -> Tensor:
        """`picture` `(B, 3, H, W)` after all steps; it may be overwritten, if so said."""
        captured = self.ascent.captured
        if self.slopes.tiled is not None and not self._mixes_places:
            if captured is not None:
                captured.passed_over(self)
            return self._in_place(picture if overwriting else picture.clone())
        self.states = optimisers.begun(self.ascent.optimiser, (picture,))
        if captured is not None and (found := captured.climbed(self, picture)) is not None:
            return found
        for number in range(self.plan.steps):
            self.ascent.on_step(self.octave, number)
            cut = window(self.plan.size, self.ascent.window, *self.slopes.where(number))
            if cut is None:
                picture = self._pixels(picture, number, None)
            else:
                part = self._pixels(cut_out(picture, cut), number, cut)
                picture = put_back(picture, part, cut)
        return picture

    @property
    def _mixes_places(self) -> bool:
        """Whether what is kept of a step is more than a pixel of the picture for each."""
        return self.ascent.window is not None or any(map(self.plan.blur_at, range(self.plan.steps)))

    def _in_place(self, picture: Tensor) -> Tensor:
        """`picture`, which is overwritten, after all steps: as `_pixels` does them, and of all that
        is as large as a picture there is no more than itself, its slope and the optimiser's.
        """
        ascent = self.ascent
        (state,) = optimisers.begun(ascent.optimiser, (picture,))
        beside = () if self._inside is None else (self._inside,)

        def settle(before: Tensor, after: Tensor, *inside: Tensor) -> Tensor:
            settled = ascent.add(before, after - before)
            return inpainting.blended(before, settled, *inside) if inside else settled

        for number in range(self.plan.steps):
            ascent.on_step(self.octave, number)
            slope = self.slopes.of(number, None, len(picture))(picture)
            self._attribute(slope, None)
            slope = self._shape(number, overwriting=True)(slope)
            state = climb.by_bands(
                picture,
                state,
                self.numbers[number, 2] / LEVELS,
                shaped=slope,
                optimiser=ascent.optimiser,
                settle=settle,
                beside=beside,
            )
        return picture

    def of_parameters(self, way: Parameterisation, parameters: Parameters) -> Tensor:
        """The picture that `parameters` tell after all steps."""
        ascent = self.ascent
        if ascent.captured is not None:
            ascent.captured.passed_over(self)
        states = optimisers.begun(ascent.optimiser, parameters)
        for number in range(self.plan.steps):
            ascent.on_step(self.octave, number)
            done = climb.step(
                parameters,
                states,
                self.numbers[number, 2],
                picture=way.picture,
                slope=self.slopes.of(number, None, len(parameters[0])),
                shape=as_it_is if ascent.normalise is None else ascent.normalise,
                optimiser=ascent.optimiser,
                settle=lambda before, after: after,
            )
            parameters, states = done.parameters, done.states
            self._attribute(done.slope, None)
        return way.picture(parameters)

    def over(self, numbers: Tensor, standing: Mapping[Standing, Tensor]) -> Steps:
        """These steps with other numbers, and tensors in the place of those that `standing` has."""
        other = copy.copy(self)
        other.slopes = self.slopes.over(numbers, standing)
        return other

    def stepped(self, picture: Tensor, number: int) -> Tensor:
        """`picture` after step `number`, which has no window."""
        return self._pixels(picture, number, None)

    def _pixels(self, part: Tensor, number: int, cut: Window | None) -> Tensor:
        ascent, sigma = self.ascent, self.plan.blur_at(number)
        inside = self._inside
        if inside is not None and cut is not None:
            inside = cut_out(inside, cut)

        def settle(before: Tensor, after: Tensor) -> Tensor:
            settled = ascent.add(before, after - before)
            if sigma:
                settled = smoothing.gaussian(settled, sigma, wrapped=ascent.wrapped)
            return settled if inside is None else inpainting.blended(before, settled, inside)

        if cut is not None:
            self.states = optimisers.begun(ascent.optimiser, (part,))
        done = climb.step(
            (part,),
            self.states,
            self.numbers[number, 2] / LEVELS,
            picture=lambda leaves: leaves[0],
            slope=self.slopes.of(number, cut, len(part)),
            shape=self._shape(number),
            optimiser=ascent.optimiser,
            settle=settle,
        )
        self.states = done.states
        self._attribute(done.slope, cut)
        return done.parameters[0]

    def _shape(self, number: int, overwriting: bool = False) -> Callable[[Tensor], Tensor]:
        falloff = self.numbers[number, 3] if self.frame.falloff else None
        return shaping(self.ascent, falloff, self.slopes.tiled is not None, overwriting)

    def _attribute(self, slope: Tensor, cut: Window | None) -> None:
        if not self.ascent.attributed:
            return
        if cut is not None:
            slope = put_back(slope.new_zeros((*slope.shape[:2], *self.plan.size)), slope, cut)
        self.attribution = attribution.attributed(self.attributed(slope), slope)

    def attributed(self, like: Tensor) -> Tensor:
        """The attribution so far, `(B, 1, H, W)` of this octave's size; zeros `like` a picture."""
        size, so_far = self.plan.size, self.attribution
        if so_far is None:
            return like.new_zeros((len(like), 1, *size))
        same = tuple(so_far.shape[2:]) == size
        return so_far if same else octaves.resize_corners(so_far, size)


def as_it_is(picture: Tensor) -> Tensor:
    """`picture`, where nothing is done to it."""
    return picture
