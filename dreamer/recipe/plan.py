"""What a plan is: every number of every frame, as plain frozen values that stages below read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import fmean
from typing import Literal

from dreamer.recipe.planned import AscentWords, ColorWords, PlannedTarget
from dreamer.recipe.schedules import Values
from dreamer.recipe.sizes import OwnOctave, Size, frame_sizes, said_or, transformed, windowed


@dataclass(frozen=True)
class ClipPlan:
    """The frames of a film or folder that the planned frames are dreamt on: their `numbers` there,
    and which of the planned frames begin another shot. `moved` says that what was dreamt is
    carried along.
    """

    numbers: tuple[int, ...]
    shots: frozenset[int]
    moved: bool


@dataclass(frozen=True)
class OctavePlan:
    """The numbers of one octave of one frame: (height, width), steps; `step` in 8-bit levels (or
    a learning rate) and `blur` in pixels go evenly to their ends, as auduno/deepdraw's do: in step
    k of n by k / n of the way, so that the end itself is never reached.
    """

    size: Size
    steps: int
    step: float
    step_end: float
    blur: float
    blur_end: float
    jitter: int

    def at_effort(self, effort: float) -> OctavePlan:
        """`effort` times as many steps, one at least where there are any, and each as much longer
        as leaves their sum. docs/effort.md has what that keeps.
        """
        if effort == 1 or not self.steps:
            return self
        least = 1 if self.step else min(2, self.steps)  # the first of steps that grow from 0 is 0
        made = replace(self, steps=max(least, round(self.steps * effort)))
        longer = self.way / made.way if made.way else 1.0
        return replace(made, step=self.step * longer, step_end=self.step_end * longer)

    @property
    def way(self) -> float:
        """The sum of the sizes of all steps."""
        return self.steps * self.step + (self.step_end - self.step) * (self.steps - 1) / 2

    def step_at(self, number: int) -> float:
        """The size of step `number`."""
        return self.step + (self.step_end - self.step) * number / self.steps

    def blur_at(self, number: int) -> float:
        """The smoothing after step `number`."""
        return self.blur + (self.blur_end - self.blur) * number / self.steps


@dataclass(frozen=True)
class FramePlan:
    """Every number of one frame. Motion is what happens between the frame before and this one.

    `octaves` are those of all `passes`, smallest first in each; `rotate` is in degrees, `move` and
    `center` in widths and heights; `weights` has one number a planned target; `variation`, `l1` and
    `l2` are weights of penalties; `keep` and `strength` are of colours. Of a frame that is dreamt
    on one of a film, `source` is that one's number, `carried` how much of the last frame's dream
    it begins with, and `shown` how much of its own is seen.
    """

    index: int
    octaves: tuple[OctavePlan, ...]
    passes: int
    falloff: float
    hold: float
    weights: tuple[float, ...]
    variation: float
    l1: float
    l2: float
    keep: float
    strength: float
    zoom: float
    rotate: float
    move: tuple[float, float]
    center: tuple[float, float]
    source: int | None = None
    carried: float = 0.0
    shown: float = 1.0

    @property
    def sizes(self) -> tuple[Size, ...]:
        """(height, width) of the octaves of one pass, smallest first."""
        once = len(self.octaves) // self.passes
        return tuple(octave.size for octave in self.octaves[:once])

    def values(self) -> dict[str, float]:
        """The numbers as a journal keeps them."""
        first, last = self.octaves[0], self.octaves[-1]
        return {
            "steps": last.steps,
            "step": first.step,
            "falloff": self.falloff,
            "zoom": self.zoom,
            "rotate": self.rotate,
            **({} if self.source is None else {"source": self.source, "carried": self.carried}),
            **{f"weight.{k}": w for k, w in enumerate(self.weights)},
        }


@dataclass(frozen=True)
class Closing:
    """The last `frames` of a film, in which it comes back to its beginning, and how."""

    by: Literal["return", "crossfade"]
    frames: int

    @property
    def lead(self) -> int:
        """How many frames at the beginning are rendered to fade into, and not shown."""
        return self.frames if self.by == "crossfade" else 0


@dataclass(frozen=True)
class Plan:
    """A film or still, planned: frames `start` to `start + count` of `frames` (None: endless).

    `tracks` are the schedules by name, a value a frame, as the recipe says them (rates a second);
    those of `sway` are what a wobble adds between the frame before and this one, those of `swayed`
    how far off it then is. `width` and
    `height` are what is dreamt, of which frames show all but `margin`, its rows and columns at
    each edge. `tiles` is the side of what networks see at once, 0 for the whole and None for
    whoever renders to say.
    """

    width: int
    height: int
    fps: Fraction
    frames: int | None
    start: int
    count: int
    targets: tuple[PlannedTarget, ...]
    ascent: AscentWords
    edges: str
    edge_color: tuple[float, float, float]
    tracks: Mapping[str, Values]
    own_octaves: tuple[OwnOctave, ...]
    first_steps: int | None
    samples: int
    seamless: bool
    transparent: bool
    inpaint: str | None
    feather: int
    colors: ColorWords
    native: int
    smallest: int
    macs_per_pixel: float
    margin: Size = (0, 0)
    tiles: int | None = None
    closing: Closing | None = None
    clip: ClipPlan | None = None

    @property
    def shown(self) -> Size:
        """(height, width) of a saved frame."""
        return self.height - 2 * self.margin[0], self.width - 2 * self.margin[1]

    @property
    def first_source(self) -> int:
        """Which frame of a film that is dreamt on comes first of all."""
        return 0 if self.clip is None else self.clip.numbers[0]

    def at(self, index: int) -> FramePlan:
        """The numbers of frame `index`, which must lie in the plan."""
        k = index - self.start
        if not 0 <= k < self.count:
            raise IndexError(f"frame {index} is not in the plan")
        track, moved, clip = self.tracks, index > 0, self.clip
        begins = index == 0 or (clip is not None and index in clip.shots)
        rate = 1 / float(self.fps) if moved else 0.0
        return FramePlan(
            index=index,
            octaves=self._octaves(k, begins) * self.ascent.passes,
            passes=self.ascent.passes,
            falloff=track["ascent.falloff"][k],
            hold=track["ascent.hold"][k],
            weights=tuple(track[f"target.{n}.weight"][k] for n in range(len(self.targets))),
            variation=track["ascent.variation"][k],
            l1=track["ascent.l1"][k],
            l2=track["ascent.l2"][k],
            keep=track["colors.keep"][k],
            strength=track["colors.strength"][k],
            zoom=track["motion.zoom"][k] ** rate * math.exp(moved * track["sway.zoom"][k]),
            rotate=track["motion.rotate"][k] * rate + moved * track["sway.rotate"][k],
            move=(self._move(0, k, rate), self._move(1, k, rate)),
            center=(track["motion.center.0"][k], track["motion.center.1"][k]),
            source=None if clip is None else clip.numbers[k],
            carried=self.carried_at(index),
            shown=track["follow.strength"][k] if clip else 1.0,
        )

    def carried_at(self, index: int) -> float:
        """How much of the last frame's dream frame `index` begins with, of a dream on a film."""
        clip = self.clip
        if clip is None or not clip.moved or index == 0 or index in clip.shots:
            return 0.0
        return self.tracks["follow.keep"][index - self.start]

    def _move(self, axis: int, k: int, rate: float) -> float:
        track = self.tracks
        heading = 0.5 - track[f"motion.look_at.{axis}"][k]
        swayed = track[f"sway.move.{axis}"][k] if rate else 0.0
        return (track[f"motion.move.{axis}"][k] + heading) * rate + swayed

    def _octaves(self, k: int, first: bool) -> tuple[OctavePlan, ...]:
        track = self.tracks

        def end(key: str) -> float | None:
            return track[key][k] if key in track else None

        steps = round(track["ascent.steps"][k])
        if first and self.first_steps is not None:
            steps = self.first_steps
        step, step_end = track["ascent.step"][k], end("ascent.step_end")
        blur, blur_end = track["ascent.blur"][k], end("ascent.blur_end")
        made = []
        for number, size in enumerate(self.sizes_at(k)):
            own = self.own_octaves[number] if self.own_octaves else OwnOctave()
            part = track["ascent.persistence"][k] ** number
            begun = said_or(own.step, step) * part
            ended = own.step_end if own.step is not None else said_or(own.step_end, step_end)
            smooth = said_or(own.blur, blur)
            smoother = own.blur_end if own.blur is not None else said_or(own.blur_end, blur_end)
            made.append(
                OctavePlan(
                    size=size,
                    steps=said_or(own.steps, steps),
                    step=begun,
                    step_end=begun if ended is None else ended * part,
                    blur=smooth,
                    blur_end=smooth if smoother is None else smoother,
                    jitter=said_or(own.jitter, round(track["ascent.jitter"][k])),
                )
            )
        return tuple(octave.at_effort(self.ascent.effort) for octave in made)

    def sizes_at(self, k: int) -> tuple[Size, ...]:
        """(height, width) of the octaves of the planned frame number `k`, smallest first."""
        numbers = self.tracks.get("ascent.octaves")
        return frame_sizes(
            (self.height, self.width),
            self.own_octaves,
            None if numbers is None else round(numbers[k]),
            self.tracks["ascent.scale"][k],
            self.native,
            self.smallest,
        )

    def megapixel_steps(self) -> float:
        """The work of the planned frames: pixels that networks see × steps, in millions."""
        planned = range(self.start, self.start + self.count)
        return sum(map(self._work, planned)) * self.samples / 1e6

    def megapixel_steps_of(self, index: int) -> float:
        """As `megapixel_steps`, of frame `index` alone."""
        return self._work(index) * self.samples / 1e6

    def _work(self, index: int) -> int:
        return sum(self._seen(octave.size) * octave.steps for octave in self.at(index).octaves)

    def _seen(self, size: Size) -> int:
        """Pixels that networks see of an octave in a step, as chance has it in the middle."""
        part = windowed(size, self.ascent.window)
        count, (height, width) = transformed(part, self.ascent.transforms, fmean)
        return count * height * width
