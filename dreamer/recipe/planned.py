"""What of a plan is the same in every frame: what is amplified, and how it is climbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Choice:
    """Channels chosen by how active they are: `count` of them by `mode` (`strongest`, `weakest`,
    `average`), once from the source or anew in every step.
    """

    mode: str
    count: int
    renew: bool


@dataclass(frozen=True)
class PlannedTarget:
    """One thing to amplify, looked up: in which network, and which layer or class; `key` is where
    the recipe says so. A target with keys is several, one for each of its words.

    `objective` is a row of the table; `reference` is `source`, `frame` or a picture's whole path,
    `mask` a picture's; `place` is across and down; `octaves` are those it is asked in, or all;
    `other` is what it is compared to, of which only where it is and `channels` count; `batch` says
    that samples are compared; `number` is that of the recipe's target, or of its `scene`'s.
    """

    network: str
    kind: Literal["layer", "class"]
    layer: str | None = None
    before_relu: bool = False
    channels: tuple[int, ...] | None = None
    class_index: int | None = None
    class_name: str = ""
    key: str = ""
    objective: str = "energy"
    chosen: Choice | None = None
    apart: bool = False
    reference: str | None = None
    vector: tuple[tuple[int, float], ...] | None = None
    exponent: float | None = None
    place: tuple[float, float] | None = None
    other: PlannedTarget | None = None
    mask: str | None = None
    octaves: tuple[int, ...] | None = None
    batch: bool = False
    number: int = 0
    scene: int = 0

    @property
    def name(self) -> str:
        """The class or layer, as a person calls it."""
        return self.class_name or f"{self.layer}{':pre' if self.before_relu else ''}"


@dataclass(frozen=True)
class AscentWords:
    """What of an ascent does not change from frame to frame.

    `transforms` are names with their numbers; `window` is in pixels, `redirect` in steps; `passes`
    is how often a frame goes through all octaves, `carry` what each of them takes to the next;
    `effort` is how many times its steps are done (`OctavePlan.at_effort`).
    """

    parameterisation: str
    begin: str
    optimiser: str
    momentum: float
    normalize: str
    color: str
    highlights: str
    transforms: tuple[tuple[str, tuple[float, ...]], ...]
    window: int | None
    redirect: int
    resize: str
    passes: int
    carry: str
    effort: float


@dataclass(frozen=True)
class ColorWords:
    """Whose colours are taken over: a picture's whole path, and how."""

    palette: str | None
    match: str
