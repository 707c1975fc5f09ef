"""The ascent of one frame through its octaves, whatever is climbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from dreamer.dreaming import octaves, randomness, windows
from dreamer.dreaming.objectives import Tap
from dreamer.dreaming.parameterisation import batched
from dreamer.engine.ascent import Ascent
from dreamer.engine.crossing import sent
from dreamer.engine.slopes import Slopes
from dreamer.engine.steps import Steps, as_it_is
from dreamer.recipe.plan import FramePlan


class Climber:
    """One frame's ascent.

    Args:
        ascent: the render's.
        frame: the plan of the frame.
        given: what is given to the terms in this frame.
        moved: pictures that lie under the dream, by name.
    """

    def __init__(
        self,
        ascent: Ascent,
        frame: FramePlan,
        given: Mapping[Tap, Tensor],
        moved: Mapping[str, Tensor],
    ) -> None:
        self.ascent, self.frame, self.given, self.moved = ascent, frame, given, moved
        numbers = sent(numbers_of(frame, ascent.seed, ascent.objective.octaves), ascent.device)
        self.numbers = torch.split(numbers, [plan.steps for plan in frame.octaves])
        self.attribution: Tensor | None = None

    def from_frame(self, image: Tensor) -> Tensor:
        """`image` `(B, 3, H, W)` dreamt on through all octaves, as often as there are passes."""
        if self.ascent.whole:
            return self._carried_whole(image)
        sizes, ascent = self.frame.sizes, self.ascent
        keep = as_it_is if ascent.shelf is None else ascent.shelf.put
        for done in range(0, len(self.frame.octaves), len(sizes)):
            ascend = partial(self._ascend_after, done)
            image = octaves.through_octaves(image, sizes, ascent.resize, ascent.join, ascend, keep)
        return image

    def _ascend_after(self, done: int, picture: Tensor, octave: int) -> Tensor:
        if self.ascent.shelf is not None:
            self.ascent.shelf.let_go()
        return self.ascend(picture, done + octave, overwriting=octave > 0)

    def _carried_whole(self, image: Tensor) -> Tensor:
        """As `from_frame`, every octave taking the whole picture, at its full size in between, as
        ProGamerGov/neural-dream does.
        """
        resize, full = self.ascent.resize, self.frame.sizes[-1]
        for octave, plan in enumerate(self.frame.octaves):
            image = fitted(self.ascend(fitted(image, plan.size, resize), octave), full, resize)
        return image

    def from_noise(self, batch: int) -> Tensor:
        """`(batch, 3, H, W)` climbed from noise of the parameterisation's own, carried whole from
        octave to octave.
        """
        ascent, first = self.ascent, self.frame.sizes[0]
        seeds = [_sample(ascent.seed, k) for k in range(batch)]
        if ascent.way is None:
            starts = torch.cat([windows.near_white(first, seed) for seed in seeds])
            picture = self.ascend(starts.to(ascent.device), 0)
        else:
            way, steps = ascent.way(first), self._steps(0)
            begun = batched([way.start(seed) for seed in seeds])
            picture = self._noted(steps, steps.of_parameters(way, begun))
        for octave, plan in enumerate(self.frame.octaves[1:], 1):
            picture = self.ascend(ascent.resize(picture, plan.size), octave)
        return picture

    def ascend(self, picture: Tensor, octave: int, overwriting: bool = False) -> Tensor:
        """`picture` after all steps of an octave, of its size; it may be overwritten, if said."""
        steps = self._steps(octave)
        if self.ascent.way is None:
            return self._noted(steps, steps.of_pixels(picture, overwriting))
        way = self.ascent.way(steps.plan.size)
        if way.parameters is None:
            raise ValueError("no picture turns into these parameters")
        if not steps.plan.steps:
            return picture
        return self._noted(steps, steps.of_parameters(way, way.parameters(picture)))

    def _steps(self, octave: int) -> Steps:
        numbers, under = self.numbers[octave], self._under(octave)
        slopes = Slopes(self.ascent, self.frame, octave, numbers, self.given, under)
        return Steps(slopes, self.attribution)

    def _under(self, octave: int) -> dict[str, Tensor]:
        """What lies under the dream in an octave, made smaller as the dream's own base is: each
        size from the next larger one, or, where pictures are carried whole, from the full one.
        """
        sizes, found = self.frame.sizes, dict(self.moved)
        wanted = sizes[octave % len(sizes)]
        steps = [wanted] if self.ascent.whole else list(reversed(sizes[octave % len(sizes) :]))
        for size in steps:
            found = {name: fitted(p, size, self.ascent.resize) for name, p in found.items()}
        return found

    def _noted(self, steps: Steps, picture: Tensor) -> Tensor:
        self.attribution = steps.attribution
        return picture


def numbers_of(frame: FramePlan, seed: int, asked: Sequence[tuple[int, ...] | None] = ()) -> Tensor:
    """The numbers of all steps of a frame, octave after octave, `(steps, …)`: shift down and
    right, step, falloff, weights, which are 0 in octaves that `asked` does not name.
    """
    rows = []
    every, once = [None] * len(frame.weights), len(frame.sizes)
    for octave, plan in enumerate(frame.octaves):
        weights = [
            weight * (wanted is None or octave % once in wanted)
            for weight, wanted in zip(frame.weights, asked or every, strict=True)
        ]
        for number in range(plan.steps):
            where = (seed, frame.index, octave, number)
            shift = randomness.integers(2, -plan.jitter, plan.jitter, *where)
            rows.append([*shift, plan.step_at(number), frame.falloff, *weights])
    return torch.tensor(rows, dtype=torch.float32) if rows else torch.zeros(0, 4)


def _sample(seed: int, number: int) -> int:
    """The seed of a sample: the render's own for the first."""
    return seed if number == 0 else randomness.integers(1, 0, 2**53, seed, "sample", number)[0]


def fitted(picture: Tensor, size: tuple[int, int], resize: octaves.Resize) -> Tensor:
    """`picture` as large as `size`; itself, if it is."""
    return picture if tuple(picture.shape[2:]) == size else resize(picture, size)
