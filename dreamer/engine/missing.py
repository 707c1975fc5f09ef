"""Which frames of a render are not there, and whether there is room for them."""

from __future__ import annotations

from dataclasses import dataclass

from dreamer.engine.folder import Folder
from dreamer.errors import NoRoomError
from dreamer.recipe.plan import Plan

# What else a render writes: states, a preview, the film, scores.
RESERVE = 16_000_000


@dataclass(frozen=True)
class Missing:
    """The frames `among` the first `have` ones, and all from there to `end` (None: endless)."""

    among: frozenset[int]
    have: int
    end: int | None

    def __contains__(self, index: object) -> bool:
        return index in self.among or (isinstance(index, int) and index >= self.have)

    @property
    def none(self) -> bool:
        """Whether every frame is there."""
        return not self.among and self.end is not None and self.have >= self.end

    @property
    def first(self) -> int:
        """The first of them."""
        return min(self.among, default=self.have)

    @property
    def last(self) -> int | None:
        """The last of them; None in an endless film."""
        if self.end is None:
            return None
        return self.end - 1 if self.have < self.end else max(self.among, default=None)

    @property
    def count(self) -> int:
        """How many; in an endless film the next one at least."""
        return len(self.among) + (1 if self.end is None else max(0, self.end - self.have))


def missing_in(folder: Folder, frames: int | None) -> Missing:
    """What is missing in `folder` of the first `frames` of its film."""
    first = folder.first
    problems = folder.problems()[: None if frames is None else frames - first]
    among = frozenset(k for k, problem in enumerate(problems, first) if problem)
    return Missing(among, first + len(problems), frames)


def require_room(folder: Folder, plan: Plan, missing: Missing, bits: int) -> None:
    """Refuse to begin what the disk cannot hold: a PNG of a dream has about half the bytes of its
    pixels.

    Raises:
        NoRoomError: too little is free.
    """
    values = plan.shown[0] * plan.shown[1] * plan.samples * (4 if plan.transparent else 3)
    need = values * bits // 8 // 2 * missing.count + RESERVE
    free = folder.free_bytes()
    if free < need:
        raise NoRoomError(
            f"{folder.path}: about {need / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free"
        )
