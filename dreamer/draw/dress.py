"""How pieces of a collage are drawn, whichever they are and wherever they lie; each pass of a
scatter has its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dreamer.draw.blending import MODES
from dreamer.draw.cutouts import Mask
from dreamer.draw.looks import Chosen, taken
from dreamer.draw.shadows import Shadow
from dreamer.errors import did_you_mean


@dataclass(frozen=True)
class Dress:
    """How pieces are drawn.

    Args:
        mode: how they are laid on what lies below, a key of `blending.MODES`.
        linear: mixed in linear light; in sRGB levels unless said.
        mask: what of them is seen.
        shadow: what they throw on what lies below.
        looks: filters of each, first to last: (name, what it takes).
        font: of captions, a font's file; dreamer's own unless given.

    Raises:
        ValueError: no such mode or look, or a look that does not take that.
    """

    mode: str = "normal"
    linear: bool = False
    mask: Mask | None = None
    shadow: Shadow | None = None
    looks: tuple[Chosen, ...] = ()
    font: Path | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            near = did_you_mean(self.mode, MODES)
            raise ValueError(f"expected one of {', '.join(MODES)}, not {self.mode!r}{near}")
        for name, value in self.looks:
            taken(name, value)

    def scaled(self, by: float) -> Dress:
        """It on a canvas `by` times as large."""
        return replace(self, shadow=self.shadow and self.shadow.scaled(by))
