"""What the steps of one octave climb, and its slope at a picture: seen whole, or tile by tile."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dreamer.dreaming import climb, inpainting, penalties, randomness, tiles
from dreamer.dreaming.objectives import Activations, Tap, total
from dreamer.dreaming.tiles import Tile
from dreamer.dreaming.transforms import Transform
from dreamer.dreaming.windows import Window, cut_out
from dreamer.engine.ascent import Ascent, Size
from dreamer.engine.objective import SHIFT
from dreamer.engine.seeing import seen
from dreamer.engine.tiled import Tiled
from dreamer.recipe.plan import FramePlan, OctavePlan

HEADER = 4  # numbers of a step before its weights
Standing = tuple[str, Tap | str]


class _Step(NamedTuple):
    """One step: what its chance is drawn from, how far it rolls the picture, what each term weighs,
    what terms are given beside what networks see, and what the picture pays in any case.
    """

    number: int
    where: tuple[int, ...]
    shift: Tensor | None
    weights: Tensor
    beside: dict[Tap, Tensor]
    costs: climb.Score | None


class Slopes:
    """The slopes of octave number `octave` of a frame.

    Args:
        ascent: the render's.
        frame: the plan of the frame.
        octave: which of its octaves, from 0.
        numbers: `(steps, …)` of this octave: shift down and right, step, falloff, weights.
        given: what is given to the terms in this frame.
        under: pictures `(1 or B, 3, H, W)` of this octave's size that lie under the dream, by
            name.
    """

    def __init__(
        self,
        ascent: Ascent,
        frame: FramePlan,
        octave: int,
        numbers: Tensor,
        given: Mapping[Tap, Tensor],
        under: Mapping[str, Tensor],
    ) -> None:
        self.ascent, self.frame, self.octave, self.numbers = ascent, frame, octave, numbers
        self.plan: OctavePlan = frame.octaves[octave]
        self._given, self._under = {**ascent.fixed, **given}, under
        self._masks = {tap: area(mask, self.plan.size) for tap, mask in ascent.masks.items()}
        larger = ascent.tiled is not None and ascent.tiled.larger(self.plan.size)
        self.tiled: Tiled | None = ascent.tiled if larger else None
        self._done = sum(before.steps for before in frame.octaves[:octave])
        # whether something is asked at one place, which is found on the host
        self.placed = any(SHIFT in term.taps for term in ascent.objective.terms)
        self._unmoved: Activations | None = None

    def of(self, number: int, cut: Window | None, batch: int) -> climb.Slope:
        """The slope of what step `number` climbs at `batch` pictures, or where `cut` shows them."""
        step = self._step(number, cut, batch)
        if self.tiled is None or cut is not None:
            return climb.whole(self._score(step))
        return self._by_tiles(self.tiled, step)

    def led(self, number: int) -> bool:
        """Whether step `number` is led past dead ReLUs."""
        return self._done + number < self.ascent.redirect

    def standing(self, batch: int) -> dict[Standing, Tensor]:
        """What steps without a window see of this frame beside `batch` pictures and its numbers,
        and what another frame has others of: what terms are given, and what lies under the dream.
        """
        if not self.plan.jitter:  # what lies still is looked at once
            self._beside(None, None, batch, self.where(0))
        fixed, seen = self.ascent.fixed, self._unmoved or {}
        found = {("given", tap): x for tap, x in self._given.items() if x is not fixed.get(tap)}
        found |= {("unmoved", tap): x for tap, x in seen.items()}
        return found | {("under", name): x for name, x in self._under.items()}

    def over(self, numbers: Tensor, standing: Mapping[Standing, Tensor]) -> Slopes:
        """These slopes by other numbers, with tensors in the place of those that `standing` has."""
        other = copy.copy(self)
        other.numbers = numbers
        other._given = {t: standing.get(("given", t), x) for t, x in self._given.items()}
        other._under = {n: standing.get(("under", n), x) for n, x in self._under.items()}
        if self._unmoved is not None:
            other._unmoved = {t: standing[("unmoved", t)] for t in self._unmoved}
        return other

    def where(self, number: int) -> tuple[int, ...]:
        """What the chance of step `number` is drawn from."""
        return self.ascent.seed, self.frame.index, self.octave, number

    def _step(self, number: int, cut: Window | None, batch: int) -> _Step:
        where, row = self.where(number), self.numbers[number]
        shift = row[:2] if self.plan.jitter else None
        beside = self._beside(shift, cut, batch, where)
        return _Step(number, where, shift, row[HEADER:], beside, self._costs())

    def _score(self, step: _Step) -> climb.Score:
        """What `step` climbs, as a function of pictures."""
        ascent, beside, costs = self.ascent, dict(step.beside), step.costs
        perceive = ascent.perceive[1 if self.led(step.number) else 0]
        if self.placed:
            beside[SHIFT] = self._shift(step.where)

        def score(shown: Tensor) -> Tensor:
            looked = seen(shown, step.shift, ascent.views.pictures, *step.where)
            given, crops = self._given, len(looked) // len(shown)
            if crops > 1 and len(shown) > 1:  # several of each, and each has features of its own
                given = {
                    tap: x.repeat_interleave(crops, 0) if len(x) == len(shown) else x
                    for tap, x in given.items()
                }
            asked = {**perceive(looked), **given, **beside}
            value = total(ascent.objective.terms, asked, step.weights)
            if crops > 1:
                value = value.view(len(shown), -1).mean(1)
            return value if costs is None else value - costs(shown)

        return score

    def _by_tiles(self, tiled: Tiled, step: _Step) -> climb.Slope:
        """The same slope, a tile at a time. No picture is several crops here, nor is one led past
        dead ReLUs, nor asked at a place (`recipe.tiling`).
        """
        ascent, where, costs = self.ascent, step.where, step.costs
        moved = self._rolled(where)

        def of(looked: Tensor, moved: tuple[int, int]) -> Tensor:
            size = (looked.shape[2], looked.shape[3])
            weighed = tiled.weighed(size, step.beside)

            def score(part: Tensor, tile: Tile) -> Tensor:
                ascent.on_step(self.octave, step.number)  # a step of many tiles may be stopped
                activations = ascent.perceive[0](part)
                shares = tiled.shares(tile, size, activations, weighed)
                asked = {**activations, **self._given, **shares}
                return total(ascent.objective.terms, asked, step.weights)

            return tiles.slope(looked, tiled.cut_up(size, *where), moved, score)

        def slope(shown: Tensor) -> Tensor:
            if ascent.views.pictures:  # which are of the whole picture
                leaf = shown.detach().requires_grad_(True)
                with torch.enable_grad():
                    looked = seen(leaf, step.shift, ascent.views.pictures, *where)
                    here = of(looked.detach(), (0, 0))
                    (found,) = torch.autograd.grad((looked * here).sum(), leaf)
            else:
                found = of(shown, moved)
            return found.sub_(climb.whole(costs)(shown)) if costs is not None else found

        return slope

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

    def _rolled(self, where: tuple[int, ...]) -> tuple[int, int]:
        """How far a step rolls the picture, in pixels down and right, on the host."""
        down, right = randomness.integers(2, -self.plan.jitter, self.plan.jitter, *where)
        return down, right

    def _shift(self, where: tuple[int, ...]) -> Tensor:
        """The same in heights and widths."""
        down, right = self._rolled(where)
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


def area(mask: Tensor, size: Size) -> Tensor:
    """`mask` `(1, 1, H, W)` in `size`."""
    return mask if tuple(mask.shape[2:]) == size else inpainting.resized(mask, size)
