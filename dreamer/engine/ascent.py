"""What the steps of a render are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor

from dreamer.dreaming import octaves, optimisers
from dreamer.dreaming.objectives import Perceive, Tap
from dreamer.dreaming.parameterisation import Parameterisation
from dreamer.engine.objective import Objective
from dreamer.engine.seeing import Views
from dreamer.engine.shelf import Shelf
from dreamer.engine.tiled import Tiled

if TYPE_CHECKING:
    from dreamer.engine.captured import Captured

Size = tuple[int, int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ascent:
    """All that the steps of a render are made of and that does not change from frame to frame.

    Args:
        objective: what is climbed.
        perceive: networks; the second leads slopes past dead ReLUs, for the first `redirect`
            steps of a frame.
        way: the parameterisation of pictures of a size, or None, which is pixels.
        features: networks up to where they see pictures that lie under the dream.
        optimiser: how slopes become steps.
        normalise: what is done to slopes, large ones `over` themselves.
        axes: of colour, which a slope is taken along; None leaves it.
        add: (picture, change) → picture, of pixels.
        join: how a base takes the detail of the octave below.
        whole: whether an octave takes the whole picture of the one below instead.
        resize: (picture, (height, width)) → picture.
        views: what the picture must survive.
        wrapped: whether the picture goes on at its other side.
        window: side of the part that a step works on, or None.
        masks: pictures `(1, 1, H, W)` by their tap.
        inside: where pixels may change, `(1, 1, H, W)`, or None.
        fixed: what is given to the terms in every step.
        seed: decides all chance.
        device: what all this lies on.
        attributed: whether the slope at the picture is added up.
        tiled: how pictures are seen that are larger than a tile; None sees all of them whole.
        shelf: where octaves' bases wait; None leaves them in memory.
        on_step: is told (octave, step) before each, and may raise to stop.
        captured: runs steps that were recorded, where they can be; None runs each by itself.
    """

    objective: Objective
    perceive: tuple[Perceive, Perceive]
    redirect: int
    way: Callable[[Size], Parameterisation] | None
    features: Perceive
    optimiser: optimisers.Optimiser
    normalise: Callable[..., Tensor] | None
    axes: Tensor | None
    add: Callable[[Tensor, Tensor], Tensor]
    join: Callable[[Tensor, Tensor], Tensor]
    whole: bool
    resize: octaves.Resize
    views: Views
    wrapped: bool
    window: int | None
    masks: Mapping[Tap, Tensor]
    inside: Tensor | None
    fixed: Mapping[Tap, Tensor]
    seed: int
    device: str
    attributed: bool = False
    tiled: Tiled | None = None
    shelf: Shelf | None = None
    on_step: Progress = field(default=lambda octave, step: None)
    captured: Captured | None = None
