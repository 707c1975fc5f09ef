"""The steps of one octave of one frame: how each sees the picture, what it climbs, and what is
kept of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from dreamer.dreaming import (
    attribution,
    climb,
    inpainting,
    octaves,
    optimisers,
    penalties,
    randomness,
    smoothing,
    tiles,
)
from dreamer.dreaming.objectives import Activations, Tap, total
from dreamer.dreaming.parameterisation import Parameterisation, Parameters
from dreamer.dreaming.tiles import Tile
from dreamer.dreaming.transforms import Transform
from dreamer.dreaming.windows import Window, cut_out, put_back, window
from dreamer.engine.ascent import Ascent, Size
from dreamer.engine.objective import SHIFT
from dreamer.engine.seeing import seen
from dreamer.engine.shaping import shaping
from dreamer.engine.tiled import Tiled
from dreamer.recipe.plan import FramePlan, OctavePlan

HEADER = 4  # numbers of a step before its weights
LEVELS = 255  # of a pixel; steps of pixels are told in them
Standing = tuple[str, Tap | str]


class Steps:
    """The steps of octave number `octave` of a frame.

    Args:
        ascent: the render's.
        frame: the plan of the frame.
        octave: which of its octaves, from 0.
        numbers: `(steps, …)` of this octave: shift down and right, step, falloff, weights.
        given: what is given to the terms in this frame.
        under: pictures `(1 or B, 3, H, W)` of this octave's size that lie under the dream, by
            name.
        attribution: added up so far, `(B, 1, H, W)` of any size, or None.

    `states` are the optimiser's, of the picture or of each parameter.
    """

    def __init__(
        self,
        ascent: Ascent,
        frame: FramePlan,
        octave: int,
        numbers: Tensor,
        given: Mapping[Tap, Tensor],
        under: Mapping[str, Tensor],
        attribution: Tensor | None,
    ) -> None:
        self.ascent, self.frame, self.octave, self.numbers = ascent, frame, octave, numbers
        self.plan: OctavePlan = frame.octaves[octave]
        self.attribution = attribution
        self._given = {**ascent.fixed, **given}
        self._masks = {tap: _area(mask, self.plan.size) for tap, mask in ascent.masks.items()}
        self._inside = None if ascent.inside is None else _area(ascent.inside, self.plan.size)
        self._under = under
        larger = ascent.tiled is not None and ascent.tiled.larger(self.plan.size)
        self._tiled = ascent.tiled if larger else None
        self._done = sum(before.steps for before in frame.octaves[:octave])
        self.placed = placed(ascent)
        self.states: tuple[optimisers.State, ...] = ()
        self._unmoved: Activations | None = None

    def of_pixels(self, picture: Tensor, overwriting: bool = False) -> Tensor:
        """`picture` `(B, 3, H, W)` after all steps; it may be overwritten, if so said."""
        captured = self.ascent.captured
        if self._tiled is not None and not self._mixes_places:
            if captured is not None:
                captured.passed_over(self)
            return self._in_place(picture if overwriting else picture.clone())
        self.states = optimisers.begun(self.ascent.optimiser, (picture,))
        if captured is not None and (found := captured.climbed(self, picture)) is not None:
            return found
        for number in range(self.plan.steps):
            self.ascent.on_step(self.octave, number)
            cut = window(self.plan.size, self.ascent.window, *self._where(number))
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
            slope = self._slope(number, None, len(picture))(picture)
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
                slope=self._slope(number, None, len(parameters[0])),
                shape=_as_it_is if ascent.normalise is None else ascent.normalise,
                optimiser=ascent.optimiser,
                settle=lambda before, after: after,
            )
            parameters, states = done.parameters, done.states
            self._attribute(done.slope, None)
        return way.picture(parameters)

    def standing(self, batch: int) -> dict[Standing, Tensor]:
        """What steps without a window see of this frame beside `batch` pictures and its numbers,
        and what another frame has others of: what terms are given, and what lies under the dream.
        """
        if not self.plan.jitter:  # what lies still is looked at once
            self._beside(None, None, batch, self._where(0))
        fixed, seen = self.ascent.fixed, self._unmoved or {}
        found = {("given", tap): x for tap, x in self._given.items() if x is not fixed.get(tap)}
        found |= {("unmoved", tap): x for tap, x in seen.items()}
        return found | {("under", name): x for name, x in self._under.items()}

    def over(self, numbers: Tensor, standing: Mapping[Standing, Tensor]) -> Steps:
        """These steps with other numbers, and tensors in the place of those that `standing` has."""
        other = copy.copy(self)
        other.numbers = numbers
        other._given = {t: standing.get(("given", t), x) for t, x in self._given.items()}
        other._under = {n: standing.get(("under", n), x) for n, x in self._under.items()}
        if self._unmoved is not None:
            other._unmoved = {t: standing[("unmoved", t)] for t in self._unmoved}
        return other

    def led(self, number: int) -> bool:
        """Whether step `number` is led past dead ReLUs."""
        return self._done + number < self.ascent.redirect

    def stepped(self, picture: Tensor, number: int) -> Tensor:
        """`picture` after step `number`, which has no window."""
        return self._pixels(picture, number, None)

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
                settled = smoothing.gaussian(settled, sigma, wrapped=ascent.wrapped)
            return settled if inside is None else inpainting.blended(before, settled, inside)

        if cut is not None:
            self.states = optimisers.begun(ascent.optimiser, (part,))
        done = climb.step(
            (part,),
            self.states,
            self.numbers[number, 2] / LEVELS,
            picture=lambda leaves: leaves[0],
            slope=self._slope(number, cut, len(part)),
            shape=self._shape(number),
            optimiser=ascent.optimiser,
            settle=settle,
        )
        self.states = done.states
        self._attribute(done.slope, cut)
        return done.parameters[0]

    def _shape(self, number: int, overwriting: bool = False) -> Callable[[Tensor], Tensor]:
        falloff = self.numbers[number, 3] if self.frame.falloff else None
        return shaping(self.ascent, falloff, self._tiled is not None, overwriting)

    def _slope(self, number: int, cut: Window | None, batch: int) -> climb.Slope:
        """The slope of what this step climbs at `batch` pictures."""
        if self._tiled is None or cut is not None:
            return climb.whole(self._score(number, cut, batch))
        return self._by_tiles(self._tiled, number, batch)

    def _by_tiles(self, tiled: Tiled, number: int, batch: int) -> climb.Slope:
        ascent, where = self.ascent, self._where(number)
        perceive, weights = ascent.perceive[0], self.numbers[number, HEADER:]
        down, right = randomness.integers(2, -self.plan.jitter, self.plan.jitter, *where)
        shift = self.numbers[number, :2] if self.plan.jitter else None
        beside, costs = self._beside(shift, None, batch, where), self._costs()

        def of(looked: Tensor, moved: tuple[int, int]) -> Tensor:
            size = (looked.shape[2], looked.shape[3])
            weighed = tiled.weighed(size, beside)

            def score(part: Tensor, tile: Tile) -> Tensor:
                ascent.on_step(self.octave, number)  # a step of many tiles may be stopped in it
                activations = perceive(part)
                shares = tiled.shares(tile, size, activations, weighed)
                given = {**activations, **self._given, **shares}
                return total(ascent.objective.terms, given, weights)

            return tiles.slope(looked, tiled.cut_up(size, *where), moved, score)

        def slope(shown: Tensor) -> Tensor:
            if ascent.views.pictures:  # which are of the whole picture
                leaf = shown.detach().requires_grad_(True)
                with torch.enable_grad():
                    looked = seen(leaf, shift, ascent.views.pictures, *where)
                    here = of(looked.detach(), (0, 0))
                    (found,) = torch.autograd.grad((looked * here).sum(), leaf)
            else:
                found = of(shown, (down, right))
            return found.sub_(climb.whole(costs)(shown)) if costs is not None else found

        return slope

    def _score(self, number: int, cut: Window | None, batch: int) -> climb.Score:
        """What this step climbs, as a function of `batch` pictures."""
        ascent, where = self.ascent, self._where(number)
        shift = self.numbers[number, :2] if self.plan.jitter else None
        weights = self.numbers[number, HEADER:]
        perceive = ascent.perceive[1 if self.led(number) else 0]
        beside = self._beside(shift, cut, batch, where)
        if self.placed:
            beside[SHIFT] = self._shift(where)
        costs = self._costs()

        def score(shown: Tensor) -> Tensor:
            looked = seen(shown, shift, ascent.views.pictures, *where)
            given, crops = self._given, len(looked) // len(shown)
            if crops > 1 and len(shown) > 1:  # several of each, and each has features of its own
                given = {
                    tap: x.repeat_interleave(crops, 0) if len(x) == len(shown) else x
                    for tap, x in given.items()
                }
            value = total(ascent.objective.terms, {**perceive(looked), **given, **beside}, weights)
            if crops > 1:
                value = value.view(len(shown), -1).mean(1)
            return value if costs is None else value - costs(shown)

        return score

    def _costs(self) -> climb.Score | None:
        """What a picture pays, whatever networks see in it; None where that is nothing."""
        frame = self.frame
        wanted = [
            (weight, cost)
            for weight, cost in (
                (frame.variation, penalties.total_variation),
                (frame.l1, penalties.l1),
                (frame.l2, penalties.l2),
            )
            if weight
        ]

        def costs(shown: Tensor) -> Tensor:
            return torch.stack([weight * cost(shown) for weight, cost in wanted]).sum(0)

        return costs if wanted else None

    def _shift(self, where: tuple[int, ...]) -> Tensor:
        """How far this step rolls the picture, in heights and widths, on the host."""
        down, right = randomness.integers(2, -self.plan.jitter, self.plan.jitter, *where)
        height, width = self.plan.size
        return torch.tensor([down / height, right / width], dtype=torch.float64)

    def _beside(
        self,
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
                activations = self.ascent.features(lying(picture, views.beside))
            mine = [r for r in self.ascent.objective.references if r.moved and r.picture == name]
            features |= {r.tap: activations[r.of] for r in mine}
        if unmoved:
            self._unmoved = features
        return {**masks, **features}

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


def placed(ascent: Ascent) -> bool:
    """Whether something is asked at one place, which is found on the host."""
    return any(SHIFT in term.taps for term in ascent.objective.terms)


def _as_it_is(slope: Tensor) -> Tensor:
    return slope


def _area(mask: Tensor, size: Size) -> Tensor:
    return mask if tuple(mask.shape[2:]) == size else inpainting.resized(mask, size)
