"""What a plan is: every number of every frame, as plain frozen values that stages below read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dreamer.recipe.schedules import Values

Size = tuple[int, int]


@dataclass(frozen=True)
class PlannedTarget:
    """One thing to amplify, looked up: in which network, and which layer or class; `key` is where
    the recipe says so. A target with keys is several, one for each of its words.
    """

    network: str
    kind: Literal["layer", "class"]
    layer: str | None = None
    before_relu: bool = False
    channels: tuple[int, ...] | None = None
    class_index: int | None = None
    class_name: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """The class or layer, as a person calls it."""
        return self.class_name or f"{self.layer}{':pre' if self.before_relu else ''}"


@dataclass(frozen=True)
class AscentWords:
    """What of an ascent does not change from frame to frame."""

    color: str
    normalize: str
    highlights: str
    energy: str
    resize: str


@dataclass(frozen=True)
class FramePlan:
    """Every number of one frame. Motion is what happens between the frame before and this one.

    `sizes` are (height, width) of the octaves, smallest first; `step` is the smallest one's in
    8-bit levels, that of each other `persistence` times the one's before; `jitter` is in pixels,
    `rotate` in degrees, `move` and `center` in widths and heights; `weights` has one number a
    planned target.
    """

    index: int
    sizes: tuple[Size, ...]
    steps: int
    step: float
    persistence: float
    jitter: int
    falloff: float
    hold: float
    weights: tuple[float, ...]
    zoom: float
    rotate: float
    move: tuple[float, float]
    center: tuple[float, float]

    def values(self) -> dict[str, float]:
        """The numbers as a journal keeps them."""
        return {
            "steps": self.steps,
            "step": self.step,
            "persistence": self.persistence,
            "falloff": self.falloff,
            "zoom": self.zoom,
            "rotate": self.rotate,
            **{f"weight.{k}": w for k, w in enumerate(self.weights)},
        }


@dataclass(frozen=True)
class Plan:
    """A film or still, planned: frames `start` to `start + count` of `frames` (None: endless).

    `tracks` are the schedules by name, a value a frame, as the recipe says them (rates a second).
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
    auto_octaves: bool
    first_steps: int | None
    native: int
    smallest: int
    macs_per_pixel: float

    def at(self, index: int) -> FramePlan:
        """The numbers of frame `index`, which must lie in the plan."""
        k = index - self.start
        if not 0 <= k < self.count:
            raise IndexError(f"frame {index} is not in the plan")
        track, moved = self.tracks, index > 0
        rate = 1 / float(self.fps) if moved else 0.0
        first = index == 0 and self.first_steps is not None
        return FramePlan(
            index=index,
            sizes=self._sizes(k),
            steps=self.first_steps if first else round(track["ascent.steps"][k]),  # type: ignore[arg-type]
            step=track["ascent.step"][k],
            persistence=track["ascent.persistence"][k],
            jitter=round(track["ascent.jitter"][k]),
            falloff=track["ascent.falloff"][k],
            hold=track["ascent.hold"][k],
            weights=tuple(track[f"target.{n}.weight"][k] for n in range(len(self.targets))),
            zoom=track["motion.zoom"][k] ** rate,
            rotate=track["motion.rotate"][k] * rate,
            move=(track["motion.move.0"][k] * rate, track["motion.move.1"][k] * rate),
            center=(track["motion.center.0"][k], track["motion.center.1"][k]),
        )

    def _sizes(self, k: int) -> tuple[Size, ...]:
        scale = self.tracks["ascent.scale"][k]
        count = 20 if self.auto_octaves else round(self.tracks["ascent.octaves"][k])
        floor = self.native if self.auto_octaves else self.smallest
        return octave_sizes((self.height, self.width), count, scale, floor)

    def megapixel_steps(self) -> float:
        """The work of the planned frames: pixels of each octave × its steps, in millions."""
        total = 0.0
        for index in range(self.start, self.start + self.count):
            frame = self.at(index)
            total += sum(h * w for h, w in frame.sizes) * frame.steps
        return total / 1e6


def octave_sizes(size: Size, count: int, scale: float, floor: int) -> tuple[Size, ...]:
    """(height, width) of at most `count` octaves, smallest first, none but the last with a side
    under `floor`.

    Each is the next larger one divided by `scale` and rounded, as google/deepdream's repeated zoom
    makes them.
    """
    sizes = [size]
    while len(sizes) < count:
        height, width = (round(n / scale) for n in sizes[0])
        if min(height, width) < floor or (height, width) == sizes[0]:
            break
        sizes.insert(0, (height, width))
    return tuple(sizes)
